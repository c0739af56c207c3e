"""Focus: where the eye goes in a photo, so that no camera move and no crop loses it. No learned model, 3 ms.

Two cues of published saliency work are joined: centre against surround on several scales (L. Itti, C. Koch & E. Niebur,
IEEE PAMI 20 (1998) 1254-1259) and distance from the colours of the picture's border, which mostly is background (Y. Wei,
F. Wen, W. Zhu & J. Sun, "Geodesic saliency using background priors", ECCV 2012), both in CIE Lab, with a mild pull to the
middle. The answer is the smallest box that holds most of the sum.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from moodscore.media import Box, Face, Photo

SIDE = 96  # the longer side at which a photo is looked at, pixels
GRID = 24  # boxes are sought in steps of 1/GRID of each side
MASS = 0.66  # the share of all saliency a box must hold
LARGEST = 0.45  # when the smallest such box takes more of the picture than this, nothing stands out
LEAST = 0.12  # no box is narrower or lower than this share of the picture
FACE_HEIGHT = 0.04  # faces lower than this share of the picture are passers-by

Map = NDArray[np.float32]


def regions(photo: Photo, faces: Sequence[Face] = ()) -> tuple[Box, ...]:
    """The parts of a photo to keep in frame, most important first, in shares of the upright picture; may be none.

    First the `faces` with room for hair and chin, the largest before the others, then the most salient part, if anything
    stands out. The same photo always gives the same boxes.
    """
    seen = [f for f in faces if f.box.bottom - f.box.top >= FACE_HEIGHT]
    boxes = [_with_hair_and_chin(f.box) for f in sorted(seen, key=lambda f: -f.box.area * f.score)]
    salient = _smallest_box(saliency(photo))
    return (*boxes, salient) if salient else tuple(boxes)


def saliency(photo: Photo) -> Map:
    """How much each place draws the eye: float32 (height, width), longer side at most 96, in [0, 1] with maximum 1.

    All zero for a plain picture.
    """
    width, height = photo.size
    scale = min(1.0, SIDE / max(width, height))
    size = max(8, round(width * scale)), max(8, round(height * scale))
    small = cv2.resize(photo.pixels, size, interpolation=cv2.INTER_AREA)
    lab = np.asarray(cv2.cvtColor(small.astype(np.float32) / 255.0, cv2.COLOR_RGB2LAB), np.float32)
    salience = _to_one(_stands_out(lab)) + _to_one(_unlike_border(lab))
    smooth = np.asarray(cv2.GaussianBlur(salience, (0, 0), 1.5), np.float32)
    return _to_one(smooth * _toward_middle(*size)) ** 2


def _stands_out(lab: Map) -> Map:
    """Difference of each place from its surroundings, summed over four scales; lightness counts half of colour."""
    weighted = lab * np.array([0.5, 1.0, 1.0], np.float32)
    side = min(lab.shape[:2])
    total = np.zeros(lab.shape[:2], np.float32)
    for share in (0.02, 0.04, 0.08):
        centre = cv2.GaussianBlur(weighted, (0, 0), max(0.6, share * side), borderType=cv2.BORDER_REFLECT)
        around = cv2.GaussianBlur(weighted, (0, 0), 4 * share * side, borderType=cv2.BORDER_REFLECT)
        total += np.sqrt(((centre - around) ** 2).sum(axis=2))
    return total


def _unlike_border(lab: Map) -> Map:
    """Mahalanobis distance of each colour from the colours of the border; of the four sides the least telling is left out.

    The side that differs most from the other three is likely to be touched by the subject and is not asked.
    """
    rim = max(1, min(lab.shape[:2]) // 16)
    sides = [s.reshape(-1, 3) for s in (lab[:rim], lab[-rim:], lab[:, :rim], lab[:, -rim:])]
    distances = [_distance(lab, side) for side in sides]
    return np.asarray(np.sort(np.stack(distances), axis=0)[:3].mean(axis=0), np.float32)


def _distance(lab: Map, side: Map) -> Map:
    mean = side.mean(axis=0)
    spread = np.cov(side, rowvar=False) + 25.0 * np.eye(3)  # 5 Lab units: what noise and shading amount to
    off = (lab - mean).reshape(-1, 3)
    squared = np.einsum("ij,jk,ik->i", off, np.linalg.inv(spread), off)
    return np.asarray(np.sqrt(np.maximum(squared, 0)).reshape(lab.shape[:2]), np.float32)


def _toward_middle(width: int, height: int) -> Map:
    """1 in the middle, about .5 at the corners."""
    x = (np.arange(width, dtype=np.float32) + 0.5) / width - 0.5
    y = (np.arange(height, dtype=np.float32) + 0.5) / height - 0.5
    return np.asarray(np.exp(-(y[:, None] ** 2 + x[None, :] ** 2) / 0.72), np.float32)


def _to_one(values: Map) -> Map:
    """Values shifted and scaled so that the least is 0 and the most is 1; all zero when they hardly differ."""
    low, high = float(values.min()), float(values.max())
    scaled = (values - low) / (high - low) if high - low > 1e-3 else np.zeros_like(values)
    return np.asarray(scaled, np.float32)


def _smallest_box(salience: Map) -> Box | None:
    """The smallest box holding MASS of the saliency, or None when it would hold most of the picture anyway."""
    grid = cv2.resize(salience, (GRID, GRID), interpolation=cv2.INTER_AREA).astype(np.float64)
    if grid.sum() <= 0:
        return None
    sums = np.zeros((GRID + 1, GRID + 1))
    sums[1:, 1:] = (grid / grid.sum()).cumsum(axis=0).cumsum(axis=1)
    least = round(LEAST * GRID)
    first, last = (np.asarray(k) for k in np.triu_indices(GRID + 1, least))
    bands = sums[last] - sums[first]  # (spans, GRID + 1): what lies between two rows, summed from the left
    mass = bands[:, last] - bands[:, first]  # (vertical spans, horizontal spans)
    area = (last - first)[:, None] * (last - first)[None, :] / GRID**2
    cost = np.where(mass >= MASS, area - 0.05 * mass, np.inf)  # of boxes of one size the fullest
    down, across = np.unravel_index(int(cost.argmin()), cost.shape)
    if area[down, across] > LARGEST:
        return None
    # a thing's middle holds the densest part of the sum, so one step more on each side takes in its edges
    start, end = np.maximum(first - 1, 0) / GRID, np.minimum(last + 1, GRID) / GRID
    return Box(float(start[across]), float(start[down]), float(end[across]), float(end[down]))


def _with_hair_and_chin(box: Box) -> Box:
    """A detector's box with room around it: 30 % of its width beside it, 45 % of its height above, 30 % below."""
    wide, high = box.right - box.left, box.bottom - box.top
    return Box(
        max(0.0, box.left - 0.3 * wide),
        max(0.0, box.top - 0.45 * high),
        min(1.0, box.right + 0.3 * wide),
        min(1.0, box.bottom + 0.3 * high),
    )
