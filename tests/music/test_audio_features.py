"""What a listener would say of two sounds, the features say too."""

import numpy as np
import pytest

from moodscore.learn.data.renderings import worn
from moodscore.music import synth
from moodscore.music.audio_features import NAMES, features, listen
from moodscore.music.audio_frames import LOWEST, RATE, STRIDE_HZ

from .test_features import MAJOR, MINOR, piece


def sound(score):
    return synth.play(score, RATE).samples.mean(axis=1)


def named(wave):
    return dict(zip(NAMES, features(listen(wave)), strict=True))


@pytest.fixture(scope="module")
def major():
    return sound(MAJOR)


@pytest.fixture(scope="module")
def minor():
    return sound(MINOR)


def test_the_notes_of_a_scale_are_heard():
    keys = [60, 62, 64, 65, 67, 69, 71, 72]
    notes = listen(sound(piece([(k,) for k in keys], step=0.5))).notes
    for k, key in enumerate(keys):
        inside = notes.sounding[round((k + 0.3) * 0.5 * STRIDE_HZ) : round((k + 0.8) * 0.5 * STRIDE_HZ)]
        assert inside.mean(axis=0).argmax() == key - LOWEST
    assert notes.struck.sum() == pytest.approx(len(keys), rel=0.6)


def test_major_and_minor_are_told_apart(major, minor):
    bright, dark = named(major), named(minor)
    for name in ("majorness", "third_quality", "triad_quality"):
        assert bright[name] > 0 > dark[name]


def test_faster_music_has_more_notes_and_onsets():
    slow, fast = (named(sound(piece([(60, 64, 67)] * round(8 / step), step=step))) for step in (0.8, 0.2))
    assert fast["log_notes_hz"] > slow["log_notes_hz"] + 1
    assert fast["log_onsets_hz"] == pytest.approx(np.log2(5), abs=0.3)
    assert slow["log_onsets_hz"] == pytest.approx(np.log2(1.25), abs=0.4)


def test_a_steady_beat_has_a_clear_pulse():
    beat = named(sound(piece([(60, 64, 67)] * 24, step=0.5)))
    assert beat["pulse_log_hz"] == pytest.approx(1.0, abs=0.1)
    assert beat["pulse_clarity"] > 0.5


def test_level_changes_nothing(major):
    assert features(listen(major * np.float32(0.02))) == pytest.approx(features(listen(major)), rel=0.02, abs=0.05)


def test_harmony_survives_wear(minor):
    assert named(worn(minor, RATE, 3))["majorness"] < 0


@pytest.mark.parametrize(
    "wave",
    [np.zeros(RATE, np.float32), np.ones(200, np.float32), np.eye(1, 3 * RATE, dtype=np.float32)[0]],
    ids=["silence", "short", "click"],
)
def test_anything_has_finite_features(wave):
    assert np.isfinite(features(listen(wave))).all()
    assert len(NAMES) == len(set(NAMES)) == len(features(listen(wave)))
