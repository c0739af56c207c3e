"""Sound is analysed the same at any level and any rate, and where its sides cancel."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodscore.errors import BadValue
from moodscore.music.audio_frames import FRAME_HZ, LOWEST, RATE, STRIDE_HZ, analyse, mono


def tone(hertz=440.0, seconds=2.0, rate=RATE):
    return (0.3 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


@given(gain_db=st.floats(-50, 10))
@settings(max_examples=5, deadline=None)
def test_level_does_not_matter(gain_db):
    sound = tone() + tone(660.0)
    quiet, loud = analyse(sound), analyse(sound * np.float32(10 ** (gain_db / 20)))
    np.testing.assert_allclose(loud.mels, quiet.mels, rtol=1e-3, atol=1e-7)
    np.testing.assert_allclose(loud.sharp, quiet.sharp, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("key", [40, 57, 69, 88])
def test_a_tone_is_its_semitone(key):
    frames = analyse(tone(440.0 * 2 ** ((key - 69) / 12)))
    middle = slice(10, -10)
    assert (frames.sharp[middle].argmax(axis=1) == key - LOWEST).all()


def test_moments_come_at_their_rates():
    frames = analyse(tone(seconds=3.0))
    assert len(frames.mels) == pytest.approx(3 * FRAME_HZ, abs=2)
    assert len(frames.sharp) == len(frames.quick) == len(frames.texture) == pytest.approx(3 * STRIDE_HZ, abs=2)
    assert frames.duration_s == pytest.approx(3.0, abs=0.05)


def test_neighbouring_semitones_are_rougher_than_a_fifth():
    rough, smooth = (analyse(tone(440.0) + tone(440.0 * 2 ** (k / 12))).texture[10:-10, 0].mean() for k in (1, 7))
    assert rough > 3 * smooth


def test_sides_that_cancel_are_still_heard():
    left = tone()
    heard = mono(np.stack([left, -left], axis=1), RATE)
    assert np.abs(heard).max() == pytest.approx(0.3, abs=0.01)


def test_other_rates_are_brought_to_ours():
    one = tone(rate=48000)
    assert len(mono(np.stack([one, one], axis=1), 48000)) == pytest.approx(2 * RATE, abs=2)


@pytest.mark.parametrize("length", [0, 1, 300])
def test_the_shortest_sound_has_a_frame(length):
    frames = analyse(np.ones(length, np.float32))
    assert min(len(frames.mels), len(frames.sharp)) >= 1
    assert np.isfinite(frames.mels).all()
    assert np.isfinite(frames.texture).all()


def test_other_shapes_are_refused():
    with pytest.raises(BadValue, match=r"\(frames, 2\)"):
        mono(np.zeros(100, np.float32), RATE)
