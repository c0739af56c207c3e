"""Face detector: a teacher's boxes and landmarks -> FaceDetector -> one small ONNX file and its card.

    python recipes/face_detector.py train DATA --minutes 50 --out runs/face_detector
    python recipes/face_detector.py finish DATA --run runs/face_detector --out src/moodscore/weights

DATA holds face_boxes.csv, face_free.csv and the folders of pictures they name. `train` may be stopped and started again;
`finish` picks the threshold, measures, and writes files/face-detector.onnx and cards/face-detector.json.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from moodscore.learn import export
from moodscore.learn.data import face_boxes
from moodscore.learn.data.face_boxes import Album, Crop, Example
from moodscore.learn.models.face_detector import FaceDetector, detection_loss
from moodscore.measure import faces as measure
from moodscore.media import Box, Face, Photo
from moodscore.prepare import face as prepare
from moodscore.see import face as see
from moodscore.weights.card import Card
from moodscore.weights.session import Session

VERSION = "1.0"
THRESHOLDS = tuple(round(0.2 + 0.02 * step, 2) for step in range(31))
DATA = (
    {
        "name": "teacher's boxes",
        "source": "YuNet, W. Wu et al., 2023 (OpenCV FaceDetectorYN): boxes, scores and five landmarks, MIT",
        "use": "boxes from .85 count in full, weaker ones by half; .9 and more are the reference of the scores",
    },
    {
        "name": "pictures",
        "source": "film posters, OASIS photographs and the photographs of PACS",
        "terms": "posters are copyrighted, the others state no terms: used for training only, never shown, never shipped",
        "use": "90 % of the pictures by a hash of their names; the other 10 % for the scores",
    },
)
LIMITS = (
    "Finds faces; it does not tell whose they are, and computes no identity, age, gender or race. Nothing is stored.",
    "Learnt from another detector's boxes, not from people's: the scores compare it with that detector.",
    "Drawn faces, masks and animals with human-like faces are sometimes found; profiles, covered and tiny faces are missed.",
    "The pictures it learnt from show ages and skin tones unevenly; expect more misses where they are rare.",
)
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


Pools = tuple[Sequence[Example], Sequence[Example]]


def draw(pools: Pools, album: Album, cfg: Config, rng: np.random.Generator) -> Crop:
    """One training crop: a cut of one picture, or four of half the side in a mosaic, recoloured.

    `pools` are the pictures with faces and those without.
    """
    with_faces, without = pools

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
    pixels = torch.from_numpy(np.stack([crop.pixels for crop in crops])).permute(0, 3, 1, 2).float()
    mean, std = (torch.tensor(INPUT[name]).view(1, 3, 1, 1) for name in ("mean", "std"))
    pixels = (pixels - mean) / std  # what prepare.face.normalised does, for the whole batch; a test compares them
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
    for threshold in THRESHOLDS:
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
        pools = [e for e in examples if len(e.boxes)], [e for e in examples if not len(e.boxes)]
        while self.progress() < 1.0:
            rng = np.random.default_rng((self.config.seed, self.epoch))
            self.net.train()
            losses = []
            for _ in range(len(examples) // self.config.batch):
                began = time.monotonic()
                crops = [draw(pools, album, self.config, rng) for _ in range(self.config.batch)]
                losses.append(self.step(crops, self.progress()))
                self.spent_s += time.monotonic() - began
                if self.progress() >= 1.0:
                    break
            self.epoch += 1
            self.save()
            line = f"epoch {self.epoch} progress {self.progress():.3f} {self.spent_s:.0f} s loss {np.mean(losses):.4f}"
            if self.epoch % 5 == 0 or self.progress() >= 1.0:
                table = held_out_table(self.average, held, album)
                line += "".join(f"  {t}: r {d.recall:.3f} p {d.precision:.3f}" for t, d in list(table.items())[5::4])
            print(line, flush=True)


def landmark_error(held: Sequence[Example], found: Sequence[Sequence[Face]], sizes: Sequence[tuple[int, int]]) -> float:
    """Median distance between our landmarks and the teacher's, in shares of the teacher's eye distance."""
    errors = []
    for example, faces, size in zip(held, found, sizes, strict=True):
        for box, points, score in zip(example.boxes, example.landmarks.reshape(-1, 5, 2), example.scores, strict=True):
            reference_box = Box(*map(float, np.clip(box / np.float32(size * 2), 0, 1)))
            best = max(faces, key=lambda f: measure.overlap(f.box, reference_box), default=None)
            if score >= face_boxes.STRONG_SCORE and best and measure.overlap(best.box, reference_box) >= 0.5:
                gap = np.linalg.norm(np.array(best.landmarks) * size - points, axis=1).mean()
                errors.append(gap / max(np.linalg.norm(points[0] - points[1]), 1.0))
    return float(np.median(errors))


def speed_ms(session: Session, height: int, width: int, runs: int = 30) -> float:
    """Median milliseconds for one picture of this size, the network alone."""
    picture = np.zeros((1, 3, height, width), np.float32)
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        session.run({"image": picture})
        times.append(1000 * (time.perf_counter() - began))
    return round(float(np.median(times)), 2)


def finish(arguments: argparse.Namespace) -> None:
    """Pick the threshold, measure on held-out pictures, export, write weights and card."""
    torch.set_num_threads(1)
    state = torch.load(arguments.run_folder / "last.pt", weights_only=True)
    net = FaceDetector()
    net.load_state_dict(state["average"])
    held = [e for e in face_boxes.load(arguments.data) if face_boxes.is_held_out(e)]
    album = Album()
    table = held_out_table(net, held, album)
    threshold = max(table, key=lambda t: min(table[t].recall - 0.90, table[t].precision - 0.92))
    photos = [Photo(album.pixels(e.path), e.path.name, album.pixels(e.path).shape[1::-1]) for e in held]
    found = [found_by(net, photo, threshold) for photo in photos]
    weights: Path = arguments.run_folder / "face-detector.onnx"
    checksum = export.to_onnx(net, 224, weights, INPUT["maps"], (), (3, 32))  # type: ignore[arg-type]
    session = Session(weights.read_bytes(), "face-detector")
    results = {
        "held_out": {
            "pictures": len(held),
            "reference_boxes": table[threshold].found + table[threshold].missed,
            "recall": round(table[threshold].recall, 4),
            "precision": round(table[threshold].precision, 4),
            "counts": asdict(table[threshold]),
            "rule": "IoU >= .5 with boxes the teacher scores >= .9; hits on its boxes of .8-.9 count neither way; "
            "the threshold was picked on the same pictures",
            "median_landmark_error_in_eye_distances": round(landmark_error(held, found, [p.size for p in photos]), 4),
        },
        "by_threshold": {
            str(t): [round(d.recall, 4), round(d.precision, 4)] for t, d in table.items() if 0.3 <= t <= 0.7
        },
        "ms_640x640_one_core": speed_ms(session, 640, 640),
        "ms_640x448_one_core": speed_ms(session, 640, 448),
        "training": state["config"] | {"epochs": state["at"][0], "minutes": round(state["at"][2] / 60, 1)},
    }
    export.ship(card_of(checksum, results, threshold), weights, arguments.out)
    print(json.dumps(results, indent=1))


def card_of(checksum: str, results: dict[str, Any], threshold: float) -> Card:
    """The card that ships beside the weights."""
    return Card(
        name="face-detector",
        version=VERSION,
        task="faces in a picture: boxes, scores and five landmarks",
        summary="A small fully convolutional network, learnt from the boxes of a teacher; faces from 20 px of 640.",
        file="face-detector.onnx",
        sha256=checksum,
        licence="Apache-2.0",
        input=INPUT | {"threshold": threshold},
        outputs={
            name: f"(n, 15, h / {stride}, w / {stride}): score logit, log distances to the four sides in strides, "
            "landmarks in strides from the cell's centre"
            for name, stride in zip(INPUT["maps"], INPUT["strides"], strict=True)  # type: ignore[call-overload]
        },
        recipe="recipes/face_detector.py",
        data=DATA,
        scores=results,
        limits=LIMITS,
    )


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
    sub = commands.add_parser("finish")
    sub.add_argument("data", type=Path)
    sub.add_argument("--run", dest="run_folder", type=Path, required=True)
    sub.add_argument("--out", type=Path, required=True)
    sub.set_defaults(run=finish)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
