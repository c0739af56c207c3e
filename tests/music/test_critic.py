import pytest

from moodscore.affect import Affect
from moodscore.errors import BadValue
from moodscore.media import Note, Score, Track
from moodscore.music import critic, judge
from moodscore.weights import store

from .test_features import MAJOR, MINOR, piece


def test_the_critic_is_not_the_judge():
    one, other = store.card(critic.NAME), store.card(judge.NAME)
    assert one.sha256 != other.sha256
    assert one.input["features"] == other.input["features"]


def test_it_hears_major_as_more_pleasant_and_fast_as_more_excited():
    major, minor, fast = critic.hear_all((MAJOR, MINOR, piece([(60, 64, 67)] * 80, step=0.1, velocity=100)))
    assert major.valence > minor.valence
    assert fast.arousal > major.arousal


def test_each_score_is_heard_by_itself():
    assert critic.hear_all(()) == ()
    together = critic.hear_all((MAJOR, MINOR))
    alone = (*critic.hear_all((MAJOR,)), *critic.hear_all((MINOR,)))
    for one, other in zip(together, alone, strict=True):
        assert isinstance(one, Affect)
        assert one.distance(other) < 1e-4


def test_silence_is_refused():
    with pytest.raises(BadValue, match="pitched"):
        critic.hear_all((MAJOR, Score((Track("d", 0, (Note(0, 1, 38, 90),), drums=True),), 1.0)))
