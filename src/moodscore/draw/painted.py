"""The plane as pixels: everything is drawn twice as large and shrunk once, so that edges are smooth."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from moodscore.affect import Affect
from moodscore.draw.colour import FAINT, INK, PAPER, RGB, even_rgb, mixed, mood_rgb
from moodscore.draw.layout import Frame, Name, Rect, axis_words, mood_names, path_through
from moodscore.draw.lettering import font, shortened
from moodscore.draw.points import Scene, arrow_head, disc_picture
from moodscore.schemes import MOODS

SCALE = 2
SOFT, FULL = (0.91, 0.075), (0.79, 0.12)  # OKLCH lightness and chroma of the wheel and of the ring
RING = 1.025  # the outer edge of the coloured ring, whose inner edge is 1.0


class Brush:
    """A canvas in pixels of the finished picture that holds SCALE times as many."""

    def __init__(self, canvas: Image.Image) -> None:
        self.canvas = canvas
        self._draw = ImageDraw.Draw(canvas, "RGBA")

    def line(self, points: Sequence[tuple[float, float]], colour: RGB, width: float, alpha: int = 255) -> None:
        flat = [(x * SCALE, y * SCALE) for x, y in points]
        self._draw.line(flat, (*colour, alpha), max(1, round(width * SCALE)), joint="curve")

    def polygon(self, points: Sequence[tuple[float, float]], colour: RGB, alpha: int = 255) -> None:
        self._draw.polygon([(x * SCALE, y * SCALE) for x, y in points], (*colour, alpha))

    def disc(self, centre: tuple[float, float], radius: float, colour: RGB, alpha: int = 255) -> None:
        self._draw.ellipse(_corners(centre, radius, radius), (*colour, alpha))

    def ring(self, centre: tuple[float, float], radius: tuple[float, float], colour: RGB, alpha: int = 255) -> None:
        """The outline of an ellipse, one pixel wide."""
        self._draw.ellipse(_corners(centre, *radius), None, (*colour, alpha), SCALE)

    def ellipse(self, centre: tuple[float, float], radius: tuple[float, float], colour: RGB, alpha: int) -> None:
        self._draw.ellipse(_corners(centre, *radius), (*colour, alpha))

    def text(self, name: Name, colour: RGB, bold: bool = False, halo: RGB | None = None, anchor: str = "mm") -> None:
        """A line of text in the middle of its box, or from its left edge with the anchor "lm"."""
        x = (name.box.left + name.box.right) / 2 if anchor == "mm" else name.box.left
        y = (name.box.top + name.box.bottom) / 2
        face = font(round(name.size * SCALE), bold)
        self._draw.text(
            (x * SCALE, y * SCALE),
            name.text,
            colour,
            face,
            anchor,
            stroke_width=round(0.16 * name.size * SCALE) if halo else 0,
            stroke_fill=halo,
        )


def paint(scene: Scene) -> Image.Image:
    """The finished picture, mode RGB."""
    frame = scene.frame
    brush = Brush(_wheel(frame.width, frame.height).copy())
    _axes(brush, frame)
    _mood_names(brush, frame)
    if scene.shows_spread:
        _spreads(brush, scene)
    _path(brush, scene)
    _lines_home(brush, scene)
    _shadows(brush, scene)
    for k in reversed(range(len(scene.points))):
        _disc(brush, scene, k)
    _names(brush, scene)
    if scene.title:
        _title(brush, frame, scene.title)
    return brush.canvas.reduce(SCALE)


@lru_cache(maxsize=2)
def _wheel(width: int, height: int) -> Image.Image:
    """The ground: a soft wheel of hues, neutral in the middle, inside a thin ring of fuller colour."""
    frame = Frame(width, height)
    x = np.arange(width, dtype=np.float32) + 0.5 - frame.centre[0]
    y = frame.centre[1] - np.arange(height, dtype=np.float32) - 0.5
    distance = np.hypot(x[None, :], y[:, None]) / frame.radius
    step = (np.degrees(np.arctan2(y[:, None], x[None, :])) * 4 % 1440).astype(np.int16) % 1440
    soft, full = (even_rgb(np.arange(1440) / 4, *tone) for tone in (SOFT, FULL))
    paper = np.array(PAPER, np.float32)
    veiled = paper + np.clip(distance, 0, 1)[..., None] ** 1.5 * (soft[step] - paper)
    canvas = Image.new("RGB", (width * SCALE, height * SCALE), PAPER)
    _paste_round(canvas, full[step], frame, RING)
    _paste_round(canvas, np.full((1, 1, 3), PAPER, np.uint8), frame, 1.004)
    _paste_round(canvas, np.rint(veiled).astype(np.uint8), frame, 1.0)
    return canvas


def _paste_round(canvas: Image.Image, pixels: NDArray[np.uint8], frame: Frame, reach: float) -> None:
    """Cover the circle of `reach` plane units with a picture of the whole frame (smooth, so it may be enlarged)."""
    mask = Image.new("L", canvas.size, 0)
    ImageDraw.Draw(mask).ellipse(_corners(frame.centre, reach * frame.radius, reach * frame.radius), 255)
    canvas.paste(Image.fromarray(pixels).resize(canvas.size, Image.Resampling.BILINEAR), mask=mask)


def _axes(brush: Brush, frame: Frame) -> None:
    (x, y), r, u = frame.centre, frame.radius, frame.unit
    brush.line([(x - r, y), (x + r, y)], INK, 1.2 * u, 46)
    brush.line([(x, y - r), (x, y + r)], INK, 1.2 * u, 46)
    brush.ring(frame.centre, (r / 2, r / 2), INK, 26)
    for k in range(8):  # where one mood ends and the next begins
        edge = [Affect.polar(45 * k + 22.5, share) for share in (0.965, 1.0)]
        brush.line([frame.at(a) for a in edge], INK, 1.2 * u, 70)
    for word in axis_words(frame):
        brush.text(word, FAINT)


def _mood_names(brush: Brush, frame: Frame) -> None:
    for mood in mood_names(frame):
        place = MOODS.labels[mood.index].place
        brush.text(mood.english, mood_rgb(place, 0.5, 0.14), bold=True)
        brush.text(mood.korean, mood_rgb(place, 0.6, 0.09))


def _spreads(brush: Brush, scene: Scene) -> None:
    """One standard deviation on each axis as a faint ellipse."""
    for point, home in zip(scene.points, scene.placed.homes, strict=True):
        if point.spread and min(point.spread.valence, point.spread.arousal) > 0:
            reach = point.spread.valence * scene.frame.radius, point.spread.arousal * scene.frame.radius
            brush.ellipse(home, reach, mood_rgb(point.affect), 30)
            brush.ring(home, reach, mood_rgb(point.affect), 90)


def _path(brush: Brush, scene: Scene) -> None:
    u = scene.frame.unit
    for leg in path_through([scene.placed.discs[k] for k in scene.order]):
        brush.line(leg, PAPER, 4.5 * u, 130)
        brush.line(leg, INK, 1.8 * u, 120)
        head = arrow_head(leg, 13 * u, scene.placed.radius)
        if head:
            brush.polygon(head, mixed(INK, PAPER, 0.35))


def _shadows(brush: Brush, scene: Scene) -> None:
    """A soft shadow under the discs."""
    u = scene.frame.unit
    shade = Image.new("L", brush.canvas.size, 0)
    pen = ImageDraw.Draw(shade)
    for x, y in scene.placed.discs:
        pen.ellipse(_corners((x, y + 2 * u), scene.placed.radius, scene.placed.radius), 70)
    brush.canvas.paste(INK, (0, 0), shade.filter(ImageFilter.GaussianBlur(4 * u * SCALE)))


def _lines_home(brush: Brush, scene: Scene) -> None:
    """From each disc that had to move a line to its true place; under the discs, so that no dot sits on a picture."""
    u = scene.frame.unit
    for k in scene.moved:
        disc, home = scene.placed.discs[k], scene.placed.homes[k]
        colour = mixed(mood_rgb(scene.points[k].affect), INK, 0.3)
        brush.line([home, disc], colour, 1.4 * u, 190)
        brush.disc(home, 4.2 * u, PAPER)
        brush.disc(home, 3.0 * u, colour)


def _disc(brush: Brush, scene: Scene, k: int) -> None:
    """A point: its picture cut round in a ring of its mood's colour, its number at the upper left."""
    point, u = scene.points[k], scene.frame.unit
    disc, radius = scene.placed.discs[k], scene.placed.radius
    colour = mood_rgb(point.affect)
    brush.disc(disc, radius, PAPER)
    brush.disc(disc, radius - 1.0 * u, colour)
    if point.thumbnail is not None and scene.pictured:
        edge = max(2.5 * u, 0.09 * radius)
        _stamp(brush.canvas, point.thumbnail, disc, radius - 1.0 * u - edge)
    if k in scene.ranks:
        _rank(brush, scene, k)


