"""Contact sheet: pictures with captions in a grid, for films, albums and documents."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from moodscore.draw.colour import INK, PAPER, RGB, hex_of
from moodscore.draw.lettering import font, shortened
from moodscore.errors import BadValue


def contact_sheet(
    frames: Sequence[NDArray[np.uint8]],
    captions: Sequence[str] = (),
    columns: int = 4,
    width: int = 320,
    marks: Sequence[RGB] = (),
) -> Image.Image:
    """Pictures (height, width, 3) uint8 in rows of `columns`, each `width` pixels wide, captions under them; mode RGB.

    Cells are as high as the first picture's shape asks; others are fitted in whole. `marks` puts a dot of that colour
    before each caption. Raises BadValue without pictures, or when captions or marks are given but not one for each.
    """
    if not frames or columns < 1 or width < 16:
        raise BadValue(
            f"contact sheet: expected pictures, columns >= 1, width >= 16, got {len(frames)}, {columns}, {width}"
        )
    for what, given in (("captions", captions), ("marks", marks)):
        if len(given) not in (0, len(frames)):
            raise BadValue(f"contact sheet: expected {len(frames)} {what} or none, got {len(given)}")
    columns = min(columns, len(frames))
    height = max(1, round(width * frames[0].shape[0] / frames[0].shape[1]))
    gap, line = max(4, width // 24), max(11, width // 18)
    step = width + gap, height + gap + (round(1.7 * line) if captions else 0)
    rows = -(-len(frames) // columns)
    sheet = Image.new("RGB", (columns * step[0] + gap, rows * step[1] + gap), PAPER)
    for k, frame in enumerate(frames):
        left, top = gap + k % columns * step[0], gap + k // columns * step[1]
        _set_in(sheet, frame, (left, top, width, height))
        if captions:
            _caption(sheet, captions[k], (left, top + height, width, line), marks[k] if marks else None)
    return sheet


def _set_in(sheet: Image.Image, frame: NDArray[np.uint8], cell: tuple[int, int, int, int]) -> None:
    """Fit a picture whole into the middle of a cell (left, top, width, height)."""
    left, top, width, height = cell
    scale = min(width / frame.shape[1], height / frame.shape[0])
    size = max(1, round(frame.shape[1] * scale)), max(1, round(frame.shape[0] * scale))
    if max(width - size[0], height - size[1]) <= 1:  # the cell's own shape, but for rounding
        size = width, height
    small = Image.fromarray(np.ascontiguousarray(frame)).resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    sheet.paste(small, (left + (width - size[0]) // 2, top + (height - size[1]) // 2))


def _caption(sheet: Image.Image, text: str, place: tuple[int, int, int, int], mark: RGB | None) -> None:
    """One line under a picture: (left, top, width, size of the letters)."""
    left, top, width, size = place
    pen = ImageDraw.Draw(sheet)
    indent = round(0.9 * size) if mark else 0
    middle = top + round(0.95 * size)
    if mark:
        half = 0.3 * size
        pen.ellipse((left, middle - half, left + 2 * half, middle + half), hex_of(mark))
    pen.text((left + indent, middle), shortened(text, size, width - indent), INK, font(size), "lm")
