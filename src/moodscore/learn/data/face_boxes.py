"""Pictures with a teacher's face boxes and landmarks: read, split by picture, and cut into training crops.

Files: face_boxes.csv (file, x, y, w, h, score, five landmarks; pixels) and face_free.csv (file, best_score) beside the
folders of pictures they name. The reference for measuring is the boxes the teacher scores .9 or more. For learning,
boxes from .85 count in full and weaker ones by half: of 96 boxes drawn at random from each band and looked at, 1 in
.85-.9 (a drawn llama) and 4 in .8-.85 (hands, an ape, a dog, a title) were no human face.
"""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from moodscore.errors import BadMedia
from moodscore.prepare import image

STRONG_SCORE = 0.9
SURE_SCORE = 0.85
WEAK_WEIGHT = 0.5
SURELY_FREE = 0.5
SMALLEST_PX = 10.0
_POINTS = ("right_eye", "left_eye", "nose", "mouth_right", "mouth_left")
_MIRRORED = (2, 3, 0, 1, 4, 5, 8, 9, 6, 7)

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A picture file and its faces: boxes (k, 4) left, top, right, bottom; scores (k,); landmarks (k, 10) x, y; pixels."""

    path: Path
    boxes: Floats
    scores: Floats
    landmarks: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Crop:
    """A training crop (side, side, 3) uint8; boxes (k, 4), landmarks (k, 10) in its pixels; weights (k,) 0 unknown .. 1."""

    pixels: NDArray[np.uint8]
    boxes: Floats
    weights: Floats
    landmarks: Floats


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    except OSError as error:
        raise BadMedia(f"{path}: expected a table of face boxes, got {error.strerror}") from error


def load(folder: Path) -> tuple[Example, ...]:
    """All pictures with boxes, and those surely without a face, in order of their names.

    Raises BadMedia when a table is missing.
    """
    found: dict[str, list[list[float]]] = {}
    for row in _rows(folder / "face_boxes.csv"):
        x, y, w, h, score = (float(row[k]) for k in ("x", "y", "w", "h", "score"))
        points = [float(row[f"{name}_{axis}"]) for name in _POINTS for axis in "xy"]
        found.setdefault(row["file"], []).append([x, y, x + w, y + h, score, *points])
    for row in _rows(folder / "face_free.csv"):
        if float(row["best_score"]) < SURELY_FREE:
            found[row["file"]] = []
    examples = []
    for name in sorted(found):
        table = np.array(found[name], np.float32).reshape(-1, 15)
        examples.append(Example(folder / name, table[:, :4], table[:, 4], table[:, 5:]))
    return tuple(examples)


def is_held_out(example: Example, share: float = 0.1) -> bool:
    """Whether the picture belongs to the held-out share, by a hash of its name: the same on every machine."""
    name = "/".join(example.path.parts[-2:])
    return int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) / 2**32 < share


class Album:
    """Opened pictures, kept in memory: small files, read once."""

    def __init__(self) -> None:
        self._pixels: dict[Path, NDArray[np.uint8]] = {}

    def pixels(self, path: Path) -> NDArray[np.uint8]:
        """Upright RGB pixels (height, width, 3) of a file."""
        if path not in self._pixels:
            self._pixels[path] = image.open(path).pixels
        return self._pixels[path]


def _view(example: Example, size: tuple[int, int], side: int, rng: np.random.Generator) -> tuple[float, float, float]:
    """How to look at a picture: scale, and the middle (x, y) in picture pixels.

    A picture with faces is scaled so that one of them spans 14 px .. 0.9 of the crop; one without is scaled at random.
    """
    width, height = size
    if len(example.boxes) == 0 or rng.random() < 0.15:
        scale = 640 / max(width, height) * np.exp(rng.uniform(np.log(0.3), np.log(1.5)))
        return float(scale), float(rng.uniform(0, width)), float(rng.uniform(0, height))
    left, top, right, bottom = example.boxes[rng.integers(len(example.boxes))]
    face = np.sqrt((right - left) * (bottom - top))
    scale = min(np.exp(rng.uniform(np.log(14), np.log(0.9 * side))) / face, 4.0)
    reach = max(0.1 * side / scale, 0.5 * (side / scale - face))
    x = (left + right) / 2 + rng.uniform(-reach, reach)
    y = (top + bottom) / 2 + rng.uniform(-reach, reach)
    return float(scale), float(x), float(y)


def _affine(scale: float, angle: float, flip: bool, x: float, y: float, side: int) -> Floats:
    """The 2x3 matrix that brings picture point (x, y) to the middle of the crop, scaled, turned and perhaps mirrored."""
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    mirror = -1.0 if flip else 1.0
    linear = np.array([[mirror * cos, -mirror * sin], [sin, cos]])
    shift = side / 2 - linear @ np.array([x, y])
    return np.concatenate([linear, shift[:, None]], 1).astype(np.float32)


def _seen(example: Example, matrix: Floats, scale: float, flip: bool, side: int) -> tuple[Floats, Floats, Floats]:
    """Boxes, weights and landmarks of an example as the crop shows them; faces outside it are left out."""
    count = len(example.boxes)
    middles = (example.boxes[:, :2] + example.boxes[:, 2:]) / 2
    halves = (example.boxes[:, 2:] - example.boxes[:, :2]) / 2 * scale
    middles = middles @ matrix[:, :2].T + matrix[:, 2]
    boxes = np.concatenate([middles - halves, middles + halves], 1)
    landmarks = (example.landmarks.reshape(count, 5, 2) @ matrix[:, :2].T + matrix[:, 2]).reshape(count, 10)
    if flip:
        landmarks = landmarks[:, _MIRRORED]
    shown = np.clip(boxes, 0, side)
    area = (shown[:, 2:] - shown[:, :2]).prod(1)
    share = area / np.maximum((boxes[:, 2:] - boxes[:, :2]).prod(1), 1e-6)
    weights = np.where(example.scores >= SURE_SCORE, 1.0, WEAK_WEIGHT)
    weights[(share < 0.6) | (np.sqrt(halves.prod(1) * 4) < SMALLEST_PX)] = 0.0
    keep = area > 0
    return boxes[keep].astype(np.float32), weights[keep].astype(np.float32), landmarks[keep].astype(np.float32)


def cut(
    example: Example,
    pixels: NDArray[np.uint8],
    side: int,
    rng: np.random.Generator,
    ground: NDArray[np.uint8] | None = None,
) -> Crop:
    """One crop of one picture: scaled, shifted, turned a little and mirrored by chance.

    Where the crop reaches over the picture's edge it shows `ground` (side, side, 3), or one grey.
    """
    height, width = pixels.shape[:2]
    scale, x, y = _view(example, (width, height), side, rng)
    angle = float(np.radians(np.clip(rng.normal(0, 9), -25, 25))) if rng.random() < 0.5 else 0.0
    flip = bool(rng.random() < 0.5)
    matrix = _affine(scale, angle, flip, x, y, side)
    boxes, weights, landmarks = _seen(example, matrix, scale, flip, side)
    if scale < 0.7:  # area first, so that shrinking does not alias
        small = (max(1, round(width * scale)), max(1, round(height * scale)))
        pixels = np.asarray(cv2.resize(pixels, small, interpolation=cv2.INTER_AREA), np.uint8)
        matrix = (matrix @ np.diag([width / small[0], height / small[1], 1.0])).astype(np.float32)
    shown = np.full((side, side, 3), rng.integers(0, 256), np.uint8) if ground is None else ground.copy()
    cv2.warpAffine(pixels, matrix, (side, side), shown, cv2.INTER_LINEAR, cv2.BORDER_TRANSPARENT)
    return Crop(shown, boxes, weights, landmarks)


def mosaic(crops: tuple[Crop, Crop, Crop, Crop]) -> Crop:
    """Four crops of equal side as one of twice that side."""
    side = len(crops[0].pixels)
    spots = ((0, 0), (side, 0), (0, side), (side, side))
    canvas = np.zeros((2 * side, 2 * side, 3), np.uint8)
    boxes, landmarks = [], []
    for crop, (x, y) in zip(crops, spots, strict=True):
        canvas[y : y + side, x : x + side] = crop.pixels
        boxes.append(crop.boxes + np.array([x, y, x, y], np.float32))
        landmarks.append(crop.landmarks + np.array([x, y] * 5, np.float32))
    weights = np.concatenate([crop.weights for crop in crops])
    return Crop(canvas, np.concatenate(boxes), weights, np.concatenate(landmarks))


def recoloured(pixels: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """The same crop under another light, lens and codec: brightness, contrast, tint, grey, blur, noise, JPEG."""
    gains = np.exp(rng.normal(0, 0.25)) * np.exp(rng.normal(0, 0.08, 3))
    levels = (np.arange(256)[:, None] - 127.5) * gains + 127.5 + rng.normal(0, 25)
    out = np.asarray(cv2.LUT(pixels, np.clip(levels, 0, 255).astype(np.uint8)[None]), np.uint8)
    if rng.random() < 0.2:
        out = np.repeat(cv2.cvtColor(out, cv2.COLOR_RGB2GRAY)[..., None], 3, 2)
    if rng.random() < 0.2:
        out = np.asarray(cv2.GaussianBlur(out, (0, 0), float(rng.uniform(0.5, 1.8))), np.uint8)
    if rng.random() < 0.2:
        noise = np.empty(out.shape, np.int16)
        cv2.setRNGSeed(int(rng.integers(2**31)))
        cv2.randn(noise, np.zeros(3), np.full(3, rng.uniform(2, 12)))
        out = np.asarray(cv2.add(out, noise, dtype=cv2.CV_8U), np.uint8)
    if rng.random() < 0.3:
        quality = int(rng.integers(25, 90))
        out = np.asarray(cv2.imdecode(cv2.imencode(".jpg", out, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 1), np.uint8)
    return out
