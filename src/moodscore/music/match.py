"""Match: a feeling over time becomes a choice of pieces from a library: which is heard when, and which part of it.

Dynamic programming over the places where the music may change (picture changes, and places between that lie too far apart):
a stretch of a piece costs its distance from the trajectory on the plane, integrated over time; changing to another piece
costs, and so does coming back to one that was heard. Of each place the best few histories are kept, because what a
repetition costs depends on the history.
"""

from __future__ import annotations

import bisect
import heapq
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moodscore.affect import Affect
from moodscore.errors import BadMedia, BadValue
from moodscore.music.library import Library, Piece
from moodscore.trajectory import Trajectory

CHANGE = 4.0  # what a change of piece costs, in plane units times seconds: as 8 s at a distance of .5
BETWEEN = 1.5  # that it does not fall on a change of picture
REPEAT = 5.0  # each earlier use of the piece
RECENT = 6.0  # one of the two pieces before
AGAIN = 4.0  # a stretch that overlaps one that was heard
ENDS_WITH_IT = 4.0  # what it is worth that the piece ends with the picture
SHORTEST_S = 8.0  # of a piece, while there is longer
_VARIETY = 0.05  # how far a seed may move a piece on the plane
_PLACES = 150
_KEPT = 12
_OPTIONS = 12
_ENTRIES = 40
_REMEMBERED = 64  # pieces back; what was heard before that is new again
_CANDIDATES = 64
_NEAR_S = 6.0  # how far an entry may move in a piece to fit its joins
_SLACK_S = 2.0  # how far a change may move to fall on a join of the piece that leaves
END_SLACK_S = 1.5  # how long before the picture's end the last piece may end
_DECAY_S = 0.7  # how much of a piece's own end may fall behind it: there the last note dies away

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cue:
    """A stretch of a piece in a soundtrack, from `start_s` to `end_s` of the film, beginning at `from_s` of the piece.

    Both borders are joins of the piece, crossfades aside; the last cue may end anywhere and is then faded (`fades`).
    `affect` is the mean feeling of the stretch and `distance` its mean distance from what was asked for.
    """

    piece: Piece
    start_s: float
    end_s: float
    from_s: float
    affect: Affect
    distance: float
    fades: bool = False

    @property
    def to_s(self) -> float:
        """Where in the piece the stretch ends."""
        return self.from_s + self.end_s - self.start_s

    def as_dict(self) -> dict[str, Any]:
        """The cue as JSON-ready values."""
        return {
            "file": self.piece.name,
            "sha256": self.piece.sha256,
            "at_s": round(self.start_s, 3),
            "until_s": round(self.end_s, 3),
            "from_s": round(self.from_s, 3),
            "to_s": round(min(self.to_s, self.piece.end_s), 3),
            "ending": "fade" if self.fades else "join",
            "valence": round(self.affect.valence, 4),
            "arousal": round(self.affect.arousal, 4),
            "distance": round(self.distance, 4),
            "reading": self.piece.reading.as_dict(),
        }


def nearest(library: Library, affect: Affect, used: Sequence[str] = (), seed: int = 0) -> Piece:
    """The piece for a feeling that stands still now: the nearest on the plane among those least often in `used` (names).

    Raises BadMedia when the library has no piece.
    """
    check(library)

    def cost(piece: Piece) -> tuple[int, float, str]:
        dv, da = _moved(piece, seed)
        felt = piece.reading.affect
        return (
            used.count(piece.name),
            math.hypot(felt.valence + dv - affect.valence, felt.arousal + da - affect.arousal),
            piece.name,
        )

    return min(library.pieces, key=cost)


def pick(library: Library, trajectory: Trajectory, changes_s: Sequence[float] = (), seed: int = 0) -> tuple[Cue, ...]:
    """The pieces for a trajectory, and the stretch of each, in order, from 0 to its end without a gap.

    Changes of piece fall on the picture changes `changes_s` (seconds) or up to 2 s beside them, where the piece that leaves
    has a join. Another `seed` picks among about equally near pieces. Raises BadMedia, with the reasons, when the library has
    no piece.
    """
    check(library)
    if not trajectory.duration_s > 0:
        raise BadValue(f"pick: expected a duration > 0 s, got {trajectory.duration_s!r}")
    search = _Search(library.pieces, trajectory, changes_s, seed)
    return tuple(_aligned(search.best(), trajectory))