def _stamp(canvas: Image.Image, pixels: NDArray[np.uint8], centre: tuple[float, float], radius: float) -> None:
    side = max(2, round(2 * radius * SCALE))
    left, top = round((centre[0] - radius) * SCALE), round((centre[1] - radius) * SCALE)
    mask = Image.new("L", (side, side), 0)
    ImageDraw.Draw(mask).ellipse((0, 0, side - 1, side - 1), 255)
    canvas.paste(disc_picture(pixels, side), (left, top), mask)


def _rank(brush: Brush, scene: Scene, k: int) -> None:
    """The point's number on the path, in a small disc at its upper left."""
    u, radius = scene.frame.unit, scene.placed.radius
    size = min(max(0.34 * radius, 8 * u), 13 * u)
    x, y = (c - 0.72 * radius for c in scene.placed.discs[k])
    brush.disc((x, y), 0.95 * size, PAPER)
    brush.disc((x, y), 0.95 * size - 1 * u, mixed(mood_rgb(scene.points[k].affect), INK, 0.35))
    text = str(scene.ranks[k])
    size *= 1.1 if len(text) < 3 else 0.85
    brush.text(Name(text, Rect(x - 9, y - 9, x + 9, y + 9), size), PAPER, bold=True)


def _names(brush: Brush, scene: Scene) -> None:
    for name in scene.placed.names:
        if name:
            brush.text(name, INK, halo=PAPER)


def _title(brush: Brush, frame: Frame, title: str) -> None:
    u = frame.unit
    size, left, top = 30 * u, 28 * u, 20 * u
    line = shortened(title, size, 0.34 * frame.width)
    brush.text(Name(line, Rect(left, top, frame.width, top + 1.3 * size), size), INK, anchor="lm")


def _corners(centre: tuple[float, float], wide: float, high: float) -> tuple[float, float, float, float]:
    x, y = centre
    return (x - wide) * SCALE, (y - high) * SCALE, (x + wide) * SCALE, (y + high) * SCALE
