"""Memory: how long a stretch of melody a piece shares with a set of pieces, note for note.

A melody is written as steps, each an interval in semitones and how much longer or shorter the wait for the next note
is than the last one (in half doublings), so that key, tempo and the length of held notes do not matter. What two real
pieces share by chance is the rate to hold a composer against: N. Fradet et al. and others count n-grams in the same
way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from moodscore.errors import BadValue
from moodscore.measure import pieces
from moodscore.media import Score

Steps = NDArray[np.int64]
Hashes = NDArray[np.uint64]

_BASE = np.uint64(6_364_136_223_846_793_005)
_LONGEST = 256


def steps(onsets: Sequence[float], pitches: Sequence[int]) -> Steps:
    """The steps (n - 2,) of a melody of n notes: onsets rising, in seconds, beats or ticks.

    Fewer than three notes have none.
    """
    waits = np.diff(np.asarray(onsets, np.float64))
    if (waits <= 0).any():
        raise BadValue("melody: expected onsets that rise, got two notes at once; keep the highest")
    moves = np.clip(np.diff(np.asarray(pitches, np.int64)), -36, 36)[1:]
    ratios = (
        np.clip(np.round(2 * np.log2(waits[1:] / waits[:-1])), -10, 10).astype(np.int64) if len(waits) > 1 else moves
    )
    return np.asarray((moves + 36) * 32 + ratios + 10, np.int64)


def score_steps(score: Score) -> Steps:
    """The steps of a score's melody."""
    line = pieces.melody(score)
    return steps([n.start_s for n in line], [n.pitch for n in line])


@dataclass(frozen=True, slots=True, eq=False)
class Memory:
    """The melodies of many pieces, to ask what another piece shares with them."""

    lines: tuple[Steps, ...]
    _prefix: Hashes = field(init=False, repr=False)
    _piece: NDArray[np.int64] = field(init=False, repr=False)
    _known: dict[int, Hashes] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        whole = np.concatenate([*self.lines, np.zeros(0, np.int64)])
        object.__setattr__(self, "_prefix", _prefixes(whole))
        object.__setattr__(self, "_piece", np.repeat(np.arange(len(self.lines)), [len(line) for line in self.lines]))

    def _runs(self, length: int) -> Hashes:
        """Sorted hashes of all runs of `length` steps that lie in one piece."""
        if length not in self._known:
            inside = self._piece[length - 1 :] == self._piece[: len(self._piece) - length + 1]
            self._known[length] = np.unique(_hashed(self._prefix, length)[inside])
        return self._known[length]

    def longest(self, line: Steps) -> int:
        """Notes in the longest stretch of `line` that also stands in one of the pieces (steps + 2).

        0 when not one step does.
        """
        own = _prefixes(line)
        low, high = 0, _LONGEST  # the same for every line, so that few lengths are ever prepared
        while low < high:
            length = (low + high + 1) // 2
            shared = length <= len(line) and _meet(_hashed(own, length), self._runs(length))
            low, high = (length, high) if shared else (low, length - 1)
        return low + 2 if low else 0


def _meet(asked: Hashes, known: Hashes) -> bool:
    """Whether any hash is among the known ones, which are sorted."""
    at = np.searchsorted(known, asked)
    inside = at < len(known)
    return bool((known[at[inside]] == asked[inside]).any())


def _prefixes(line: Steps) -> Hashes:
    """Rolling hashes of the beginnings of a line, (n + 1,)."""
    out = np.zeros(len(line) + 1, np.uint64)
    value, base = 0, int(_BASE)
    for k, step in enumerate(line.tolist()):
        value = (value * base + (step + 1) * 0x9E3779B97F4A7C15) % (1 << 64)
        out[k + 1] = value
    return out


def _hashed(prefix: Hashes, length: int) -> Hashes:
    """Hashes of all runs of `length` steps, (n - length + 1,)."""
    power = np.uint64(pow(int(_BASE), length, 1 << 64))
    return prefix[length:] - prefix[: len(prefix) - length] * power


def evaluate(lines: Sequence[Steps], memory: Memory) -> dict[str, float]:
    """Median and largest `longest` of pieces against a memory, and the mean share of a piece that its longest stretch is."""
    found = [memory.longest(line) for line in lines]
    if not found:
        raise BadValue("memory: expected at least one melody, got none")
    shares = [n / (len(line) + 2) for n, line in zip(found, lines, strict=True)]
    return {
        "longest_median": float(np.median(found)),
        "longest_max": float(max(found)),
        "share_mean": float(np.mean(shares)),
    }
