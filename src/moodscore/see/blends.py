"""Blends: where one shot melts into the next, or the picture goes dark and comes back, told from tiny sketches of frames.

In a dissolve or a fade every frame is a mixture of the two ends, so the frames between lie on the straight line from one to
the other; in a moving picture they do not. The limits were chosen on synthetic films with known dissolves, pans and flashes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from typing import Any

import numpy as np
from numpy.typing import NDArray

Sketch = NDArray[np.float32]

_WINDOW_S = 0.4
_FEWEST = 6  # frames a window must hold to be judged
_BENT = 0.18  # largest distance from the straight line, as a share of the way
_WAY = 8.0  # smallest change over the window, of 255
_ALIKE = 0.6  # brightness patterns that correlate more are one picture getting lighter or darker
_APART_S = 0.5
_DARK, _LIT = 8.0, 16.0  # mean brightness at which the picture has gone dark, and is there again


def likeness(one: Sketch, other: Sketch) -> float:
    """How far the brightness patterns of two sketches (height, width, 3) agree: their correlation, 0 when one is plain."""
    a, b = (sketch.mean(axis=2).ravel() for sketch in (one, other))
    a, b = a - a.mean(), b - b.mean()
    scale = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / scale if scale > a.size else 0.0


class Blends:
    """Finds the middles of dissolves and of dark gaps in sketches (height, width, 3) shown in order of time."""

    def __init__(self) -> None:
        self._recent: deque[tuple[float, Sketch]] = deque()
        self._best: tuple[float, float] | None = None  # bend, time of the straightest window of this blend
        self._last_hit_s = 0.0
        self._dark_since: float | None = None
        self._was_lit = False

    def see(self, time_s: float, sketch: Sketch) -> list[float]:
        """Take the next sketch; the times in seconds of blends that are over by now."""
        self._recent.append((time_s, sketch))
        while len(self._recent) > 2 and self._recent[1][0] <= time_s - _WINDOW_S:
            self._recent.popleft()
        found = self._dark(time_s, float(sketch.mean()))
        bend = self._bend()
        if bend is not None:
            middle = (self._recent[0][0] + time_s) / 2
            self._best = min(self._best or (bend, middle), (bend, middle))
            self._last_hit_s = time_s
        elif self._best is not None and time_s - self._last_hit_s > _APART_S:
            found += self.end()
        return found

    def end(self) -> list[float]:
        """What was still going on when the film ended."""
        best, self._best = self._best, None
        return [best[1]] if best else []

    def _dark(self, time_s: float, level: float) -> list[float]:
        if level < _DARK and self._was_lit and self._dark_since is None:
            self._dark_since = time_s
        if level <= _LIT:
            return []
        since, self._dark_since, self._was_lit = self._dark_since, None, True
        return [(since + time_s) / 2] if since is not None else []

    def _bend(self) -> float | None:
        """How far the frames of the window lie off the line between its ends, or None when that is no blend."""
        times = [t for t, _ in self._recent]
        if len(times) < _FEWEST or times[-1] - times[0] < 0.9 * _WINDOW_S:
            return None
        first, last = self._recent[0][1], self._recent[-1][1]
        way = float(np.abs(first - last).mean())
        if way < _WAY:
            return None
        bend = max(self._off(times, share, first, last) for share in (0.5, 0.25, 0.75)) / way
        return bend if bend < _BENT and likeness(first, last) < _ALIKE else None

    def _off(self, times: list[float], share: float, first: Sketch, last: Sketch) -> float:
        at = min(bisect_right(times, times[0] + share * (times[-1] - times[0])), len(times) - 2)
        part = (times[at] - times[0]) / (times[-1] - times[0])
        line: Any = first + part * (last - first)
        return float(np.abs(self._recent[at][1] - line).mean())
