"""Mel bands: Riffusion's 512 triangular bands of amplitude, and the way back to a linear spectrum.

Bands are equally wide on the mel scale of HTK, mel = 2595 log10(1 + hz / 700), from 0 to 10,000 Hz, not normalised. Below
1.2 kHz they lie closer than the 10 Hz between the bins of a 100 ms window, so that nothing is lost; at 10 kHz they are 57 Hz
apart, and the overtones between them have to be found again by what a signal can be (`phase`).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

BANDS = 512
TOP_HZ = 10000.0
BIN_HZ = 10.0  # of a window of 100 ms, whatever it is padded to
BINS = int(TOP_HZ / BIN_HZ) + 1
PADDING = 4  # Riffusion's transform is four times as long as its window
CHORD = 10 ** (0.4 / 20)  # measured on played pieces: by so much their bands would come back too loud
RIDGE = 1e-2  # of the mean diagonal; damps the ringing of the inverse between neighbouring bands

Array = NDArray[np.float32]


@lru_cache(maxsize=2)
def filterbank(padding: int = PADDING) -> Array:
    """(bins, 512) weights of each band for bins 10 Hz / `padding` apart, from 0 to 10,000 Hz."""
    hertz = np.arange((BINS - 1) * padding + 1)[:, None] * (BIN_HZ / padding)
    mels = np.linspace(0.0, 2595.0 * np.log10(1.0 + TOP_HZ / 700.0), BANDS + 2)
    edges = 700.0 * (10.0 ** (mels / 2595.0) - 1.0)
    rising = (hertz - edges[:-2]) / np.diff(edges)[:-1]
    falling = (edges[2:] - hertz) / np.diff(edges)[1:]
    return np.asarray(np.maximum(0.0, np.minimum(rising, falling)), np.float32)


@lru_cache(maxsize=1)
def coarse() -> Array:
    """(1001, 512) weights for bins 10 Hz apart whose magnitude runs in straight lines between them.

    The magnitude of a windowed frame is smooth along frequency, so a quarter of the bins says nearly all of it. Straight
    lines cut off the tops between bins, which `CHORD` makes up for on the whole; a cubic would be nearer, but its negative
    weights upset `fitted`.
    """
    place = np.arange((BINS - 1) * PADDING + 1) / PADDING
    below = np.minimum(place.astype(int), BINS - 2)
    share = (place - below)[:, None]
    fine = filterbank().astype(np.float64)
    out = np.zeros((BINS, BANDS))
    np.add.at(out, below, fine * (1.0 - share))
    np.add.at(out, below + 1, fine * share)
    return np.asarray(out * CHORD, np.float32)


@lru_cache(maxsize=1)
def _inverse() -> Array:
    """(512, 1001) ridge-regularised pseudo-inverse of `coarse`."""
    weights = coarse().astype(np.float64).T
    gram = weights @ weights.T
    gram += RIDGE * np.trace(gram) / BANDS * np.eye(BANDS)
    return np.asarray(np.linalg.solve(gram, weights), np.float32)


@lru_cache(maxsize=1)
def _exact_inverse() -> Array:
    """(512, 4001) pseudo-inverse of `filterbank`, as Riffusion's InverseMelScale solves it."""
    return np.asarray(np.linalg.pinv(filterbank().astype(np.float64), rcond=1e-6), np.float32)


@lru_cache(maxsize=1)
def _spread() -> Array:
    """(512, 1001) what a band gives back to each bin, the shares of a bin adding up to 1."""
    weights = coarse()
    return np.ascontiguousarray((weights / weights.sum(axis=1, keepdims=True).clip(1e-9)).T)


def linear(bands: Array) -> Array:
    """Magnitudes (n, 1001) 10 Hz apart that give about the bands (n, 512): least squares, negative ones set to 0."""
    return np.asarray(np.maximum(bands @ _inverse(), 0.0), np.float32)


def linear_fine(bands: Array) -> Array:
    """Magnitudes (n, 4001) 2.5 Hz apart: the published way, minimum-norm least squares, negative ones set to 0."""
    return np.asarray(np.maximum(bands @ _exact_inverse(), 0.0), np.float32)


def fitted(magnitudes: Array, bands: Array) -> Array:
    """Magnitudes (n, 1001) brought nearer to the bands (n, 512), keeping the structure within each band.

    One multiplicative step of non-negative estimation (Lee & Seung 2001): each bin is scaled by how much its bands lack.
    """
    floor = np.float32(1e-5) * bands.max(initial=np.float32(1e-20))
    return np.asarray(magnitudes * ((bands / (magnitudes @ coarse() + floor)) @ _spread()), np.float32)
