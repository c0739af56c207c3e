"""Arc: an order for the photos that walks over the valence-arousal plane without jumps and comes to rest.

The film ends on the photo that is most pleasant and calm (the largest valence - arousal), so that it lets go of its viewer
in peace; before that comes the shortest path through all the other points: neighbours in the film are neighbours in
feeling, and the music never has to leap. Found exactly for few photos (M. Held & R. M. Karp, J. SIAM 10 (1962) 196-210),
else by nearest neighbours improved with 2-opt and segment moves (G. A. Croes, Oper. Res. 6 (1958) 791-812; I. Or, 1976).
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
STARTS_UP_TO = ((60, 8), (160, 3))  # so many different beginnings are tried for up to so many photos; one for more
LEAST_GAIN = 1e-9

Distances = NDArray[np.float64]


def order(affects: Sequence[Affect]) -> list[int]:
    """The indices of `affects` along the shortest path that ends on the most pleasant and calm of them.

    Deterministic; of equals the later one given is the last. Raises BadValue for none.
    """
    if not affects:
        raise BadValue("order: expected at least one affect, got none")
    points = np.array([(a.valence, a.arousal) for a in affects])
    apart = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    rest = max(range(len(affects)), key=lambda k: (affects[k].valence - affects[k].arousal, k))
    return (_exact(apart, rest) if len(affects) <= EXACT_UP_TO else _good(apart, rest))[::-1]


def length(affects: Sequence[Affect], path: Sequence[int]) -> float:
    """How far the film travels over the plane when the photos come in the order `path`."""
    return sum(affects[a].distance(affects[b]) for a, b in itertools.pairwise(path))


def _exact(apart: Distances, first: int) -> list[int]:
    """The shortest open path from `first`, by dynamic programming over sets of visited points and the last of them."""
    count = len(apart)
    best: dict[tuple[int, int], tuple[float, int]] = {(1 << first, first): (0.0, -1)}
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
    last = min((k for k in range(count) if (visited, k) in best), key=lambda k: best[visited, k][0])
    path = []
    while last >= 0:
        path.append(last)
        visited, last = visited & ~(1 << last), best[visited, last][1]
    return path[::-1]


def _good(apart: Distances, first: int) -> list[int]:
    """The best of several improved paths from `first`, which go to different points next and then to the nearest ones."""
    count = len(apart)
    tries = next((tries for most, tries in STARTS_UP_TO if count <= most), 1)
    others = [k for k in np.argsort(apart[first], kind="stable").tolist() if k != first]
    seconds = [others[k * len(others) // tries] for k in range(tries)]
    paths = [_improved(_nearest_first(apart, [first, second]), apart) for second in seconds]
    return min(paths, key=lambda path: _far(path, apart))


def _nearest_first(apart: Distances, begun: list[int]) -> list[int]:
    left = np.ones(len(apart), bool)
    path = list(begun)
    left[path] = False
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
    """The path with the stretch reversed that gains most, or None when no reversal gains. The first point stays."""
    padded = np.zeros((len(path) + 2, len(path) + 2))  # an imaginary point before and after, at no distance from any
    padded[1:-1, 1:-1] = apart[np.ix_(path, path)]
    links = np.diagonal(padded, 1)
    # Reversing i..j (1-based) replaces links (i-1, i) and (j, j+1) by (i-1, j) and (i, j+1).
    gain = links[:-1, None] + links[None, 1:] - padded[:-2, 1:-1] - padded[1:-1, 2:]
    gain = np.triu(gain, 1)
    gain[0] = 0.0
    i, j = np.unravel_index(int(np.argmax(gain)), gain.shape)
    if gain[i, j] <= LEAST_GAIN:
        return None
    return path[:i] + path[i : j + 1][::-1] + path[j + 1 :]


def _moved(path: list[int], apart: Distances) -> list[int] | None:
    """The path after moving segments of up to three points where that shortens it; None where it never does."""
    best, now = path, _far(path, apart)
    for size in range(1, LONGEST_SEGMENT + 1):
        for start in range(1, len(path) - size + 1):
            rest, segment = best[:start] + best[start + size :], best[start : start + size]
            spot, piece = _best_spot(rest, segment, apart)
            new = rest[:spot] + piece + rest[spot:]
            far = _far(new, apart)
            if far < now - LEAST_GAIN:
                best, now = new, far
    return None if best is path else best


def _best_spot(rest: list[int], segment: list[int], apart: Distances) -> tuple[int, list[int]]:
    """Where in `rest` behind its first point, and which way round, `segment` adds least."""
    best: tuple[float, int, list[int]] | None = None
    for piece in (segment, segment[::-1]):
        before = np.append(np.inf, apart[rest, piece[0]])
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
