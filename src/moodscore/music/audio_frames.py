"""Audio frames: sound moment by moment: mel bands for colour and rhythm, semitones for notes and harmony.

Two short-time Fourier transforms of the sound in mono at 22,050 Hz. A fine one in time (93 ms every 23 ms) gives mel bands
(40 of them, 30 Hz .. 10 kHz) and a blurred map of semitones. A fine one in pitch (372 ms every 46 ms) gives its spectral
peaks, a sharp map of semitones, and the roughness between them.
Roughness: R. Plomp & W. J. M. Levelt, J. Acoust. Soc. Am. 38 (1965) 548-560, as parametrised by W. A. Sethares, J. Acoust.
Soc. Am. 94 (1993) 1218-1228.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from moodscore.errors import BadValue

RATE = 22050
FRAME, HOP = 2048, 512
LONG, STRIDE = 8192, 1024
MELS = 40
LOWEST, SEMITONES = 28, 108  # MIDI E1 up to 11 kHz: notes and their overtones
FRAME_HZ = RATE / HOP
STRIDE_HZ = RATE / STRIDE
_MEL_HZ = (30.0, 10000.0)
_BLOCK = 512  # frames at once, so that memory stays small whatever the length
_STRONGEST = 14

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """What is there moment by moment.

    `mels` (n, 40) is power in mel bands and `shape` (n, 4) log2 centroid and log2 85 % roll-off in Hz, natural logarithm of
    flatness, and width in octaves, all at 43 Hz. `sharp` and `quick` (m, 108) are the amplitude at each semitone from MIDI
    28 up, the first well resolved in pitch, the second in time, and `texture` (m, 3) roughness, share of power in peaks and
    number of peaks, all at 21.5 Hz.
    """

    mels: Array
    shape: Array
    sharp: Array
    quick: Array
    texture: Array

    @property
    def duration_s(self) -> float:
        return len(self.mels) / FRAME_HZ


def mono(samples: NDArray[np.float32], rate: int) -> Array:
    """Stereo (frames, 2) at `rate` Hz as mono (frames,) at 22,050 Hz.

    The sides are averaged; where that cancels them (one side inverted) the louder one is taken. Raises BadValue for another
    shape or rate.
    """
    import soxr

    if samples.ndim != 2 or samples.shape[1] != 2 or rate <= 0:
        raise BadValue(f"sound: expected samples (frames, 2) and a rate > 0 Hz, got {samples.shape} at {rate!r} Hz")
    middle = samples.mean(axis=1, dtype=np.float32)
    power = np.einsum("ij,ij->j", samples, samples)
    if float(middle @ middle) < 0.05 * float(power.max(initial=0.0)):
        middle = np.ascontiguousarray(samples[:, int(power.argmax())])
    if rate != RATE:
        middle = soxr.resample(middle, rate, RATE, quality="MQ")
    return np.nan_to_num(np.asarray(middle, np.float32))


def analyse(sound: Array) -> Frames:
    """Mono sound (frames,) at 22,050 Hz, moment by moment; shorter sound is padded to one frame.

    Its level does not matter: it is brought to a root-mean-square of 0.1 first.
    """
    level = float(np.sqrt(np.mean(np.square(sound, dtype=np.float64)))) if len(sound) else 0.0
    sound = sound * np.float32(0.1 / level) if level > 0 else sound
    sound = np.pad(sound, (LONG // 2, max(LONG // 2, LONG - len(sound))))
    start = (LONG - FRAME) // 2
    fast = _framed(sound[start : len(sound) - start], FRAME, HOP)
    slow = _framed(sound, LONG, STRIDE)
    colour = [_colour(fast[k : k + _BLOCK]) for k in range(0, len(fast), _BLOCK)]
    pitch = [_pitch(slow[k : k + _BLOCK // 4]) for k in range(0, len(slow), _BLOCK // 4)]
    mels, shape, quick = (np.concatenate(parts) for parts in zip(*colour, strict=True))
    sharp, texture = (np.concatenate(parts) for parts in zip(*pitch, strict=True))
    return Frames(mels, shape, sharp, quick[::2][: len(sharp)], texture)


def _framed(sound: Array, size: int, hop: int) -> Array:
    """Overlapping frames (n, size), without copying."""
    return np.lib.stride_tricks.sliding_window_view(sound, size)[::hop]


@lru_cache(maxsize=2)
def _window(size: int) -> Array:
    return np.asarray(np.hanning(size + 1)[:-1], np.float32)


def _power(frames: Array) -> Array:
    """Power spectrum (n, size / 2 + 1) of frames, such that a full-scale sine has about 0.25 in its bin."""
    size = frames.shape[1]
    spectrum = np.fft.rfft(frames * _window(size), axis=1)
    return np.asarray((spectrum.real**2 + spectrum.imag**2) * np.float32(4.0 / size**2), np.float32)


@lru_cache(maxsize=1)
def _mel_matrix() -> Array:
    """(1025, 40) triangular bands of equal width on the mel scale, each summing to at most 1 per bin."""
    low, high = (2595.0 * np.log10(1.0 + hz / 700.0) for hz in _MEL_HZ)
    edges = 700.0 * (10.0 ** (np.linspace(low, high, MELS + 2) / 2595.0) - 1.0)
    hertz = np.fft.rfftfreq(FRAME, 1.0 / RATE)[:, None]
    rising = (hertz - edges[:-2]) / np.diff(edges)[:-1]
    falling = (edges[2:] - hertz) / np.diff(edges)[1:]
    return np.asarray(np.maximum(0.0, np.minimum(rising, falling)), np.float32)


@lru_cache(maxsize=1)
def _octaves() -> Array:
    """log2 of the frequency of each bin above 0 Hz."""
    return np.asarray(np.log2(np.fft.rfftfreq(FRAME, 1.0 / RATE)[1:]), np.float32)


@lru_cache(maxsize=1)
def _semitone_matrix() -> Array:
    """(1025, 108) share of each bin in each semitone: triangles a semitone, but at least a bin and a half, wide."""
    hertz = np.fft.rfftfreq(FRAME, 1.0 / RATE)[:, None]
    centres = 440.0 * 2.0 ** ((np.arange(SEMITONES) + LOWEST - 69) / 12.0)
    width = np.maximum(centres * (2.0 ** (1.0 / 12.0) - 1.0), 1.5 * RATE / FRAME)
    return np.asarray(np.maximum(0.0, 1.0 - np.abs(hertz - centres) / width), np.float32)


def _colour(frames: Array) -> tuple[Array, Array, Array]:
    """Mel bands (n, 40), shape (n, 4) and blurred semitones (n, 108) of frames."""
    power = _power(frames)
    heard = power[:, 1:] + np.float32(1e-12)
    total = heard.sum(axis=1)
    octaves = _octaves()
    centroid = heard @ octaves / total
    width = np.sqrt(np.maximum(heard @ octaves**2 / total - centroid**2, 0.0))
    cumulated = np.cumsum(heard, axis=1)
    rolloff = octaves[np.minimum((cumulated < 0.85 * total[:, None]).sum(axis=1), len(octaves) - 1)]
    flatness = np.log(heard).mean(axis=1) - np.log(total / heard.shape[1])
    shape = np.stack([centroid, rolloff, flatness, width], axis=1).astype(np.float32)
    return power @ _mel_matrix(), shape, np.sqrt(power @ _semitone_matrix())


def _pitch(frames: Array) -> tuple[Array, Array]:
    """Sharp semitones (n, 108) and texture (n, 3) of long frames."""
    power = _power(frames)
    inner = power[:, 1:-1]
    peaks = (inner > power[:, :-2]) & (inner >= power[:, 2:])
    peaks &= inner > 1e-5 * inner.max(axis=1, keepdims=True)
    rows, bins = np.nonzero(peaks)
    here = inner[rows, bins]
    below, above = (np.log(power[rows, bins + k] + 1e-12) for k in (0, 2))
    middle = np.log(here + 1e-12)
    offset = 0.5 * (below - above) / np.minimum(below - 2.0 * middle + above, -1e-6)
    hertz = (bins + 1 + np.clip(offset, -0.5, 0.5)) * (RATE / LONG)
    pitch = np.round(69.0 + 12.0 * np.log2(hertz / 440.0)).astype(int) - LOWEST
    inside = (pitch >= 0) & (pitch < SEMITONES)
    sharp = np.zeros((len(frames), SEMITONES), np.float32)
    np.maximum.at(sharp, (rows[inside], pitch[inside]), np.sqrt(here[inside]))
    low = (hertz < 5000.0) & (here > 1e-3 * inner.max(axis=1)[rows])
    rows, hertz, here = rows[low], hertz[low], here[low]
    share = np.bincount(rows, here, len(frames)) / (power[:, 1:].sum(axis=1) + 1e-12)
    count = np.bincount(rows, minlength=len(frames))
    texture = np.stack([_roughness(rows, hertz, np.sqrt(here), len(frames)), share, count], axis=1)
    return sharp, texture.astype(np.float32)


def _roughness(rows: NDArray[np.intp], hertz: NDArray[np.float64], amplitude: Array, count: int) -> NDArray[np.float64]:
    """Roughness (count,) among the strongest peaks of each frame, relative to their power."""
    order = np.lexsort((-amplitude, rows))
    rank = np.arange(len(rows)) - np.searchsorted(rows[order], rows[order])
    kept = rank < _STRONGEST
    f = np.ones((count, _STRONGEST))
    a = np.zeros((count, _STRONGEST))
    f[rows[order][kept], rank[kept]] = hertz[order][kept]
    a[rows[order][kept], rank[kept]] = amplitude[order][kept]
    lower = np.minimum(f[:, :, None], f[:, None, :])
    apart = np.abs(f[:, :, None] - f[:, None, :]) * (0.24 / (0.0207 * lower + 18.96))
    curve = np.exp(-3.5 * apart) - np.exp(-5.75 * apart)
    return np.asarray((curve * a[:, :, None] * a[:, None, :]).sum(axis=(1, 2)) / ((a**2).sum(axis=1) + 1e-12))