def check(library: Library) -> None:
    """Raise BadMedia, with the reasons, when a library has no piece."""
    if not library.pieces:
        reasons = "; ".join(one.reason for one in library.left_out[:3])
        more = f"; and {len(library.left_out) - 3} more" if len(library.left_out) > 3 else ""
        raise BadMedia(f"{library.name}: expected a piece that can be used, got none: {reasons}{more}")


def _moved(piece: Piece, seed: int) -> Floats:
    """The little way (2,) that a seed moves a piece on the plane; the same however the library is ordered."""
    rng = np.random.default_rng([seed % 2**32, int(piece.sha256[:12] or "0", 16)])
    return rng.uniform(-_VARIETY, _VARIETY, 2)


def places(duration_s: float, changes_s: Sequence[float], gap_s: float) -> list[float]:
    """Where music may change: 0, picture changes at least 2 s apart, the end, and even steps of at most `gap_s` between."""
    least = max(2.0, duration_s / _PLACES)
    kept = [0.0]
    for time_s in sorted(changes_s):
        if time_s - kept[-1] >= least and duration_s - time_s >= least:
            kept.append(float(time_s))
    kept.append(duration_s)
    out = [0.0]
    for start_s, end_s in itertools.pairwise(kept):
        steps = max(1, math.ceil((end_s - start_s) / gap_s - 1e-9))
        out += [*(start_s + (end_s - start_s) * k / steps for k in range(1, steps)), end_s]
    return out


@dataclass(frozen=True, slots=True)
class _Use:
    """A stretch of piece number `piece` from `from_s` in it, from place `first` to place `last`, at what cost."""

    piece: int
    from_s: float
    first: int
    last: int
    cost: float


@dataclass(frozen=True, slots=True)
class _History:
    """A way to a place: what it cost, the last use on it, and the way before that."""

    cost: float
    use: _Use | None = None
    before: _History | None = None

    def uses(self, most: int | None = None) -> Iterator[_Use]:
        """The uses, the newest first, `most` of them."""
        at: _History | None = self
        while at is not None and at.use is not None and most != 0:
            yield at.use
            at, most = at.before, most and most - 1


