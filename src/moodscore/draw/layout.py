"""Layout: where points, pictures, names and the path lie on a drawing of the plane; no two names on one another.

Pure geometry in pixels of the finished picture, shared by the PNG and the SVG.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moodscore.affect import Affect
from moodscore.draw.lettering import shortened, width_of
from moodscore.schemes import MOODS

RADIUS_SHARE = 0.372  # of the shorter side: how far from the centre a feeling of 1.0 lies
LEAST_TYPE = 10.5  # pixels; smaller words cannot be read
AXIS_WORDS = (("pleasant", "유쾌", 0), ("excited", "흥분", 90), ("unpleasant", "불쾌", 180), ("calm", "차분", 270))


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Rect) -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def inside(self, other: Rect) -> bool:
        return (
            other.left <= self.left
            and other.top <= self.top
            and self.right <= other.right
            and self.bottom <= other.bottom
        )


@dataclass(frozen=True, slots=True)
class Name:
    """A line of text with its box; `size` is the font's, all in pixels."""

    text: str
    box: Rect
    size: float


@dataclass(frozen=True, slots=True)
class Frame:
    """The drawing's size in pixels, its centre, the pixels from the centre to 1.0 on an axis, and the unit of sizes."""

    width: int
    height: int

    @property
    def centre(self) -> tuple[float, float]:
        return self.width / 2, self.height / 2

    @property
    def unit(self) -> float:
        """A thousandth of the shorter side: every size is a multiple, so a drawing looks the same at any size."""
        return min(self.width, self.height) / 1000

    @property
    def radius(self) -> float:
        return RADIUS_SHARE * min(self.width, self.height)

    @property
    def whole(self) -> Rect:
        return Rect(0, 0, self.width, self.height)

    def at(self, affect: Affect) -> tuple[float, float]:
        """Where a feeling lies: valence to the right, arousal upwards."""
        x, y = self.centre
        return x + affect.valence * self.radius, y - affect.arousal * self.radius


@dataclass(frozen=True, slots=True)
class Placed:
    """Points laid out: true places, where their discs stand (moved apart), the discs' radius, and names that found room."""

    homes: tuple[tuple[float, float], ...]
    discs: tuple[tuple[float, float], ...]
    radius: float
    names: tuple[Name | None, ...]


@dataclass(frozen=True, slots=True)
class MoodName:
    """A mood's two lines outside the ring: where they are centred, and the box they take."""

    index: int
    english: Name
    korean: Name
    box: Rect


def mood_names(frame: Frame) -> tuple[MoodName, ...]:
    """The eight moods round the ring, English above Korean, each centred on its angle."""
    u = frame.unit
    big, small = 24 * u, 19 * u
    found = []
    for k, mood in enumerate(MOODS.labels):
        wide = max(width_of(mood.name, big, True), width_of(mood.korean, small))
        high = 1.22 * big + 1.25 * small
        angle = math.radians(mood.hue)
        away = frame.radius + 22 * u + abs(math.cos(angle)) * wide / 2 + abs(math.sin(angle)) * high / 2
        x, y = frame.centre[0] + math.cos(angle) * away, frame.centre[1] - math.sin(angle) * away
        x = min(max(x, wide / 2 + 6 * u), frame.width - wide / 2 - 6 * u)
        box = Rect(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)
        english = Name(mood.name, Rect(box.left, box.top, box.right, box.top + 1.22 * big), big)
        korean = Name(mood.korean, Rect(box.left, box.top + 1.22 * big, box.right, box.bottom), small)
        found.append(MoodName(k, english, korean, box))
    return tuple(found)


def axis_words(frame: Frame) -> tuple[Name, ...]:
    """What each end of the axes means, inside the ring: above the level axis, beside the upright one."""
    u = frame.unit
    size = max(15 * u, LEAST_TYPE)
    found = []
    for english, korean, angle in AXIS_WORDS:
        text = f"{english} {korean}"
        wide = width_of(text, size)
        x, y = frame.centre
        if angle in (0, 180):
            x += (1 if angle == 0 else -1) * (frame.radius - wide / 2 - 14 * u)
            y -= 0.85 * size
        else:
            x += wide / 2 + 9 * u
            y += (-1 if angle == 90 else 1) * (frame.radius - 8 * u - size)
        found.append(Name(text, Rect(x - wide / 2, y - 0.6 * size, x + wide / 2, y + 0.6 * size), size))
    return tuple(found)


