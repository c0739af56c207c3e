"""What a listener would say of two sounds, the features say too."""

import numpy as np
import pytest

from moodscore.music import synth
from moodscore.music.audio_features import NAMES, features
from moodscore.music.audio_frames import RATE, analyse

from .test_features import piece


def sound(score):
    return synth.play(score, RATE).samples.mean(axis=1)


def named(wave):
    return dict(zip(NAMES, features(analyse(wave)), strict=True))


@pytest.fixture(scope="module")
def slow():
    return sound(piece([(60, 64, 67)] * 10, step=0.8))


def test_faster_music_has_more_onsets(slow):
    fast = named(sound(piece([(60, 64, 67)] * 40, step=0.2)))
    assert fast["log_onsets_hz"] == pytest.approx(np.log2(5), abs=0.3)
    assert named(slow)["log_onsets_hz"] == pytest.approx(np.log2(1.25), abs=0.4)


def test_a_steady_beat_has_a_clear_pulse():
    beat = named(sound(piece([(60, 64, 67)] * 24, step=0.5)))
    assert beat["pulse_log_hz"] == pytest.approx(1.0, abs=0.1)
    assert beat["pulse_clarity"] > 0.5


def test_level_changes_nothing(slow):
    assert features(analyse(slow * np.float32(0.02))) == pytest.approx(features(analyse(slow)), rel=0.02, abs=0.05)


@pytest.mark.parametrize(
    "wave",
    [np.zeros(RATE, np.float32), np.ones(200, np.float32), np.eye(1, 3 * RATE, dtype=np.float32)[0]],
    ids=["silence", "short", "click"],
)
def test_anything_has_finite_features(wave):
    assert np.isfinite(features(analyse(wave))).all()
    assert len(NAMES) == len(set(NAMES)) == len(features(analyse(wave)))
