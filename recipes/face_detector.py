"""Face detector: a teacher's boxes and landmarks -> FaceDetector -> one small ONNX file and its card.

python recipes/face_detector.py train DATA --minutes 50 --out runs/face_detector
"""

from __future__ import annotations

import argparse
import copy
import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from moodscore.learn.data import face_boxes
from moodscore.learn.data.face_boxes import Album, Crop, Example
from moodscore.learn.models.face_detector import FaceDetector, detection_loss
from moodscore.measure import faces as measure
from moodscore.media import Box, Face, Photo
from moodscore.prepare import face as prepare
from moodscore.see import face as see

INPUT = {
    "mean": [127.5, 127.5, 127.5],
    "std": [64.0, 64.0, 64.0],
    "sides": [640, 224],
    "strides": [8, 16, 32],
    "maps": ["at8", "at16", "at32"],
    "threshold": 0.5,
    "overlap": 0.4,
}


@dataclass(frozen=True, slots=True)
class Config:
    """How to train: either `epochs` or `minutes` ends the cosine schedule; crops are `side` pixels square."""

    epochs: float = 60
    minutes: float = 0
    batch: int = 16
    rate: float = 2e-3
    decay: float = 0.02
    side: int = 256
    mosaics: float = 0.35
    free_share: float = 0.3
    ema: float = 0.998
    seed: int = 0


def draw(examples: Sequence[Example], album: Album, cfg: Config, rng: np.random.Generator) -> Crop:
    """One training crop: a cut of one picture, or four of half the side in a mosaic, recoloured."""
    with_faces = [e for e in examples if len(e.boxes)]
    without = [e for e in examples if not len(e.boxes)]

    def free(side: int, ground: np.ndarray | None = None) -> Crop:
        example = without[int(rng.integers(len(without)))]
        return face_boxes.cut(example, album.pixels(example.path), side, rng, ground)

    def one(side: int) -> Crop:
        ground = free(side).pixels if rng.random() < 0.7 else None
        if rng.random() < cfg.free_share:
            return free(side, ground)
        example = with_faces[int(rng.integers(len(with_faces)))]
        return face_boxes.cut(example, album.pixels(example.path), side, rng, ground)

    if rng.random() < cfg.mosaics:
        half = cfg.side // 2
        crop = face_boxes.mosaic((one(half), one(half), one(half), one(half)))
    else:
        crop = one(cfg.side)
    return Crop(face_boxes.recoloured(crop.pixels, rng), crop.boxes, crop.weights, crop.landmarks)


def batch_of(crops: Sequence[Crop]) -> tuple[Tensor, list[tuple[Tensor, Tensor, Tensor]]]:
    """Crops -> pictures (n, 3, side, side) as the card's input says, and the truths the loss wants."""
    pixels = torch.from_numpy(np.stack([prepare.normalised(crop.pixels, INPUT) for crop in crops]))
    truths = [tuple(map(torch.from_numpy, (c.boxes, c.weights, c.landmarks))) for c in crops]
    return pixels.contiguous(memory_format=torch.channels_last), truths  # type: ignore[return-value]


@torch.no_grad()
def found_by(net: FaceDetector, photo: Photo, threshold: float) -> tuple[Face, ...]:
    """What `see.face.find` would answer with this net."""
    net.eval()
    recipe = INPUT | {"threshold": threshold}
    looks = []
    for side in INPUT["sides"]:  # type: ignore[attr-defined]
        canvas, fitted = prepare.canvas(photo, side, recipe)
        maps = [m[0].float().numpy() for m in net(torch.from_numpy(canvas)[None])]
        looks.append(see.decoded(maps, recipe) / np.array([*fitted * 7, 1], np.float32))
    faces = map(see._face, see.suppressed(np.concatenate(looks), INPUT["overlap"]))  # type: ignore[arg-type]
    return tuple(face for face in faces if face is not None)


def reference(example: Example, size: tuple[int, int]) -> tuple[list[Box], list[Box]]:
    """The boxes of an example clipped to its picture: strong ones, and weak ones whose worth is unknown."""
    shares = np.clip(example.boxes / np.float32(size * 2), 0, 1)
    boxes = [Box(*map(float, row)) for row in shares]
    strong = example.scores >= face_boxes.STRONG_SCORE
    return [b for b, s in zip(boxes, strong, strict=True) if s], [
        b for b, s in zip(boxes, strong, strict=True) if not s
    ]


def held_out_table(net: FaceDetector, held: Sequence[Example], album: Album) -> dict[float, measure.Detection]:
    """Recall and precision at several thresholds over held-out pictures."""
    photos = [Photo(album.pixels(e.path), e.path.name, album.pixels(e.path).shape[1::-1]) for e in held]
    found = [found_by(net, photo, 0.2) for photo in photos]
    pairs = [reference(e, p.size) for e, p in zip(held, photos, strict=True)]
    table = {}
    for threshold in (0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7):
        kept = [[f for f in faces if f.score >= threshold] for faces in found]
        table[threshold] = measure.evaluate([s for s, _ in pairs], [w for _, w in pairs], kept)
    return table


