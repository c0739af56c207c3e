"""Mix: dry voices and a hall send become a stereo tune of -16 LUFS that never exceeds -1 dBTP.

The hall is a generated impulse response (early reflections, then noise that decays faster the higher it is; J. A. Moorer,
"About this reverberation business", Computer Music Journal 3 (1979) 13-28). Everything works in blocks.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from moodscore.music.loudness import CONTROL, Energies, Samples, control_peaks, energies, integrated_of
from moodscore.prepare import spool

TARGET_LUFS = -16.0
CEILING_DB = -1.25  # a quarter dB below -1 dBTP, because gains move between two measured points
_HALL_S = 2.2
_LOW_CUT_HZ = 28.0
# Reverberation time (60 dB) of each octave band's lower edge: a wooden hall, its bass kept short so that it never booms.
_HALL_RT60_S = ((0.0, 1.1), (250.0, 1.5), (1000.0, 1.6), (2500.0, 1.25), (5000.0, 0.8), (10000.0, 0.45))
_GLUE_ABOVE_LU = 2.0
_GLUE_RATIO = 2.0
_GLUE_S = 0.25
_LIMIT_S = 0.06


@lru_cache(maxsize=4)
def hall(rate: int) -> Samples:
    """The hall's impulse response (frames, 2), of unit energy in each ear, without the direct sound."""
    rng = np.random.default_rng(1979)
    frames = int(_HALL_S * rate)
    times = np.arange(frames) / rate
    spectrum = np.fft.rfft(rng.standard_normal((frames, 2)), axis=0)
    hertz = np.fft.rfftfreq(frames, 1 / rate)
    edges = [hz for hz, _ in _HALL_RT60_S] + [rate / 2]
    late = np.zeros((frames, 2))
    for k, (low, rt60) in enumerate(_HALL_RT60_S):
        band = spectrum * ((hertz >= low) & (hertz < edges[k + 1]))[:, None]
        late += np.fft.irfft(band, frames, axis=0) * np.exp(-times * (math.log(1000) / rt60))[:, None]
    rise = np.clip((times - 0.012) / 0.05, 0, 1)[:, None] ** 2
    late *= rise * np.cos(np.clip((times - _HALL_S + 0.5) / 0.5, 0, 1) * np.pi / 2)[:, None]
    out = late / np.sqrt((late**2).sum(axis=0)) + 0.45 * _early(rng, frames, rate)
    tone = (hertz / 160.0) ** 2 / (1 + (hertz / 160.0) ** 2) / (1 + (hertz / 9000.0) ** 2)
    out = np.fft.irfft(np.fft.rfft(out, axis=0) * tone[:, None], frames, axis=0)
    out /= np.sqrt((out**2).sum(axis=0))
    return np.asarray(out, np.float32)


def _early(rng: np.random.Generator, frames: int, rate: int) -> NDArray[np.float64]:
    """Eleven early reflections between 9 and 75 ms in each ear, weaker the later they come."""
    out = np.zeros((frames, 2))
    for ear in (0, 1):
        at_s = np.sort(rng.uniform(0.009, 0.075, 11))
        signs = rng.choice((-1.0, 1.0), 11)
        out[(at_s * rate).astype(int), ear] = signs * np.exp(-at_s / 0.04)
    return np.asarray(out / np.sqrt((out**2).sum(axis=0)))


class Bus:
    """The stereo bus: takes blocks of dry sound (frames, 2) and hall send (frames,), gives blocks of mixed sound.

    `block` is how many frames each call takes; the last may be shorter.
    """

    def __init__(self, rate: int) -> None:
        room = hall(rate)
        self._size = 1 << (2 * len(room)).bit_length()
        self.block = self._size - len(room)
        self._room = np.fft.rfft(room, self._size, axis=0).astype(np.complex64)
        self._low_cut = _high_pass(self._size, rate)
        self._tail = np.zeros((self._size, 2), np.float32)

    def mix(self, dry: Samples, send: Samples) -> Samples:
        """The next `len(dry)` frames: dry through the low cut, send through the hall."""
        spectrum = np.fft.rfft(dry, self._size, axis=0) * self._low_cut[:, None]
        if send.any():
            spectrum += np.fft.rfft(send, self._size)[:, None] * self._room
        self._tail += np.fft.irfft(spectrum, self._size, axis=0)
        out = self._tail[: len(dry)].copy()
        self._tail[: -len(dry)] = self._tail[len(dry) :]
        self._tail[-len(dry) :] = 0.0
        return out


