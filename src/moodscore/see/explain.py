"""Explain: what each part of a photo's reading contributed, and which regions of the picture pushed the scene where.

Occlusion sensitivity: one region after another is replaced by a heavily blurred copy and the picture is read again; what
the reading loses is what the region pushed. Source: M. D. Zeiler & R. Fergus, "Visualizing and understanding convolutional
networks", ECCV 2014.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from moodscore.affect import Affect
from moodscore.media import Face, Photo
from moodscore.reading import Reading
from moodscore.see import people
from moodscore.see import photo as see_photo

SIDE = 256
WINDOWS = (7, 4)  # of each row and column, small ones that locate and large ones that weigh


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """A photo's reading, every face found in it (the largest first), and what each region pushed the scene's reading by.

    `push` is float32 (rows, columns, 2): valence and arousal that the scene's reading would lose without that region.
    """

    reading: Reading
    faces: tuple[Face, ...]
    push: NDArray[np.float32]

    @property
    def scene(self) -> Reading:
        """What the picture as a whole said: the part called "scene", or the reading itself when no face had a say."""
        return next((p.reading for p in self.reading.parts if p.name == "scene"), self.reading)


def explain(photo: Photo, progress: Callable[[float], None] | None = None) -> Explanation:
    """Read a photo with its faces, and find what pushed the scene's reading, by 66 readings of a small picture.

    `progress` is told the share 0..1 that is done.
    """
    watched = people.watch(photo)
    done = itertools.count(1)
    readings = 1 + sum(count * count for count in WINDOWS)

    def feel(seen: Photo) -> Affect:
        felt = see_photo.perceive(seen).affect
        if progress:
            progress(next(done) / readings)
        return felt

    push = occlusion(photo, feel)
    return Explanation(watched.reading, watched.faces, push)


def occlusion(photo: Photo, feel: Callable[[Photo], Affect], windows: Sequence[int] = WINDOWS) -> NDArray[np.float32]:
    """What each region pushed a feeling by: float32 (rows, columns, 2), valence and arousal, of a picture <= 256 px.

    For each number in `windows`, so many by so many soft windows that overlap are blurred one at a time; a pixel's push is
    the mean loss of the windows over it, and the mean over the numbers.
    """
    small = _shrunk(photo)
    height, width = small.shape[:2]
    blurred = cv2.GaussianBlur(small, (0, 0), max(height, width) / 6, borderType=cv2.BORDER_REFLECT)
    whole = feel(Photo(small.astype(np.uint8), photo.name, photo.full_size))
    total = np.zeros((height, width, 2), np.float32)
    for count in windows:
        push, cover = np.zeros_like(total), np.full((height, width, 1), 1e-6, np.float32)
        for down in _bumps(height, count):
            for across in _bumps(width, count):
                window = (down[:, None] * across[None, :])[..., None]
                hidden = np.round(small * (1 - window) + blurred * window).astype(np.uint8)
                felt = feel(Photo(hidden, photo.name, photo.full_size))
                lost = np.array((whole.valence - felt.valence, whole.arousal - felt.arousal), np.float32)
                push += window * lost
                cover += window
        total += push / cover / len(windows)
    return total


def _shrunk(photo: Photo) -> NDArray[np.float32]:
    """The picture as float32 0..255 with its longer side at most 256 pixels."""
    width, height = photo.size
    scale = min(1.0, SIDE / max(width, height))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(photo.pixels, size, interpolation=cv2.INTER_AREA), np.float32)


def _bumps(length: int, count: int) -> NDArray[np.float32]:
    """`count` raised-cosine-like bumps (count, length), evenly spaced, each falling to nothing at the next but one."""
    places = (np.arange(length) + 0.5) / length
    middles = (np.arange(count) + 0.5) / count
    away = np.abs(places[None, :] - middles[:, None]) * count
    return np.asarray(np.where(away < 1.25, np.cos(away / 1.25 * np.pi / 2) ** 2, 0.0), np.float32)
