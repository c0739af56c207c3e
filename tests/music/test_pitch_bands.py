"""Pitch bands say which semitones sound and how loudly, and become sound again."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodscore.errors import BadValue
from moodscore.music import pitch_bands

SECOND = np.arange(pitch_bands.RATE) / pitch_bands.RATE


def sine(pitch, level=0.2):
    return (level * np.sin(2 * np.pi * 440.0 * 2 ** ((pitch - 69) / 12) * SECOND)).astype(np.float32)


@settings(max_examples=12)
@given(st.integers(40, 112))
def test_a_sine_stands_out_in_the_band_of_its_semitone(pitch):
    middle = pitch_bands.levels(sine(pitch))[20:30].mean(axis=0)
    assert int(np.argmax(middle)) == pitch - pitch_bands.LOWEST
    far = np.abs(np.arange(pitch_bands.BANDS) - (pitch - pitch_bands.LOWEST)) > 3
    assert middle[far].max() < middle.max() - 0.5


def test_a_frame_every_20_ms_and_twice_as_loud_is_six_decibels_more():
    quiet, loud = pitch_bands.levels(sine(69, 0.02)), pitch_bands.levels(sine(69, 0.04))
    assert quiet.shape == (50, 96)
    step = (loud - quiet)[10:40, 69 - pitch_bands.LOWEST] * (pitch_bands.TOP_DB - pitch_bands.FLOOR_DB) / 2
    assert np.allclose(step, 6.02, atol=0.05)


def test_music_goes_to_sound_and_comes_back():
    sound = sum(sine(pitch, 0.08) for pitch in (48, 64, 67, 72)) * np.repeat([1, 0.2, 1, 0.5], 5513)[: len(SECOND)]
    before = pitch_bands.levels(np.asarray(sound, np.float32))
    played = pitch_bands.sound_of(before, seed=1)
    assert played.shape == (50 * 882,)
    after = pitch_bands.levels(np.ascontiguousarray(played[::2]))
    clear = before > 0
    assert np.abs(after - before)[clear].mean() < 0.12
    assert np.array_equal(played, pitch_bands.sound_of(before, seed=1))


def test_silence_stays_silence():
    nothing = pitch_bands.levels(np.zeros(4410, np.float32))
    assert (nothing == -1).all()
    assert not pitch_bands.sound_of(nothing).any()


@pytest.mark.parametrize("wrong", [np.zeros((4, 2)), np.zeros(0), np.array([0.0, np.nan])])
def test_what_is_no_mono_sound_is_refused(wrong):
    with pytest.raises(BadValue, match="mono"):
        pitch_bands.levels(wrong.astype(np.float32))
