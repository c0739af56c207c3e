"""Expression: FER2013 and FERPlus votes -> ExpressionNet -> one small ONNX file and its card.

    python recipes/expression.py train fer2013.npz --minutes 80 --out runs/expression
    python recipes/expression.py finish fer2013.npz --run runs/expression --out src/moodscore/weights

`train` may be stopped and started again; `finish` chooses on the held-out rows, looks at PublicTest once, and writes
files/expression.onnx, cards/expression.json and the confusion matrix beside the run.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from moodscore.learn import export
from moodscore.learn.data import fer2013
from moodscore.learn.data.fer2013 import Faces
from moodscore.learn.models.expression_net import ExpressionNet
from moodscore.learn.models.vgg16_fer import Vgg16
from moodscore.measure import labels as measure
from moodscore.prepare import face as prepare
from moodscore.schemes import EXPRESSIONS
from moodscore.weights.card import Card
from moodscore.weights.session import Session

VERSION = "1.0"
INPUT = {
    "size": 48,
    "colour": "grey",
    "mean": 0.0,
    "std": 1.0,
    "crop": "aligned",
    # Where face-detector's landmarks lie in a FER2013 picture, in shares of it: the median over the 192 faces seen from the
    # front among the first 300 training pictures, made symmetric.
    "places": [[0.314, 0.38], [0.686, 0.38], [0.5, 0.593], [0.345, 0.763], [0.655, 0.763]],
    "margin": 0.1,
}
DATA = (
    {
        "name": "FER2013",
        "source": "I. Goodfellow et al., Challenges in representation learning, 2013",
        "terms": "none stated by the host; the pictures were collected by web search, the people shown did not consent",
        "use": "official Training split, 92 % to learn from and 8 % held out; PublicTest for the scores",
    },
    {
        "name": "FERPlus votes",
        "source": "E. Barsoum et al., Training deep networks with crowd-sourced label distribution, 2016",
        "terms": "MIT",
        "use": "ten raters' votes for the same pictures; contempt, unknown and not-a-face left out",
    },
)
LIMITS = (
    "An expression is what a face shows, not what a person feels; do not use it to judge people.",
    "No identity, age, gender or race is computed, and face crops are never stored.",
    "The training pictures were collected by web search without the consent of the people shown, and are never shown here.",
    "Posed and acted expressions are over-represented; people, ages and skin tones are not represented evenly.",
    "Labels are noisy: the FER2013 label and the majority of ten FERPlus raters agree for two pictures of three.",
    "Weak on fear and disgust, on profiles, covered, drawn and very small faces.",
)


@dataclass(frozen=True, slots=True)
class Config:
    """How to train: either `epochs` or `minutes` ends the cosine schedule; crops grow from `side` to `late_side` pixels."""

    epochs: float = 45
    minutes: float = 0
    batch: int = 128
    rate: float = 0.08
    decay: float = 5e-4
    smoothing: float = 0.05
    side: int = 40
    late_side: int = 48
    late_from: float = 0.75
    label_weight: float = 1.0
    votes_weight: float = 1.0
    mixup: float = 0.3
    balance: float = 0.0
    ema: float = 0.998
    seed: int = 0
    net: str = "expression"


NETS = {"expression": ExpressionNet, "vgg16": Vgg16}
# The paper's way: hard labels, small classes made larger by drawing them oftener, each time flipped and turned anew.
PAPER = {"net": "vgg16", "balance": 0.5, "mixup": 0.0, "smoothing": 0.0, "votes_weight": 0.0, "side": 48, "rate": 0.02}


def readouts(said: Tensor | tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    """Both readouts of a net; one with a single readout says it twice."""
    return (said, said) if isinstance(said, Tensor) else said


def augmented(images: Tensor, side: int, rng: np.random.Generator) -> Tensor:
    """Faces (n, 1, 48, 48) -> (n, 1, side, side): flipped, turned, shifted, scaled, relit, blurred, partly erased."""
    n = len(images)
    angle = np.radians(rng.normal(0, 9, n).clip(-25, 25))
    zoom = side / fer2013.SIDE / np.exp(rng.normal(0.0, 0.09, n).clip(-0.25, 0.25))
    aspect = np.exp(rng.normal(0, 0.03, n))
    flip = rng.choice([-1.0, 1.0], n)
    shift = rng.normal(0, 0.06, (n, 2)).clip(-0.16, 0.16)
    theta = np.stack(
        [
            np.stack([flip * zoom * aspect * np.cos(angle), -zoom * np.sin(angle), shift[:, 0]], 1),
            np.stack([flip * zoom * np.sin(angle), zoom / aspect * np.cos(angle), shift[:, 1]], 1),
        ],
        1,
    )
    grid = functional.affine_grid(torch.from_numpy(theta.astype(np.float32)), [n, 1, side, side], align_corners=False)
    out = functional.grid_sample(images, grid, mode="bilinear", padding_mode="border", align_corners=False)
    gamma = torch.from_numpy(np.exp(rng.normal(0, 0.2, n)).astype(np.float32)).view(n, 1, 1, 1)
    out = (out / 255).clamp(1e-4, 1).pow(gamma) * 255
    small = torch.from_numpy(np.flatnonzero(rng.random(n) < 0.15))
    if len(small):
        low = functional.avg_pool2d(out[small], 2)
        out[small] = functional.interpolate(low, size=(side, side), mode="bilinear", align_corners=False)
    for row in np.flatnonzero(rng.random(n) < 0.5):
        height, width = rng.integers(side // 8, side // 2, 2)
        top, left = rng.integers(0, side - height), rng.integers(0, side - width)
        out[row, 0, top : top + height, left : left + width] = float(rng.uniform(0, 255))
    return out


def soft_cross_entropy(logits: Tensor, target: Tensor, weight: Tensor, smoothing: float) -> Tensor:
    """Weighted mean cross-entropy of logits (n, 7) against distributions (n, 7), smoothed towards uniform."""
    smooth = target * (1 - smoothing) + smoothing / target.shape[1]
    losses = -(smooth * functional.log_softmax(logits.float(), 1)).sum(1)
    return (losses * weight).sum() / weight.sum().clamp_min(1e-6)


def row_order(faces: Faces, balance: float, rng: np.random.Generator) -> np.ndarray:
    """One epoch's rows: all of them shuffled; `balance` > 0 draws rare classes oftener, by frequency ** -balance."""
    if balance == 0:
        return rng.permutation(len(faces))
    classes = faces.labels.argmax(1)
    share = np.bincount(classes, minlength=fer2013.CLASSES) / len(faces)
    weights = share[classes] ** -balance
    return rng.choice(len(faces), len(faces), p=weights / weights.sum())


