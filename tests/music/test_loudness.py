"""Loudness and true peak agree with the standard and with another implementation of it."""

import math

import numpy as np
import pyloudnorm
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from moodscore.music.loudness import energies, integrated, true_peak_db


def sine(hertz, seconds, rate, level_db, phase=0.0):
    wave = 10 ** (level_db / 20) * np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate + phase)
    return np.repeat(wave[:, None], 2, axis=1).astype(np.float32)


@pytest.mark.parametrize("rate", [22050, 44100, 48000, 96000])
def test_a_sine_reads_what_the_standard_says(rate):
    # EBU Tech 3341, case 1: a 1 kHz sine of -23 dBFS in both channels is -23 LUFS.
    assert integrated(sine(1000, 10, rate, -23), rate) == pytest.approx(-23, abs=0.1)


def test_quiet_passages_are_gated():
    # EBU Tech 3341, case 3: -36 for 10 s, -23 for 60 s, -36 for 10 s gives -23 LUFS.
    parts = [sine(1000, 10, 48000, -36), sine(1000, 60, 48000, -23), sine(1000, 10, 48000, -36)]
    assert integrated(np.concatenate(parts), 48000) == pytest.approx(-23, abs=0.1)


@given(st.integers(0, 1000), st.integers(5, 120), st.sampled_from([44100, 48000]))
@settings(max_examples=12, deadline=None)
def test_it_agrees_with_pyloudnorm_on_noise_of_changing_level(seed, tenths, rate):
    # Whole tenths of a second: of other lengths pyloudnorm measures an unfinished last block too, the standard does not.
    rng = np.random.default_rng(seed)
    frames = tenths * rate // 10
    swell = np.interp(np.arange(frames), np.linspace(0, frames, 9), rng.uniform(0.001, 0.3, 9))
    noise = (rng.standard_normal((frames, 2)) * swell[:, None]).astype(np.float32)
    theirs = pyloudnorm.Meter(rate).integrated_loudness(noise.astype(np.float64))
    assert integrated(noise, rate) == pytest.approx(theirs, abs=0.3)


def test_silence_and_very_short_tunes_have_a_loudness():
    assert integrated(np.zeros((44100, 2), np.float32), 44100) == -math.inf
    assert integrated(np.zeros((10, 2), np.float32), 44100) == -math.inf
    assert math.isfinite(integrated(sine(1000, 0.1, 44100, -20), 44100))


def test_energies_do_not_depend_on_where_blocks_end():
    noise = np.random.default_rng(1).standard_normal((44100 * 9, 2)).astype(np.float32)
    whole, part = energies(noise, 44100), energies(noise[: 44100 * 8], 44100)
    sure = len(part) - 1000
    assert whole[:sure] == pytest.approx(part[:sure], rel=1e-3)


@pytest.mark.parametrize("phase", [0.0, math.pi / 4])
def test_peaks_between_samples_are_found(phase):
    # A sine at a quarter of the rate whose samples all lie 3 dB below its crests (EBU Tech 3341, case 16).
    wave = sine(11025, 1, 44100, -6, phase)[2000:-2000] * np.hanning(40100)[:, None].astype(np.float32)
    assert true_peak_db(wave) == pytest.approx(-6, abs=0.3)


def test_true_peak_is_never_below_a_four_times_oversampled_reading():
    noise = (np.random.default_rng(2).standard_normal((44100, 2)) * 0.2).astype(np.float32)
    reading = 20 * np.log10(np.abs(soxr.resample(noise, 44100, 176400)).max())
    assert true_peak_db(noise) == pytest.approx(reading, abs=0.15)
    assert true_peak_db(np.zeros((50, 2), np.float32)) == -math.inf
