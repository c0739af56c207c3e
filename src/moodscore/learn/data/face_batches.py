"""Batches for the face networks, made anew for each epoch: augmented expressions, and crops with boxes and landmarks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moodscore.errors import MissingExtra
from moodscore.learn.data import face_boxes, fer2013
from moodscore.learn.data.face_boxes import Album, Crop, Example
from moodscore.learn.data.fer2013 import Faces
from moodscore.learn.train import TrainConfig

try:
    import torch
    from torch import Tensor
    from torch.nn import functional
except ModuleNotFoundError as error:
    raise MissingExtra("training", "learn") from error

Truth = tuple[Tensor, Tensor, Tensor]


def moved(images: Tensor, side: int, rng: np.random.Generator) -> Tensor:
    """Faces (n, 1, h, w) -> (n, 1, side, side): mirrored by chance, turned, shifted, scaled and stretched a little."""
    n, zoom_out = len(images), side / images.shape[3]
    angle = np.radians(rng.normal(0, 9, n).clip(-25, 25))
    zoom = zoom_out / np.exp(rng.normal(0.0, 0.09, n).clip(-0.25, 0.25))
    aspect = np.exp(rng.normal(0, 0.03, n))
    flip = rng.choice([-1.0, 1.0], n)
    shift = rng.normal(0, 0.06, (n, 2)).clip(-0.16, 0.16)
    across = np.stack([flip * zoom * aspect * np.cos(angle), -zoom * np.sin(angle), shift[:, 0]], 1)
    down = np.stack([flip * zoom * np.sin(angle), zoom / aspect * np.cos(angle), shift[:, 1]], 1)
    theta = torch.from_numpy(np.stack([across, down], 1).astype(np.float32))
    grid = functional.affine_grid(theta, [n, 1, side, side], align_corners=False)
    return functional.grid_sample(images, grid, mode="bilinear", padding_mode="border", align_corners=False)


def relit(images: Tensor, rng: np.random.Generator) -> Tensor:
    """Faces under another gamma, some blurred by half, half of them with a grey patch over a part."""
    n, side = len(images), images.shape[3]
    gamma = torch.from_numpy(np.exp(rng.normal(0, 0.2, n)).astype(np.float32)).view(n, 1, 1, 1)
    out = (images / 255).clamp(1e-4, 1).pow(gamma) * 255
    small = torch.from_numpy(np.flatnonzero(rng.random(n) < 0.15))
    if len(small):
        low = functional.avg_pool2d(out[small], 2)
        out[small] = functional.interpolate(low, size=(side, side), mode="bilinear", align_corners=False)
    for row in np.flatnonzero(rng.random(n) < 0.5):
        height, width = rng.integers(side // 8, side // 2, 2)
        top, left = rng.integers(0, side - height), rng.integers(0, side - width)
        out[row, 0, top : top + height, left : left + width] = float(rng.uniform(0, 255))
    return out


@dataclass(frozen=True, slots=True, eq=False)
class ExpressionBatches:
    """A stream of augmented faces (n, 1, side, side) and what was said of them (labels, votes, trust).

    Crops grow from `side` to `late_side` pixels once `late_from` of the training is done: small ones are cheaper. `mixup`
    blends half of the batches with themselves (Beta(mixup, mixup)). `balance` > 0 draws rare classes oftener, each time
    augmented anew: by the power -balance of their share.
    """

    faces: Faces
    side: int = 40
    late_side: int = 48
    late_from: float = 0.75
    mixup: float = 0.3
    balance: float = 0.0

    def __len__(self) -> int:
        return len(self.faces)

    def order(self, rng: np.random.Generator) -> NDArray[np.int64]:
        """One epoch's rows: all of them shuffled, or drawn by class where `balance` asks for it."""
        if self.balance == 0:
            return rng.permutation(len(self.faces))
        classes = self.faces.labels.argmax(1)
        share = np.bincount(classes, minlength=fer2013.CLASSES) / len(self.faces)
        weights = share[classes] ** -self.balance
        return rng.choice(len(self.faces), len(self.faces), p=weights / weights.sum())

    def epoch(
        self, number: int, config: TrainConfig, progress: Callable[[], float]
    ) -> Iterator[tuple[Tensor, tuple[Tensor, ...]]]:
        """The batches of one epoch; an incomplete last one is left out."""
        rng = np.random.default_rng((config.seed, number))
        order = self.order(rng)
        for start in range(0, len(order) - config.batch_size + 1, config.batch_size):
            rows = order[start : start + config.batch_size]
            images = torch.from_numpy(self.faces.images[rows]).float().unsqueeze(1)
            images = relit(moved(images, self.late_side if progress() >= self.late_from else self.side, rng), rng)
            said = tuple(torch.from_numpy(v[rows]) for v in (self.faces.labels, self.faces.votes, self.faces.trust))
            if self.mixup and rng.random() < 0.5:
                share = float(rng.beta(self.mixup, self.mixup))
                images, said = _mixed(images, said, max(share, 1 - share))
            yield images.contiguous(memory_format=torch.channels_last), said


