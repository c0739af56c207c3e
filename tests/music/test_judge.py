import numpy as np
import pytest

from moodscore.affect import Affect
from moodscore.errors import BadValue
from moodscore.media import Note, Score, Track
from moodscore.music import judge
from moodscore.music.passage_features import NAMES
from moodscore.music.plan import plan
from moodscore.music.rules import compose
from moodscore.trajectory import Trajectory
from moodscore.weights import store

from .test_features import MAJOR, MINOR, piece


def test_the_card_verifies_and_its_scores_reach_the_baseline():
    card = store.card(judge.NAME)
    assert store.checked_bytes(card)
    assert tuple(card.input["features"]) == NAMES
    assert card.scores["valence_r"] >= 0.72
    assert card.scores["arousal_r"] >= 0.90
    assert card.scores["other_half"]["valence_r"] > card.scores["in ten-fold, less"]["17 features, ridge"]["valence_r"]


def test_fast_loud_major_against_slow_soft_minor():
    happy = judge.hear(piece([(72, 76, 79), (77, 81, 84), (79, 83, 86)] * 24, step=0.15, velocity=100))
    sad = judge.hear(piece([(48, 51, 55), (53, 56, 60), (55, 58, 62)] * 3, step=1.8, velocity=40))
    assert happy.affect.arousal > 0.3 > -0.3 > sad.affect.arousal
    assert happy.affect.valence > 0.1 > -0.1 > sad.affect.valence


def test_major_is_heard_as_more_pleasant_than_minor():
    assert judge.hear(MAJOR).affect.valence > judge.hear(MINOR).affect.valence


def test_a_reading_says_who_said_it_and_how_sure():
    reading = judge.hear(MAJOR)
    assert reading.source == store.card(judge.NAME).source
    assert reading.spread.valence == store.card(judge.NAME).scores["other_half"]["valence_rmse"]
    assert 0 < reading.confidence <= 1
    assert judge.hear_all((MAJOR, MINOR))[1].affect.distance(judge.hear(MINOR).affect) < 1e-4


def test_composed_pieces_follow_their_target():
    targets = [Affect(v, a) for v in (-0.8, 0.0, 0.8) for a in (-0.8, 0.0, 0.8)]
    heard = judge.hear_all(tuple(compose(plan(Trajectory.hold(t, 30), 7), 7) for t in targets))
    for axis, least in (("valence", 0.7), ("arousal", 0.88)):
        wanted = [getattr(t, axis) for t in targets]
        got = [getattr(h.affect, axis) for h in heard]
        assert np.corrcoef(wanted, got)[0, 1] >= least


def test_silence_is_refused():
    with pytest.raises(BadValue, match="pitched"):
        judge.hear(Score((Track("d", 0, (Note(0, 1, 38, 90),), drums=True),), 1.0))
