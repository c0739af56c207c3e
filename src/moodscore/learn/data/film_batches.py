"""Batches of kept clips for the three-stream net: random crops and mirrored clips to train on, the middle to measure on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from moodscore.affect import Affect
from moodscore.errors import MissingExtra
from moodscore.learn.data import film_clips
from moodscore.learn.data.film_clips import Streams
from moodscore.learn.models.soundnet import SHORTEST
from moodscore.learn.models.three_stream import ClipBatch
from moodscore.learn.train import TrainConfig

try:
    import torch
    from torch import Tensor
except ModuleNotFoundError as error:
    raise MissingExtra("training", "learn") from error


@dataclass(frozen=True, slots=True, eq=False)
class ClipBatches:
    """A stream of batches of clips and their feelings (n, 2).

    `kept` are files of `film_clips`, `affects` what they induced. Frames are cut to `crop` pixels a side, the same place in
    all frames of a clip. With `vary` clips are shuffled, cut at a random place and half of them mirrored; without, they come
    in order, cut from the middle. `frames` > 0 looks at no more than so many frames of a clip, evenly spread. `threads`
    decode ahead.
    """

    kept: Sequence[Path]
    affects: Sequence[Affect]
    crop: int = 224
    frames: int = 0
    vary: bool = False
    threads: int = 1

    def __len__(self) -> int:
        return len(self.kept)

    def epoch(
        self, number: int, config: TrainConfig, progress: Callable[[], float] = lambda: 0.0
    ) -> Iterator[tuple[ClipBatch, Tensor]]:
        """All clips once. A last training batch of a single clip joins the one before, for batch norm needs company."""
        rng = np.random.default_rng((config.seed, number))
        order = rng.permutation(len(self)) if self.vary else np.arange(len(self))
        starts = list(range(0, len(order), config.batch_size))
        if self.vary and len(starts) > 1 and len(order) - starts[-1] == 1:
            starts.pop()
        ends = [*starts[1:], len(order)]
        with ThreadPoolExecutor(self.threads) as pool:
            jobs = [
                [(int(k), (config.seed, number, int(k))) for k in order[a:b]] for a, b in zip(starts, ends, strict=True)
            ]
            ahead = [[pool.submit(self.clip, *job) for job in jobs[0]]]
            for place, rows in enumerate(jobs):
                if place + 1 < len(jobs):
                    ahead.append([pool.submit(self.clip, *job) for job in jobs[place + 1]])
                made = [future.result() for future in ahead.pop(0)]
                aims = [(self.affects[k].valence, self.affects[k].arousal) for k, _ in rows]
                yield batch(made), torch.tensor(aims, dtype=torch.float32)

    def clip(self, place: int, seed: tuple[int, ...]) -> Streams:
        """One clip of the stream, cut and perhaps mirrored."""
        rng = np.random.default_rng(seed)
        path = self.kept[place]
        whole = film_clips.read(path, chosen(film_clips.count(path), self.frames, rng if self.vary else None).tolist())
        room = np.array(whole.frames.shape[1:3]) - self.crop
        top, left = (rng.integers(0, room + 1) if self.vary else room // 2).tolist()
        across = slice(left, left + self.crop)
        down = slice(top, top + self.crop)
        frames, flow = whole.frames[:, down, across], whole.flow[:, down, across]
        if self.vary and rng.random() < 0.5:
            # Mirrored, what went right goes left.
            frames, flow = frames[:, :, ::-1], flow[:, :, ::-1] * np.array([-1, 1], np.float32)
        return Streams(frames, flow, whole.wave)


def chosen(count: int, most: int, rng: np.random.Generator | None) -> NDArray[np.int64]:
    """The numbers of at most `most` of `count` frames (0: all), one from each equal stretch: its middle, or drawn."""
    if not 0 < most < count:
        return np.arange(count)
    edges = np.arange(most) * count / most
    within = np.full(most, 0.5) if rng is None else rng.random(most)
    return np.minimum((edges + within * count / most).astype(np.int64), count - 1)


def batch(clips: Sequence[Streams]) -> ClipBatch:
    """Clips as the net eats them; shorter waves are followed by silence."""
    frames = torch.from_numpy(np.ascontiguousarray(np.concatenate([c.frames for c in clips]).transpose(0, 3, 1, 2)))
    flow = torch.from_numpy(np.ascontiguousarray(np.concatenate([c.flow for c in clips]).transpose(0, 3, 1, 2)))
    owner = torch.repeat_interleave(torch.arange(len(clips)), torch.tensor([len(c.frames) for c in clips]))
    heard = torch.tensor([len(c.wave) for c in clips])
    waves = torch.zeros(len(clips), max(SHORTEST, int(heard.max())))
    for row, clip in zip(waves, clips, strict=True):
        row[: len(clip.wave)] = torch.from_numpy(clip.wave)
    return ClipBatch(frames, flow, owner, waves, heard)
