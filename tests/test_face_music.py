"""Music by face, end to end: what an expression says is what the music does, and fear is never given calm music."""

import statistics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodscore.affect import Affect, Spread
from moodscore.media import Box, Face
from moodscore.music import judge, plan, rules
from moodscore.reading import Reading
from moodscore.schemes import EXPRESSIONS, Labels, mood_labels
from moodscore.see import people
from moodscore.trajectory import Trajectory

SEEDS = (0, 1, 2, 3, 4)


def shown(name: str, sureness: float) -> Reading:
    """The reading of a face that shows one expression with this probability, the rest spread evenly over the others."""
    rest = (1 - sureness) / 6
    labels = Labels("expression", tuple(sureness if label == name else rest for label in EXPRESSIONS.names))
    return Reading(labels.expectation, labels, sureness, "expression@1", labels.spread)


def planned(affect: Affect, seed: int = 0) -> plan.Plan:
    return plan.plan(Trajectory.hold(affect, 20.0), seed)


def mean_of(made: plan.Plan, name: str) -> float:
    return statistics.fmean(getattr(section, name) for section in made.sections)


@given(st.floats(0.3, 1.0))
@settings(max_examples=20, deadline=None)
def test_a_frightened_face_is_aroused_and_unpleasant(sureness):
    affect = shown("fear", sureness).affect
    assert affect.arousal > 0
    assert affect.valence < 0


@pytest.mark.parametrize("sureness", [0.5, 0.75, 1.0])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_frightened_face_gets_music_that_is_faster_louder_and_denser_than_neutral(sureness, seed):
    frightened, neutral = planned(shown("fear", sureness).affect, seed), planned(Affect(0, 0), seed)
    assert mean_of(frightened, "tempo_bpm") > mean_of(neutral, "tempo_bpm")
    assert mean_of(frightened, "dynamics") > mean_of(neutral, "dynamics")
    assert len(rules.compose(frightened, seed).notes) > len(rules.compose(neutral, seed).notes)


def test_the_judge_hears_a_frightened_face_as_tenser_than_neutral_and_than_the_five_label_mode():
    """The five-label system gives fear the calm music of "others"; the default must not."""
    fear = shown("fear", 0.9)
    heard = {
        name: judge.hear_all(tuple(rules.compose(planned(affect, seed), seed) for seed in SEEDS))
        for name, affect in (
            ("fear", fear.affect),
            ("neutral", Affect(0, 0)),
            ("five", people.in_music5(fear).affect),
        )
    }
    arousal = {name: statistics.fmean(r.affect.arousal for r in readings) for name, readings in heard.items()}
    valence = {name: statistics.fmean(r.affect.valence for r in readings) for name, readings in heard.items()}
    assert arousal["fear"] > arousal["neutral"]
    assert arousal["fear"] > arousal["five"]
    assert valence["fear"] < min(valence["neutral"], valence["five"])


def test_a_frightened_face_that_fills_a_calm_picture_still_gets_tense_music():
    calm = Affect(0.4, -0.25)
    scene = Reading(calm, mood_labels(calm, 0.3, 0.3), 0.5, "photo-affect@1", Spread(0.3, 0.3))
    fused = people.fuse(scene, [(Face(Box(0.2, 0.1, 0.8, 0.9), 0.98), shown("fear", 0.95))])
    assert fused.affect.arousal > 0
    together, alone = planned(fused.affect), planned(calm)
    for cue in ("tempo_bpm", "dynamics", "dissonance"):
        assert mean_of(together, cue) > mean_of(alone, cue)


def test_the_seven_expressions_keep_their_order_of_arousal_in_tempo():
    tempo = {
        name: mean_of(planned(EXPRESSIONS[name].place), "tempo_bpm") for name in ("sad", "neutral", "fear", "surprise")
    }
    assert tempo["sad"] < tempo["neutral"] < tempo["fear"] < tempo["surprise"]