def _mixed(images: Tensor, said: tuple[Tensor, ...], share: float) -> tuple[Tensor, tuple[Tensor, ...]]:
    """Each face blended with the one opposite in the batch, and what was said of both; trust is that of the lesser."""
    blended = tuple(share * v + (1 - share) * v.flip(0) for v in said[:2])
    return share * images + (1 - share) * images.flip(0), (*blended, torch.minimum(said[2], said[2].flip(0)))


@dataclass(frozen=True, slots=True, eq=False)
class DetectionBatches:
    """A stream of normalised crops (n, 3, side, side) and their truths (boxes, weights, landmarks), one for each crop.

    `recipe` gives mean and std. A share `mosaics` of the crops is made of four; `free_share` of the cuts come from pictures
    without a face, and seven of ten lie on a ground cut from such a picture.
    """

    examples: Sequence[Example]
    recipe: Mapping[str, Any]
    side: int = 256
    mosaics: float = 0.35
    free_share: float = 0.3
    album: Album = field(default_factory=Album)

    def __len__(self) -> int:
        return len(self.examples)

    def epoch(
        self, number: int, config: TrainConfig, progress: Callable[[], float]
    ) -> Iterator[tuple[Tensor, list[Truth]]]:
        """As many crops as there are pictures, in batches."""
        rng = np.random.default_rng((config.seed, number))
        pools = [e for e in self.examples if len(e.boxes)], [e for e in self.examples if not len(e.boxes)]
        for _ in range(len(self.examples) // config.batch_size):
            yield self.batch([self.draw(pools, rng) for _ in range(config.batch_size)])

    def draw(self, pools: tuple[Sequence[Example], Sequence[Example]], rng: np.random.Generator) -> Crop:
        """One crop: a cut of one picture, or four of half the side in a mosaic, recoloured."""
        with_faces, without = pools

        def one(side: int, on_ground: bool, pool: Sequence[Example]) -> Crop:
            ground = one(side, False, without).pixels if on_ground else None
            example = pool[int(rng.integers(len(pool)))]
            return face_boxes.cut(example, self.album.pixels(example.path), side, rng, ground)

        def cut(side: int) -> Crop:
            return one(side, rng.random() < 0.7, without if rng.random() < self.free_share else with_faces)

        half = self.side // 2
        if rng.random() < self.mosaics:
            crop = face_boxes.mosaic((cut(half), cut(half), cut(half), cut(half)))
        else:
            crop = cut(self.side)
        return Crop(face_boxes.recoloured(crop.pixels, rng), crop.boxes, crop.weights, crop.landmarks)

    def batch(self, crops: Sequence[Crop]) -> tuple[Tensor, list[Truth]]:
        """Crops as the net eats them: what `prepare.face.normalised` does, for the whole batch; a test compares them."""
        pixels = torch.from_numpy(np.stack([crop.pixels for crop in crops])).permute(0, 3, 1, 2).float()
        mean, std = (torch.tensor(self.recipe[name]).view(1, 3, 1, 1) for name in ("mean", "std"))
        truths = [
            (torch.from_numpy(c.boxes), torch.from_numpy(c.weights), torch.from_numpy(c.landmarks)) for c in crops
        ]
        return ((pixels - mean) / std).contiguous(memory_format=torch.channels_last), truths
