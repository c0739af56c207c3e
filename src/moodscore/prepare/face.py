"""Faces: a photo becomes the detector's canvas, and landmarks become the upright grey crop the expression net reads.

Training and serving both come through here, so a model always sees what it was trained on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from moodscore.errors import BadValue
from moodscore.media import Face, Photo

STRIDE = 32


def normalised(pixels: NDArray[np.uint8], recipe: Mapping[str, Any]) -> NDArray[np.float32]:
    """RGB (height, width, 3) 0..255 -> (3, height, width) float32, (x - mean) / std as the card's `input` says."""
    out = np.empty((3, *pixels.shape[:2]), np.float32)
    for channel, mean, std, plane in zip(range(3), recipe["mean"], recipe["std"], out, strict=True):
        np.subtract(pixels[..., channel], np.float32(mean), out=plane)
        plane /= np.float32(std)
    return out


def looks(photo: Photo, recipe: Mapping[str, Any]) -> list[tuple[NDArray[np.float32], tuple[int, int]]]:
    """The canvases of every look the detector takes: the longer side at each of the card's `sides`.

    A picture is not made larger than `enlarge` times its size: that adds no detail, only false finds and work.
    """
    most = max(1, round(float(recipe["enlarge"]) * max(photo.size)))
    sides = dict.fromkeys(min(int(side), most) for side in recipe["sides"])
    return [canvas(photo, side, recipe) for side in sides]


def canvas(photo: Photo, side: int, recipe: Mapping[str, Any]) -> tuple[NDArray[np.float32], tuple[int, int]]:
    """The detector's input (3, h, w), and the (width, height) that the picture fills in its upper left corner.

    The picture's longer side becomes `side` pixels; h and w are rounded up to multiples of 32 with mid grey.
    """
    width, height = photo.size
    scale = side / max(width, height)
    fitted = max(1, round(width * scale)), max(1, round(height * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(photo.pixels, fitted, interpolation=how)
    padded = np.full((-(-fitted[1] // STRIDE) * STRIDE, -(-fitted[0] // STRIDE) * STRIDE, 3), 127, np.uint8)
    padded[: fitted[1], : fitted[0]] = small
    return normalised(padded, recipe), fitted


def similarity(points: NDArray[np.float64], places: NDArray[np.float64]) -> NDArray[np.float64]:
    """The 2x3 turn, scale and shift (no mirror) that brings points (n, 2) nearest to places (n, 2) in least squares.

    Source: S. Umeyama, IEEE PAMI 13 (1991) 376-380. Raises BadValue when the points all coincide.
    """
    here, there = points.mean(0), places.mean(0)
    a, b = points - here, places - there
    size = float((a**2).sum())
    if not size > 0:
        raise BadValue(f"landmarks: expected points that differ, got {points.tolist()}")
    real = float((a * b).sum()) / size
    turn = float((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum()) / size
    linear = np.array([[real, -turn], [turn, real]])
    return np.concatenate([linear, (there - linear @ here)[:, None]], 1)


def aligned(photo: Photo, face: Face, recipe: Mapping[str, Any]) -> NDArray[np.uint8]:
    """The face upright in a grey square (size, size) uint8, its landmarks at the `places` of the card's `input`.

    `places` are shares of the crop for the five landmarks. A face without landmarks is cut by its box, grown by
    `margin`. Outside the picture the edge is repeated.
    """
    size = int(recipe["size"])
    width, height = photo.size
    if face.landmarks:
        points = np.array(face.landmarks, np.float64) * (width, height)
        matrix = similarity(points, np.array(recipe["places"], np.float64) * size)
    else:
        middle = np.array(face.box.centre) * (width, height)
        reach = max((face.box.right - face.box.left) * width, (face.box.bottom - face.box.top) * height)
        scale = size / (reach * (1 + float(recipe["margin"])))
        matrix = np.concatenate([np.eye(2) * scale, (size / 2 - middle * scale)[:, None]], 1)
    return _warped(photo.pixels, matrix, size)


def _warped(pixels: NDArray[np.uint8], matrix: NDArray[np.float64], size: int) -> NDArray[np.uint8]:
    """Grey (size, size) of `pixels` under `matrix`; a large face is shrunk by area first, so that it does not alias."""
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    pixels, matrix = _cut_around(pixels, matrix, size)
    height, width = pixels.shape[:2]
    if scale < 0.7:
        small = max(1, round(width * scale)), max(1, round(height * scale))
        pixels = np.asarray(cv2.resize(pixels, small, interpolation=cv2.INTER_AREA), np.uint8)
        matrix = matrix @ np.diag([width / small[0], height / small[1], 1.0])
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    # `matrix` speaks of edges, where a picture starts at 0; OpenCV speaks of pixel middles, which lie half a pixel further.
    matrix = np.column_stack([matrix[:, :2], matrix[:, 2] + matrix[:, :2].sum(1) / 2 - 0.5])
    shown = cv2.warpAffine(grey, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(shown, np.uint8)


def _cut_around(
    pixels: NDArray[np.uint8], matrix: NDArray[np.float64], size: int
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """The part of the picture the crop can see, and the matrix for it: work grows with the face, not with the photo."""
    inverse = np.linalg.inv(np.vstack([matrix, [0, 0, 1]]))[:2]
    corners = np.array([[0, 0, 1], [size, 0, 1], [0, size, 1], [size, size, 1]]) @ inverse.T
    height, width = pixels.shape[:2]
    margin = 2
    left, top = np.clip(np.floor(corners.min(0)) - margin, 0, (width - 1, height - 1)).astype(int)
    right, bottom = np.clip(np.ceil(corners.max(0)) + margin, (left + 1, top + 1), (width, height)).astype(int)
    shift = matrix[:, :2] @ np.array([left, top], np.float64)
    return pixels[top:bottom, left:right], np.column_stack([matrix[:, :2], matrix[:, 2] + shift])


def tensor(crop: NDArray[np.uint8], recipe: Mapping[str, Any]) -> NDArray[np.float32]:
    """A grey crop (size, size) -> what the expression net eats: (1, size, size) float32, (x - mean) / std of the card."""
    scaled = (crop.astype(np.float32) - np.float32(recipe["mean"])) / np.float32(recipe["std"])
    return np.ascontiguousarray(scaled[None])
