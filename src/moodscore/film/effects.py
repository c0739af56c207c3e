"""Transitions and camera moves as frozen values: what a photo's fade looks like, and where the camera looks when.

Nothing here touches pixels. A transition says how fades lie around a join, a move becomes a `Camera`, and a camera says
which window of the picture fills the frame at each moment.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from moodscore.errors import BadValue
from moodscore.media import Box

WHOLE = Box(0.0, 0.0, 1.0, 1.0)
STEADY = 0.4  # share of a camera move that runs at constant speed; the rest eases in and out
MARGIN = 0.03  # air kept around faces and salient boxes, in shares of the picture
COVER_AT_LEAST = 0.62  # a crop that keeps less of the picture than this is replaced by a blurred fill
CROP_WITH_FOCUS = 0.85  # below this share kept, a crop must also hold the focus, or it is replaced too
FOCUS_OVER = (
    1.15  # but a focus that is larger than the crop by less than this is cut a little: slivers of fill are ugly
)
SIDES_KEPT = 0.7  # a wide photo in a narrow frame may lose so much at its sides, to stand larger on the fill
EYE_LEVEL = 0.47  # where a camera without a focus aims: a little above the middle, as eyes do
FILL_MOVE = 0.4  # on a fill the camera moves so much less: it should hardly cut what the fill was chosen to keep


def fade(share: ArrayLike) -> NDArray[np.float64]:
    """How far a picture has appeared when `share` (0..1, clipped) of its fade has passed: 0.5 - 0.5 cos(pi share).

    Symmetric, fade(x) + fade(1 - x) = 1, so two photos that cross always add up to one full picture.
    """
    return 0.5 - 0.5 * np.cos(np.pi * np.clip(np.asarray(share, np.float64), 0.0, 1.0))


def ease(share: float) -> float:
    """How far a camera has moved when `share` (0..1) of its time has passed: never stopping, gently in and out."""
    x = min(1.0, max(0.0, share))
    return STEADY * x + (1.0 - STEADY) * x * x * (3.0 - 2.0 * x)


@dataclass(frozen=True, slots=True)
class Transition:
    """How one photo gives way to the next; times are in fades, 0 at the join, negative before it.

    The leaving photo vanishes from `leaves[0]` to `leaves[1]`, the coming one appears from `comes[0]` to `comes[1]`.
    `silent` says that the music may fall silent at the join.
    """

    name: str
    leaves: tuple[float, float]
    comes: tuple[float, float]
    silent: bool = False


TRANSITIONS: Mapping[str, Transition] = {
    t.name: t
    for t in (
        Transition("crossfade", (-0.5, 0.5), (-0.5, 0.5)),
        Transition("dip", (-1.0, 0.0), (0.0, 1.0), silent=True),
        Transition("cut", (0.0, 0.0), (0.0, 0.0)),
    )
}


def transition(name: str) -> Transition:
    """The transition called `name`; raises BadValue when there is none."""
    if name not in TRANSITIONS:
        raise BadValue(f"transition: expected one of {', '.join(TRANSITIONS)}, got {name!r}")
    return TRANSITIONS[name]


@dataclass(frozen=True, slots=True)
class Move:
    """What the camera is asked to do while a photo is visible, before anything is known of the photo's shape.

    `zoom` >= 1 is how much closer it stands at its nearest, `pan` how far it travels in shares of the frame, `angle_deg`
    where to (0 right, 90 down), `inward` whether it comes nearer or draws back. `Move()` stands still.
    """

    zoom: float = 1.0
    pan: float = 0.0
    angle_deg: float = 0.0
    inward: bool = True

    def __post_init__(self) -> None:
        if not (1.0 <= self.zoom <= 4.0 and 0.0 <= self.pan <= 1.0 and math.isfinite(self.angle_deg)):
            raise BadValue(f"move: expected zoom 1..4, pan 0..1 and a finite angle, got {self}")

    def as_dict(self) -> dict[str, Any]:
        """The move as JSON-ready values."""
        return {"zoom": self.zoom, "pan": self.pan, "angle_deg": self.angle_deg, "inward": self.inward}


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera that goes from window `start` to window `end`, both in shares of the picture.

    With `fill`, the part of the photo that it names stands on a blurred and darkened copy of the photo that has the
    frame's shape, and the windows are shares of that.
    """

    start: Box
    end: Box
    fill: Box | None = None

    def at(self, share: float) -> Box:
        """The window that fills the frame when `share` (0..1) of the photo's time has passed."""
        x = ease(share)
        a, b = self.start, self.end
        return Box(
            a.left + x * (b.left - a.left),
            a.top + x * (b.top - a.top),
            a.right + x * (b.right - a.right),
            a.bottom + x * (b.bottom - a.bottom),
        )

    @property
    def reach(self) -> Box:
        """The smallest box that holds every window: what of the picture is ever seen."""
        return _union((self.start, self.end))

    def as_dict(self) -> dict[str, Any]:
        """The camera as JSON-ready values; windows as [left, top, right, bottom]."""
        return {"start": _corners(self.start), "end": _corners(self.end), "fill": self.fill and _corners(self.fill)}