class _Search:
    """The dynamic programme; it works on a time grid of half a second or more."""

    def __init__(
        self, pieces: tuple[Piece, ...], trajectory: Trajectory, changes_s: Sequence[float], seed: int
    ) -> None:
        duration = trajectory.duration_s
        longest = max(piece.length_s for piece in pieces)
        self.places = places(duration, changes_s, min(max(6.0, duration / _PLACES), longest / 3))
        self.least_s = min(SHORTEST_S, longest / 3)
        meant = {duration, *map(float, changes_s)}
        self.border_costs = [CHANGE + (0.0 if time_s in meant else BETWEEN) for time_s in self.places]
        self.step_s = max(0.5, duration / 800)
        count = max(1, math.ceil(duration / self.step_s))
        felt = [trajectory.at((k + 0.5) * self.step_s) for k in range(count)]
        self.wanted = np.array([(a.valence, a.arousal) for a in felt])
        self.pieces = _candidates(pieces, self.wanted, seed)
        self.curves = [self._curve(piece) + _moved(piece, seed) for piece in self.pieces]
        self.entries = [_entries(piece) for piece in self.pieces]

    def _curve(self, piece: Piece) -> Floats:
        """The feeling along a piece on the grid, (n, 2)."""
        count = max(1, math.ceil(piece.length_s / self.step_s))
        felt = [piece.at(piece.start_s + (k + 0.5) * self.step_s).affect for k in range(count)]
        return np.array([(a.valence, a.arousal) for a in felt])

    def best(self) -> list[tuple[Piece, float, float, float]]:
        """(piece, start in the film, end in the film, start in the piece) of the cheapest history."""
        last = len(self.places) - 1
        kept: list[list[_History]] = [[] for _ in self.places]
        kept[0] = [_History(0.0)]
        for k in range(last):
            if not kept[k]:
                continue
            histories = heapq.nsmallest(_KEPT, kept[k], key=lambda h: h.cost)
            kept[k] = []  # they are not needed any more
            heard = [list(history.uses(_REMEMBERED)) for history in histories]
            for uses in self._options(k):
                for history, earlier in zip(histories, heard, strict=True):
                    for use in uses:
                        cost = history.cost + use.cost + self._repeats(earlier, use)
                        kept[use.last].append(_History(cost, use, history))
        best = min(kept[last], key=lambda h: h.cost)
        found = [(self.pieces[u.piece], self.places[u.first], self.places[u.last], u.from_s) for u in best.uses()]
        return found[::-1]

    def _options(self, first: int) -> Iterator[list[_Use]]:
        """For each place that a stretch from place `first` may reach, the cheapest uses."""
        start_s = self.places[first]
        by_last: dict[int, list[_Use]] = {}
        for number, piece in enumerate(self.pieces):
            ends = self._reachable(first, piece)
            if ends:
                for use in self._uses(number, first, ends):
                    by_last.setdefault(use.last, []).append(use)
        for last in sorted(by_last):
            if self.places[last] - start_s > 0:
                yield heapq.nsmallest(_OPTIONS, by_last[last], key=lambda use: use.cost)

    def _reachable(self, first: int, piece: Piece) -> list[int]:
        """The places up to which a piece could be heard from place `first`."""
        start_s, end_s = self.places[first], self.places[-1]
        slack_s = min(_SLACK_S, piece.length_s / 4)
        beyond = bisect.bisect_right(self.places, start_s + piece.length_s - slack_s)
        ends = [k for k in range(first + 1, beyond) if self.places[k] - start_s >= self.least_s]
        if start_s + piece.length_s + END_SLACK_S >= end_s and len(self.places) - 1 not in ends:
            ends.append(len(self.places) - 1)
        return ends

    def _uses(self, number: int, first: int, ends: Sequence[int]) -> Iterator[_Use]:
        """The best one or two stretches of a piece from place `first` up to each of `ends`."""
        piece, curve, entries = self.pieces[number], self.curves[number], self.entries[number]
        start_s = self.places[first]
        at = round(start_s / self.step_s)
        reach = max(1, min(len(self.wanted) - at, math.ceil((self.places[ends[-1]] - start_s) / self.step_s)))
        wanted = self.wanted[at : at + reach] if at < len(self.wanted) else self.wanted[-1:]
        offsets = np.round((entries - piece.start_s) / self.step_s).astype(int)
        index = np.minimum(offsets[:, None] + np.arange(len(wanted))[None, :], len(curve) - 1)
        away = np.linalg.norm(curve[index] - wanted[None], axis=2)
        sums = np.cumsum(away, axis=1) * self.step_s
        for last in ends:
            length_s = self.places[last] - start_s
            column = min(len(wanted), max(1, round(length_s / self.step_s))) - 1
            yield from self._cheapest(number, (first, last), length_s, sums[:, column])

    def _cheapest(self, number: int, span: tuple[int, int], length_s: float, costs: Floats) -> Iterator[_Use]:
        piece, entries = self.pieces[number], self.entries[number]
        final = span[1] == len(self.places) - 1
        spare = piece.end_s - entries - length_s
        if final:
            fits = spare >= -END_SLACK_S
            costs = costs - np.where(fits & (spare <= _DECAY_S), ENDS_WITH_IT, 0.0)
        else:
            fits = spare >= min(_SLACK_S, piece.length_s / 4) - 1e-6
        costs = np.where(fits, costs + self.border_costs[span[1]] + 0.5 * (entries > piece.start_s), np.inf)
        one = int(costs.argmin())
        if not np.isfinite(costs[one]):
            return
        yield _Use(number, float(entries[one]), *span, float(costs[one]))
        elsewhere = np.where(np.abs(entries - entries[one]) >= length_s, costs, np.inf)
        other = int(elsewhere.argmin())
        if np.isfinite(elsewhere[other]):
            yield _Use(number, float(entries[other]), *span, float(elsewhere[other]))

    def _repeats(self, heard: Sequence[_Use], use: _Use) -> float:
        """What it costs that a piece was `heard` (the newest first): each time, more if just now, more if the same part."""
        before = [k for k, earlier in enumerate(heard) if earlier.piece == use.piece]
        if not before:
            return 0.0
        cost = REPEAT * len(before) + (RECENT if before[0] < 2 else 0.0)
        end_s = use.from_s + self.places[use.last] - self.places[use.first]
        for k in before:
            earlier = heard[k]
            until_s = earlier.from_s + self.places[earlier.last] - self.places[earlier.first]
            if use.from_s < until_s and earlier.from_s < end_s:
                return cost + AGAIN
        return cost


def _candidates(pieces: tuple[Piece, ...], wanted: Floats, seed: int) -> list[Piece]:
    """The pieces worth a thought: all of a small library; of a large one the nearest ones to each part of the trajectory."""
    if len(pieces) <= _CANDIDATES:
        return list(pieces)
    points = np.array([(p.reading.affect.valence, p.reading.affect.arousal) for p in pieces])
    points = points + np.array([_moved(p, seed) for p in pieces])
    some = wanted[np.linspace(0, len(wanted) - 1, min(32, len(wanted))).astype(int)]
    away = np.linalg.norm(points[:, None] - some[None], axis=2)
    ranks = np.argsort(np.argsort(away, axis=0, kind="stable"), axis=0, kind="stable").min(axis=1)
    order = np.lexsort((away.min(axis=1), ranks))
    longest = max(range(len(pieces)), key=lambda k: pieces[k].length_s)  # so that there is a way through
    return [pieces[k] for k in sorted({*order[:_CANDIDATES].tolist(), longest})]


