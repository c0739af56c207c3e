"""Training the mood CNN on a folder for each mood: pictures -> split by group -> the loop -> run folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from moodscore.errors import BadValue, MissingExtra
from moodscore.learn.data import folders
from moodscore.learn.data.oasis import group_folds
from moodscore.learn.models.mood_cnn import MoodCNN, image_recipe
from moodscore.learn.train import Log, Samples, TrainConfig, answers, fit, open_run
from moodscore.prepare import image
from moodscore.schemes import MOODS

try:
    import torch
    from safetensors.torch import save_file
    from torch import Tensor
    from torch.nn import functional
except ModuleNotFoundError as error:
    raise MissingExtra("training", "learn") from error

PRESETS: Mapping[str, TrainConfig] = {
    "paper": TrainConfig(epochs=1000, batch_size=64, weight_decay=0.0, flip=False, cosine=False),
    "short": TrainConfig(epochs=40, batch_size=64),
}


@dataclass(frozen=True, slots=True)
class MoodResult:
    """What a run came to on its held-out pictures: counts, top-1 and within-one-neighbour accuracy, the log, the folder.

    `guess` and `guess_within_one` are what always saying the training pictures' most frequent mood would score.
    """

    trained: int
    held_out: int
    top1: float
    within_one: float
    guess: float
    guess_within_one: float
    run: Path
    log: Log


def score(said: Tensor, aims: Tensor) -> float:
    """Share of scores (n, 8) whose highest is the mood aimed at."""
    return float((said.argmax(1) == aims).float().mean())


def near(said: Tensor, aims: Tensor) -> float:
    """Share whose highest is the mood aimed at or its neighbour."""
    steps = (said.argmax(1) - aims).abs()
    return float((torch.minimum(steps, len(MOODS.labels) - steps) <= 1).float().mean())


def samples(items: tuple[folders.Labelled, ...], tick: Callable[[], None] = lambda: None) -> Samples:
    """The pictures as the net's tensors, prepared as serving prepares them, and their moods as numbers 0..7."""
    recipe, tensors = image_recipe(), []
    for item in items:
        tensors.append(torch.from_numpy(image.tensor(image.open(item.path, recipe["size"]), recipe)))
        tick()
    return Samples(torch.stack(tensors), torch.tensor([MOODS.labels.index(i.mood) for i in items]))


def split(whole: Samples, groups: list[str], held_out: float, seed: int) -> tuple[Samples, Samples]:
    """Training and held-out samples; no group is in both. Raises BadValue when there are too few groups to split."""
    parts = round(1 / held_out)
    if len(set(groups)) < parts:
        raise BadValue(
            f"mood: expected at least {parts} groups of pictures to hold one part out, got {len(set(groups))}"
        )
    held = torch.from_numpy(group_folds(groups, parts, seed) == 0)
    return Samples(whole.inputs[~held], whole.aims[~held]), Samples(whole.inputs[held], whole.aims[held])


def best_guess(aims: Tensor) -> int:
    """The most frequent mood; the first of equals."""
    return int(np.bincount(aims.numpy(), minlength=len(MOODS.labels)).argmax())


def train_mood(
    folder: Path,
    config: TrainConfig,
    run: Path,
    tell: Callable[[str, float], None] = lambda stage, share: None,
    held_out: float = 0.2,
) -> MoodResult:
    """Train the mood CNN on a folder-per-mood set and measure it on groups it never saw.

    `run` gets model.safetensors, metrics.json, result.json, curves.png, TensorBoard events and a checkpoint to resume from.
    Raises BadMedia and BadValue when the set is not one, RenderFailed when `run` cannot be written.
    """
    items = folders.load(folder)
    open_run(run)
    read = iter(range(1, len(items) + 1))
    whole = samples(items, lambda: tell("Reading the pictures", next(read) / len(items)))
    inside, outside = split(whole, [item.group for item in items], held_out, config.seed)
    torch.manual_seed(config.seed)
    net = MoodCNN()
    log = fit(
        net,
        (inside, outside),
        config,
        run,
        (functional.cross_entropy, score),
        lambda row: tell("Training", row["epoch"] / config.epochs),
    )
    said, guess = answers(net, outside.inputs), best_guess(inside.aims)
    always = functional.one_hot(torch.full((len(outside),), guess), len(MOODS.labels)).float()
    result = MoodResult(
        len(inside),
        len(outside),
        round(score(said, outside.aims), 4),
        round(near(said, outside.aims), 4),
        round(score(always, outside.aims), 4),
        round(near(always, outside.aims), 4),
        run,
        log,
    )
    save_file(net.state_dict(), run / "model.safetensors", metadata={"recipe": json.dumps(image_recipe())})
    kept = {name: getattr(result, name) for name in ("trained", "held_out", "top1", "within_one", "guess")}
    kept["guess_within_one"] = result.guess_within_one
    (run / "result.json").write_text(json.dumps(kept, indent=2) + "\n", "utf-8")
    draw_curves(log, run / "curves.png")
    return result


def draw_curves(log: Log, path: Path) -> None:
    """Loss and accuracy over epochs, training and held-out, as a PNG."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.ticker import MaxNLocator
    except ModuleNotFoundError as error:
        raise MissingExtra("the curves", "learn") from error
    figure = Figure(figsize=(9, 3.6), dpi=120, layout="constrained")
    epochs = [row["epoch"] for row in log]
    for place, (name, label) in enumerate((("loss", "cross-entropy"), ("score", "accuracy"))):
        axes = figure.add_subplot(1, 2, place + 1)
        axes.plot(epochs, [row[name] for row in log], label="training", color="#3b6ea8")
        if f"valid_{name}" in log[0]:
            axes.plot(epochs, [row[f"valid_{name}"] for row in log], label="held out", color="#c8553d")
        axes.set_xlabel("epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_ylabel(label)
        axes.grid(alpha=0.25)
        axes.legend(frameon=False)
    FigureCanvasAgg(figure)
    figure.savefig(path)
