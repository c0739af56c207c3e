"""Phase: Riffusion's mel amplitudes become sound again.

A spectrogram has no phase. `tracked` finds one in three steps, all at 22,050 Hz (the picture ends at 10 kHz) and on every
second column, where a window of 100 ms still overlaps itself five times, so that a step costs a twentieth of the published
one:

1. each spectral peak is a sine whose phase runs on with its frequency from column to column (single-pass spectrogram
   inversion: G. T. Beauregard, M. Harish & L. Wyse, IEEE DSP 2015), once for both sides of a stereo picture together, so
   that what stood in the middle stays there;
2. fast Griffin-Lim (N. Perraudin, P. Balazs & P. L. Søndergaard, WASPAA 2013) on what both sides share;
3. the same for each side, now asking only that the mel bands are right and leaving the structure within a band to what a
   signal can be (after Y. Masuyama, N. Ueno & N. Ono, WASPAA 2023).

Long pictures are done in blocks of ten seconds. A block begins inside the one before, keeps its samples and follows its
phases, so there is no seam, and memory does not grow with length.
`griffin_lim` is the published method, for comparison.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from moodscore.music import mel_bands

RATE, HOP, WINDOW = 44100, 441, 4410
_HALF_RATE, _STEP, _FRAME = 22050, 441, 2205  # on every second column
_OVERLAP = _FRAME // _STEP
_BLOCK = 512  # frames, 10.24 s
_KNOWN = 16  # frames of the block before that a block begins with
_MOMENTUM = np.float32(0.99)
SHARED_STEPS, SIDE_STEPS = 20, 12
_FIT_EVERY = 2

Array = NDArray[np.float32]
Spectrum = NDArray[np.complex64]


def tracked(bands: Array, seed: int = 0, steps: tuple[int, int] = (SHARED_STEPS, SIDE_STEPS)) -> Array:
    """Sound (columns * 441, sides) at 44,100 Hz of mel amplitudes (sides, columns, 512), in the same units.

    `seed` chooses the phases at the start. `steps` are those of Griffin-Lim on what the sides share, and on each.
    """
    import soxr

    columns = bands.shape[1]
    frames = bands[:, ::2]
    voices = np.zeros((1 + len(bands), (frames.shape[1] + _OVERLAP) * _STEP), np.float32)
    for start in range(0, frames.shape[1], _BLOCK):
        first = max(0, start - _KNOWN)
        part = np.asarray(frames[:, first : start + _BLOCK], np.float32)
        place = slice(first * _STEP, (first + part.shape[1] - 1) * _STEP + _FRAME)
        voices[:, place] = _block(part, voices[:, place], seed, steps, start - first)
    # Half the samples at the same amplitude would give half the magnitude.
    sides = soxr.resample(np.ascontiguousarray(voices[1:].T), _HALF_RATE, RATE, quality="HQ") * np.float32(0.5)
    return np.asarray(sides[WINDOW // 2 : WINDOW // 2 + columns * HOP], np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """The samples a block begins with, and how far each of them stands firm, 1 .. 0."""

    samples: Array
    firm: Array
    frames: int

    def keep(self, sound: Array) -> Array:
        if self.frames:
            end = len(self.firm)
            sound[:end] += self.firm * (self.samples[:end] - sound[:end])
        return sound


def _block(bands: Array, before: Array, seed: int, steps: tuple[int, int], known: int) -> Array:
    """Sound of a block (1 + sides, samples), the shared first, from its bands (sides, frames, 512)."""
    shared = bands.mean(axis=0)
    if not shared.any():
        return np.zeros_like(before)
    firm = np.ones(max(0, known - 1) * _STEP, np.float32)
    firm[len(firm) - _STEP :] = np.linspace(1.0, 0.0, min(_STEP, len(firm)), dtype=np.float32)
    held = [_Known(sound.copy(), firm, known) for sound in before]
    magnitudes = mel_bands.linear(shared)
    found = _consistent(magnitudes * _phases(magnitudes, held[0], seed), shared, steps[0], 0, held[0])
    out = [_sound(found, held[0])]
    units = found / (np.abs(found) + np.float32(1e-9))
    for side, side_held in zip(bands, held[1:], strict=True):
        begun = mel_bands.linear(side) * units
        out.append(_sound(_consistent(begun, side, steps[1], _FIT_EVERY, side_held), side_held))
    return np.stack(out)


def _phases(magnitudes: Array, held: _Known, seed: int) -> Spectrum:
    """Phases at the start: what is known, then every peak as a sine that runs on."""
    if not held.frames:
        drawn = np.random.default_rng(seed).uniform(-np.pi, np.pi, magnitudes.shape[1])
        return _run_on(magnitudes, np.asarray(drawn, np.float32))
    done = held.frames - _OVERLAP - 2  # the last frame whose samples all stand firm
    known = _spectrum(held.samples[: (done + _OVERLAP) * _STEP])
    rest = _run_on(magnitudes[done:], np.angle(known[done]))
    return np.concatenate([known[:done] / (np.abs(known[:done]) + np.float32(1e-9)), rest])


def _run_on(magnitudes: Array, first: Array) -> Spectrum:
    """Phases (frames, bins) as unit numbers: `first` (bins,) in radians at the first frame, then peak by peak."""
    peaks, offset = _peaks(magnitudes)
    bins = np.arange(magnitudes.shape[1])
    out = np.empty(magnitudes.shape, np.float32)
    # The phase at the frame's first sample of the sine each bin belongs to; a Hann window adds pi per bin off its centre.
    begin = first - np.pi * offset[0]
    for t in range(len(magnitudes)):
        at = np.flatnonzero(peaks[t])
        if not len(at):
            out[t] = begin
            continue
        region = np.searchsorted((at[1:] + at[:-1] + 1) // 2, bins, side="right")
        frequency = at + offset[t, at]
        gone = frequency * (2.0 * np.pi * _STEP / _FRAME) if t else 0.0
        begin = ((begin[at] + gone) % (2.0 * np.pi))[region]
        out[t] = begin + np.pi * (frequency[region] - bins)
    return np.asarray(np.exp(1j * out), np.complex64)


def _peaks(magnitudes: Array) -> tuple[NDArray[np.bool_], Array]:
    """Which bins are peaks along frequency (n, bins), and how far beside the bin, -0.5 .. 0.5, by a parabola of levels."""
    level = np.log(magnitudes + np.float32(1e-9) * magnitudes.max())
    left, middle, right = level[:, :-2], level[:, 1:-1], level[:, 2:]
    peaks = np.zeros(level.shape, bool)
    peaks[:, 1:-1] = (middle > left) & (middle >= right)
    offset = np.zeros_like(level)
    offset[:, 1:-1] = np.clip(0.5 * (left - right) / np.minimum(left - 2.0 * middle + right, -1e-6), -0.5, 0.5)
    return peaks, offset


def _consistent(found: Spectrum, bands: Array, steps: int, fit_every: int, held: _Known) -> Spectrum:
    """Fast Griffin-Lim: `steps` towards a spectrum that a signal can have; every `fit_every` the magnitudes give way too."""
    wanted = np.abs(found)
    before: Spectrum | None = None
    for step in range(steps):
        now = _spectrum(_sound(found, held))
        ahead = now if before is None else now + _MOMENTUM * (now - before)
        before = now
        if fit_every and step % fit_every == fit_every - 1:
            wanted = mel_bands.fitted(np.abs(now), bands)
        found = np.asarray(ahead * (wanted / (np.abs(ahead) + np.float32(1e-9))), np.complex64)
    return found


@lru_cache(maxsize=2)
def _window(size: int) -> Array:
    return np.asarray(np.hanning(size + 1)[:-1], np.float32)


def _spectrum(sound: Array) -> Spectrum:
    """Frames' spectra up to 10 kHz (n, 1001)."""
    frames = np.lib.stride_tricks.sliding_window_view(sound, _FRAME)[::_STEP]
    return np.asarray(np.fft.rfft(frames * _window(_FRAME), axis=1)[:, : mel_bands.BINS], np.complex64)