def aim(move: Move, picture_shape: float, frame_shape: float, focus: Sequence[Box] = ()) -> Camera:
    """The camera that carries out `move` on a picture of `picture_shape` (width / height) in a frame of `frame_shape`.

    Focus boxes (most important first) stay inside the window for the whole time whenever they fit in the frame at all:
    each of the two end windows holds them, and every window between is a mean of the two. The camera comes less near
    when it would otherwise cut them. A picture that would lose too much to a crop is stood on a blurred fill.
    """
    base = _base(picture_shape / frame_shape)
    held = _held(focus, base)
    fill = _filled(picture_shape / frame_shape, base, focus)
    if fill:
        focus = tuple(_on_fill(box, fill, picture_shape / frame_shape) for box in focus)
        base = (1.0, 1.0)
        held = _held(focus, base)
        move = Move(1.0 + FILL_MOVE * (move.zoom - 1.0), 0.0, move.angle_deg, move.inward)
    near = _nearest(move.zoom, base, held)
    middle = _middle(held or (_union(focus) if focus else None), 0.5 if fill else EYE_LEVEL)
    step = (
        0.5 * move.pan * math.cos(math.radians(move.angle_deg)) * near[0],
        0.5 * move.pan * math.sin(math.radians(move.angle_deg)) * near[1],
    )
    wide = _window(base, (middle[0] - step[0], middle[1] - step[1]), held)
    tight = _window(near, (middle[0] + step[0], middle[1] + step[1]), held)
    return Camera(wide, tight, fill) if move.inward else Camera(tight, wide, fill)


def still(picture_shape: float, frame_shape: float, focus: Sequence[Box] = ()) -> Camera:
    """The camera that does not move: the crop that holds the focus, or the photo on a blurred fill."""
    return aim(Move(), picture_shape, frame_shape, focus)


def _base(ratio: float) -> tuple[float, float]:
    """The largest window of the frame's shape, in shares of a picture `ratio` times as wide for its height."""
    return (1.0 / ratio, 1.0) if ratio >= 1.0 else (1.0, ratio)


def _held(focus: Sequence[Box], base: tuple[float, float]) -> Box | None:
    """The union of as many focus boxes, most important first, as a window of size `base` can hold; with some air."""
    held: Box | None = None
    for box in focus:
        union = box if held is None else _union((held, box))
        if union.right - union.left <= base[0] and union.bottom - union.top <= base[1]:
            held = union
    if held is None:
        return None
    spare_x = min(MARGIN, (base[0] - (held.right - held.left)) / 2)
    spare_y = min(MARGIN, (base[1] - (held.bottom - held.top)) / 2)
    return _clipped(held.left - spare_x, held.top - spare_y, held.right + spare_x, held.bottom + spare_y)


def _filled(ratio: float, base: tuple[float, float], focus: Sequence[Box]) -> Box | None:
    """The part of the photo to stand on a fill, None where a crop loses little enough to fill the frame by itself.

    Above and below nothing is cut, heads are there; at the sides only where the focus says what matters.
    """
    kept = base[0] * base[1]
    if not focus:
        return None if kept >= COVER_AT_LEAST else WHOLE
    all_of_it = _union(focus)
    over = max((all_of_it.right - all_of_it.left) / base[0], (all_of_it.bottom - all_of_it.top) / base[1])
    if kept >= CROP_WITH_FOCUS or (kept >= COVER_AT_LEAST and over <= FOCUS_OVER):
        return None
    if ratio <= 1.0:
        return WHOLE
    width = min(1.0, max(SIDES_KEPT, base[0], all_of_it.right - all_of_it.left))
    return _window((width, 1.0), _middle(all_of_it, 0.5), all_of_it)


def _on_fill(box: Box, part: Box, ratio: float) -> Box:
    """Where a box of the photo lies on the blurred fill, in the middle of which `part` of the photo stands."""
    ratio *= (part.right - part.left) / (part.bottom - part.top)
    wide, high = (1.0, 1.0 / ratio) if ratio >= 1.0 else (ratio, 1.0)
    x, y = wide / (part.right - part.left), high / (part.bottom - part.top)
    left, top = (1.0 - wide) / 2 - x * part.left, (1.0 - high) / 2 - y * part.top
    return _clipped(left + x * box.left, top + y * box.top, left + x * box.right, top + y * box.bottom)


def _nearest(zoom: float, base: tuple[float, float], held: Box | None) -> tuple[float, float]:
    """The size of the window at its nearest: `zoom`, or less where the held box needs more room."""
    if held is not None:
        zoom = min(zoom, base[0] / (held.right - held.left), base[1] / (held.bottom - held.top))
    zoom = max(zoom, 1.0)
    return base[0] / zoom, base[1] / zoom


def _middle(held: Box | None, height: float) -> tuple[float, float]:
    """Where the camera aims: the middle at `height`, or half of the way from there to what matters."""
    if held is None:
        return 0.5, height
    x, y = held.centre
    return (0.5 + x) / 2, (height + y) / 2


def _window(size: tuple[float, float], centre: tuple[float, float], held: Box | None) -> Box:
    """The window of `size` nearest to `centre` that stays on the picture and holds `held`."""
    edges = []
    spans = ((0.0, 1.0), (0.0, 1.0)) if held is None else ((held.left, held.right), (held.top, held.bottom))
    for length, middle, (low, high) in zip(size, centre, spans, strict=True):
        first, last = (0.0, 1.0 - length) if held is None else (max(0.0, high - length), min(1.0 - length, low))
        edges.append(max(0.0, min(max(middle - length / 2, first), max(first, last))))
    return _clipped(edges[0], edges[1], edges[0] + size[0], edges[1] + size[1])


def _clipped(left: float, top: float, right: float, bottom: float) -> Box:
    return Box(max(0.0, left), max(0.0, top), min(1.0, right), min(1.0, bottom))


def _union(boxes: Sequence[Box]) -> Box:
    return Box(
        min(b.left for b in boxes),
        min(b.top for b in boxes),
        max(b.right for b in boxes),
        max(b.bottom for b in boxes),
    )


def _corners(box: Box) -> list[float]:
    return [box.left, box.top, box.right, box.bottom]
