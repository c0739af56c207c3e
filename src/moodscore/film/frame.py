"""Frames: a photo becomes the picture a camera looks at, and windows of it become video frames in BT.709 YUV 4:2:0.

A photo is turned into YUV once. Camera moves and dissolves then work on the YUV planes themselves, which is half the
bytes of RGB and saves a conversion for every frame. Frames are flat uint8 arrays: all of Y, then U, then V (I420),
limited range, chroma sited on the left as H.264 assumes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from moodscore.film.effects import WHOLE, Camera
from moodscore.media import Box

Bytes = NDArray[np.uint8]

# ITU-R BT.709-6, section 3: R'G'B' 0..255 to Y' 16..235 and Cb, Cr 16..240.
_KR, _KB = 0.2126, 0.0722
_LUMA = np.array([_KR, 1.0 - _KR - _KB, _KB])
_TO_YUV = np.vstack(
    [
        np.append(219 / 255 * _LUMA, 16.0),
        np.append(224 / 255 * (np.array([0, 0, 1]) - _LUMA) / (2 - 2 * _KB), 128.0),
        np.append(224 / 255 * (np.array([1, 0, 0]) - _LUMA) / (2 - 2 * _KR), 128.0),
    ]
)
BLACK_Y, BLACK_UV = 16, 128

FILL_BRIGHTNESS = 0.42
FILL_BLUR = 0.04  # standard deviation in shares of the frame's longer side
GRAIN = 1.6  # grey levels of noise that keep the smooth fill from showing contours
SHADOW = 0.55  # how much of the fill's light the photo's shadow takes at the photo's edge
SHADOW_WIDTH = 0.02  # in shares of the frame's longer side
EDGE = 0.0016  # softness of the photo's edge on the fill, in the same shares

_LINEAR = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """What a camera looks at, as YUV planes: `luma` (h, w), `chroma` two (h / 2, w / 2); `region` of the whole it covers."""

    luma: Bytes
    chroma: tuple[Bytes, Bytes]
    region: Box

    def seen(self, window: Box, size: tuple[int, int]) -> Bytes:
        """The frame of `size` (width, height), even numbers, that shows `window`; placed exactly between pixels."""
        width, height = size
        luma, chroma = width * height, (width // 2) * (height // 2)
        out = np.empty(luma + 2 * chroma, np.uint8)
        # Position of the first sample and step between samples, in luma pixels of the frame measured from its edge.
        cv2.warpAffine(
            self.luma,
            self._matrix(window, size, self.luma.shape, ((0.5, 1.0), (0.5, 1.0))),
            size,
            dst=out[:luma].reshape(height, width),
            flags=_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        half = (width // 2, height // 2)
        matrix = self._matrix(window, size, self.chroma[0].shape, ((0.5, 2.0), (1.0, 2.0)))
        for k, plane in enumerate(self.chroma):
            start = luma + k * chroma
            target = out[start : start + chroma].reshape(half[1], half[0])
            cv2.warpAffine(plane, matrix, half, dst=target, flags=_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return out

    def _matrix(
        self,
        window: Box,
        size: tuple[int, int],
        shape: tuple[int, ...],
        sited: tuple[tuple[float, float], tuple[float, float]],
    ) -> NDArray[np.float64]:
        """The 2 x 3 map from sample numbers of the frame to sample numbers of a plane of `shape`."""
        matrix = np.zeros((2, 3))
        for axis, (low, high, zero, end, frame, plane) in enumerate(
            (
                (window.left, window.right, self.region.left, self.region.right, size[0], shape[1]),
                (window.top, window.bottom, self.region.top, self.region.bottom, size[1], shape[0]),
            )
        ):
            per_share = plane / (end - zero)
            per_pixel = (high - low) / frame * per_share
            first, step = sited[axis]
            matrix[axis, axis] = step * per_pixel
            matrix[axis, 2] = (low - zero) * per_share + first * per_pixel - 0.5
        return matrix


def wanted_side(full_size: tuple[int, int], camera: Camera, size: tuple[int, int]) -> int:
    """How long the shorter side of a photo of `full_size` must be decoded, in pixels, to be sharp at the nearest window."""
    width, height = full_size
    near = min(camera.start.right - camera.start.left, camera.end.right - camera.end.left)
    across = size[0] / near
    scale = across / width
    if camera.fill:
        part = camera.fill
        scale = min(scale / (part.right - part.left), size[1] / near / height / (part.bottom - part.top))
    return math.ceil(min(width, height) * scale)


def picture(pixels: Bytes, camera: Camera, size: tuple[int, int]) -> Picture:
    """Prepare (height, width, 3) sRGB pixels for `camera` and frames of `size`: cropped to what is seen, scaled once.

    The scale is that of the nearest window, so the camera never enlarges a picture that has the pixels.
    """
    if camera.fill:
        nearest = min(camera.start.right - camera.start.left, camera.end.right - camera.end.left)
        return _planes(on_fill(pixels, camera.fill, _even(size[0] / nearest, size[1] / nearest)), WHOLE)
    cropped, region = _crop(pixels, camera.reach)
    near = min((camera.start, camera.end), key=lambda w: w.right - w.left)
    target = _even(
        size[0] * (region.right - region.left) / (near.right - near.left),
        size[1] * (region.bottom - region.top) / (near.bottom - near.top),
    )
    return _planes(_scaled(cropped, target), region)


def on_fill(pixels: Bytes, part: Box, size: tuple[int, int]) -> Bytes:
    """A `part` of the photo in the middle of a picture of `size`, on the photo blurred and darkened, with a soft edge."""
    width, height = size
    shown, _ = _crop(pixels, part)
    scale = min(width / shown.shape[1], height / shown.shape[0])
    inner = (max(1, round(shown.shape[1] * scale)), max(1, round(shown.shape[0] * scale)))
    left, top = (width - inner[0]) // 2, (height - inner[1]) // 2
    longer = max(size)
    alpha = np.zeros((height, width), np.float32)
    alpha[top : top + inner[1], left : left + inner[0]] = 1.0
    shadow = _blurred(alpha, SHADOW_WIDTH * longer)
    fill = _fill(pixels, size) * (1.0 - SHADOW * shadow)[..., None]
    photo = np.zeros((height, width, 3), np.uint8)
    photo[top : top + inner[1], left : left + inner[0]] = _scaled(shown, inner)
    soft = np.clip(2.0 * _blurred(alpha, EDGE * longer) - 1.0, 0.0, 1.0)[..., None]
    return np.asarray(np.clip(np.rint(photo * soft + fill * (1.0 - soft)), 0, 255), np.uint8)


def mixed(layers: Sequence[tuple[Bytes, float]], size: tuple[int, int]) -> Bytes:
    """The frame of several frames on black, each (frame, opacity 0..1); a single opaque layer is returned as it is."""
    total = math.fsum(opacity for _, opacity in layers)
    if len(layers) == 1 and total >= 1.0:
        return layers[0][0]
    if len(layers) == 2 and abs(total - 1.0) < 1e-6:
        (one, a), (other, b) = layers
        return np.asarray(cv2.addWeighted(one, a, other, b, 0.0), np.uint8).reshape(-1)
    luma = size[0] * size[1]
    out = np.empty(luma + 2 * (size[0] // 2) * (size[1] // 2), np.float32)
    out[:luma], out[luma:] = BLACK_Y * (1.0 - total), BLACK_UV * (1.0 - total)
    for frame, opacity in layers:
        cv2.scaleAdd(frame.astype(np.float32), opacity, out, dst=out)
    return np.asarray(np.clip(np.rint(out), 0, 255), np.uint8)


def _planes(pixels: Bytes, region: Box) -> Picture:
    """RGB of even size to Y at full and U, V at half resolution (means of four, sited in their middle)."""
    luma, *chroma = (np.asarray(plane, np.uint8) for plane in cv2.split(cv2.transform(pixels, _TO_YUV)))
    half = (pixels.shape[1] // 2, pixels.shape[0] // 2)
    blue, red = (_scaled(plane, half) for plane in chroma)
    return Picture(luma, (blue, red), region)


def _crop(pixels: Bytes, reach: Box) -> tuple[Bytes, Box]:
    """The whole pixels that hold `reach`, and exactly what box they are."""
    height, width = pixels.shape[:2]
    x0, x1 = math.floor(reach.left * width), min(width, math.ceil(reach.right * width))
    y0, y1 = math.floor(reach.top * height), min(height, math.ceil(reach.bottom * height))
    x0, y0 = min(x0, width - 1), min(y0, height - 1)
    region = Box(x0 / width, y0 / height, max(x1, x0 + 1) / width, max(y1, y0 + 1) / height)
    return pixels[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)], region


def _scaled(pixels: Bytes, size: tuple[int, int]) -> Bytes:
    """Area means when shrinking, cubic when enlarging."""
    shrinks = size[0] <= pixels.shape[1] and size[1] <= pixels.shape[0]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, size, interpolation=how), np.uint8)


def _fill(pixels: Bytes, size: tuple[int, int]) -> NDArray[np.float32]:
    """A blurred, darkened copy of the photo that covers `size`: blurred small, then enlarged smoothly."""
    small = max(2, round(size[0] * 160 / max(size))), max(2, round(size[1] * 160 / max(size)))
    scale = max(small[0] / pixels.shape[1], small[1] / pixels.shape[0])
    cover = max(small[0], round(pixels.shape[1] * scale)), max(small[1], round(pixels.shape[0] * scale))
    shrunk = _scaled(pixels, cover)
    left, top = (cover[0] - small[0]) // 2, (cover[1] - small[1]) // 2
    middle = shrunk[top : top + small[1], left : left + small[0]].astype(np.float32)
    blurred = cv2.GaussianBlur(middle, (0, 0), FILL_BLUR * max(small), borderType=cv2.BORDER_REPLICATE)
    large = cv2.resize(blurred, size, interpolation=cv2.INTER_CUBIC)
    grain = np.random.default_rng(0).triangular(-GRAIN, 0.0, GRAIN, (size[1], size[0], 1))
    return np.asarray(np.clip(large * FILL_BRIGHTNESS + grain, 0, 255), np.float32)


def _blurred(alpha: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(alpha, (0, 0), max(sigma, 0.3), borderType=cv2.BORDER_REPLICATE), np.float32)


def _even(width: float, height: float) -> tuple[int, int]:
    """The size in whole, even pixels; never under 2."""
    return max(2, 2 * round(width / 2)), max(2, 2 * round(height / 2))
