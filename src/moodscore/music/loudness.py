"""Loudness and true peak, measured in blocks so that the length of a tune costs time and not memory.

Source: ITU-R BS.1770-5 (K-weighting, gating, true peak by oversampling) and EBU R 128.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from moodscore.prepare import spool

Samples = NDArray[np.float32]
Energies = NDArray[np.float64]

CONTROL = 64  # frames; gains move at this pace
_CANDIDATE = 0.5  # a peak between samples is never taken for more than twice its neighbours


def _k_response(size: int, rate: int) -> NDArray[np.complex64]:
    """The K-weighting filters' response on the bins of an rfft of `size` (their analogue prototypes at any rate)."""
    z = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    shelf = _biquad(z, 1681.974450955533, 0.7071752369554196, rate, 3.999843853973347)
    cut = _biquad(z, 38.13547087602444, 0.5003270373238773, rate, None)
    return (shelf * cut).astype(np.complex64)


def _biquad(
    z: NDArray[np.complex128], hz: float, q: float, rate: int, shelf_db: float | None
) -> NDArray[np.complex128]:
    k = math.tan(math.pi * hz / rate)
    below = (1 + k / q + k * k) + 2 * (k * k - 1) * z + (1 - k / q + k * k) * z * z
    if shelf_db is None:
        return (1 - 2 * z + z * z) * (1 + k / q + k * k) / below
    high = 10 ** (shelf_db / 20)
    band = high**0.4996667741545416
    above = (high + band * k / q + k * k) + 2 * (k * k - high) * z + (high - band * k / q + k * k) * z * z
    return np.asarray(above / below)


def _weighted(samples: Samples, rate: int) -> Iterator[tuple[int, Samples]]:
    """K-weighted stretches of `samples` with the frame each begins at, a multiple of CONTROL."""
    before = -(-rate // CONTROL) * CONTROL
    size = 1 << (4 * before).bit_length()
    block = (size - before) // CONTROL * CONTROL
    response = _k_response(size, rate)[:, None]
    for start in range(0, len(samples), block):
        first = max(0, start - before)
        heard = samples[first : start + block]
        full = np.fft.irfft(np.fft.rfft(heard, size, axis=0) * response, size, axis=0)
        yield start, full[start - first : len(heard)].astype(np.float32)
        spool.forget(samples)


def energies(samples: Samples, rate: int) -> Energies:
    """K-weighted energy (sum over channels of squares) of each CONTROL frames of `samples` (frames, 2)."""
    out = np.zeros(-(-len(samples) // CONTROL))
    for start, stretch in _weighted(samples, rate):
        squares = np.einsum("ij,ij->i", stretch, stretch)
        squares = np.pad(squares, (0, -len(squares) % CONTROL))
        sums = squares.reshape(-1, CONTROL).sum(axis=1, dtype=np.float64)
        out[start // CONTROL : start // CONTROL + len(sums)] = sums
    return out


def integrated_of(energy: Energies, frames: int, rate: int) -> float:
    """Gated loudness in LUFS of `frames` frames whose `energies` are given; -inf for silence.

    Shorter than one 400 ms block, it is the ungated loudness of the whole.
    """
    if not float(energy.sum()) > 0.0:
        return -math.inf
    total = np.concatenate([[0.0], np.cumsum(energy)])
    places = np.arange(0, max(frames - round(0.4 * rate), 0) + 1, max(1, round(0.1 * rate))) / CONTROL
    if frames < 0.4 * rate:
        return _lufs(total[-1] / frames)
    at = np.arange(len(total), dtype=np.float64)
    width = 0.4 * rate / CONTROL
    blocks = (np.interp(places + width, at, total) - np.interp(places, at, total)) / (0.4 * rate)
    heard = blocks[blocks > 10 ** ((-70.0 + 0.691) / 10)]
    if not len(heard):
        return -math.inf
    kept = heard[heard > heard.mean() * 0.1]
    return _lufs(float(kept.mean()))


def _lufs(power: float) -> float:
    return -0.691 + 10 * math.log10(power) if power > 0 else -math.inf


def integrated(samples: Samples, rate: int) -> float:
    """Integrated loudness in LUFS of `samples` (frames, 2); -inf for silence. See `integrated_of` for very short ones."""
    return integrated_of(energies(samples, rate), len(samples), rate)


def _between() -> NDArray[np.float64]:
    """Three interpolators (3, 24) for the points a quarter, a half and three quarters between two samples."""
    taps = np.arange(24) - 11.0
    shift = np.array([0.25, 0.5, 0.75])[:, None]
    window = np.cos(np.pi * (taps - shift) / 25.0) ** 2
    return np.asarray(np.sinc(taps - shift) * window)


def control_peaks(samples: Samples, above: float) -> Energies:
    """The true peak of each CONTROL frames, 4x oversampled wherever samples exceed half of `above`."""
    frames = len(samples)
    count = -(-frames // CONTROL)
    out = np.zeros(count)
    block = 4096
    for first in range(0, count, block):
        stretch = samples[first * CONTROL : (first + block) * CONTROL]
        peaks = np.abs(np.pad(stretch, ((0, -len(stretch) % CONTROL), (0, 0)))).reshape(-1, 2 * CONTROL).max(axis=1)
        out[first : first + len(peaks)] = peaks
        spool.forget(samples)
    near = np.flatnonzero(out > above * _CANDIDATE)
    for first in range(0, len(near), block):
        some = near[first : first + block]
        out[some] = np.maximum(out[some], _peaks_between(samples, some))
        spool.forget(samples)
    return out


def _peaks_between(samples: Samples, blocks: NDArray[np.intp]) -> Energies:
    """The highest value between the samples of some control blocks."""
    reach = np.arange(-11, CONTROL + 12)
    places = blocks[:, None] * CONTROL + reach[None, :]
    inside = (places >= 0) & (places < len(samples))
    heard = samples[np.clip(places, 0, len(samples) - 1)] * inside[..., None]
    best = np.zeros(len(blocks))
    for weights in _between().astype(np.float32):
        between = np.zeros((len(blocks), CONTROL, 2), np.float32)
        for k, weight in enumerate(weights):
            between += weight * heard[:, k : k + CONTROL]
        best = np.maximum(best, np.abs(between).max(axis=(1, 2)))
    return best


def true_peak_db(samples: Samples) -> float:
    """True peak in dBTP of `samples` (frames, 2), four times oversampled; -inf for silence."""
    highest = float(control_peaks(samples, float(np.abs(samples).max(initial=0.0))).max(initial=0.0))
    return 20 * math.log10(highest) if highest > 0 else -math.inf
