"""Film-like: pictures made to look like frames of a film, for nets that learn from posters and serve on frames."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


def film_like(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """A random part of a picture in a film's shape, as a camera, a print and an encoder might have left it.

    (h, w, 3) uint8 -> (h', w', 3) uint8. A crop 1.33 to 2.4 times as wide as high, mirrored by chance; then, each by its own
    chance: a loss of resolution, motion blur, another exposure, no colour (as in old films), grain, bars, compression.
    """
    out = _cropped(pixels, rng)
    if rng.random() < 0.5:
        out = np.ascontiguousarray(out[:, ::-1])
    for chance, change in ((0.5, _softened), (0.35, _dragged), (0.6, _exposed), (0.15, _greyed), (0.4, _grained)):
        if rng.random() < chance:
            out = change(out, rng)
    if rng.random() < 0.25:
        out = _barred(out, rng)
    return _compressed(out, rng)


def _cropped(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    height, width = pixels.shape[:2]
    shape = float(rng.choice([1.33, 1.66, 1.78, 1.85, 2.39]))
    wide = min(width, height * shape) * float(rng.uniform(0.55, 1.0))
    across, down = max(8, round(wide)), max(8, round(wide / shape))
    left, top = (int(rng.integers(0, max(1, full - part + 1))) for full, part in ((width, across), (height, down)))
    return pixels[top : top + down, left : left + across]


def _softened(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    height, width = pixels.shape[:2]
    scale = float(rng.uniform(0.35, 0.8))
    small = cv2.resize(
        pixels, (max(4, round(width * scale)), max(4, round(height * scale))), interpolation=cv2.INTER_AREA
    )
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def _dragged(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    length = int(rng.integers(3, max(4, pixels.shape[1] // 20)))
    kernel = np.zeros((length, length), np.float32)
    turn = float(rng.normal(0.0, 0.5))
    middle = (length - 1) / 2
    for step in np.linspace(-middle, middle, 4 * length):
        row, column = round(middle + step * np.sin(turn)), round(middle + step * np.cos(turn))
        kernel[row, column] = 1.0
    return np.asarray(cv2.filter2D(pixels, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REFLECT), np.uint8)


def _exposed(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    gamma, gain = float(np.exp(rng.normal(0.0, 0.3))), float(rng.uniform(0.75, 1.1))
    tint = np.exp(rng.normal(0.0, 0.06, 3))
    bright = 255.0 * gain * tint * (pixels / 255.0) ** gamma
    return np.asarray(np.clip(bright, 0, 255), np.uint8)


def _greyed(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)[..., None].astype(np.float32)
    sepia = 1.0 + float(rng.uniform(0.0, 0.15)) * np.array([0.6, 0.1, -0.7], np.float32)
    return np.asarray(np.clip(grey * sepia, 0, 255), np.uint8)


def _grained(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    noise = rng.normal(0.0, float(rng.uniform(2.0, 9.0)), (*pixels.shape[:2], 1))
    return np.asarray(np.clip(pixels + noise, 0, 255), np.uint8)


def _barred(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    out = pixels.copy()
    bar = int(out.shape[0] * float(rng.uniform(0.05, 0.16)))
    out[:bar] = 0
    out[out.shape[0] - bar :] = 0
    return out


def _compressed(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    _, data = cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(35, 90))])
    decoded = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return np.ascontiguousarray(decoded[..., ::-1])
