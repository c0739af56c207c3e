"""Lightness: how light a photo is, place by place, as the eye sees it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from moodscore.errors import BadValue
from moodscore.media import Photo
from moodscore.prepare import image

SIDE = 512  # the longer side at which a photo is measured, pixels

Floats = NDArray[np.float32]


def grid(photo: Photo, rows: int, columns: int) -> tuple[Floats, Floats]:
    """Mean lightness and its spread (one standard deviation) in `rows` x `columns` equal fields of a photo.

    Both float32 (rows, columns), CIE lightness L* (D65) in 0..100. The same photo always gives the same numbers. Raises
    BadValue for fewer than one row or column.
    """
    if rows < 1 or columns < 1:
        raise BadValue(f"grid: expected at least 1 row and 1 column, got {rows} and {columns}")
    small = image.thumbnail(photo, SIDE).pixels.astype(np.float32) / np.float32(255)
    light = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2LAB), np.float32)[..., 0]
    mean = _fields(light, rows, columns)
    spread = np.sqrt(np.maximum(_fields(light**2, rows, columns) - mean**2, 0.0))
    return np.clip(mean, 0.0, 100.0), np.asarray(spread, np.float32)


def _fields(values: Floats, rows: int, columns: int) -> Floats:
    """The means of equal fields; a field smaller than a pixel has the value of the pixel it lies in."""
    height, width = values.shape
    down, across = -(-rows // height), -(-columns // width)
    if down > 1 or across > 1:
        values = np.repeat(np.repeat(values, down, 0), across, 1)
    return np.asarray(cv2.resize(values, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)
