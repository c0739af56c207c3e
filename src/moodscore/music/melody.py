"""Melody: a motif is invented once per theme, repeated, varied, sequenced and brought to a cadence.

A motif is a rhythm with a contour in scale steps. A phrase states it, answers it and closes; later statements are
ornamented, its contrasting theme inverts the contour. Pitches are then found for the whole phrase at once by dynamic
programming: chord tones on strong beats, stepwise motion, leaps that turn back, the contour of the motif, the voice's range.
The costs follow what is regular in melodies of many cultures (D. Huron, Sweet Anticipation, 2006, ch. 5; P. von Hippel & D.
Huron, "Why do skips precede reversals?", Music Perception 18, 2000): small steps, a central register, arches, late closure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

# Rhythm cells as (length in beats, onsets of its notes); a bar is filled with cells near the wanted notes per beat.
_CELLS: tuple[tuple[float, tuple[float, ...]], ...] = (
    (4.0, (0.0,)),
    (3.0, (0.0,)),
    (2.0, (0.0,)),
    (1.0, (0.0,)),
    (2.0, (0.0, 1.5)),
    (2.0, (0.0, 0.5, 1.5)),
    (2.0, (0.0, 1.0, 1.5)),
    (2.0, (0.0, 0.75, 1.5)),
    (1.0, (0.0, 0.5)),
    (1.0, (0.0, 0.75)),
    (1.0, (0.0, 0.25, 0.5)),
    (1.0, (0.0, 0.5, 0.75)),
    (1.0, (0.0, 0.25, 0.5, 0.75)),
)


@dataclass(frozen=True, slots=True)
class Motif:
    """A bar's worth of tune: onsets in beats from the bar line, and where each note lies in scale steps from the first."""

    onsets: tuple[float, ...]
    steps: tuple[int, ...]

    def inverted(self) -> Motif:
        """Upside down."""
        return replace(self, steps=tuple(-s for s in self.steps))

    def ornamented(self, rng: np.random.Generator, shortest: float) -> Motif:
        """With a neighbour note slipped into some of its longer gaps (never shorter than `shortest` beats)."""
        notes = list(zip(self.onsets, self.steps, strict=True))
        ends = [*self.onsets[1:], max(4.0, self.onsets[-1] + 1)]
        extra = []
        for (onset, step), end in zip(notes, ends, strict=True):
            if (end - onset) / 2 >= shortest and rng.random() < 0.4:
                extra.append((onset + (end - onset) / 2, step + int(rng.choice((-1, 1)))))
        both = sorted(dict([*extra, *notes]).items())
        return Motif(tuple(t for t, _ in both), tuple(s for _, s in both))

    def within(self, beats: int) -> Motif:
        """Cut or left to ring so that it fits a bar of `beats`."""
        kept = [k for k, t in enumerate(self.onsets) if t < beats - 1e-9]
        return Motif(tuple(self.onsets[k] for k in kept), tuple(self.steps[k] for k in kept))


def invent(beats: int, notes_per_beat: float, ascent: float, leap: float, rng: np.random.Generator) -> Motif:
    """A motif for bars of `beats`: rhythm near `notes_per_beat`, rising or falling by `ascent`, leaping by `leap`."""
    onsets: list[float] = []
    at = 0.0
    while at < beats - 1e-9:
        fitting = [c for c in _CELLS if c[0] <= beats - at + 1e-9]
        misfit = np.array([np.log2(len(c[1]) / c[0] / notes_per_beat) for c in fitting])
        weight = np.exp(-((misfit / 0.55) ** 2)) + 1e-6
        length, inner = fitting[int(rng.choice(len(fitting), p=weight / weight.sum()))]
        onsets += [at + t for t in inner]
        at += length
    return Motif(tuple(onsets), _contour(len(onsets), ascent, leap, rng))


def _contour(count: int, ascent: float, leap: float, rng: np.random.Generator) -> tuple[int, ...]:
    """A walk in scale steps: mostly seconds, some thirds, a leap that is then filled."""
    steps, at, owed = [0], 0, 0
    for _ in range(count - 1):
        up = rng.random() < 0.5 + 0.22 * ascent - 0.08 * at
        size = 1
        draw = rng.random()
        if owed:
            move, owed = owed, 0
        else:
            if draw < 0.12 + 0.3 * leap:
                size = 2
            if draw < 0.18 * leap:
                size = int(rng.integers(3, 5))
            move = size if up else -size
            if draw > 0.93:
                move = 0
            owed = -1 if move >= 3 else 1 if move <= -3 else 0
        at = int(np.clip(at + move, -5, 6))
        steps.append(at)
    return tuple(steps)