class Trainer:
    """One resumable run: net, its moving average, optimiser, and how far it has come."""

    def __init__(self, config: Config, out: Path) -> None:
        torch.set_num_threads(1)
        torch.manual_seed(config.seed)
        self.config, self.out = config, out
        self.net = FaceDetector().to(memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.net)
        self.optimiser = torch.optim.AdamW(self.net.parameters(), lr=config.rate, weight_decay=config.decay)
        self.epoch, self.steps, self.spent_s = 0, 0, 0.0

    def save(self) -> None:
        """Write everything a later process needs to go on, in one atomic step."""
        state = {
            "net": self.net.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "at": (self.epoch, self.steps, self.spent_s),
            "config": asdict(self.config),
        }
        part = self.out / "last.pt.part"
        torch.save(state, part)
        part.replace(self.out / "last.pt")

    def resume(self) -> None:
        """Go on from the last epoch that was saved, if there is one."""
        path = self.out / "last.pt"
        if path.exists():
            state: dict[str, Any] = torch.load(path, weights_only=True)
            self.net.load_state_dict(state["net"])
            self.average.load_state_dict(state["average"])
            self.optimiser.load_state_dict(state["optimiser"])
            self.epoch, self.steps, self.spent_s = state["at"]

    def progress(self) -> float:
        """How much of the schedule is done, 0..1: by the clock when minutes were given, else by epochs."""
        if self.config.minutes:
            return min(1.0, self.spent_s / 60 / self.config.minutes)
        return min(1.0, self.epoch / self.config.epochs)

    def step(self, crops: Sequence[Crop], progress: float) -> float:
        """One batch forward and back; returns its loss."""
        warm = min(1.0, (self.steps + 1) / 200)
        for group in self.optimiser.param_groups:
            group["lr"] = self.config.rate * warm * (0.5 + 0.5 * math.cos(math.pi * progress)) + 1e-5
        pixels, truths = batch_of(crops)
        with torch.autocast("cpu", torch.bfloat16):
            maps = self.net(pixels)
        loss = detection_loss(maps, truths)
        self.optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 10.0)
        self.optimiser.step()
        self.steps += 1
        keep = min(self.config.ema, (1 + self.steps) / (10 + self.steps))
        with torch.no_grad():
            for slow, fast in zip(self.average.state_dict().values(), self.net.state_dict().values(), strict=True):
                slow.lerp_(fast, 1 - keep) if slow.is_floating_point() else slow.copy_(fast)
        return float(loss.detach())

    def run(self, examples: Sequence[Example], held: Sequence[Example]) -> None:
        """Train until the schedule ends, saving each epoch (as many crops as there are pictures)."""
        album = Album()
        while self.progress() < 1.0:
            rng = np.random.default_rng((self.config.seed, self.epoch))
            self.net.train()
            losses = []
            for _ in range(len(examples) // self.config.batch):
                began = time.monotonic()
                crops = [draw(examples, album, self.config, rng) for _ in range(self.config.batch)]
                losses.append(self.step(crops, self.progress()))
                self.spent_s += time.monotonic() - began
                if self.progress() >= 1.0:
                    break
            self.epoch += 1
            self.save()
            line = f"epoch {self.epoch} progress {self.progress():.3f} {self.spent_s:.0f} s loss {np.mean(losses):.4f}"
            if self.epoch % 5 == 0 or self.progress() >= 1.0:
                table = held_out_table(self.average, held, album)
                line += "".join(f"  {t}: r {d.recall:.3f} p {d.precision:.3f}" for t, d in table.items())
            print(line, flush=True)


def train(arguments: argparse.Namespace) -> None:
    """Train, or go on training, a run folder."""
    out: Path = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    config = Config(minutes=arguments.minutes, epochs=arguments.epochs, seed=arguments.seed)
    examples = face_boxes.load(arguments.data)
    learn = [e for e in examples if not face_boxes.is_held_out(e)]
    held = [e for e in examples if face_boxes.is_held_out(e)]
    print(f"{len(learn)} pictures to learn from, {len(held)} held out; {config}", flush=True)
    trainer = Trainer(config, out)
    trainer.resume()
    trainer.run(learn, held)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(required=True)
    sub = commands.add_parser("train")
    sub.add_argument("data", type=Path)
    sub.add_argument("--out", type=Path, required=True)
    sub.add_argument("--minutes", type=float, default=0)
    sub.add_argument("--epochs", type=float, default=60)
    sub.add_argument("--seed", type=int, default=0)
    sub.set_defaults(run=train)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
