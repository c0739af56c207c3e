"""Images: a file becomes an upright sRGB Photo, and a Photo becomes the tensor a card asks for.

Training and serving both come through here, so a model always sees what it was trained on.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from moodscore.errors import BadMedia
from moodscore.media import Photo

MAX_PIXELS = 64_000_000
MAX_SIDE = 16_384


def open(path: str | Path, want_side: int | None = None) -> Photo:
    """Open a picture upright in sRGB; `want_side` allows a cheaper decode whose shorter side is still >= `want_side`.

    Raises BadMedia, naming the file, when it is no picture, is broken, or exceeds 64 MP or 16,384 px a side.
    """
    path = Path(path)
    try:
        with Image.open(path) as image:
            full = image.size
            if want_side:
                image.draft("RGB", (want_side, want_side))
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except OSError as error:
        raise BadMedia(f"{path}: expected a photo, got {error}") from error
    return Photo(np.asarray(upright), path.name, full)


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
