"""Audio frames: sound becomes what is heard moment by moment: mel bands for colour and rhythm, semitones for harmony.

Two short-time Fourier transforms of the sound in mono at 22,050 Hz. A fine one in time (93 ms every 23 ms) gives mel bands
(40 of them, 30 Hz .. 10 kHz). A fine one in pitch (372 ms every 93 ms) gives its spectral peaks, folded into semitones with
the overtones of lower notes taken off, and the roughness between them.
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
LONG, STRIDE = 8192, 2048
MELS = 40
LOWEST, SEMITONES = 28, 76  # MIDI E1 .. G7
FRAME_HZ = RATE / HOP
STRIDE_HZ = RATE / STRIDE
_MEL_HZ = (30.0, 10000.0)
_BLOCK = 512  # frames at once, so that memory stays small whatever the length
_STRONGEST = 14
# Share of a note's strength that its harmonic at each distance in semitones is expected to have.
_OVERTONES = ((12, 0.55), (19, 0.40), (24, 0.30), (28, 0.25), (31, 0.20), (36, 0.15))

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """What is heard moment by moment.

    `mels` (n, 40) is power in mel bands and `shape` (n, 4) log2 centroid and log2 85 % roll-off in Hz, natural logarithm of
    flatness, power-weighted bandwidth in octaves, both at 43 Hz. `notes` (m, 76) is the strength of each semitone from MIDI
    28 up and `texture` (m, 3) roughness, share of power in peaks and number of peaks, both at 10.8 Hz.
    """

    mels: Array
    shape: Array
    notes: Array
    texture: Array

    @property
    def duration_s(self) -> float:
        return len(self.mels) / FRAME_HZ

    def between(self, start_s: float, end_s: float) -> Frames:
        """The frames between two times in seconds."""
        fast = slice(round(start_s * FRAME_HZ), round(end_s * FRAME_HZ))
        slow = slice(round(start_s * STRIDE_HZ), max(round(start_s * STRIDE_HZ) + 1, round(end_s * STRIDE_HZ)))
        return Frames(self.mels[fast], self.shape[fast], self.notes[slow], self.texture[slow])


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
    return Frames(*(np.concatenate(parts) for parts in (*zip(*colour, strict=True), *zip(*pitch, strict=True))))


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


def _colour(frames: Array) -> tuple[Array, Array]:
    """Mel bands (n, 40) and shape (n, 4) of frames."""
    power = _power(frames)
    heard = power[:, 1:] + np.float32(1e-12)
    total = heard.sum(axis=1)
    octaves = _octaves()
    centroid = heard @ octaves / total
    width = np.sqrt(np.maximum(heard @ octaves**2 / total - centroid**2, 0.0))
    cumulated = np.cumsum(heard, axis=1)
    rolloff = octaves[np.minimum((cumulated < 0.85 * total[:, None]).sum(axis=1), len(octaves) - 1)]
    flatness = np.log(heard).mean(axis=1) - np.log(total / heard.shape[1])
    return power @ _mel_matrix(), np.stack([centroid, rolloff, flatness, width], axis=1).astype(np.float32)


def _pitch(frames: Array) -> tuple[Array, Array]:
    """Notes (n, 76) and texture (n, 3) of long frames."""
    power = _power(frames)
    top = int(5000.0 * LONG / RATE)
    inner = power[:, 1:top]
    peaks = (inner > power[:, : top - 1]) & (inner >= power[:, 2 : top + 1])
    peaks &= inner > 1e-4 * inner.max(axis=1, keepdims=True)
    rows, bins = np.nonzero(peaks)
    here = inner[rows, bins]
    below, above = (np.log(power[rows, bins + k] + 1e-12) for k in (0, 2))
    middle = np.log(here + 1e-12)
    offset = 0.5 * (below - above) / np.minimum(below - 2.0 * middle + above, -1e-6)
    hertz = (bins + 1 + np.clip(offset, -0.5, 0.5)) * (RATE / LONG)
    notes = _notes(rows, hertz, np.sqrt(here), len(frames))
    count = peaks.sum(axis=1)
    share = np.bincount(rows, here, len(frames)) * 3.0 / (power[:, 1:].sum(axis=1) + 1e-12)
    texture = np.stack([_roughness(rows, hertz, np.sqrt(here), len(frames)), share, count], axis=1)
    return notes, texture.astype(np.float32)


def _notes(rows: NDArray[np.intp], hertz: NDArray[np.float64], amplitude: Array, count: int) -> Array:
    """Strength of each semitone (count, 76): peaks, less what the overtones of lower notes explain."""
    pitch = 69.0 + 12.0 * np.log2(np.maximum(hertz, 1.0) / 440.0) - LOWEST
    inside = (pitch > -0.5) & (pitch < SEMITONES - 0.5)
    flat = rows[inside] * SEMITONES + np.round(pitch[inside]).astype(int)
    out = np.bincount(flat, np.sqrt(amplitude[inside]), count * SEMITONES).reshape(count, SEMITONES).astype(np.float64)
    for low in range(SEMITONES - 12):
        for distance, share in _OVERTONES:
            if low + distance < SEMITONES:
                out[:, low + distance] -= np.minimum(share * out[:, low], out[:, low + distance])
    return out.astype(np.float32)


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
