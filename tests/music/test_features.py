from dataclasses import replace

import numpy as np
import pytest

from moodscore.errors import BadValue
from moodscore.media import Note, Score, Track
from moodscore.music.features import NAMES, features


def piece(pitches, step=0.5, velocity=70, drums=()):
    notes = tuple(Note(k * step, step, p, velocity) for k, chord in enumerate(pitches) for p in chord)
    tracks = (Track("piano", 0, notes), Track("drums", 0, tuple(drums), drums=True))
    return Score(tracks, len(pitches) * step)


def named(score):
    return dict(zip(NAMES, features(score), strict=True))


MAJOR = piece([(60, 64, 67), (65, 69, 72), (67, 71, 74), (60, 64, 67)] * 4)
MINOR = piece([(60, 63, 67), (65, 68, 72), (67, 70, 74), (60, 63, 67)] * 4)


def test_seventeen_finite_features():
    assert len(NAMES) == 17
    assert np.isfinite(features(MAJOR)).all()
    assert np.isfinite(features(piece([(60,)]))).all()


def test_major_and_minor_are_told_apart():
    for name in ("majorness", "third_quality", "triad_quality"):
        assert named(MAJOR)[name] > 0 > named(MINOR)[name]


def test_faster_music_has_more_and_shorter_notes():
    slow, fast = named(MAJOR), named(piece([(60, 64, 67)] * 16, step=0.1))
    assert slow["log_notes_hz"] < fast["log_notes_hz"]
    assert slow["log_duration_mean"] > fast["log_duration_mean"]
    assert fast["short_notes"] == 1.0


def test_drums_and_doublings_change_nothing():
    beat = Note(0.2, 0.1, 38, 120)
    drummed = piece([(60, 64, 67), (65, 69, 72), (67, 71, 74), (60, 64, 67)] * 4, drums=[beat])
    doubled = replace(MAJOR, tracks=(*MAJOR.tracks, replace(MAJOR.tracks[0], name="strings", program=48)))
    assert features(drummed) == pytest.approx(features(MAJOR))
    assert features(doubled) == pytest.approx(features(MAJOR))


def test_transposing_moves_only_the_pitch():
    up = named(piece([(65, 69, 72), (70, 74, 77), (72, 76, 79), (65, 69, 72)] * 4))
    here = named(MAJOR)
    assert up.pop("pitch_mean") == pytest.approx(here.pop("pitch_mean") + 5)
    up.pop("pitch_extremity"), here.pop("pitch_extremity")
    assert up == pytest.approx(here)


def test_chromatic_music_is_out_of_key():
    assert named(piece([(60 + k % 12,) for k in range(48)]))["out_of_key"] > 0.3
    assert named(MAJOR)["out_of_key"] == pytest.approx(0.0)


def test_a_score_of_drums_only_is_refused():
    with pytest.raises(BadValue, match="pitched"):
        features(Score((Track("d", 0, (Note(0, 1, 38, 90),), drums=True),), 1.0))