def _sound(spectrum: Spectrum, held: _Known) -> Array:
    """The signal whose spectra are nearest (D. Griffin & J. Lim 1984), with what is known kept."""
    frames = np.asarray(np.fft.irfft(spectrum, _FRAME, axis=1) * _window(_FRAME), np.float32)
    return held.keep(_added(frames, _STEP) * _evened(len(spectrum), _FRAME, _STEP))


@lru_cache(maxsize=8)
def _evened(count: int, size: int, step: int) -> Array:
    """What makes `count` windows, applied twice and added up, weigh 1 at each sample."""
    weight = _added(np.broadcast_to(_window(size) ** 2, (count, size)), step)
    return np.asarray(1.0 / np.maximum(weight, 1e-2), np.float32)


def _added(frames: Array, step: int) -> Array:
    """Frames (n, k * step) added up, each `step` samples after the one before."""
    count, size = frames.shape
    out = np.zeros((count - 1 + size // step, step), np.float32)
    parts = frames.reshape(count, size // step, step)
    for k in range(size // step):
        out[k : k + count] += parts[:, k]
    return out.reshape(-1)


def griffin_lim(bands: Array, seed: int = 0, steps: int = 32, momentum: float = 0.99, padding: int = 4) -> Array:
    """Sound (columns * 441, sides) by Griffin-Lim as Riffusion runs it: from random phases, each side by itself.

    `bands` are mel amplitudes (sides, columns, 512), `padding` how much longer the transform is than its window of 4,410
    samples (1, 2 or 4). Takes 0.2 MB a column and about a second of one core for a second of sound.
    """
    rng = np.random.default_rng(seed)
    sides = [_griffin_lim(side, rng, steps, momentum, padding) for side in np.asarray(bands, np.float32)]
    return np.stack(sides, axis=1)


def _griffin_lim(bands: Array, rng: np.random.Generator, steps: int, momentum: float, padding: int) -> Array:
    size, window = WINDOW * padding, _window(WINDOW)
    wanted = mel_bands.linear_fine(bands)[:, :: mel_bands.PADDING // padding]
    found = wanted * np.exp(2j * np.pi * rng.random(wanted.shape, np.float32)).astype(np.complex64)
    before: Spectrum | None = None
    for step in range(steps + 1):
        frames = np.asarray(np.fft.irfft(found, size, axis=1)[:, :WINDOW] * window, np.float32)
        sound = _added(frames, HOP) * _evened(len(bands), WINDOW, HOP)
        if step == steps:
            break
        framed = np.lib.stride_tricks.sliding_window_view(sound, WINDOW)[::HOP]
        now = np.asarray(np.fft.rfft(framed * window, size, axis=1)[:, : wanted.shape[1]], np.complex64)
        ahead = now if before is None else now - np.float32(momentum / (1.0 + momentum)) * before
        found = ahead * (wanted / (np.abs(ahead) + np.float32(1e-9)))
        before = now
    return sound[WINDOW // 2 : WINDOW // 2 + len(bands) * HOP]
