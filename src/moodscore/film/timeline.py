"""Timeline: which photo is visible when, and the one visibility envelope that drives both picture and sound.

Every photo has one envelope, 0 (not there) .. 1 (fully there), with a fade-in and a fade-out time. The renderer takes a
photo's opacity from it, the music takes its volume from it, and the preview page is handed the same numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from moodscore.affect import Affect
from moodscore.errors import BadValue
from moodscore.film.effects import Camera, Move, aim, fade, transition
from moodscore.media import Box
from moodscore.trajectory import Trajectory

LONGEST_FADE = 0.5  # of a photo's time: what is left is always enough for a fade on either side
SHORTEST_FADE_S = 1e-3  # anything shorter is a step
CUT_S = 0.01  # a feeling cannot be two things at once: at a hard cut it moves within twice this
ZOOM_PER_S = 0.028
ZOOM_LEAST, ZOOM_MOST = 0.06, 0.16
PAN = 0.07


@dataclass(frozen=True, slots=True)
class Options:
    """How photos become a timeline.

    `seconds` (the whole film) wins over `seconds_per_photo`. `fade_s` is the length of every fade; it is shortened to
    half of a photo's time where photos are short. `floor` 0..1 is the volume a join can never push the music under;
    `dip` goes to silence, as asked. `camera` turns slow pan and zoom on; `seed` chooses their directions.
    Raises BadValue.
    """

    seconds_per_photo: float = 4.0
    seconds: float | None = None
    fade_s: float = 1.0
    transition: str = "crossfade"
    floor: float = 0.5
    camera: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        transition(self.transition)
        for name, value in (("seconds per photo", self.seconds_per_photo), ("seconds", self.seconds)):
            if value is not None and not 0.04 <= value < math.inf:
                raise BadValue(f"{name}: expected at least 0.04 s, got {value!r}")
        if not 0.0 <= self.fade_s < math.inf:
            raise BadValue(f"fade: expected seconds >= 0, got {self.fade_s!r}")
        if not 0.0 <= self.floor <= 1.0:
            raise BadValue(f"floor: expected a volume in [0, 1], got {self.floor!r}")


@dataclass(frozen=True, slots=True)
class Item:
    """One photo's time: it appears from `start_s` over `rise_s`, vanishes over `fall_s` until `end_s`.

    `focus` are the boxes the camera must not lose, most important first, in shares of the upright picture.
    """

    path: Path
    start_s: float
    end_s: float
    rise_s: float
    fall_s: float
    focus: tuple[Box, ...] = ()
    move: Move = Move()

    def __post_init__(self) -> None:
        times = (self.start_s, self.end_s, self.rise_s, self.fall_s)
        lasts = self.end_s - self.start_s
        if not all(map(math.isfinite, times)) or min(times) < 0 or self.rise_s + self.fall_s > lasts + 1e-9:
            raise BadValue(f"{self.path}: expected fades that fit between start and end, got {times}")

    @property
    def full_s(self) -> tuple[float, float]:
        """From when to when the photo is fully there."""
        return self.start_s + self.rise_s, max(self.start_s + self.rise_s, self.end_s - self.fall_s)

    def visibility(self, times_s: ArrayLike) -> NDArray[np.float64]:
        """How far the photo has appeared at each time, 0 .. 1; a fade of no length is a step."""
        t = np.asarray(times_s, np.float64)
        appeared = fade((t - self.start_s) / self.rise_s) if self.rise_s > 0 else (t >= self.start_s).astype(float)
        left = fade((self.end_s - t) / self.fall_s) if self.fall_s > 0 else (t < self.end_s).astype(float)
        return np.asarray(np.minimum(appeared, left), np.float64)

    def share(self, time_s: float) -> float:
        """How much of the photo's time has passed, 0 .. 1."""
        return min(1.0, max(0.0, (time_s - self.start_s) / (self.end_s - self.start_s)))

    def camera(self, picture_size: tuple[int, int], frame_size: tuple[int, int]) -> Camera:
        """The photo's camera, once the (width, height) of the upright picture and of the frame are known."""
        return aim(self.move, picture_size[0] / picture_size[1], frame_size[0] / frame_size[1], self.focus)

    def as_dict(self) -> dict[str, Any]:
        """The item as JSON-ready values."""
        return {
            "path": str(self.path),
            "start_s": self.start_s,
            "end_s": self.end_s,
            "rise_s": self.rise_s,
            "fall_s": self.fall_s,
            "focus": [[b.left, b.top, b.right, b.bottom] for b in self.focus],
            "move": self.move.as_dict(),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Item:
        """The item `as_dict` wrote."""
        times = {name: float(data[name]) for name in ("start_s", "end_s", "rise_s", "fall_s")}
        focus = tuple(Box(*corners) for corners in data["focus"])
        return cls(Path(data["path"]), **times, focus=focus, move=Move(**data["move"]))


@dataclass(frozen=True, slots=True)
class Timeline:
    """Photos in time without a gap, from 0 to `duration_s`; `floor` is the least volume at a join.

    Raises BadValue when there is no photo, they are out of order, or they do not span the film.
    """

    items: tuple[Item, ...]
    duration_s: float
    transition: str = "crossfade"
    floor: float = 0.5

    def __post_init__(self) -> None:
        if not self.items:
            raise BadValue("timeline: expected at least one photo, got none")
        starts = [item.start_s for item in self.items]
        ends = [item.end_s for item in self.items]
        if starts != sorted(starts) or ends != sorted(ends):
            raise BadValue("timeline: expected photos in order of time")
        if starts[0] != 0.0 or ends[-1] != self.duration_s:
            raise BadValue(f"timeline: expected photos from 0 to {self.duration_s} s, got {starts[0]} to {ends[-1]}")
        transition(self.transition)

    @property
    def changes_s(self) -> tuple[float, ...]:
        """When one photo gives way to the next: the middle of each join."""
        return tuple((a.end_s + b.start_s) / 2 for a, b in zip(self.items, self.items[1:], strict=False))

    def visibility(self, index: int, time_s: float) -> float:
        """How far photo `index` has appeared at `time_s`, 0 .. 1."""
        return float(self.items[index].visibility(time_s))

    def visible(self, time_s: float) -> list[tuple[int, float]]:
        """(index, visibility) of every photo that can be seen at `time_s`, in order."""
        near = self._near(time_s)
        seen = [(i, self.visibility(i, time_s)) for i in near]
        return [(i, v) for i, v in seen if v > 0.0]

    def presence(self, times_s: ArrayLike) -> NDArray[np.float64]:
        """How far the most visible photo has appeared at each time, 0 .. 1."""
        t = np.asarray(times_s, np.float64)
        out = np.zeros_like(t)
        if t.size:
            for i in self._near(float(t.min()), float(t.max())):
                np.maximum(out, self.items[i].visibility(t), out=out)
        return out

    def gain(self, times_s: ArrayLike) -> NDArray[np.float64]:
        """The music's volume at each time, 0 .. 1: as far as the picture has appeared or vanished.

        At the two ends of the film, and at every join of a `dip`, it is exactly the visibility. At other joins it moves
        with it between 1 and `floor`: floor + (1 - floor) presence, so that they are never silent.
        """
        t = np.asarray(times_s, np.float64)
        seen = self.presence(t)
        start, end, floor = self.floored
        return np.where((t >= start) & (t <= end), floor + (1.0 - floor) * seen, seen)

    @property
    def floored(self) -> tuple[float, float, float]:
        """(start_s, end_s, floor): between the first full picture and the last one the gain stays above `floor`."""
        floor = 0.0 if transition(self.transition).silent else self.floor
        return self.items[0].full_s[0], self.items[-1].full_s[1], floor

    def trajectory(self, affects: Sequence[Affect]) -> Trajectory:
        """The film's feeling: each photo's own while it is fully there, moving to the next one's while they change.

        Raises BadValue unless there is one affect per photo.
        """
        if len(affects) != len(self.items):
            raise BadValue(f"trajectory: expected one affect per photo, {len(self.items)}, got {len(affects)}")
        points: list[tuple[float, Affect]] = [(0.0, affects[0])]
        for item, affect in zip(self.items, affects, strict=True):
            here, gone = item.full_s
            here = here + CUT_S if item.start_s > 0 and item.rise_s < CUT_S else here
            gone = gone - CUT_S if item.end_s < self.duration_s and item.fall_s < CUT_S else gone
            for time_s in sorted({here, max(here, gone)}):
                if time_s > points[-1][0]:
                    points.append((time_s, affect))
        return Trajectory.of(points, self.duration_s)

    def as_dict(self) -> dict[str, Any]:
        """The timeline as JSON-ready values; `from_dict` gives an equal one back."""
        return {
            "duration_s": self.duration_s,
            "transition": self.transition,
            "floor": self.floor,
            "items": [item.as_dict() for item in self.items],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Timeline:
        """The timeline `as_dict` wrote."""
        items = tuple(Item.from_dict(item) for item in data["items"])
        return cls(items, float(data["duration_s"]), data["transition"], float(data["floor"]))

    def _near(self, start_s: float, end_s: float | None = None) -> range:
        """The indices of the photos that could be seen between two times."""
        starts = [item.start_s for item in self.items]
        ends = [item.end_s for item in self.items]
        first = int(np.searchsorted(ends, start_s, "left"))
        last = int(np.searchsorted(starts, start_s if end_s is None else end_s, "right"))
        return range(first, max(first, last))


def arrange(
    paths: Sequence[Path], options: Options = Options(), focus: Sequence[tuple[Box, ...]] | None = None
) -> Timeline:
    """Give every photo, in the order given, the same time on screen.

    The film lasts exactly `seconds`, or `seconds_per_photo` times the number of photos; joins lie at equal distances, and
    it fades in from nothing and out to nothing. `focus` holds one tuple of boxes per photo. Raises BadValue.
    """
    if focus is not None and len(focus) != len(paths):
        raise BadValue(f"focus: expected one tuple of boxes per photo, {len(paths)}, got {len(focus)}")
    if not paths:
        raise BadValue("timeline: expected at least one photo, got none")
    duration_s = options.seconds if options.seconds is not None else options.seconds_per_photo * len(paths)
    joins = [duration_s * i / len(paths) for i in range(len(paths))] + [duration_s]
    fade_s = min(options.fade_s, LONGEST_FADE * duration_s / len(paths))
    fade_s = fade_s if fade_s >= SHORTEST_FADE_S else 0.0
    spans = [_span(i, joins, fade_s, options.transition) for i in range(len(paths))]
    moves = _moves([end - start for start, end, _, _ in spans], options)
    boxes = focus if focus is not None else [()] * len(paths)
    items = tuple(
        Item(Path(path), *span, focus=tuple(box), move=move)
        for path, span, box, move in zip(paths, spans, boxes, moves, strict=True)
    )
    return Timeline(items, duration_s, options.transition, options.floor)


def _span(index: int, joins: Sequence[float], fade_s: float, name: str) -> tuple[float, float, float, float]:
    """(start_s, end_s, rise_s, fall_s) of one photo between two joins; the ends of the film always fade."""
    kind = transition(name)
    comes = (0.0, 1.0) if index == 0 else kind.comes
    leaves = (-1.0, 0.0) if index == len(joins) - 2 else kind.leaves
    start, full = (joins[index] + share * fade_s for share in comes)
    going, end = (joins[index + 1] + share * fade_s for share in leaves)
    return start, end, full - start, end - going


def _moves(lasts_s: Sequence[float], options: Options) -> list[Move]:
    """One slow move per photo, coming nearer and drawing back by turns, each in a direction of its own."""
    if not options.camera:
        return [Move()] * len(lasts_s)
    rng = np.random.default_rng(options.seed)
    inward = bool(rng.integers(2))
    turns = rng.uniform(70.0, 290.0, len(lasts_s)).cumsum() % 360.0
    return [
        Move(
            1.0 + min(ZOOM_MOST, max(ZOOM_LEAST, ZOOM_PER_S * lasts)),
            PAN,
            round(float(angle), 3),
            inward == (i % 2 == 0),
        )
        for i, (lasts, angle) in enumerate(zip(lasts_s, turns, strict=True))
    ]
