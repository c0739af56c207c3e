"""A small plane to stand beside a picture: tinted by mood hue, dots for feelings, crosses for the places of labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from moodscore.affect import Affect
from moodscore.draw import lettering
from moodscore.draw.colour import FAINT, PAPER, RGB, even_rgb, mood_rgb
from moodscore.schemes import Scheme

GREY = (150, 150, 156)
SCALE = 2  # everything is drawn this much larger and shrunk once, so that edges are smooth

Canvas = Image.Image


@dataclass(frozen=True, slots=True)
class Dot:
    """A feeling on the plane: where, what is written in it, radius in pixels, colour (the hue of its angle if None)."""

    affect: Affect
    text: str = ""
    radius: float = 9.0
    colour: RGB | None = None


def font(size: float, bold: bool = False) -> ImageFont.FreeTypeFont:
    """The lettering's face at `size` pixels of the finished picture."""
    return lettering.font(round(size * SCALE), bold)


def colour_of(affect: Affect, lightness: float = 0.56) -> RGB:
    """The colour of a feeling at one OKLCH lightness, dark enough for white lettering on it."""
    return mood_rgb(affect, lightness, 0.16)


def hues_of(valence: NDArray[Any], arousal: NDArray[Any], lightness: float, chroma: float) -> NDArray[np.uint8]:
    """Colours (..., 3) of directions on the plane, of one OKLCH lightness, to the nearest degree."""
    wheel = even_rgb(np.arange(360.0), lightness, chroma)
    return np.asarray(wheel[np.round(np.degrees(np.arctan2(arousal, valence))).astype(int) % 360], np.uint8)


def small_plane(side: int, dots: Sequence[Dot], scheme: Scheme | None = None, arrow_to: Affect | None = None) -> Canvas:
    """The plane as an RGB picture of `side` pixels, SCALE times as large for the caller to shrink.

    `scheme` adds a cross and a name for the place of each label; `arrow_to` joins every dot with that feeling by a line.
    """
    size = side * SCALE
    picture = Image.fromarray(_tint(size).copy())
    pen = ImageDraw.Draw(picture)
    _axes(pen, size)
    if scheme is not None:
        _crosses(pen, size, scheme)
    for dot in dots:
        if arrow_to is not None:
            pen.line([_at(size, dot.affect), _at(size, arrow_to)], fill=GREY, width=SCALE)
    for dot in sorted(dots, key=lambda d: -d.radius):
        _dot(pen, size, dot)
    return picture


def _at(size: int, affect: Affect) -> tuple[float, float]:
    margin = 0.07
    return (
        size * (margin + (1 - 2 * margin) * (affect.valence + 1) / 2),
        size * (margin + (1 - 2 * margin) * (1 - affect.arousal) / 2),
    )


@lru_cache(maxsize=4)
def _tint(size: int) -> NDArray[np.uint8]:
    """Paper tinted with each direction's hue, stronger away from the centre."""
    line = np.linspace(-1.14, 1.14, size)
    x, y = np.meshgrid(line, -line)
    hues = hues_of(x, y, 0.88, 0.09).astype(np.float64)
    strength = np.clip(np.hypot(x, y) / 1.4, 0, 1)[..., None] * 0.90
    return np.asarray(hues * strength + np.array(PAPER) * (1 - strength)).astype(np.uint8)


def _axes(pen: ImageDraw.ImageDraw, size: int) -> None:
    for one, other in ((Affect(-1, 0), Affect(1, 0)), (Affect(0, -1), Affect(0, 1))):
        pen.line([_at(size, one), _at(size, other)], fill=(205, 203, 200), width=SCALE)
    pen.rectangle([_at(size, Affect(-1, 1)), _at(size, Affect(1, -1))], outline=(205, 203, 200), width=SCALE)
    face = font(12)
    gap = 4 * SCALE
    for affect, text, anchor, dx, dy in (
        (Affect(1, 0), "pleasant", "rd", -gap, -gap),
        (Affect(-1, 0), "unpleasant", "ld", gap, -gap),
        (Affect(0, 1), "excited", "mt", 0, gap),
        (Affect(0, -1), "calm", "md", 0, -gap),
    ):
        x, y = _at(size, affect)
        pen.text((x + dx, y + dy), text, fill=FAINT, font=face, anchor=anchor)


def _crosses(pen: ImageDraw.ImageDraw, size: int, scheme: Scheme) -> None:
    arm = 5 * SCALE
    for label in scheme.labels:
        x, y = _at(size, label.place)
        ink = colour_of(label.place, 0.44)
        pen.line([(x - arm, y), (x + arm, y)], fill=ink, width=2 * SCALE)
        pen.line([(x, y - arm), (x, y + arm)], fill=ink, width=2 * SCALE)
        pen.text((x, y - arm - SCALE), label.name, fill=ink, font=font(13, True), anchor="md")


def _dot(pen: ImageDraw.ImageDraw, size: int, dot: Dot) -> None:
    x, y = _at(size, dot.affect)
    radius = dot.radius * SCALE
    fill = dot.colour or colour_of(dot.affect)
    pen.ellipse([x - radius, y - radius, x + radius, y + radius], fill=fill, outline=(255, 255, 255), width=2 * SCALE)
    if dot.text:
        pen.text((x, y), dot.text, fill=(255, 255, 255), font=font(min(13.0, dot.radius * 1.25), True), anchor="mm")