@dataclass(frozen=True, slots=True)
class Cue:
    """A note to be pitched: time and length in beats, height wanted (MIDI), metrical weight 0..1, chord and scale.

    `must` names the pitch classes it has to be, if any; `bass` the pitch class under it, or -1.
    """

    beat: float
    beats: float
    height: float
    weight: float
    chord: tuple[int, ...]
    scale: tuple[int, ...]
    must: tuple[int, ...] = ()
    bass: int = -1


def _leap_costs() -> NDArray[np.float64]:
    cost = np.array([0.75, 0.05, 0.05, 0.7, 0.7, 0.45, 3.0, 0.55, 1.7, 1.9, 4.5, 5.0, 2.4])
    table = np.full(128, 30.0)
    table[: len(cost)] = cost
    return table


_LEAPS = _leap_costs()


def pitch(cues: Sequence[Cue], span: tuple[int, int], before: int | None = None) -> list[int]:
    """Pitches for `cues` inside `span` (low, high) at the least total cost; `before` is the pitch just sung."""
    if not cues:
        return []
    pitches = np.arange(span[0], span[1] + 1)
    apart = np.abs(pitches[:, None] - pitches[None, :])
    signed = (pitches[None, :] - pitches[:, None]).astype(float)
    local = np.stack([_local(cue, pitches) for cue in cues])
    total = local[0] + (0.5 * _LEAPS[np.minimum(np.abs(pitches - before), 127)] if before is not None else 0.0)
    back: list[NDArray[np.intp]] = []
    for k in range(1, len(cues)):
        wanted = cues[k].height - cues[k - 1].height
        move = _LEAPS[apart] + 0.16 * np.abs(signed - wanted) + 1.2 * ((np.sign(signed) * np.sign(wanted)) < 0)
        move = move + 0.25 * ((signed == 0) & (abs(wanted) > 0.5)) + _parallels(cues[k - 1], cues[k], pitches)
        if cues[k].must:
            move = np.minimum(move, 3.0)
        reach = total[:, None] + move
        best = reach.argmin(axis=0)
        back.append(best)
        total = reach[best, np.arange(len(pitches))] + local[k]
    index = int(total.argmin())
    path = [index]
    for best in reversed(back):
        index = int(best[index])
        path.append(index)
    return [int(pitches[i]) for i in reversed(path)]


def _parallels(one: Cue, other: Cue, pitches: NDArray[np.int_]) -> NDArray[np.float64] | float:
    """Cost of each step from note to note that moves with the bass from fifth to fifth or from octave to octave."""
    if one.bass < 0 or other.bass < 0 or one.bass == other.bass:
        return 0.0
    before, now = (pitches - one.bass) % 12, (pitches - other.bass) % 12
    same = (before[:, None] == now[None, :]) & np.isin(now, (0, 7))[None, :]
    return np.asarray(3.0 * same, np.float64)


def _local(cue: Cue, pitches: NDArray[np.int_]) -> NDArray[np.float64]:
    """Cost of each pitch for one note: outside the scale never, off the chord dear on strong beats and long notes."""
    pcs = pitches % 12
    cost = 0.16 * np.abs(pitches - cue.height)
    cost = cost + np.where(np.isin(pcs, cue.scale), 0.0, 60.0)
    off = 0.5 + 4.0 * cue.weight + 1.2 * max(0.0, cue.beats - 0.5)
    cost = cost + np.where(np.isin(pcs, cue.chord), 0.0, off)
    if cue.bass >= 0 and cue.weight >= 0.75:  # imperfect consonances with the bass are the fuller ones
        cost = cost + 0.7 * (pcs == cue.bass) + 0.4 * (pcs == (cue.bass + 7) % 12)
    if cue.must:
        cost = cost + np.where(np.isin(pcs, cue.must), 0.0, 12.0)
    return np.asarray(cost, np.float64)
