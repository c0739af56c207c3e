"""Grid: bars and beats laid over seconds so that bar lines and beats fall exactly on the changes of a film.

Film composers do the same by hand: they bend the tempo a little between two hit points and add or drop a beat. Each stretch
between two changes gets a whole number of beats, so a change always lies on a beat (error 0 before the performance moves
notes by a few milliseconds). Which number of beats is found by dynamic programming over all stretches.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

MIN_STRETCH_S = 0.25
_RITARDANDO = 0.45
_OUT_OF_BOUNDS = 1e3  # dearer than any metre but the broken one


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: the times of its beats and of its end (one more value than beats, seconds), and the beats with a change."""

    beats_s: tuple[float, ...]
    hits: tuple[int, ...] = ()

    @property
    def start_s(self) -> float:
        return self.beats_s[0]

    @property
    def end_s(self) -> float:
        return self.beats_s[-1]

    @property
    def beats(self) -> int:
        return len(self.beats_s) - 1


def kept_changes(changes_s: Sequence[float], duration_s: float) -> tuple[float, ...]:
    """The changes that music can meet, in order: at least `MIN_STRETCH_S` from each other and from both ends."""
    kept: list[float] = []
    for time in sorted(float(t) for t in changes_s if math.isfinite(t)):
        if time - (kept[-1] if kept else 0.0) >= MIN_STRETCH_S and duration_s - time >= MIN_STRETCH_S:
            kept.append(time)
    return tuple(kept)


def lay(
    duration_s: float,
    changes_s: Sequence[float],
    tempo_bpm: Callable[[float], float],
    metre: int,
    bounds_bpm: tuple[float, float] | None = None,
) -> tuple[Bar, ...]:
    """Bars from 0 to `duration_s`, close to `tempo_bpm(time_s)`, every kept change on a beat, slowing down at the end.

    The tempo stays within `bounds_bpm` (slowest, fastest), the closing ritardando aside, wherever whole bars allow it.
    """
    anchors = (0.0, *kept_changes(changes_s, duration_s), duration_s)
    stretches = list(itertools.pairwise(anchors))
    counts = _beat_counts(stretches, tempo_bpm, metre, bounds_bpm)
    times: list[float] = []
    hits: set[int] = set()
    for k, ((start, end), count) in enumerate(zip(stretches, counts, strict=True)):
        if k:
            hits.add(len(times))
        times += _beat_times(start, end, count, metre if k == len(stretches) - 1 else 0)
    times.append(duration_s)
    return _bars(times, hits, metre)


def _beat_times(start_s: float, end_s: float, count: int, slowing: int) -> list[float]:
    """Times of `count` beats; the last `2 * slowing` of them grow longer, as at the end of a piece."""
    tail = min(2 * slowing, count)
    lengths = [1.0] * (count - tail) + [1.0 + _RITARDANDO * (k + 1) / tail for k in range(tail)]
    scale = (end_s - start_s) / math.fsum(lengths)
    times, at = [], 0.0
    for length in lengths:
        times.append(start_s + at * scale)
        at += length
    return times


def _steady_bpm(length_s: float, count: int, slowing: int) -> float:
    """The tempo of a stretch of `count` beats before it slows down, as `_beat_times` lays it."""
    tail = min(2 * slowing, count)
    return 60.0 * (count + _RITARDANDO * (tail + 1) / 2 * (tail > 0)) / length_s


def _candidates(length_s: float, beat_s: float, metre: int, last: bool) -> list[int]:
    ideal = length_s / beat_s
    if last:
        ideal = max(1.0, ideal - _RITARDANDO * metre)
    near = {max(1, round(ideal)) + d for d in (-3, -2, -1, 0, 1, 2, 3)}
    bars = {metre * max(1, round(ideal / metre) + d) for d in (-1, 0, 1)}
    return sorted(n for n in near | bars if n >= 1)


def _beat_counts(
    stretches: Sequence[tuple[float, float]],
    tempo_bpm: Callable[[float], float],
    metre: int,
    bounds_bpm: tuple[float, float] | None,
) -> list[int]:
    """Beats for each stretch: near the wanted tempo, steady from stretch to stretch, in whole bars where that is cheap."""
    paths: list[tuple[float, float, tuple[int, ...]]] = [(0.0, 0.0, ())]
    for k, (start, end) in enumerate(stretches):
        last = k == len(stretches) - 1
        beat = 60.0 / tempo_bpm((start + end) / 2)
        choices: list[tuple[float, float, tuple[int, ...]]] = []
        for count in _candidates(end - start, beat, metre, last):
            stretch = count + (_RITARDANDO * min(metre, count) if last else 0.0)
            pace = math.log((end - start) / stretch / beat)
            own = (pace / 0.12) ** 2 + _metre_cost(count, metre, len(stretches) == 1)
            if bounds_bpm and not bounds_bpm[0] <= _steady_bpm(end - start, count, metre * last) <= bounds_bpm[1]:
                own += _OUT_OF_BOUNDS
            cost, _, path = min(
                (p[0] + (1.0 * ((pace - p[1]) / 0.12) ** 2 if p[2] else 0.0), p[1], p[2]) for p in paths
            )
            choices.append((cost + own, pace, (*path, count)))
        paths = sorted(choices)[:8]
    return list(paths[0][2])


def _metre_cost(count: int, metre: int, alone: bool) -> float:
    if count % metre == 0:
        bars = count // metre
        return 0.0 if not alone or bars < 6 or bars % 4 in (1, 2) else 0.35
    if alone:
        return 1e6 if count > metre else 4.0
    return 1.6 if count < metre or count % metre == 2 else 3.2


def _bars(times: Sequence[float], hits: set[int], metre: int) -> tuple[Bar, ...]:
    """Group beats into bars: a bar line at each change, changes closer than two beats share a bar of up to `metre + 2`."""
    total = len(times) - 1
    bars: list[Bar] = []
    at = 0
    while at < total:
        end = _bar_end(at, total, hits, metre)
        inside = tuple(h - at for h in range(at, end) if h in hits)
        bars.append(Bar(tuple(times[at : end + 1]), inside))
        at = end
    return tuple(bars)


def _bar_end(at: int, total: int, hits: set[int], metre: int) -> int:
    """Where the bar that starts at beat `at` ends."""
    following = [h for h in range(at + 1, min(total, at + 2 * metre + 1)) if h in hits] + [total]
    ahead = [h - at for h in following if h - at <= 2 * metre]
    for length in ahead:
        if metre <= length <= metre + 1 or (length == 3 and metre == 4):
            return at + length
    if ahead and ahead[0] > metre + 1:
        rest = ahead[0] - metre
        return at + (metre if rest >= 2 else ahead[0])
    if not ahead:
        return at + metre
    best = max((length for length in ahead if length <= metre + 2), default=ahead[0])
    return at + best
