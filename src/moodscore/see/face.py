"""Faces in a photo: where they are, and what their expressions say on the valence-arousal plane.

An expression is what a face shows, not what a person feels. No identity, age, gender or race is computed; crops are never
stored.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moodscore.errors import NoFace
from moodscore.media import Box, Face, Photo
from moodscore.prepare import face as prepare
from moodscore.reading import Reading
from moodscore.schemes import Labels
from moodscore.weights import store

DETECTOR = "face-detector"
EXPRESSION = "expression"
MOST_FACES = 300

Floats = NDArray[np.float32]


def find(photo: Photo) -> tuple[Face, ...]:
    """The faces of a photo, largest first; none is an empty tuple.

    The picture is looked at with its longer side at each of the card's `sides`: the large look finds faces from 20 px of
    640, the small ones those that fill the frame. Boxes are clipped to the picture.
    """
    recipe = store.card(DETECTOR).input
    session = store.session(DETECTOR)
    looks = []
    for tensor, fitted in prepare.looks(photo, recipe):
        maps = session.run({session.inputs[0]: tensor[None]})
        looks.append(
            decoded([maps[name][0] for name in recipe["maps"]], recipe) / np.array([*fitted * 7, 1], np.float32)
        )
    return chosen(np.concatenate(looks), photo.size, recipe)


def chosen(rows: Floats, size: tuple[int, int], recipe: Mapping[str, Any]) -> tuple[Face, ...]:
    """The faces among decoded rows in shares of a picture of `size` (width, height), largest first.

    Overlapping rows give way to the best; a face must score the card's `threshold`, which falls by `large_bonus` while its
    side grows from the first to the second share of the picture's longer side in `large`: false finds are small.
    """
    kept = suppressed(rows, float(recipe["overlap"]))
    spans = (kept[:, 2:4] - kept[:, :2]) * np.array(size, np.float32) / max(size)
    bonus = np.interp(np.sqrt(np.clip(spans.prod(1), 0, None)), recipe["large"], (0.0, float(recipe["large_bonus"])))
    kept = kept[kept[:, -1] >= float(recipe["threshold"]) - bonus]
    faces = (_face(row) for row in kept[:MOST_FACES])
    return tuple(sorted((f for f in faces if f is not None), key=lambda f: (-f.box.area, f.box.left)))


def decoded(maps: Sequence[Floats], recipe: Mapping[str, Any]) -> Floats:
    """Raw maps (15, h, w), one for each of `strides` -> the rows (n, 15) that score well enough for a large face.

    A row is left, top, right, bottom, five landmarks x, y, in canvas pixels, and the score.
    """
    threshold, strides = float(recipe["threshold"]) - float(recipe["large_bonus"]), recipe["strides"]
    least = math.log(threshold / (1 - threshold))
    rows = [np.zeros((0, 15), np.float32)]
    for stride, cells in zip(strides, maps, strict=True):
        down, across = np.nonzero(cells[0] >= least)
        values = cells[:, down, across].T
        centres = (np.stack([across, down], 1) + 0.5) * stride
        reach = np.exp(np.clip(values[:, 1:5], -4, 5)) * stride
        points = values[:, 5:] * stride + np.tile(centres, 5)
        score = 1 / (1 + np.exp(-values[:, :1]))
        rows.append(np.concatenate([centres - reach[:, :2], centres + reach[:, 2:], points, score], 1))
    return np.concatenate(rows).astype(np.float32)


def suppressed(rows: Floats, overlap: float) -> Floats:
    """The best-scored rows, best first, without those that overlap a better one by more than `overlap` (IoU)."""
    rows = rows[np.argsort(-rows[:, -1], kind="stable")]
    kept: list[Floats] = []
    while len(rows):
        best, rows = rows[0], rows[1:]
        kept.append(best)
        inner = np.clip(np.minimum(rows[:, 2:4], best[2:4]) - np.maximum(rows[:, :2], best[:2]), 0, None).prod(1)
        areas = (rows[:, 2:4] - rows[:, :2]).prod(1) + (best[2:4] - best[:2]).prod()
        rows = rows[inner <= overlap * np.maximum(areas - inner, 1e-12)]
    return np.stack(kept) if kept else rows


def _face(row: Floats) -> Face | None:
    """A row in shares of the picture as a Face; None when nothing of it lies in the picture."""
    left, top, right, bottom = (min(1.0, max(0.0, float(v))) for v in row[:4])
    if right - left < 1e-4 or bottom - top < 1e-4:
        return None
    points = tuple((float(x), float(y)) for x, y in row[4:14].reshape(5, 2))
    return Face(Box(left, top, right, bottom), min(1.0, float(row[14])), points)


def perceive(photo: Photo, face: Face) -> Reading:
    """What the expression of one face says: seven labels, their mean place on the plane and how far they spread.

    Confidence is the probability of the likeliest label.
    """
    card = store.card(EXPRESSION)
    session = store.session(EXPRESSION)
    crop = prepare.aligned(photo, face, card.input)
    answer = session.run({session.inputs[0]: prepare.tensor(crop, card.input)[None]}, ("probs",))["probs"][0]
    labels = Labels.of("expression", [max(0.0, float(p)) for p in answer])
    return Reading(labels.expectation, labels, max(labels.probs), card.source, labels.spread)


def perceive_all(photo: Photo) -> tuple[tuple[Face, Reading], ...]:
    """Every face of a photo with its reading, largest first.

    Raises NoFace, naming the photo, when there is none.
    """
    faces = find(photo)
    if not faces:
        raise NoFace(f"{photo.name}: expected a face, found none; use --from scene to read the whole picture instead")
    return tuple((face, perceive(photo, face)) for face in faces)
