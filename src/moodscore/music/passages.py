"""Passages: a score cut into stretches of about fifteen seconds, each as columns of notes.

Listeners rated pieces of that length; longer music is heard stretch by stretch, so that what depends on length (how many
pitch classes, how clear a key) means the same in all.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from moodscore.media import Score
from moodscore.music import features

PASSAGE_S = 15.0
LEAST_NOTES = 4
_LAST_NOTE_S = 4.0  # a last chord held longer than this makes no passage longer
_SHORTEST_S = 0.03

Array = NDArray[np.float64]
Ints = NDArray[np.int_]


@dataclass(frozen=True, eq=False)
class Passage:
    """Pitched notes in order of start: rows of start_s, end_s, MIDI pitch, velocity, float64 (n, 4), n > 0."""

    notes: Array

    @cached_property
    def starts(self) -> Array:
        """When each note begins, in seconds."""
        return self.notes[:, 0]

    @cached_property
    def ends(self) -> Array:
        """When each note ends, in seconds."""
        return self.notes[:, 1]

    @cached_property
    def pitches(self) -> Array:
        """The MIDI pitch of each note."""
        return self.notes[:, 2]

    @cached_property
    def classes(self) -> Ints:
        """The pitch class of each note, 0..11."""
        return self.notes[:, 2].astype(int) % 12

    @cached_property
    def durations(self) -> Array:
        """How long each note lasts, in seconds, 0.03 or more."""
        return np.maximum(_SHORTEST_S, self.ends - self.starts)

    @cached_property
    def weights(self) -> Array:
        """How much each note is heard: its duration, at most 2 s."""
        return np.minimum(2.0, self.durations)

    @cached_property
    def length_s(self) -> float:
        """From the first start to the last end, 1 s or more."""
        return max(1.0, float(self.ends.max() - self.starts[0]))

    @cached_property
    def onsets(self) -> Ints:
        """For each note the number of its onset, 0 first; a chord is one onset."""
        return features.onset_groups(self.starts)

    @cached_property
    def times(self) -> Array:
        """When each onset is, in seconds."""
        return self.starts[np.unique(self.onsets, return_index=True)[1]]

    @cached_property
    def sizes(self) -> Ints:
        """How many notes each onset has."""
        return np.bincount(self.onsets)

    @cached_property
    def gaps(self) -> Array:
        """Seconds between neighbouring onsets, 0.03 or more; the whole length where there is one onset."""
        return np.maximum(_SHORTEST_S, np.diff(self.times)) if len(self.times) > 1 else np.array([self.length_s])

    @cached_property
    def tops(self) -> Array:
        """The highest pitch of each onset."""
        out = np.full(len(self.times), -1.0)
        np.maximum.at(out, self.onsets, self.pitches)
        return out

    @cached_property
    def basses(self) -> Array:
        """The lowest pitch of each onset."""
        out = np.full(len(self.times), 200.0)
        np.minimum.at(out, self.onsets, self.pitches)
        return out


def passages(score: Score) -> tuple[Passage, ...]:
    """The score in equal stretches of about 15 s; those with fewer than four notes are left out unless all have.

    Drums are left out, and a pitch struck in several instruments at once counts once. Raises BadValue when the score has
    no pitched note.
    """
    return cut(features.pitched(score))


def cut(notes: Array) -> tuple[Passage, ...]:
    """Rows of notes (see `Passage`) in equal stretches of about 15 s; see `passages`."""
    start = float(notes[0, 0])
    length = min(float(notes[:, 1].max()), float(notes[-1, 0]) + _LAST_NOTE_S) - start
    count = max(1, round(length / PASSAGE_S))
    if count == 1:
        return (Passage(notes),)
    borders = start + length * np.arange(count + 1) / count
    borders[-1] = np.inf
    out = []
    for first, last in itertools.pairwise(borders):
        rows = notes[(notes[:, 0] >= first) & (notes[:, 0] < last)].copy()
        rows[:, 1] = np.minimum(rows[:, 1], np.maximum(last, rows[:, 0] + 0.05))
        if len(rows) >= LEAST_NOTES:
            out.append(Passage(rows))
    return tuple(out) or (Passage(notes),)
