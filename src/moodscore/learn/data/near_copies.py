"""Near copies: which pieces share so much melody that they are the same music, whatever its key, speed or arrangement.

A fingerprint is the set of runs of `RUN` intervals along the highest notes. Two pieces are near copies when the smaller
fingerprint lies in the other by `SHARE` or more.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

RUN = 9
SHARE = 0.3
_CROWDED = 40  # a run found in more pieces than this is a scale or a trill, not a melody

Fingerprint = frozenset[bytes]


def fingerprint(onsets: NDArray[np.float64], pitches: NDArray[np.int64], together: float) -> Fingerprint:
    """The fingerprint of notes in order of onset.

    Notes within `together` (the onsets' unit) of the first count as one.
    """
    line: list[int] = []
    began = -np.inf
    for onset, pitch in zip(onsets.tolist(), pitches.tolist(), strict=True):
        if onset - began <= together:
            line[-1] = max(line[-1], pitch)
        else:
            line.append(pitch)
            began = onset
    steps = np.clip(np.diff(line), -60, 60).astype(np.int8)
    runs = (steps[k : k + RUN] for k in range(len(steps) - RUN + 1))
    return frozenset(run.tobytes() for run in runs if len(set(run.tolist())) > 2)


def pairs(prints: Sequence[Fingerprint]) -> list[tuple[int, int]]:
    """(lower, higher) numbers of the pieces that are near copies of each other."""
    where: dict[bytes, list[int]] = defaultdict(list)
    for number, runs in enumerate(prints):
        for run in runs:
            where[run].append(number)
    shared: Counter[tuple[int, int]] = Counter()
    for numbers in where.values():
        if 1 < len(numbers) <= _CROWDED:
            shared.update((a, b) for k, a in enumerate(numbers) for b in numbers[k + 1 :])
    return [(a, b) for (a, b), n in shared.items() if n >= max(3, SHARE * min(len(prints[a]), len(prints[b])))]


def groups(count: int, linked: Sequence[tuple[int, int]]) -> list[int]:
    """For each of `count` pieces the lowest number among those it is linked to, directly or through others."""
    root = list(range(count))

    def find(k: int) -> int:
        while root[k] != k:
            root[k] = root[root[k]]
            k = root[k]
        return k

    for a, b in linked:
        low, high = sorted((find(a), find(b)))
        root[high] = low
    return [find(k) for k in range(count)]
