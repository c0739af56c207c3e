"""Trajectory: feeling over time, the one input of planning, composing, matching and rendering."""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass

from moodscore.affect import Affect
from moodscore.errors import BadValue


@dataclass(frozen=True, slots=True)
class Trajectory:
    """Feeling over `times_s` (seconds of presentation time, strictly rising from 0), one Affect each; ends at `duration_s`.

    Between two times the feeling moves in a straight line; after the last it stands still until `duration_s`.
    Raises BadValue when times and affects differ in number, times do not rise from 0, or the duration is not positive.
    """

    times_s: tuple[float, ...]
    affects: tuple[Affect, ...]
    duration_s: float

    def __post_init__(self) -> None:
        times = tuple(float(t) for t in self.times_s)
        if len(times) != len(self.affects) or not times:
            raise BadValue(f"trajectory: expected one affect per time, got {len(times)} and {len(self.affects)}")
        rising = all(a < b for a, b in itertools.pairwise(times))
        if times[0] != 0.0 or not rising or not all(map(math.isfinite, times)):
            raise BadValue(f"trajectory: expected finite times rising from 0, got {times}")
        if not times[-1] <= self.duration_s < math.inf or self.duration_s <= 0:
            raise BadValue(f"trajectory: expected a duration > 0 and >= {times[-1]} s, got {self.duration_s!r}")
        object.__setattr__(self, "times_s", times)

    @classmethod
    def hold(cls, affect: Affect, duration_s: float) -> Trajectory:
        """A feeling that stands still for `duration_s` seconds."""
        return cls((0.0,), (affect,), duration_s)

    @classmethod
    def of(cls, points: Iterable[tuple[float, Affect]], duration_s: float) -> Trajectory:
        """A trajectory through `(time_s, affect)` points."""
        pairs = list(points)
        return cls(tuple(t for t, _ in pairs), tuple(a for _, a in pairs), duration_s)

    def at(self, time_s: float) -> Affect:
        """The feeling at `time_s`; before the start and after the end it is the first and the last one."""
        after = bisect.bisect_right(self.times_s, time_s)
        if after == 0:
            return self.affects[0]
        if after == len(self.times_s):
            return self.affects[-1]
        start, end = self.times_s[after - 1], self.times_s[after]
        return self.affects[after - 1].toward(self.affects[after], (time_s - start) / (end - start))

    def mean(self, start_s: float = 0.0, end_s: float | None = None, samples: int = 33) -> Affect:
        """The mean feeling between two times, from `samples` evenly spaced looks."""
        end = self.duration_s if end_s is None else end_s
        seen = [self.at(start_s + (end - start_s) * (k + 0.5) / samples) for k in range(samples)]
        return Affect.clipped(sum(a.valence for a in seen) / samples, sum(a.arousal for a in seen) / samples)
