import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodscore.affect import Affect
from moodscore.errors import BadValue
from moodscore.measure import composers
from moodscore.measure.composers import GRID, Piece, Real

RNG = np.random.default_rng(3)
ROWS = [
    {"pace": float(p), "in key": float(k)} for p, k in zip(RNG.normal(6, 2, 60), RNG.uniform(0.8, 1, 60), strict=True)
]
REAL = Real.of({"songs": ROWS[:20], "quartets": ROWS[20:]})


def heard(share, noise=0.0, pace=6.0):
    return [
        Piece(
            t,
            Affect.clipped(share * t.valence + noise * RNG.normal(), share * t.arousal + noise * RNG.normal()),
            {"pace": float(RNG.normal(pace, 2)), "in key": float(RNG.uniform(0.8, 1))},
        )
        for t in GRID
    ]


def test_a_composer_that_follows_is_told_from_one_that_does_not():
    follows, wanders = composers.following(heard(0.8, 0.05)), composers.following(heard(0.0, 0.3))
    assert follows["valence_r"] > 0.95 > wanders["valence_r"]
    assert follows["valence_r_low"] <= follows["valence_r"] <= follows["valence_r_high"]
    assert follows["quadrant_accuracy"] == follows["quadrant_low"] == follows["arousal_side"] == 1
    assert wanders["quadrant_low"] < wanders["quadrant_accuracy"] < 0.7
    assert wanders["valence_r_high"] - wanders["valence_r_low"] > follows["valence_r_high"] - follows["valence_r_low"]


def test_the_same_seed_gives_the_same_intervals():
    pieces = heard(0.5, 0.2)
    assert composers.following(pieces, 4) == composers.following(pieces, 4)


def test_cells_are_the_mean_of_what_was_heard_for_a_target():
    target = Affect(0.4, 0.4)
    pieces = [Piece(target, Affect(v, 0), {}) for v in (0.1, 0.3)]
    assert composers.cells(pieces)[target].valence == pytest.approx(0.2)


def test_pieces_like_real_ones_lie_nearer_than_others():
    near, far = (composers.evaluate(heard(0.5, pace=p), REAL)["distances"] for p in (6.0, 20.0))
    assert near["pace"]["overlap"] > 0.9 > 0.5 > far["pace"]["overlap"]
    assert abs(near["pace"]["shift"]) < 0.6 < 5 < far["pace"]["shift"]
    assert near["pace"]["divergence"] < 0.1 < far["pace"]["divergence"]
    assert composers.nearness(near)["overlap"] > composers.nearness(far)["overlap"]


def test_the_shift_is_cohens_d():
    one, other = np.array([1.0, 2.0, 3.0]), np.array([2.0, 3.0, 4.0])
    assert composers.distances(one, other)["shift"] == pytest.approx(-1 / one.std())


def test_constant_measures_have_a_distance_too():
    same, apart = composers.distances([0, 0, 0], [0, 0]), composers.distances([1, 1, 1], [0, 0])
    assert (same["shift"], round(same["overlap"], 6), round(same["divergence"], 6)) == (0, 1, 0)
    assert (apart["shift"], round(apart["overlap"], 6)) == (1, 0)
    assert apart["divergence"] > 1


values = st.lists(st.floats(-50, 50), min_size=2, max_size=40)


@settings(max_examples=30)
@given(values, values)
def test_overlap_and_divergence_stay_in_range(one, other):
    found = composers.distances(one, other)
    assert 0 <= found["overlap"] <= 1 + 1e-9
    assert 0 <= found["divergence"] < 100
    assert np.isfinite(found["shift"])


def test_real_pieces_are_kept_as_quantiles_and_come_back():
    assert Real.from_dict(json.loads(json.dumps(REAL.as_dict()))) == REAL
    assert REAL.counts == {"songs": 20, "quartets": 40}
    assert REAL.at("pace", 0.5) == pytest.approx(np.median([r["pace"] for r in ROWS]), abs=1e-4)
    with pytest.raises(BadValue, match="ten or more"):
        Real.of({"few": ROWS[:5]})
    for wrong in ([], {"format": "else"}, {**REAL.as_dict(), "quantiles": {"pace": [1]}}):
        with pytest.raises(BadValue, match="expected what"):
            Real.from_dict(wrong)


def test_quantiles_say_the_same_as_the_pieces_they_were_made_from():
    composed = RNG.normal(8, 2, 50)
    all_of_them = composers.distances(composed, [r["pace"] for r in ROWS])
    kept = composers.distances(composed, REAL.quantiles["pace"])
    assert kept["shift"] == pytest.approx(all_of_them["shift"], abs=0.1)
    assert kept["overlap"] == pytest.approx(all_of_them["overlap"], abs=0.05)


def test_values_that_are_not_finite_are_passed_over():
    assert Real.of({"a": [*ROWS, {"pace": float("nan"), "in key": 0.9}]}).at("pace", 1) == max(
        round(r["pace"], 5) for r in ROWS
    )
    silent = [Piece(p.target, p.heard, {"in key": 0.9, "pace": float("nan")}) for p in heard(0.5)]
    assert set(composers.evaluate(silent, REAL)["distances"]) == {"in key"}


def test_the_shipped_real_pieces_know_every_measure():
    from moodscore.measure import pieces
    from moodscore.media import Note, Score, Track

    line = tuple(Note(k * 0.5, 0.5, 60 + k, 70) for k in range(16))
    assert set(composers.shipped().quantiles) == set(pieces.evaluate(Score((Track("melody", 0, line),), 8.0)))
    assert sum(composers.shipped().counts.values()) >= 300


def test_too_few_pieces_are_refused():
    with pytest.raises(BadValue, match="three or more"):
        composers.evaluate(heard(0.5)[:2], REAL)
