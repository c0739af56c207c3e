"""Points: what is drawn on the plane, checked once before either drawing begins."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from moodscore.affect import Affect, Spread
from moodscore.draw.layout import Frame, Placed, place
from moodscore.errors import BadValue

SMALLEST = 160  # pixels; below, names cannot be read
MOST_PICTURED = 400  # with more points pictures are specks, and all are drawn as dots


@dataclass(frozen=True, slots=True, eq=False)
class PlanePoint:
    """A feeling to show: its place, a name to stand beside it, a picture (height, width, 3) uint8, and its spread."""

    affect: Affect
    name: str = ""
    thumbnail: NDArray[np.uint8] | None = None
    spread: Spread | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything both drawings need: the points, their layout, and the order of the path (empty without one)."""

    frame: Frame
    points: tuple[PlanePoint, ...]
    placed: Placed
    order: tuple[int, ...] = ()
    title: str | None = None
    ranks: dict[int, int] = field(default_factory=dict)
    pictured: bool = False

    @property
    def moved(self) -> tuple[int, ...]:
        """Numbers of the points whose discs stand noticeably away from their places."""
        pairs = zip(self.placed.discs, self.placed.homes, strict=True)
        return tuple(k for k, (disc, home) in enumerate(pairs) if math.dist(disc, home) > 0.6 * self.placed.radius)

    @property
    def shows_spread(self) -> bool:
        """Spreads are drawn while they can be told apart."""
        return len(self.points) <= 6


def scene(
    points: Sequence[PlanePoint], size: tuple[int, int], title: str | None, path_order: Sequence[int] | None
) -> Scene:
    """Check and lay out; raises BadValue for a size below 160 pixels or a path over points that do not exist."""
    if min(size) < SMALLEST or max(size) > 8192:
        raise BadValue(f"plane: expected a size of {SMALLEST} to 8192 pixels a side, got {size[0]} x {size[1]}")
    order = tuple(int(k) for k in path_order or ())
    if any(not 0 <= k < len(points) for k in order):
        raise BadValue(f"path_order: expected numbers of the {len(points)} points, 0 .. {len(points) - 1}, got {order}")
    frame = Frame(int(size[0]), int(size[1]))
    pictured = any(p.thumbnail is not None for p in points) and len(points) <= MOST_PICTURED
    placed = place(frame, [p.affect for p in points], [p.name for p in points], pictured)
    ranks = {k: rank for rank, k in reversed(list(enumerate(order, start=1)))}
    return Scene(frame, tuple(points), placed, order, title, ranks, pictured)


def disc_picture(pixels: NDArray[np.uint8], side: int) -> Image.Image:
    """The middle square of a picture at `side` pixels, to be cut round."""
    picture = Image.fromarray(np.ascontiguousarray(pixels))
    wide, high = picture.size
    least = min(wide, high)
    left, top = (wide - least) / 2, (high - least) / 2
    return picture.resize((side, side), Image.Resampling.LANCZOS, (left, top, left + least, top + least))


def arrow_head(leg: Sequence[tuple[float, float]], length: float, radius: float) -> list[tuple[float, float]] | None:
    """A triangle in the middle of a leg, pointing along it; None where the discs at its ends leave no room for one."""
    (x0, y0), (x1, y1) = leg[0], leg[-1]
    if math.hypot(x1 - x0, y1 - y0) < 2 * radius + 1.3 * length:
        return None
    (ax, ay), (bx, by) = leg[len(leg) // 2 - 1], leg[len(leg) // 2 + 1]
    run = math.hypot(bx - ax, by - ay) or 1.0
    dx, dy = (bx - ax) / run, (by - ay) / run
    x, y = leg[len(leg) // 2]
    tip = (x + 0.6 * length * dx, y + 0.6 * length * dy)
    back = (x - 0.4 * length * dx, y - 0.4 * length * dy)
    half = 0.42 * length
    return [tip, (back[0] - half * dy, back[1] + half * dx), (back[0] + half * dy, back[1] - half * dx)]
