"""Mel batches: windows of played excerpts with noise mixed in, some stretches known, some wishes unsaid."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from moodscore.errors import BadMedia
from moodscore.learn.train import TrainConfig
from moodscore.music import diffusion_wishes as asking
from moodscore.music.pitch_bands import BANDS

STRETCHES = 64  # of a window, 5.12 s
FRAMES = 4  # of a stretch
SCALE = 2.0  # levels are -1 .. 1, and their spread about half: the net's numbers spread by about 1
MOST_SHIFT = 3  # bands, up or down
# How often each group of wishes is not said, besides the times when none is.
UNSAID = ((asking.AFFECT, 0.1), (asking.GENRE, 0.05), (asking.CHORD, 0.1), (asking.BEAT, 0.1), (asking.DENSITY, 0.3))
NOTHING_SAID = 0.12

Inputs = tuple[Tensor, Tensor, Tensor, Tensor]
Aims = tuple[Tensor, Tensor, Tensor]


@dataclass(frozen=True, slots=True, eq=False)
class MelBatches:
    """Excerpts: `levels` (n, frames, 96) uint8, `wishes` (n, stretches, WIDTH) float16; `count` windows make an epoch."""

    levels: NDArray[np.uint8]
    wishes: NDArray[np.float16]
    count: int = 4096

    @staticmethod
    def read(path: Path, valid: bool = False) -> MelBatches:
        """The excerpts to learn from, or the held-out ones, of a prepared file; BadMedia for another file."""
        try:
            with np.load(path, allow_pickle=False) as stored:
                rows = stored["valid"] == valid
                return MelBatches(stored["levels"][rows], stored["wishes"][rows])
        except (OSError, ValueError, KeyError) as error:
            raise BadMedia(f"{path}: expected prepared excerpts, got {error}; run prepare again") from error

    def __len__(self) -> int:
        return self.count

    def epoch(self, number: int, config: TrainConfig, progress: Callable[[], float]) -> Iterator[tuple[Any, Any]]:
        """Batches of epoch `number`."""
        rng = np.random.default_rng([config.seed, number, 5])
        for _ in range(self.count // config.batch_size):
            yield self.batch(rng, config.batch_size)

    def batch(self, rng: np.random.Generator, size: int, plain: bool = False) -> tuple[Inputs, Aims]:
        """`size` windows: (noisy, time, known, wishes), (clean, time, known); `plain` says all and knows nothing."""
        windows = [self._window(rng, plain) for _ in range(size)]
        clean = np.stack([sound for sound, _ in windows])
        wishes = np.stack([said for _, said in windows])
        known = np.zeros((size, STRETCHES), np.float32)
        if not plain:
            for k in range(size):
                known[k] = some_known(rng)
                wishes[k] = unsaid(rng, wishes[k])
        time = 1.0 / (1.0 + np.exp(-rng.normal(-0.7, 1.0, size)))
        t = np.where(known > 0, 1.0, time[:, None])[..., None]
        noisy = (1.0 - t) * rng.standard_normal(clean.shape, np.float32) + t * clean
        tensors = [torch.from_numpy(np.asarray(a, np.float32)) for a in (noisy, time, known, wishes, clean)]
        return (tensors[0], tensors[1], tensors[2], tensors[3]), (tensors[4], tensors[1], tensors[2])

    def _window(self, rng: np.random.Generator, plain: bool) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        which = int(rng.integers(len(self.levels)))
        start = int(rng.integers(self.wishes.shape[1] - STRETCHES + 1))
        frames = self.levels[which, start * FRAMES : (start + STRETCHES) * FRAMES]
        said = self.wishes[which, start : start + STRETCHES].astype(np.float32)
        shift = 0 if plain else int(rng.integers(-MOST_SHIFT, MOST_SHIFT + 1))
        frames, said = transposed(frames, said, shift)
        sound = (frames.astype(np.float32) / 127.5 - 1.0) * np.float32(SCALE)
        return sound.reshape(STRETCHES, FRAMES * BANDS), said


def transposed(
    frames: NDArray[np.uint8], said: NDArray[np.float32], shift: int
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Frames (n, 96) and wishes (t, WIDTH) `shift` semitones higher; bands that nothing moves into repeat the last one."""
    if not shift:
        return frames, said
    moved, said = np.roll(frames, shift, axis=1), said.copy()
    if shift > 0:
        moved[:, :shift] = frames[:, :1]
    else:
        moved[:, shift:] = frames[:, -1:]
    for first in (asking.CHORD.start, asking.CHORD.start + 12):
        said[:, first : first + 12] = np.roll(said[:, first : first + 12], shift, axis=1)
    return moved, said


def some_known(rng: np.random.Generator) -> NDArray[np.float32]:
    """Which stretches are known: none, the beginning, as a tune is drawn window by window, or now and then the end too."""
    known = np.zeros(STRETCHES, np.float32)
    kind = rng.random()
    if kind > 0.45:
        known[: int(rng.integers(6, 41))] = 1.0
    if kind > 0.88:
        known[STRETCHES - int(rng.integers(4, 17)) :] = 1.0
    return known


def unsaid(rng: np.random.Generator, said: NDArray[np.float32]) -> NDArray[np.float32]:
    """Wishes (t, WIDTH) with some groups, or all, not asked."""
    if rng.random() < NOTHING_SAID:
        return asking.without(said)
    dropped = [group for group, share in UNSAID if rng.random() < share]
    return asking.without(said, *dropped) if dropped else said
