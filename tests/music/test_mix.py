"""The bus keeps what goes in, adds a hall that never booms, and its master is loud, gentle and safe."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodscore.music import mix
from moodscore.music.loudness import integrated, true_peak_db

RATE = 44100


def tone(hertz, seconds, level=0.3):
    wave = level * np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE)
    return np.repeat(wave[:, None], 2, axis=1).astype(np.float32)


def through(dry, send, rate=RATE):
    bus = mix.Bus(rate)
    blocks = [bus.mix(dry[k : k + bus.block], send[k : k + bus.block]) for k in range(0, len(dry), bus.block)]
    return np.concatenate(blocks)


def level_db(samples):
    return 10 * np.log10(float((samples.astype(np.float64) ** 2).mean()) + 1e-20)


def test_dry_sound_passes_unchanged_and_rumble_does_not():
    none = np.zeros(10 * RATE, np.float32)
    music, rumble = tone(5000, 10), tone(8, 10)
    assert np.abs(through(music, none)[RATE:] - music[RATE:]).max() < 0.005
    assert level_db(through(tone(55, 10), none)[RATE:]) == pytest.approx(level_db(tone(55, 10)), abs=0.5)
    assert level_db(through(rumble, none)[RATE:]) < level_db(rumble) - 18
    constant = np.full((10 * RATE, 2), 0.5, np.float32)
    assert np.abs(through(constant, none)[2 * RATE :]).max() < 1e-4


def test_the_hall_rings_about_a_second_and_a_half_and_is_wide():
    click = np.zeros(4 * RATE, np.float32)
    click[0] = 1.0
    ring = through(np.zeros((4 * RATE, 2), np.float32), click)
    energy = np.cumsum((ring**2).sum(axis=1)[::-1])[::-1]
    decay_db = 10 * np.log10(np.maximum(energy / energy[0], 1e-12))
    t20 = 3 * (np.argmax(decay_db < -25) - np.argmax(decay_db < -5)) / RATE
    assert 1.0 < t20 < 1.8
    assert abs(np.corrcoef(ring[RATE // 10 : RATE].T)[0, 1]) < 0.2
    assert not np.abs(ring[: int(0.008 * RATE)]).max() > 0.01  # a gap before the first reflection keeps attacks clear
    assert np.abs(ring[int(2.5 * RATE) :]).max() < 1e-6


def test_the_hall_does_not_boom():
    spectrum = np.abs(np.fft.rfft(mix.hall(RATE)[:, 0])) ** 2
    hertz = np.fft.rfftfreq(len(mix.hall(RATE)), 1 / RATE)
    band = {low: spectrum[(hertz > low) & (hertz < 2 * low)].mean() for low in (40, 80, 500, 1000)}
    assert band[40] < band[500] / 10
    assert band[80] < band[1000]


def test_blocks_join_without_a_seam():
    rng = np.random.default_rng(3)
    frames = 2 * mix.Bus(RATE).block + 12345
    send = rng.standard_normal(frames).astype(np.float32) * 0.1
    dry = rng.standard_normal((frames, 2)).astype(np.float32) * 0.1
    direct = np.fft.irfft(
        np.fft.rfft(send, 1 << 20)[:, None] * np.fft.rfft(mix.hall(RATE), 1 << 20, axis=0), 1 << 20, axis=0
    )[:frames]
    assert np.abs(through(np.zeros_like(dry), send) - direct).max() < 1e-4


@pytest.mark.parametrize("pan", [-1, -0.5, 0, 0.5, 1])
def test_panning_keeps_the_power(pan):
    left, right = mix.pan_gains(pan)
    assert left**2 + right**2 == pytest.approx(2)
    assert mix.pan_gains(-pan) == pytest.approx((right, left))


@given(st.integers(0, 10_000), st.floats(-50, 10), st.floats(0.02, 6))
@settings(max_examples=25, deadline=None)
def test_the_master_is_on_target_and_never_over(seed, level_dbfs, seconds):
    rng = np.random.default_rng(seed)
    frames = int(seconds * RATE)
    decay = np.exp(-np.arange(frames) % (RATE // 2) / (0.1 * RATE))
    samples = (rng.standard_normal((frames, 2)) * decay[:, None] * 10 ** (level_dbfs / 20)).astype(np.float32)
    mix.master(samples, RATE)
    assert true_peak_db(samples) <= -1.0
    assert integrated(samples, RATE) == pytest.approx(-16, abs=1)


def test_the_limiter_bends_and_does_not_clip():
    # A quiet tone with one burst 12 dB over: nothing flattens, and the tone before and after keeps its level.
    samples = tone(440, 4, 0.2)
    samples[2 * RATE : 2 * RATE + 400] *= 12
    mix.master(samples, RATE)
    crest = np.abs(samples[2 * RATE : 2 * RATE + 400])
    assert (crest > 0.999 * crest.max()).sum() < 20
    before, after = samples[int(1.2 * RATE) : int(1.7 * RATE)], samples[int(2.5 * RATE) : 3 * RATE]
    assert level_db(before) == pytest.approx(level_db(after), abs=0.1)


def test_the_glue_is_gentle():
    # Loud and soft halves, 12 dB apart, stay at least 7 dB apart: feeling lives in dynamics.
    samples = np.concatenate([tone(440, 4, 0.05), tone(440, 4, 0.2)])
    mix.master(samples, RATE)
    between = level_db(samples[5 * RATE : 7 * RATE]) - level_db(samples[RATE : 3 * RATE])
    assert 7 < between <= 12.05


def test_ends_fade_to_exact_silence():
    samples = np.ones((RATE, 2), np.float32)
    mix.fade_ends(samples, RATE)
    assert samples[0, 0] == samples[-1, 0] == 0
    assert samples[RATE // 2, 0] == 1
    assert np.abs(np.diff(samples[:, 0])).max() < 0.02
    for frames in (1, 2, 7, 30):
        mix.fade_ends(np.ones((frames, 2), np.float32), RATE)
