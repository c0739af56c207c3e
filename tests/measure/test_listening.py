import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodscore.affect import Affect
from moodscore.errors import BadMedia, BadValue
from moodscore.measure import listening, listening_files
from moodscore.measure.listening import Answer, wilson
from moodscore.schemes import MOODS


def answer(meant, said, person="p", clip=None, composer="rules", heard=None):
    mood = MOODS[meant]
    place = heard or (MOODS[said].place if said else None)
    return Answer(person, clip or f"{meant} {said} {person}", composer, meant, mood.place, said, place)


def crowd(people, shift=0, noise=0.0):
    """Everybody hears every mood `shift` neighbours on, give or take `noise` on the plane."""
    rng = np.random.default_rng(1)
    out = []
    for p in range(people):
        for k, mood in enumerate(MOODS.labels):
            said = MOODS.labels[(k + shift) % 8]
            place = Affect.clipped(*(rng.normal([said.place.valence, said.place.arousal], noise)))
            out.append(answer(mood.name, said.name, f"p{p}", f"c{k}", heard=place))
    return out


def test_people_who_hear_what_was_meant_score_fully():
    found = listening.evaluate(crowd(6))["all"]
    assert found["right"]["share"] == found["moods"]["sad"]["right"]["share"] == 1
    assert found["agreement"]["valence"]["r"] == pytest.approx(1)
    assert found["agreement"]["arousal"]["ccc_low"] == pytest.approx(1)
    assert np.array_equal(found["confusion"], 6 * np.eye(8, dtype=int))


def test_neighbours_count_as_near_and_only_as_near():
    found = listening.evaluate(crowd(2, shift=1))["all"]
    assert (found["right"]["share"], found["within_one"]["share"]) == (0, 1)
    around = listening.evaluate(crowd(2, shift=7))["all"]  # the ring closes
    assert (around["right"]["share"], around["within_one"]["share"]) == (0, 1)
    assert listening.evaluate(crowd(2, shift=4))["all"]["within_one"]["share"] == 0


def test_wilson_agrees_with_published_values():
    # R. G. Newcombe, Statistics in Medicine 17 (1998) 857, table I, method 3
    for hits, count, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        assert wilson(hits, count) == pytest.approx((low, high), abs=5e-4)
    assert wilson(0, 0) == (0, 1)
    with pytest.raises(BadValue, match="hits <= count"):
        wilson(3, 2)


@given(st.integers(0, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilsons_interval_holds_its_share(pair):
    low, high = wilson(*pair)
    assert 0 <= low <= high <= 1
    if pair[1]:
        assert low - 1e-9 <= pair[0] / pair[1] <= high + 1e-9


def test_the_bootstrap_draws_people_and_not_answers():
    """Ten people who all say one thing are as sure as one of them: the interval must not shrink with their answers."""
    rng = np.random.default_rng(0)
    slopes = rng.uniform(-0.3, 1, 6)
    answers = [
        answer(
            m.name, m.name, f"p{p}", f"{m.name}{p}{k}", heard=Affect.clipped(s * m.place.valence, s * m.place.arousal)
        )
        for p, s in enumerate(slopes)
        for k in range(4)
        for m in MOODS.labels
    ]
    wide = listening.agreement(answers)["valence"]
    alone = listening.agreement(
        [
            Answer(str(k), *[getattr(a, f) for f in ("clip", "composer", "intended", "target", "said", "heard")])
            for k, a in enumerate(answers)
        ]
    )["valence"]
    assert wide["r_high"] - wide["r_low"] > 2 * (alone["r_high"] - alone["r_low"])
    assert listening.agreement(answers, 5) == listening.agreement(answers, 5)


def test_composers_are_told_apart_when_there_are_several():
    good = crowd(3)
    bad = [
        Answer(a.participant, a.clip + "x", "neural", a.intended, a.target, a.said, a.heard) for a in crowd(3, shift=4)
    ]
    found = listening.evaluate(good + bad)
    assert found["composers"]["rules"]["right"]["share"] == 1
    assert found["composers"]["neural"]["right"]["share"] == 0
    assert listening.evaluate(good)["composers"] == {}


def test_too_little_is_said_and_nothing_is_refused():
    few = listening.evaluate([answer("sad", "sad"), answer("joyful", None)])
    assert any("1 participant:" in doubt for doubt in few["doubts"])
    assert any("sad 1" in doubt and "joyful 0" in doubt for doubt in few["doubts"])
    assert any("1 of 2 clips could not be played" in doubt for doubt in few["doubts"])
    assert np.isnan(few["all"]["agreement"]["valence"]["r"])
    assert listening.evaluate(crowd(10))["doubts"] == []
    with pytest.raises(BadValue, match="none that was judged"):
        listening.evaluate([answer("joyful", None)])


KEY = {
    "format": listening_files.KEY,
    "version": 1,
    "test": "t1",
    "clips": {
        "a": {"mood": "sad", "valence": -0.5, "arousal": -0.5, "composer": "rules"},
        "b": {"mood": "joyful", "valence": 0.7, "arousal": 0},
    },
}
GIVEN = [
    {"clip": "b", "mood": "exciting", "valence": 0.2, "arousal": 0.3, "unplayable": False},
    {"clip": "a", "mood": None, "valence": None, "arousal": None, "unplayable": True},
]
RESULTS = {"format": listening_files.RESULTS, "version": 1, "test": "t1", "participant": "p1", "answers": GIVEN}


def test_answers_are_joined_with_what_was_meant():
    key = listening_files.read_key(json.dumps(KEY), "k")
    one, other = listening_files.read_answers(json.dumps(RESULTS), "r", key)
    assert (one.intended, one.said, one.heard, one.composer) == ("joyful", "exciting", Affect(0.2, 0.3), "unknown")
    assert (other.given, other.intended) == (False, "sad")
    with pytest.raises(BadMedia, match="second: expected another participant than in first"):
        listening_files.distinct([("first", [one]), ("second", [one])])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"format": "tune"}, "expected the answers"),
        ({"version": 2}, "version 1"),
        ({"test": "t2"}, "answers to test t1"),
        ({"answers": [{**GIVEN[0], "clip": "z"}]}, "'z' is not in the key"),
        ({"answers": [{**GIVEN[0], "mood": "hungry"}]}, "hungry"),
        ({"answers": [{**GIVEN[0], "valence": 3}]}, "valence"),
        ({"answers": [{**GIVEN[0], "valence": None}]}, "valence"),
        ({"answers": [GIVEN[0], GIVEN[0]]}, "got one twice"),
        ({"answers": [{"clip": "a"}]}, "valence"),
        ({"answers": 4}, "not iterable"),
    ],
)
def test_foreign_and_broken_answers_are_named(change, says):
    key = listening_files.read_key(json.dumps(KEY), "k")
    with pytest.raises(BadMedia, match=r"^mine\.json: ") as caught:
        listening_files.read_answers(json.dumps(RESULTS | change), "mine.json", key)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "text", ["", "[]", "{", "null", "3", '{"format": 1}', json.dumps({**KEY, "clips": {"a": {}}}), json.dumps(RESULTS)]
)
def test_what_is_no_key_is_refused(text):
    with pytest.raises(BadMedia, match=r"^k: expected"):
        listening_files.read_key(text, "k")
