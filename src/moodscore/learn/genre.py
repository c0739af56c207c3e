"""Training a genre net on frame pairs: films -> split by film -> the loop -> what it says of films it never saw."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from moodscore.errors import BadMedia, BadValue, BadWeights, MissingExtra
from moodscore.learn.data import pairs as pair_data
from moodscore.learn.data.pairs import Pairs
from moodscore.learn.genre_nets import GenreNet, Preset, net_named, start_from
from moodscore.learn.models.inception_v3 import AUX_WEIGHT, InceptionV3
from moodscore.learn.models.motion_magnitude import MotionMagnitudeStack, motion_amounts
from moodscore.learn.mood import draw_curves
from moodscore.learn.train import Log, Samples, answers, fit, open_run
from moodscore.measure import genre as measures
from moodscore.schemes import GENRES

try:
    import torch
    from safetensors.torch import load_file, save_file
    from torch import Tensor, nn
    from torch.nn import functional
except ModuleNotFoundError as error:
    raise MissingExtra("training", "learn") from error

Tell = Callable[[str, float], None]
TRAIN, TEST = "train", "test"
_STEP = 64  # items whose motion is measured at once


@dataclass(frozen=True, slots=True)
class Course:
    """What is trained and on what: the net and its preset by name, the preset with its changes, and the split.

    `held_out` is the share of films to measure on, or `table` a CSV (film, split) that names "train" and "test". `weights`
    is a .safetensors file of ImageNet weights to start from.
    """

    model: str
    preset_name: str
    preset: Preset
    held_out: float = 0.2
    table: Path | None = None
    weights: Path | None = None

    @property
    def net(self) -> GenreNet:
        return net_named(self.model)


def course(model: str, preset: str, changes: Mapping[str, Any], **split: Any) -> Course:  # noqa: ANN401 - Course's fields
    """A course from names and from what differs from the preset; values of None are left out.

    `changes` may hold size (pixels a side; FC takes it as its height and keeps its shape), width, mirror, and any field of
    TrainConfig. Raises BadValue for an unknown model or preset, and frames smaller than the net can look at.
    """
    net = net_named(model)
    chosen = net.preset(preset)
    given = {name: value for name, value in changes.items() if value is not None}
    size = given.pop("size", None)
    if size is not None:
        if size < net.least_size:
            raise BadValue(f"{model}: expected frames of at least {net.least_size} pixels a side, got {size}")
        across = round(size * chosen.size[0] / chosen.size[1])
        chosen = replace(chosen, size=(across, size))
    own = {name: given.pop(name) for name in ("width", "mirror") if name in given}
    if not 0 < own.get("width", 1.0) <= 1:
        raise BadValue(f"width: expected a share of the paper's channels in (0, 1], got {own['width']!r}")
    chosen = replace(chosen, **own, config=replace(chosen.config, **given))
    return Course(model, preset, chosen, **{name: value for name, value in split.items() if value is not None})


class _Frames:
    """All frames of some films at one size, in a file without a name, so that memory does not grow with the films."""

    def __init__(self, pairs: Pairs, size: tuple[int, int], run: Path, tell: Tell) -> None:
        with tempfile.TemporaryFile(dir=run) as file:
            kept = np.memmap(file, np.uint8, "w+", shape=(len(pairs), 3, size[1], size[0]))
        for first in range(0, len(pairs), 2):  # a frame and its partner are neighbours
            both = pairs.pair(first, size)
            kept[first], kept[first + 1] = both[:3], both[3:]
            tell("Reading the frames", (first + 2) / len(pairs))
        self._kept = torch.from_numpy(kept)

    def pairs(self, items: Tensor) -> Tensor:
        """Items (n,) as uint8 (n, 6, h, w): each frame and its partner, the next of an odd one, the one before an even."""
        return torch.cat((self._kept[items], self._kept[items ^ 1]), 1)

    def alone(self, items: Tensor) -> Tensor:
        """Items (n,) as uint8 (n, 3, h, w), without their partners."""
        return self._kept[items]


class _Looking(nn.Module):
    """A net that is given the numbers of frames and looks them up: numbers (n,) -> scores (n, classes)."""

    def __init__(self, net: nn.Module, look: Callable[[Tensor], Tensor], mirror: bool) -> None:
        super().__init__()
        self.net, self._look, self._mirror = net, look, mirror

    def forward(self, items: Tensor) -> Tensor:
        shown = self._look(items)
        if self._mirror and self.training:
            turned = torch.rand(len(shown)) < 0.5
            shown = torch.where(turned[:, None, None, None], shown.flip(3), shown)
        scores: Tensor = self.net(shown)
        return scores

    def loss(self, said: Tensor, aims: Tensor) -> Tensor:
        """Cross-entropy; while training, that of an auxiliary classifier counts beside it."""
        main = functional.cross_entropy(said, aims)
        aside = self.net.aside if self.training and isinstance(self.net, InceptionV3) else None
        return main if aside is None else main + AUX_WEIGHT * functional.cross_entropy(aside, aims)


def score(said: Tensor, aims: Tensor) -> float:
    """Share of scores (n, classes) whose highest is the genre aimed at."""
    return float((said.argmax(1) == aims).float().mean())


def parts_of(folder: Path, wanted: Course) -> tuple[Pairs, Pairs]:
    """Training and test pairs of a folder, no film in both. Raises BadMedia and BadValue when there is no such split."""
    every = pair_data.load(folder)
    if wanted.table is not None:
        parts = pair_data.given_split(every, wanted.table)
        if set(parts) != {TRAIN, TEST}:
            raise BadMedia(f"{wanted.table}: expected the splits {TRAIN} and {TEST}, got {', '.join(sorted(parts))}")
    else:
        shares = {TRAIN: 1 - wanted.held_out, TEST: wanted.held_out}
        parts = pair_data.split(every, shares, wanted.preset.config.seed)
    if not parts[TRAIN].films or not parts[TEST].films:
        raise BadMedia(
            f"{folder}: expected films to learn from and films to measure on, got {len(parts[TRAIN].films)} and "
            f"{len(parts[TEST].films)}; two of each genre are the least"
        )
    return parts[TRAIN], parts[TEST]


def train_genre(
    folder: Path, wanted: Course, run: Path, tell: Tell = lambda stage, share: None, threads: int | None = None
) -> dict[str, Any]:
    """Train a net on a folder of frame pairs and measure it on films it never saw; returns what result.json holds.

    `run` gets result.json, model.safetensors, metrics.json, curves.png, TensorBoard events and a checkpoint to resume from.
    The test films choose nothing: the run ends after its epochs. Raises BadMedia and BadValue when the folder or its split
    is not one, BadWeights when `run` holds another run or the weights do not fit, RenderFailed when `run` cannot be written.
    """
    if threads:
        torch.set_num_threads(threads)
    train, test = parts_of(folder, wanted)
    open_run(run)
    plan = _plan(wanted, train, test)
    _same_plan(plan, run)
    whole = train.of((*train.films, *test.films))
    frames = _Frames(whole, wanted.preset.size, run, tell)
    net, looking = _made(wanted, frames, len(train), tell)
    config = wanted.preset.config
    labels = torch.from_numpy(whole.labels)
    inside, outside = torch.arange(len(train)), torch.arange(len(train), len(whole))
    inside = inside[: _usable(len(inside), config.batch_size)]
    log = fit(
        looking,
        (Samples(inside, labels[inside]), Samples(outside, labels[outside])),
        config,
        run,
        (looking.loss, score),
        lambda row: tell("Training", row["epoch"] / config.epochs),
    )
    if not all(np.isfinite(row["loss"]) for row in log):
        raise BadValue(
            f"{run}: expected a loss that stays finite, got a net that diverged; lower --lr, with another -o"
        )
    said = answers(looking, outside, config.batch_size).argmax(1).numpy()
    tested = measures.tally(said, test.labels, [test.films[k].name for k in test.film_of])
    result = {**plan, "epochs_done": len(log), "test": measures.evaluate(tested)}
    _keep(net, result, log, run)
    taught = sorted(mark for film in train.films for mark in film.marks)
    (run / "taught.json").write_text(json.dumps(taught) + "\n", "utf-8")
    return result


def _usable(count: int, batch_size: int) -> int:
    """How many training items are used: the last batch must not be a single one, which cannot be normalised."""
    if count < 2 or batch_size < 2:
        raise BadValue(f"batches: expected at least two frames in each, got {min(count, batch_size)}")
    return count - 1 if count % batch_size == 1 else count


def _made(wanted: Course, frames: _Frames, trained: int, tell: Tell) -> tuple[nn.Module, _Looking]:
    torch.manual_seed(wanted.preset.config.seed)
    net = wanted.net.make(wanted.preset)
    if wanted.weights is not None:
        start_from(net, wanted.weights)
    if isinstance(net, MotionMagnitudeStack):
        found = []
        for items in torch.split(torch.arange(trained), _STEP):
            found.append(motion_amounts(frames.pairs(items)))
            tell("Measuring the motion", int(items[-1] + 1) / trained)
        net.normalise_by(torch.cat(found))
    look = frames.pairs if wanted.net.two_frames else frames.alone
    return net, _Looking(net, look, wanted.preset.mirror)


def _plan(wanted: Course, train: Pairs, test: Pairs) -> dict[str, Any]:
    """What a run is, before it starts; JSON-ready."""
    config = asdict(wanted.preset.config)
    return {
        "model": wanted.model,
        "preset": wanted.preset_name,
        "size": list(wanted.preset.size),
        "width": wanted.preset.width,
        "mirror": wanted.preset.mirror,
        **{name: config[name] for name in ("epochs", "batch_size", "learning_rate", "optimizer", "decay", "seed")},
        "weights": None if wanted.weights is None else _sha256(wanted.weights),
        "frames": {TRAIN: len(train), TEST: len(test)},
        "films_sha256": {TRAIN: _content(train), TEST: _content(test)},
        "train_films": [film.name for film in train.films],
    }


def _content(pairs: Pairs) -> str:
    """A checksum of what is in the films of some pairs, whatever their folders are called."""
    marks = sorted(mark for film in pairs.films for mark in film.marks)
    return hashlib.sha256("\n".join(marks).encode()).hexdigest()


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BadWeights(f"{path}: expected weights in the safetensors format, got {error.strerror}") from error


def _same_plan(plan: dict[str, Any], run: Path) -> None:
    """Write the plan of a new run; raises BadWeights when the folder holds a run of another plan (epochs may differ)."""
    path = run / "plan.json"
    if path.is_file() and (run / "checkpoint.safetensors").is_file():
        before = json.loads(path.read_text("utf-8"))
        changed = [name for name in plan if name != "epochs" and before.get(name) != plan[name]]
        if changed:
            raise BadWeights(f"{run}: holds a run with another {', '.join(changed)}; give another folder with -o")
    path.write_text(json.dumps(plan, indent=2) + "\n", "utf-8")


def _keep(net: nn.Module, result: dict[str, Any], log: Log, run: Path) -> None:
    recipe = {name: result[name] for name in ("model", "preset", "size", "width")} | {"genres": GENRES.names}
    tensors = {name: value.contiguous() for name, value in net.state_dict().items()}
    save_file(tensors, run / "model.safetensors", metadata={"recipe": json.dumps(recipe)})
    (run / "result.json").write_text(json.dumps(result, indent=2) + "\n", "utf-8")
    draw_curves(log, run / "curves.png")


def trained_net(run: Path) -> tuple[GenreNet, Preset, nn.Module]:
    """The net that a run ended with, in evaluation mode, and how it was trained. Raises BadWeights when there is none."""
    try:
        plan = json.loads((run / "result.json").read_text("utf-8"))
        kind = net_named(plan["model"])
        preset = replace(kind.preset(plan["preset"]), size=tuple(plan["size"]), width=plan["width"])
        net = kind.make(preset)
        net.load_state_dict(load_file(run / "model.safetensors"))
    except (OSError, KeyError, ValueError, RuntimeError) as error:
        raise BadWeights(f"{run}: expected the folder of a finished run of `learn genre`, got {error}") from error
    return kind, preset, net.eval()


def judge(run: Path, folder: Path, tell: Tell = lambda stage, share: None) -> tuple[measures.FilmGuesses, ...]:
    """What the net of a run says of each film of a folder, all of them unknown to it.

    Raises BadMedia when a film of the folder, by content, taught the net, BadWeights when the run is not finished.
    """
    kind, preset, net = trained_net(run)
    every = pair_data.load(folder)
    taught = set(json.loads((run / "taught.json").read_text("utf-8")))
    for film in every.films:
        if taught & film.marks:
            raise BadMedia(
                f"{film.folder}: expected films the net has never seen, got one that taught {run}; leave it out"
            )
    with tempfile.TemporaryDirectory() as scratch:
        frames = _Frames(every, preset.size, Path(scratch), tell)
        looking = _Looking(net, frames.pairs if kind.two_frames else frames.alone, False)
        said = answers(looking, torch.arange(len(every)), preset.config.batch_size).argmax(1).numpy()
    return measures.tally(said, every.labels, [every.films[k].name for k in every.film_of])
