"""Arc: an order for the photos that walks over the valence-arousal plane without jumps and comes to rest.

The order is the shortest open path through all the points: neighbours in the film are neighbours in feeling, so the music
never has to leap. Of its two directions the one is taken that ends nearer to pleasant and calm: a film should let go of its
viewer in peace. Found exactly for few photos (M. Held & R. M. Karp, J. SIAM 10 (1962) 196-210), else by nearest
neighbours improved with 2-opt and segment moves (G. A. Croes, Oper. Res. 6 (1958) 791-812; I. Or, 1976).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from moodscore.affect import Affect
from moodscore.errors import BadValue

EXACT_UP_TO = 10
LONGEST_SEGMENT = 3
STARTS = 8
LEAST_GAIN = 1e-9

Distances = NDArray[np.float64]


def order(affects: Sequence[Affect]) -> list[int]:
    """The indices of `affects` along a smooth path that ends at its more pleasant and calm end.

    Deterministic; points that coincide keep the order given as far as the path allows. Raises BadValue for none.
    """
    if not affects:
        raise BadValue("order: expected at least one affect, got none")
    points = np.array([(a.valence, a.arousal) for a in affects])
    apart = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    path = _exact(apart) if len(affects) <= EXACT_UP_TO else _good(apart)
    first, last = affects[path[0]], affects[path[-1]]
    here, there = first.valence - first.arousal, last.valence - last.arousal
    backwards = here > there or (here == there and path[0] > path[-1])
    return path[::-1] if backwards else path


def length(affects: Sequence[Affect], path: Sequence[int]) -> float:
    """How far the film travels over the plane when the photos come in the order `path`."""
    return sum(affects[a].distance(affects[b]) for a, b in itertools.pairwise(path))


def _exact(apart: Distances) -> list[int]:
    """The shortest open path, by dynamic programming over sets of visited points and the last of them."""
    count = len(apart)
    best: dict[tuple[int, int], tuple[float, int]] = {(1 << k, k): (0.0, -1) for k in range(count)}
    for visited in range(1, 1 << count):
        for last in range(count):
            if (visited, last) not in best:
                continue
            so_far = best[visited, last][0]
            for new in range(count):
                if visited >> new & 1:
                    continue
                key, far = (visited | 1 << new, new), so_far + float(apart[last, new])
                if key not in best or far < best[key][0] - LEAST_GAIN:
                    best[key] = (far, last)
    visited = (1 << count) - 1
    last = min(range(count), key=lambda k: best[visited, k][0])
    path = []
    while last >= 0:
        path.append(last)
        visited, last = visited & ~(1 << last), best[visited, last][1]
    return path[::-1]


def _good(apart: Distances) -> list[int]:
    """The best of several improved nearest-neighbour paths, started from points spread over the order given."""
    count = len(apart)
    starts = sorted({round(k * (count - 1) / (STARTS - 1)) for k in range(STARTS)})
    paths = [_improved(_nearest_first(apart, start), apart) for start in starts]
    return min(paths, key=lambda path: _far(path, apart))


def _nearest_first(apart: Distances, start: int) -> list[int]:
    left = np.ones(len(apart), bool)
    path = [start]
    left[start] = False
    while left.any():
        path.append(int(np.argmin(np.where(left, apart[path[-1]], np.inf))))
        left[path[-1]] = False
    return path


def _improved(path: list[int], apart: Distances) -> list[int]:
    """Turn stretches round and move short segments for as long as that shortens the path."""
    while True:
        shorter = _turned(path, apart) or _moved(path, apart)
        if shorter is None:
            return path
        path = shorter


def _turned(path: list[int], apart: Distances) -> list[int] | None:
    """The path with the stretch reversed that gains most, or None when no reversal gains. Ends are free."""
    there = apart[np.ix_(path, path)]
    padded = np.zeros((len(path) + 2, len(path) + 2))  # an imaginary point before and after, at no distance from any
    padded[1:-1, 1:-1] = there
    links = np.diagonal(padded, 1)
    # Reversing i..j (1-based) replaces links (i-1, i) and (j, j+1) by (i-1, j) and (i, j+1).
    gain = links[:-1, None] + links[None, 1:] - padded[:-2, 1:-1] - padded[1:-1, 2:]
    gain = np.triu(gain, 1)
    i, j = np.unravel_index(int(np.argmax(gain)), gain.shape)
    if gain[i, j] <= LEAST_GAIN:
        return None
    return path[:i] + path[i : j + 1][::-1] + path[j + 1 :]


def _moved(path: list[int], apart: Distances) -> list[int] | None:
    """The path with one segment of up to three points put elsewhere, or None when no such move shortens it."""
    now = _far(path, apart)
    for size in range(1, LONGEST_SEGMENT + 1):
        for start in range(len(path) - size + 1):
            rest = path[:start] + path[start + size :]
            segment = path[start : start + size]
            spot, piece = _best_spot(rest, segment, apart)
            new = rest[:spot] + piece + rest[spot:]
            if _far(new, apart) < now - LEAST_GAIN:
                return new
    return None


def _best_spot(rest: list[int], segment: list[int], apart: Distances) -> tuple[int, list[int]]:
    """Where in `rest`, and which way round, `segment` adds least."""
    best: tuple[float, int, list[int]] | None = None
    for piece in (segment, segment[::-1]):
        before = np.append(0.0, apart[rest, piece[0]])
        after = np.append(apart[piece[-1], rest], 0.0)
        links = np.concatenate([[0.0], apart[rest[:-1], rest[1:]], [0.0]])
        added = before + after - links
        spot = int(np.argmin(added))
        if best is None or added[spot] < best[0]:
            best = (float(added[spot]), spot, piece)
    assert best is not None
    return best[1], best[2]


def _far(path: Sequence[int], apart: Distances) -> float:
    return float(apart[path[:-1], path[1:]].sum())
