"""Diffusion wishes: what is asked of each stretch of 80 ms, as the numbers that the diffusion net takes.

What is not asked is 0, and a flag says so: guidance runs the net twice, once asking nothing (J. Ho & T. Salimans,
"Classifier-free diffusion guidance", 2022).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moodscore.errors import BadValue
from moodscore.music.prompt_genres import GENRES

STRETCH_S = 0.08  # four frames of `pitch_bands`
GENRE_NAMES = tuple(genre.name for genre in GENRES)
AFFECT = slice(0, 3)
GENRE = slice(3, 3 + len(GENRE_NAMES))
CHORD = slice(GENRE.stop, GENRE.stop + 25)
BEAT = slice(CHORD.stop, CHORD.stop + 6)
DENSITY = slice(BEAT.stop, BEAT.stop + 2)
WIDTH = DENSITY.stop

Array = NDArray[np.float32]
Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What is asked of `t` stretches of 80 ms.

    `affects` (t, 2); `genre` an index of `GENRE_NAMES`; `classes` (t, 12) which pitch classes the chord has, none where
    there is no chord; `roots` (t,) its root 0..11 or -1; `beats` (t,) where in the bar the stretch begins, in beats, and
    `bar_beats` (t,) how many the bar has; `tempo_bpm` (t,); `density_hz` (t,) onsets a second around it,
    nan where not asked.
    """

    affects: Doubles
    genre: int
    classes: Doubles
    roots: NDArray[np.int64]
    beats: Doubles
    bar_beats: Doubles
    tempo_bpm: Doubles
    density_hz: Doubles

    def __post_init__(self) -> None:
        if not 0 <= self.genre < len(GENRE_NAMES):
            raise BadValue(f"genre: expected 0..{len(GENRE_NAMES) - 1}, got {self.genre!r}")

    def vectors(self) -> Array:
        """(t, WIDTH) what the net takes."""
        t = len(self.affects)
        out = np.zeros((t, WIDTH), np.float32)
        out[:, AFFECT] = np.column_stack([self.affects, np.ones(t)])
        out[:, GENRE.start + self.genre] = 1.0
        chord = self.roots >= 0
        out[:, CHORD] = np.column_stack([self.classes, self.roots[:, None] == np.arange(12), chord]) * chord[:, None]
        turns = np.column_stack([self.beats, self.beats / self.bar_beats]) * 2.0 * np.pi
        pace = np.log2(self.tempo_bpm / 100.0)
        out[:, BEAT] = np.column_stack([np.sin(turns), np.cos(turns), pace, np.ones(t)])
        known = np.isfinite(self.density_hz)
        notes = np.log2(np.maximum(np.where(known, self.density_hz, 4.0), 0.25) / 4.0) / 2.0
        out[:, DENSITY] = np.column_stack([notes, known])
        return out


def without(said: Array, *groups: slice) -> Array:
    """A copy of `vectors` (..., WIDTH) in which groups such as `AFFECT` are not asked; all of them when none is named."""
    out = said.copy()
    for group in groups or (slice(0, WIDTH),):
        out[..., group] = 0.0
    return out