def _entries(piece: Piece) -> Floats:
    """Where a piece may be entered in the search: its beginning, and joins spread over it."""
    inner = [t for t in piece.joins_s if piece.start_s < t < piece.end_s]
    chosen = [inner[k] for k in np.linspace(0, len(inner) - 1, min(len(inner), _ENTRIES - 1)).astype(int)]
    return np.array([piece.start_s, *dict.fromkeys(chosen)])


def _aligned(found: Sequence[tuple[Piece, float, float, float]], trajectory: Trajectory) -> Iterator[Cue]:
    """Move each border to a join of the piece that leaves there, and each entry to the join that makes that easiest."""
    start_s = 0.0
    for k, (piece, _, end_s, from_s) in enumerate(found):
        if k == len(found) - 1:
            entry_s, fades = _last_part(piece, from_s, end_s - start_s)
            yield _cue(piece, (start_s, end_s), entry_s, trajectory, fades)
            return
        entry_s, length_s = _part(piece, from_s, end_s - start_s, _room(found[k + 1], k + 2 == len(found)))
        stop_s = start_s + length_s if length_s != end_s - start_s else end_s
        yield _cue(piece, (start_s, stop_s), entry_s, trajectory, False)
        start_s = stop_s


def _room(following: tuple[Piece, float, float, float], final: bool) -> tuple[float, float]:
    """How much earlier and later than planned a piece may begin: it must last until its end, and keep half its time."""
    piece, start_s, end_s, _ = following
    spare_s = piece.length_s - (end_s - start_s) + (END_SLACK_S if final else 0.0)
    return min(_SLACK_S, max(0.0, spare_s)), min(_SLACK_S, (end_s - start_s) / 2)


def _part(piece: Piece, from_s: float, length_s: float, room: tuple[float, float]) -> tuple[float, float]:
    """Where to enter a piece, near `from_s`, and for how long, about `length_s`, so that both ends are joins if possible."""
    earlier, later = room
    best: tuple[float, float, float] | None = None
    for entry_s in piece.joins_s:
        if abs(entry_s - from_s) > _NEAR_S:
            continue
        k = bisect.bisect_left(piece.joins_s, entry_s + length_s)
        for exit_s in piece.joins_s[max(0, k - 1) : k + 1]:
            off_s = exit_s - entry_s - length_s
            cost = abs(off_s) + 0.05 * abs(entry_s - from_s)
            fits = -earlier <= off_s <= later and exit_s - entry_s > length_s / 2
            if fits and (best is None or cost < best[0] - 1e-9):
                best = (cost, entry_s, exit_s)
    if best:
        return best[1], best[2] - best[1]
    return min(from_s, max(piece.start_s, piece.end_s - length_s)), length_s


def _last_part(piece: Piece, from_s: float, length_s: float) -> tuple[float, bool]:
    """Where to enter the last piece, and whether it must be faded; not if its own end falls just before the picture's."""
    near = sorted((t for t in piece.joins_s if abs(t - from_s) <= _NEAR_S), key=lambda t: abs(t - from_s))
    early_s = {t: length_s - (piece.end_s - t) for t in near}
    fitting = [t for t in near if -_DECAY_S <= early_s[t] <= END_SLACK_S]
    if fitting:
        return min(fitting, key=lambda t: abs(early_s[t])), False
    latest_s = max(piece.start_s, piece.end_s - length_s)
    possible = [t for t in near if t <= latest_s + 1e-6]
    return possible[0] if possible else min(from_s, latest_s), True


def _cue(piece: Piece, span: tuple[float, float], from_s: float, trajectory: Trajectory, fades: bool) -> Cue:
    start_s, end_s = span
    looks = [start_s + (end_s - start_s) * (k + 0.5) / 24 for k in range(24)]
    felt = [piece.at(from_s + t - start_s).affect for t in looks]
    away = [a.distance(trajectory.at(t)) for a, t in zip(felt, looks, strict=True)]
    mean = Affect.clipped(sum(a.valence for a in felt) / 24, sum(a.arousal for a in felt) / 24)
    return Cue(piece, start_s, end_s, from_s, mean, sum(away) / 24, fades)
