"""A library on the plane: each piece a numbered disc in the colour of its feeling, its number that of the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from moodscore.affect import Affect
from moodscore.draw.colour import INK, PAPER, mixed, mood_rgb
from moodscore.draw.lettering import font
from moodscore.draw.plane import PlanePoint, plane_png

_SIDE = 128


@dataclass(frozen=True, slots=True)
class Shown:
    """A piece to draw: its name, its place on the plane, and whether it is a score (drawn dark on light) or sound."""

    name: str
    affect: Affect
    score: bool


def library_png(pieces: Sequence[Shown], title: str, side: int = 1200) -> Image.Image:
    """The plane with `pieces` numbered from 1 in their order, as a square RGB picture of `side` pixels.

    Pieces that would cover each other are moved apart, a line leading to the true place. Recordings are white numbers on
    colour, scores coloured numbers on white. Raises BadValue for a side under 160 or over 8192 pixels.
    """
    points = [
        PlanePoint(piece.affect, _stem(piece.name), _numbered(k, piece)) for k, piece in enumerate(pieces, start=1)
    ]
    return plane_png(points, (side, side), title)


def _stem(name: str) -> str:
    """The file's name without folders and suffix."""
    file = name.rsplit("/", 1)[-1]
    return file.rsplit(".", 1)[0] or file


def _numbered(number: int, piece: Shown) -> NDArray[np.uint8]:
    """A disc's picture: the number, white on the feeling's colour or the other way round."""
    strong, paper = mixed(mood_rgb(piece.affect, 0.58, 0.17), INK, 0.08), PAPER
    ground, ink = (paper, strong) if piece.score else (strong, paper)
    picture = Image.new("RGB", (_SIDE, _SIDE), ground)
    text = str(number)
    size = (66, 66, 62, 48, 38)[min(len(text), 4)]
    ImageDraw.Draw(picture).text((_SIDE / 2, _SIDE / 2), text, ink, font(size, True), "mm")
    return np.asarray(picture)