def place(frame: Frame, affects: Sequence[Affect], names: Sequence[str], pictured: bool) -> Placed:
    """Lay out points: discs moved apart until none covers another, and a name beside each disc where there is room."""
    homes = np.array([frame.at(a) for a in affects], np.float64).reshape(-1, 2)
    radius = _disc_radius(frame, len(homes), pictured)
    discs = _moved_apart(homes, radius + 2.5 * frame.unit, frame) if pictured else homes
    return Placed(
        tuple((float(x), float(y)) for x, y in homes),
        tuple((float(x), float(y)) for x, y in discs),
        radius,
        _named(frame, discs, radius, names),
    )


def _disc_radius(frame: Frame, count: int, pictured: bool) -> float:
    """Discs together take at most an eighth of the circle; plain dots are small."""
    if not pictured:
        return frame.unit * (10 if count <= 60 else 6)
    fair = frame.radius * math.sqrt(0.125 / max(count, 1))
    return float(min(max(fair, 9 * frame.unit), 44 * frame.unit))


def _moved_apart(homes: NDArray[np.float64], reach: float, frame: Frame) -> NDArray[np.float64]:
    """Discs pushed away from each other and drawn back home, until they lie apart; the same way every time."""
    count = len(homes)
    angle = 2.399963 * np.arange(count)  # golden angle: photos of the very same feeling start in different directions
    at = homes + 0.01 * reach * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    low, high = np.array([reach, reach]), np.array([frame.width - reach, frame.height - reach])
    for step in range(240):
        away = at[:, None] - at[None, :]
        distance = np.sqrt((away**2).sum(axis=2)) + 1e-9
        push = np.clip(2 * reach - distance, 0, None)
        np.fill_diagonal(push, 0)
        move = 0.5 * (away / distance[..., None] * push[..., None]).sum(axis=1)
        pull = 0.06 * (1 - step / 240) * (homes - at)
        at = np.clip(at + np.clip(move, -reach, reach) + pull, low, high)
    return at


def _named(frame: Frame, discs: NDArray[np.float64], radius: float, names: Sequence[str]) -> tuple[Name | None, ...]:
    """A name for each disc at the first place round it that is free, from below on; None where every place is taken."""
    size = max((15 if len(discs) <= 40 else 12) * frame.unit, LEAST_TYPE)
    taken = [Rect(x - radius, y - radius, x + radius, y + radius) for x, y in discs.tolist()]
    taken += [mood.box for mood in mood_names(frame)] + [word.box for word in axis_words(frame)]
    found: list[Name | None] = []
    for (x, y), text in zip(discs.tolist(), names, strict=True):
        line = shortened(text, size, 170 * frame.unit)
        wide, high = width_of(line, size) + 4 * frame.unit, 1.3 * size
        gap = radius + 4 * frame.unit
        spots = [(x, y + gap + high / 2), (x, y - gap - high / 2), (x + gap + wide / 2, y), (x - gap - wide / 2, y)]
        spots += [(x + s * (0.7 * gap + wide / 2), y + t * (0.7 * gap + high / 2)) for t in (1, -1) for s in (1, -1)]
        boxes = (Rect(a - wide / 2, b - high / 2, a + wide / 2, b + high / 2) for a, b in spots)
        free = (b for b in boxes if b.inside(frame.whole) and not any(b.overlaps(t) for t in taken))
        box = next(free, None) if line else None
        found.append(Name(line, box, size) if box else None)
        taken += [box] if box else []
    return tuple(found)


def path_through(places: Sequence[tuple[float, float]]) -> list[list[tuple[float, float]]]:
    """A smooth way through places: for each leg a polyline of a centripetal Catmull-Rom spline, 17 points a leg."""
    points = np.array(places, np.float64).reshape(-1, 2)
    if len(points) < 2:
        return []
    ends = np.concatenate([[2 * points[0] - points[1]], points, [2 * points[-1] - points[-2]]])
    return [_leg(ends[k : k + 4]) for k in range(len(points) - 1)]


def _leg(four: NDArray[np.float64]) -> list[tuple[float, float]]:
    """From the second to the third of four points (P. J. Barry & R. N. Goldman, SIGGRAPH 1988; exponent 1/2)."""
    knots = np.concatenate([[0.0], np.cumsum(np.maximum(np.linalg.norm(np.diff(four, axis=0), axis=1), 1e-6) ** 0.5)])
    t = np.linspace(knots[1], knots[2], 17)[:, None]

    def between(a: NDArray[np.float64], b: NDArray[np.float64], k: int, m: int) -> NDArray[np.float64]:
        return np.asarray((knots[m] - t) / (knots[m] - knots[k]) * a + (t - knots[k]) / (knots[m] - knots[k]) * b)

    first = [between(four[k], four[k + 1], k, k + 1) for k in range(3)]
    second = [between(first[k], first[k + 1], k, k + 2) for k in range(2)]
    return [(float(x), float(y)) for x, y in between(second[0], second[1], 1, 2)]