def _high_pass(size: int, rate: int) -> NDArray[np.complex64]:
    z = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    k = math.tan(math.pi * _LOW_CUT_HZ / rate)
    below = (1 + math.sqrt(2) * k + k * k) + 2 * (k * k - 1) * z + (1 - math.sqrt(2) * k + k * k) * z * z
    return np.asarray((1 - z) ** 2 / below, np.complex64)


def pan_gains(pan: float) -> tuple[float, float]:
    """Left and right gain of a place -1 left .. 1 right at equal power; both 1 in the middle."""
    angle = (pan + 1.0) * math.pi / 4
    return math.sqrt(2) * math.cos(angle), math.sqrt(2) * math.sin(angle)


def fade_ends(samples: Samples, rate: int) -> None:
    """Fade in over 2 ms and out over the last 0.7 s (a sixth of shorter tunes), in place, down to exact zeros."""
    rise = min(int(0.002 * rate), len(samples) // 8)
    fall = min(int(0.7 * rate), len(samples) // 6)
    if rise:
        samples[:rise] *= np.linspace(0.0, 1.0, rise, dtype=np.float32)[:, None]
    if fall:
        samples[-fall:] *= (np.cos(np.linspace(0, np.pi, fall)) * 0.5 + 0.5).astype(np.float32)[:, None]


def master(samples: Samples, rate: int, target_lufs: float = TARGET_LUFS) -> None:
    """Bring `samples` (frames, 2) to `target_lufs` with gentle compression and a limiter, in place.

    Silence stays silence. The true peak stays at or below -1 dBTP, and then loudness may end below the target.
    """
    energy = energies(samples, rate)
    loud = integrated_of(energy, len(samples), rate)
    if not math.isfinite(loud):
        return
    seconds = CONTROL / rate
    gain = 10 ** ((target_lufs - loud) / 20)
    glue = _glue(energy * gain**2 / CONTROL, seconds, target_lufs)
    ceiling = 10 ** (CEILING_DB / 20)
    peaks = control_peaks(samples, 0.7 * ceiling / gain)
    curve = glue * gain
    for _ in range(4):
        curve = curve * _limit(peaks * curve, ceiling, seconds)
        short_db = target_lufs - integrated_of(energy * curve**2, len(samples), rate)
        if abs(short_db) < 0.1:
            break
        curve = curve * 10 ** (min(short_db, 12.0) / 20)
    curve = curve * _limit(peaks * curve, ceiling, seconds)
    _apply(samples, curve)


def _smoothed(curve: Energies, seconds: float, window_s: float) -> Energies:
    """A Hann-weighted moving mean, `window_s` wide, the ends held."""
    half = max(1, round(window_s / seconds / 2))
    window = np.hanning(2 * half + 3)[1:-1]
    return np.convolve(np.pad(curve, half, mode="edge"), window / window.sum(), mode="valid")


def _glue(power: Energies, seconds: float, target_lufs: float) -> Energies:
    """The slow compressor's gain: 2:1 above 2 LU over the target, smoothed over a quarter of a second."""
    level_db = -0.691 + 10 * np.log10(np.maximum(_smoothed(power, seconds, _GLUE_S), 1e-10))
    over = np.maximum(level_db - (target_lufs + _GLUE_ABOVE_LU), 0.0)
    return _smoothed(10 ** (-(1 - 1 / _GLUE_RATIO) * over / 20), seconds, _GLUE_S)


def _limit(peaks: Energies, ceiling: float, seconds: float) -> Energies:
    """The limiter's gain: never lets `peaks` over `ceiling`, bends down before each one and up again after it."""
    needed = np.minimum(1.0, ceiling / np.maximum(peaks, 1e-9))
    half = max(1, round(_LIMIT_S / seconds / 2))
    lowest = needed.copy()
    for k in range(1, half + 3):
        np.minimum(lowest[k:], needed[:-k], out=lowest[k:])
        np.minimum(lowest[:-k], needed[k:], out=lowest[:-k])
    return _smoothed(lowest, seconds, _LIMIT_S)


def _apply(samples: Samples, curve: Energies) -> None:
    """Multiply `samples` by a control-rate gain curve, drawn as straight lines between block centres, in place."""
    centres = (np.arange(len(curve)) + 0.5) * CONTROL
    block = 1 << 17
    for start in range(0, len(samples), block):
        stretch = samples[start : start + block]
        gains = np.interp(np.arange(start, start + len(stretch)), centres, curve)
        stretch *= gains.astype(np.float32)[:, None]
        spool.forget(samples)