@torch.no_grad()
def predicted(net: nn.Module, images: np.ndarray, side: int = 48, flips: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Mean probabilities (n, 7) of both readouts over the central `side` pixels and their mirror image."""
    net.eval()
    edge = (fer2013.SIDE - side) // 2
    outs: list[list[Tensor]] = [[], []]
    for start in range(0, len(images), 256):
        x = torch.from_numpy(images[start : start + 256]).float().unsqueeze(1)
        x = x[..., edge : edge + side, edge : edge + side].contiguous(memory_format=torch.channels_last)
        views = [x, x.flip(3)] if flips else [x]
        with torch.autocast("cpu", torch.bfloat16):
            answers = [readouts(net(view)) for view in views]
        for readout in (0, 1):
            probs = [functional.softmax(a[readout].float(), 1) for a in answers]
            outs[readout].append(torch.stack(probs).mean(0))
    return torch.cat(outs[0]).numpy(), torch.cat(outs[1]).numpy()


def holdout_line(net: nn.Module, faces: Faces) -> str:
    """Accuracies on held-out rows, as one line for the log."""
    label, votes = predicted(net, faces.images, flips=False)
    truth, crowd = faces.labels.argmax(1), faces.votes.argmax(1)
    clear = (faces.votes.max(1) * faces.trust) > 0.5
    parts = [
        f"{name}: fer {np.mean(p.argmax(1) == truth):.4f} ferplus {np.mean(p.argmax(1)[clear] == crowd[clear]):.4f}"
        for name, p in (("label", label), ("votes", votes), ("mean", (label + votes) / 2))
    ]
    return "  ".join(parts)


class Trainer:
    """One resumable run: net, its moving average, optimiser, and how far it has come."""

    def __init__(self, config: Config, out: Path) -> None:
        torch.set_num_threads(1)
        torch.manual_seed(config.seed)
        self.config, self.out = config, out
        self.net = NETS[config.net]().to(memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.net)
        plain = [p for p in self.net.parameters() if p.ndim < 2]
        decayed = [p for p in self.net.parameters() if p.ndim >= 2]
        groups = [{"params": decayed, "weight_decay": config.decay}, {"params": plain, "weight_decay": 0.0}]
        self.optimiser = torch.optim.SGD(groups, lr=config.rate, momentum=0.9, nesterov=True)
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

    def progress(self, epoch_share: float) -> float:
        """How much of the schedule is done, 0..1: by the clock when minutes were given, else by epochs."""
        if self.config.minutes:
            return min(1.0, self.spent_s / 60 / self.config.minutes)
        return min(1.0, (self.epoch + epoch_share) / self.config.epochs)

    def step(self, faces: Faces, rows: np.ndarray, progress: float, rng: np.random.Generator) -> float:
        """One batch forward and back; returns its loss."""
        cfg = self.config
        warm = min(1.0, (self.steps + 1) / 200)
        for group in self.optimiser.param_groups:
            group["lr"] = cfg.rate * warm * (0.5 + 0.5 * math.cos(math.pi * progress)) + 1e-5
        side = cfg.late_side if progress >= cfg.late_from else cfg.side
        images = augmented(torch.from_numpy(faces.images[rows]).float().unsqueeze(1), side, rng)
        label, votes, trust = (torch.from_numpy(v[rows]) for v in (faces.labels, faces.votes, faces.trust))
        share = float(rng.beta(cfg.mixup, cfg.mixup)) if cfg.mixup and rng.random() < 0.5 else 1.0
        share = max(share, 1 - share)
        if share < 1:
            images = share * images + (1 - share) * images.flip(0)
            label, votes = (share * v + (1 - share) * v.flip(0) for v in (label, votes))
            trust = torch.minimum(trust, trust.flip(0))
        with torch.autocast("cpu", torch.bfloat16):
            said_label, said_votes = readouts(self.net(images.contiguous(memory_format=torch.channels_last)))
        loss = cfg.label_weight * soft_cross_entropy(said_label, label, torch.ones(len(rows)), cfg.smoothing)
        loss = loss + cfg.votes_weight * soft_cross_entropy(said_votes, votes, trust, cfg.smoothing / 2)
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        self.steps += 1
        self._follow(min(cfg.ema, (1 + self.steps) / (10 + self.steps)))
        return float(loss.detach())

    @torch.no_grad()
    def _follow(self, keep: float) -> None:
        for slow, fast in zip(self.average.state_dict().values(), self.net.state_dict().values(), strict=True):
            if slow.is_floating_point():
                slow.lerp_(fast, 1 - keep)
            else:
                slow.copy_(fast)

    def run(self, faces: Faces, held: Faces) -> nn.Module:
        """Train until the schedule ends, saving each epoch; returns the averaged net."""
        while self.progress(0.0) < 1.0:
            rng = np.random.default_rng((self.config.seed, self.epoch))
            self.net.train()
            order, losses = row_order(faces, self.config.balance, rng), []
            for start in range(0, len(order) - self.config.batch + 1, self.config.batch):
                began = time.monotonic()
                progress = self.progress(start / len(order))
                losses.append(self.step(faces, order[start : start + self.config.batch], progress, rng))
                self.spent_s += time.monotonic() - began
                if progress >= 1.0:
                    break
            self.epoch += 1
            self.save()
            line = (
                f"epoch {self.epoch} progress {self.progress(0.0):.3f} {self.spent_s:.0f} s loss {np.mean(losses):.4f}"
            )
            if self.epoch % 2 == 0 or self.progress(0.0) >= 1.0:
                line += "  " + holdout_line(self.average, held)
            print(line, flush=True)
        return self.average


def train(arguments: argparse.Namespace) -> None:
    """Train, or go on training, a run folder."""
    out: Path = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    config = Config(minutes=arguments.minutes, epochs=arguments.epochs, balance=arguments.balance, seed=arguments.seed)
    if arguments.preset == "paper":
        config = replace(config, **PAPER)
    faces, held = fer2013.training(arguments.data)
    print(f"{len(faces)} rows to learn from, {len(held)} held out; {config}", flush=True)
    trainer = Trainer(config, out)
    trainer.resume()
    trainer.run(faces, held)


class Served(nn.Module):
    """What ships: a face and its mirror image through the net, both readouts, and their weighted geometric mean.

    Faces (n, 1, 48, 48) -> probs, label_probs, vote_probs, each (n, 7).
    """

    def __init__(self, net: ExpressionNet, label_share: float, temperature: float) -> None:
        super().__init__()
        self.net, self.label_share, self.temperature = net, label_share, temperature

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        views = [self.net(x), self.net(x.flip(3))]
        label, votes = ((views[0][k].softmax(1) + views[1][k].softmax(1)) / 2 for k in (0, 1))
        both = self.label_share * label.log() + (1 - self.label_share) * votes.log()
        return (both / self.temperature).softmax(1), label, votes


def joined(label: np.ndarray, votes: np.ndarray, share: float) -> np.ndarray:
    """The weighted geometric mean of two sets of distributions (n, 7)."""
    powered = np.exp(share * np.log(np.maximum(label, 1e-12)) + (1 - share) * np.log(np.maximum(votes, 1e-12)))
    return powered / powered.sum(1, keepdims=True)


def clear_majority(faces: Faces) -> np.ndarray:
    """Rows (bool) where more than half of the ten FERPlus votes fell on one of the seven classes."""
    return faces.votes.max(1) * faces.trust > 0.5


def chosen(label: np.ndarray, votes: np.ndarray, held: Faces) -> tuple[float, float]:
    """The label readout's share and the temperature, chosen on held-out rows.

    The share is the one with the best mean of both accuracies; the temperature makes the log loss of the labels least.
    """
    truth, crowd, clear = held.labels.argmax(1), held.votes.argmax(1), clear_majority(held)

    def both(share: float) -> float:
        probs = joined(label, votes, share)
        return measure.accuracy(probs, truth) + measure.accuracy(probs[clear], crowd[clear])

    share = max(np.round(np.arange(0, 1.01, 0.05), 2), key=both)
    probs = joined(label, votes, share)
    losses = {t: measure.log_loss(measure.tempered(probs, t), truth) for t in np.round(np.arange(0.5, 2.51, 0.05), 2)}
    return float(share), float(min(losses, key=lambda t: losses[t]))


def scores(session: Session, faces: Faces, name: str) -> dict[str, Any]:
    """Every figure of one output on one set of rows: against the FER labels, and against the clear FERPlus majority."""
    probs = answered(session, faces, name)
    names, clear = EXPRESSIONS.names, clear_majority(faces)
    return {
        "fer_label": measure.evaluate(probs, faces.labels.argmax(1), names),
        "ferplus_majority": measure.evaluate(probs[clear], faces.votes.argmax(1)[clear], names),
    }


def answered(session: Session, faces: Faces, name: str) -> np.ndarray:
    """One output of the shipped model for every row, through the preparation that serving uses."""
    answers = []
    for start in range(0, len(faces), 128):
        crops = [prepare.tensor(image, INPUT) for image in faces.images[start : start + 128]]
        answers.append(session.run({"image": np.stack(crops)}, (name,))[name])
    return np.concatenate(answers).astype(np.float64)


def picture(table: list[list[int]], path: Path) -> None:
    """Draw a confusion matrix, rows in shares of the true class."""
    from matplotlib.figure import Figure

    counts = np.array(table, float)
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    figure = Figure(figsize=(6.4, 5.6), layout="constrained")
    axes = figure.subplots()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    names = EXPRESSIONS.names
    axes.set(xlabel="read as", ylabel="FER2013 label", title="Expression on FER2013 PublicTest, % of each true class")
    axes.set_xticks(range(7), names, rotation=35)
    axes.set_yticks(range(7), names)
    for row, column in np.ndindex(7, 7):
        ink = "white" if shares[row, column] > 0.5 else "black"
        axes.text(column, row, f"{100 * shares[row, column]:.0f}", ha="center", va="center", color=ink)
    figure.savefig(path, dpi=110)


def speed_ms(session: Session, runs: int = 50) -> float:
    """Median milliseconds for one face."""
    one = np.random.default_rng(0).uniform(0, 255, (1, 1, 48, 48)).astype(np.float32)
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        session.run({"image": one}, ("probs",))
        times.append(1000 * (time.perf_counter() - began))
    return round(float(np.median(times)), 2)


def finish(arguments: argparse.Namespace) -> None:
    """Choose on held-out rows, export, look at PublicTest once, write weights and card."""
    torch.set_num_threads(1)
    state = torch.load(arguments.run_folder / "last.pt", weights_only=True)
    net = ExpressionNet()
    net.load_state_dict(state["average"])
    _, held = fer2013.training(arguments.data)
    label, votes = predicted(net, held.images)
    share, temperature = chosen(label, votes, held)
    served = Served(net.eval(), share, temperature)
    names = ["probs", "label_probs", "vote_probs"]
    weights: Path = arguments.run_folder / "expression.onnx"
    checksum = export.to_onnx(served, fer2013.SIDE, weights, names, ("trunk", "first", "second", "shortcut"), (1, 0))
    session = Session(weights.read_bytes(), "expression")
    plain = joined(*(answered(session, held, name) for name in names[1:]), share)
    before = round(measure.calibration_error(plain, held.labels.argmax(1)), 4)
    test = fer2013.public_test(arguments.data)
    untempered = joined(*(answered(session, test, name) for name in names[1:]), share)
    results = {
        "public_test": {name: scores(session, test, name) for name in names},
        "public_test_calibration_error_before_temperature": round(
            measure.calibration_error(untempered, test.labels.argmax(1)), 4
        ),
        "held_out": {name: scores(session, held, name) for name in names},
        "held_out_calibration_error_before_temperature": before,
        "label_share": share,
        "temperature": temperature,
        "ms_per_face_one_core": speed_ms(session),
        "training": state["config"] | {"epochs": state["at"][0], "minutes": round(state["at"][2] / 60, 1)},
    }
    export.ship(card_of(checksum, results), weights, arguments.out)
    picture(results["public_test"]["probs"]["fer_label"]["confusion"], arguments.run_folder / "confusion.png")
    print(json.dumps(results, indent=1))


def card_of(checksum: str, results: dict[str, Any]) -> Card:
    """The card that ships beside the weights."""
    return Card(
        name="expression",
        version=VERSION,
        task="facial expression of one aligned face, seven labels",
        summary="A small residual network with two readouts, the FER2013 label and the FERPlus votes, and their mean.",
        file="expression.onnx",
        sha256=checksum,
        licence="Apache-2.0",
        input=INPUT,
        outputs={
            "probs": "what is served: (n, 7) probabilities, calibrated",
            "label_probs": "what the FER2013 annotator would say, (n, 7)",
            "vote_probs": "how ten FERPlus raters would vote, (n, 7)",
        },
        recipe="recipes/expression.py",
        data=DATA,
        scores=results,
        limits=LIMITS,
        scheme="expression",
    )


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(required=True)
    sub = commands.add_parser("train")
    sub.add_argument("data", type=Path)
    sub.add_argument("--out", type=Path, required=True)
    sub.add_argument("--minutes", type=float, default=0)
    sub.add_argument("--epochs", type=float, default=45)
    sub.add_argument("--balance", type=float, default=0)
    sub.add_argument("--preset", choices=("ours", "paper"), default="ours")
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
