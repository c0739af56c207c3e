import numpy as np
import pytest

from moodscore.errors import BadValue
from moodscore.measure import pieces
from moodscore.media import Note, Score, Track


def score(pitches, name="melody", step=0.5, extra=()):
    notes = tuple(Note(k * step, step, p, 70) for k, p in enumerate(pitches))
    return Score((Track(name, 0, notes), *extra), len(pitches) * step)


SCALE = score([60, 62, 64, 65, 67, 69, 71, 72])


def test_a_scale_is_all_steps_and_in_key():
    found = pieces.evaluate(SCALE)
    assert found["melody steps"] == 1
    assert found["melody leaps"] == found["melody repeats a note"] == 0
    assert found["in key"] == 1
    assert found["melody range"] == 12
    assert found["notes a second"] == pytest.approx(2)
    assert found["silence"] == 0


def test_chromatic_music_is_less_in_key():
    assert pieces.in_key(score([60 + k % 12 for k in range(24)])) == pytest.approx(8 / 12)


def test_the_highest_track_is_the_melody_when_none_is_named():
    low = Track("left", 0, (Note(0, 4, 40, 60),))
    line = pieces.melody(score([70, 72, 74, 75, 77, 79], name="right", extra=(low,)))
    assert [n.pitch for n in line] == [70, 72, 74, 75, 77, 79]


def test_repetition_is_heard_in_any_key():
    once, again = [60, 62, 64, 67, 65], [67, 69, 71, 74, 72]
    assert pieces.repetition(pieces.steps(pieces.melody(score(once + again)))) > 0
    assert pieces.repetition(np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])) == 0


def test_low_thirds_are_muddy_and_seconds_rough():
    assert pieces.muddiness([[36, 40, 60], [48, 52, 60]]) == 0.5
    assert pieces.roughness([[60, 61]]) > pieces.roughness([[60, 64]])


def test_silence_and_drums():
    gap = Score((Track("melody", 0, (Note(0, 1, 60, 70),)), Track("d", 0, (Note(1, 1, 38, 90),), drums=True)), 2.0)
    assert (pieces.sounding(gap) == 0).mean() == pytest.approx(0.5)


def test_too_little_melody_is_refused():
    with pytest.raises(BadValue, match="six notes"):
        pieces.evaluate(score([60, 62]))
