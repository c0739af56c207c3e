"""What is heard in a film: level, speech, music, and that block borders make no difference."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodscore.see import hearing
from moodscore.see.hearing import RATE


def stereo(wave):
    return np.repeat(wave.astype(np.float32)[:, None], 2, axis=1)


def chord(seconds, level=0.1):
    at = np.arange(round(seconds * RATE)) / RATE
    return stereo(level * sum(np.sin(2 * np.pi * f * at) / (k + 1) for k, f in enumerate((220, 277, 330, 440, 660))))


def syllables(seconds, level=0.2):
    """A buzzing voice that opens and closes four and a half times a second, with pauses, its pitch gliding."""
    at = np.arange(round(seconds * RATE)) / RATE
    pitch = 120 + 25 * np.sin(2 * np.pi * 0.7 * at)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    buzz = sum(np.sin(k * phase) / k for k in range(1, 24))
    opening = np.clip(np.sin(2 * np.pi * 4.5 * at), 0, 1) ** 0.6 + 0.005
    return stereo(level * buzz * opening)


def noise(seconds, level=0.1):
    return stereo(level * np.random.default_rng(0).standard_normal(round(seconds * RATE)))


def test_a_voice_is_speech_and_a_chord_is_music_and_rain_is_neither():
    voice, music, rain = (hearing.listen([make(6.0)]) for make in (syllables, chord, noise))
    assert np.median(voice.speech) > 0.5 > np.median(voice.music)
    assert np.median(music.music) > 0.5 > np.median(music.speech)
    assert np.median(rain.music) < 0.2
    assert np.median(rain.speech) < 0.2


def test_the_level_is_in_decibels_of_full_scale():
    heard = hearing.listen([np.full((RATE * 2, 2), 0.5, np.float32)])
    assert heard.loudness_db[1:] == pytest.approx(20 * np.log10(0.5), abs=0.1)


def test_silence_is_silent_and_a_breath_of_sound_is_not():
    assert hearing.listen([np.zeros((RATE * 3, 2), np.float32)]).silent
    assert not hearing.listen([chord(3.0, 0.05)]).silent
    assert hearing.listen([]).silent


def test_brighter_sound_has_a_higher_centroid():
    at = np.arange(RATE * 3) / RATE
    low, high = (hearing.listen([stereo(0.2 * np.sin(2 * np.pi * f * at))]) for f in (200, 3000))
    assert np.median(high.brightness_hz) > 5 * np.median(low.brightness_hz)


@settings(max_examples=5)
@given(st.lists(st.integers(1, 40_000), min_size=1, max_size=8))
def test_where_blocks_are_cut_makes_no_difference(lengths):
    whole = np.concatenate([syllables(2.0), chord(2.0)])
    edges = np.minimum(np.cumsum(lengths), len(whole))
    cut = hearing.listen(np.split(whole, edges))
    one = hearing.listen([whole])
    for name in ("loudness_db", "onsets_hz", "speech", "music"):
        assert np.allclose(getattr(cut, name), getattr(one, name))
