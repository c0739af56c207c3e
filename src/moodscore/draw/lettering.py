"""Lettering: the face the pictures are written in, for Latin and Korean, the same on every machine.

The fonts are Noto Sans CJK KR (SIL Open Font License 1.1, fonts/OFL.txt), cut down by recipes/subset_fonts.py.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

_FONTS = Path(__file__).parent / "fonts"


@lru_cache(maxsize=64)
def font(size_px: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    """The face at a size in pixels; `bold` has Latin and the words of the label schemes only."""
    return ImageFont.truetype(_FONTS / f"NotoSansKR-{'Bold' if bold else 'Regular'}.subset.woff2", max(1, size_px))


def width_of(text: str, size_px: float, bold: bool = False) -> float:
    """How wide a line of text runs at `size_px`, in pixels."""
    return float(font(100, bold).getlength(text)) * size_px / 100


def shortened(text: str, size_px: float, room_px: float) -> str:
    """The text on one line, its end replaced by ... where it would run wider than `room_px`."""
    line = " ".join(text.split())
    if width_of(line, size_px) <= room_px:
        return line
    while line and width_of(line + "...", size_px) > room_px:
        line = line[:-1]
    return line.rstrip() + "..."
