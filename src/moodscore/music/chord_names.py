"""Chord names: which chord each stretch of a piece is nearest to, from the pitch classes that sound in it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from moodscore.music.tokens import NO_CHORD, QUALITIES

Array = NDArray[np.float64]
_TONES = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "dim": (0, 3, 6),
    "aug": (0, 4, 8),
    "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "m7": (0, 3, 7, 10),
    "sus4": (0, 5, 7),
}
# Four tones fit more by chance than three, and rare chords should need more evidence than common ones.
_HANDICAP = {"": 0.0, "m": 0.0, "dim": 0.06, "aug": 0.10, "7": 0.04, "maj7": 0.07, "m7": 0.06, "sus4": 0.06}
_BASS_BONUS = 0.12


def _templates() -> tuple[Array, Array]:
    rows, handicaps = [], []
    for root in range(12):
        for quality in QUALITIES:
            row = np.full(12, -0.35)
            row[[(root + t) % 12 for t in _TONES[quality]]] = 1.0 / np.sqrt(len(_TONES[quality]) / 3.0)
            rows.append(row)
            handicaps.append(_HANDICAP[quality])
    return np.array(rows), np.array(handicaps)


_ROWS, _HANDICAPS = _templates()


def chords(held: Array, bass: NDArray[np.int64]) -> NDArray[np.int64]:
    """Chord numbers (m,) into `tokens.CHORDS` for m stretches: `held` (m, 12) is how long each pitch class sounds.

    `bass` (m,) is the lowest note's pitch class, or -1. A stretch with fewer than two pitch classes is "N" (no chord).
    """
    total = held.sum(1, keepdims=True)
    shares = held / np.maximum(total, 1e-9)
    fit = shares @ _ROWS.T - _HANDICAPS
    roots = np.arange(len(_ROWS)) // len(QUALITIES)
    fit += _BASS_BONUS * (roots[None, :] == bass[:, None])
    best = np.argmax(fit, 1)
    return np.where((shares > 0.04).sum(1) < 2, NO_CHORD, best).astype(np.int64)
