"""Images: a file becomes an upright sRGB Photo, and a Photo becomes the tensor a card asks for.

Training and serving both come through here, so a model always sees what it was trained on.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from moodscore.errors import BadMedia
from moodscore.media import Photo
from moodscore.prepare.picture_file import MAX_PIXELS, MAX_SIDE, SUFFIXES, opened, orientation_of, taken_at_of, upright
from moodscore.prepare.srgb import to_srgb

__all__ = ["MAX_PIXELS", "MAX_SIDE", "open", "photos_in", "size_of", "tensor", "thumbnail"]


def open(path: str | Path, want_side: int | None = None) -> Photo:
    """Open a picture upright in sRGB; `want_side` allows a cheaper decode whose shorter side is still >= `want_side`.

    Of an animation the first frame; transparency on middle grey; colours by the ICC profile. Raises BadMedia, naming the
    file, when it cannot be read, is no picture, is broken, or exceeds 64 MP or 16,384 px a side (told from its header).
    """
    path = Path(path)
    with opened(path) as image:
        orientation, taken_at, full = orientation_of(image), taken_at_of(image), image.size
        if want_side and image.format == "JPEG":
            image.draft("RGB", (want_side, want_side))
        pixels = np.asarray(upright(to_srgb(image), orientation))
    return Photo(pixels, path.name, full[::-1] if orientation >= 5 else full, taken_at)


def size_of(path: str | Path) -> tuple[int, int]:
    """(width, height) of a picture standing upright, from its header, without decoding it; raises BadMedia as `open`."""
    with opened(Path(path)) as image:
        width, height = image.size
        return (height, width) if orientation_of(image) >= 5 else (width, height)


def photos_in(folder: str | Path) -> list[Path]:
    """The photos in a folder, told by their suffix, in natural order (IMG_2 before IMG_10); hidden files are left out.

    Folders inside it are not entered. Raises BadMedia when it is no folder or cannot be read.
    """
    folder = Path(folder)
    try:
        found = [p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES and p.name[0] != "." and p.is_file()]
    except OSError as error:
        raise BadMedia(f"{folder}: expected a folder of photos, got '{error.strerror}'; check its name") from error
    return sorted(found, key=_natural)


def thumbnail(photo: Photo, side: int) -> Photo:
    """The photo with its longer side at most `side` pixels; the photo itself when it is that small already."""
    width, height = photo.size
    scale = side / max(width, height)
    if scale >= 1.0:
        return photo
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(photo.pixels, size, interpolation=cv2.INTER_AREA)
    return Photo(np.asarray(small, np.uint8), photo.name, photo.full_size, photo.taken_at)


def tensor(photo: Photo, recipe: Mapping[str, Any]) -> NDArray[np.float32]:
    """The (3, size, size) float32 tensor that a card's `input` recipe describes: area resize, (x - mean) / std.

    `crop` is "squash" (the whole picture, aspect ratio given up) or "centre" (the largest central square).
    """
    pixels = photo.pixels
    if recipe.get("crop", "squash") == "centre":
        height, width = pixels.shape[:2]
        side = min(height, width)
        top, left = (height - side) // 2, (width - side) // 2
        pixels = pixels[top : top + side, left : left + side]
    size = int(recipe["size"])
    small = cv2.resize(pixels, (size, size), interpolation=cv2.INTER_AREA)
    scaled = (small.astype(np.float32) - np.float32(recipe["mean"])) / np.float32(recipe["std"])
    return np.ascontiguousarray(scaled.transpose(2, 0, 1))


def _natural(path: Path) -> tuple[list[tuple[int, str]], str]:
    """A sort key by which digits count as numbers and case does not matter; the exact name decides between equals."""
    name = unicodedata.normalize("NFC", path.name).casefold()
    parts = re.split(r"([0-9]+)", name)
    return [(int(part), "") if part.isdecimal() and part.isascii() else (-1, part) for part in parts], path.name
