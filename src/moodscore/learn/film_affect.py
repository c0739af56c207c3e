"""Training the three-stream net on LIRIS-ACCEDE: clips -> flow, frames and sound -> the loop -> tables for each part."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from moodscore.affect import Affect
from moodscore.errors import BadMedia, BadValue, BadWeights, MissingExtra
from moodscore.learn.data import film_clips, liris
from moodscore.learn.data.film_batches import ClipBatches
from moodscore.learn.data.film_clips import Recipe
from moodscore.learn.data.liris import Excerpt
from moodscore.learn.models import densenet121, soundnet
from moodscore.learn.models.three_stream import Shape, ThreeStream
from moodscore.learn.train import Log, TrainConfig, fit, open_run
from moodscore.measure import film_affect as measure
from moodscore.prepare.whole import whole

try:
    import torch
    from safetensors import SafetensorError, safe_open
    from safetensors.torch import load_file, save_file
    from torch import Tensor
    from torch.nn import functional
except ModuleNotFoundError as error:
    raise MissingExtra("training", "learn") from error

Tell = Callable[[str, float], None]

# MSE of valence and arousal as S2 prints them. They are not of one test set: the first three took part in MediaEval 2016,
# which tested on films of its own; the paper measured on the 2,450 clips it validated with.
PUBLISHED: Mapping[str, tuple[float, float]] = {
    "RUC": (0.218, 1.479),
    "THU-HCSI": (0.214, 1.531),
    "BUL": (0.231, 1.413),
    "Liu et al.": (0.240, 1.185),
    "Gan et al.": (0.33, 0.77),
    "three streams (the paper)": (0.269, 0.628),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that decides a run, besides the clips.

    `crop`: side in pixels of what the net sees of `clips.side`. `frames`: how many frames of a clip it looks at, 0 for all
    that were kept. `densenet` and `soundnet` are files of published weights to begin with (.safetensors, or .pth with
    nothing but tensors). Raises BadValue when the crop does not fit.
    """

    shape: Shape = field(default_factory=Shape)
    clips: Recipe = field(default_factory=Recipe)
    config: TrainConfig = field(default_factory=TrainConfig)
    crop: int = 224
    frames: int = 0
    split: str = "official"
    densenet: Path | None = None
    soundnet: Path | None = None

    def __post_init__(self) -> None:
        if not 32 <= self.crop <= self.clips.side:
            raise BadValue(f"crop: expected 32..{self.clips.side} px, the side of the clips, got {self.crop}")
        if self.frames < 0:
            raise BadValue(f"frames: expected a number >= 0, got {self.frames}")

    def as_json(self) -> dict[str, Any]:
        """What must be the same for a run to go on, besides what the loop itself compares."""
        told = asdict(self) | {"densenet": _name(self.densenet), "soundnet": _name(self.soundnet)}
        del told["config"]
        plain: dict[str, Any] = json.loads(json.dumps(told))
        return plain


def _name(path: Path | None) -> str | None:
    return None if path is None else path.name


PRESETS: Mapping[str, Settings] = {
    # The paper prints the streams, MSE, Adam, the crop and the mirroring; epochs, rate and batch are decided here.
    "paper": Settings(config=TrainConfig(epochs=50, batch_size=8, learning_rate=1e-4, weight_decay=0.0, cosine=False)),
    # The same three streams, small enough for a processor without a graphics card.
    "quick": Settings(
        Shape(blocks=(3, 4, 6, 4), growth=12, stem=24, flow_widths=(16, 32, 48, 64, 64), joined=96),
        Recipe(side=112),
        TrainConfig(epochs=15, batch_size=16, learning_rate=1e-3),
        crop=96,
        frames=6,
    ),
}


@dataclass(frozen=True, slots=True)
class Machine:
    """Where a run works: the device of the net ("cpu", "cuda"), and how many processes prepare clips.

    `kept` is the folder that prepared clips are kept in, which runs may share; None keeps them inside the run.
    """

    device: str = "cpu"
    workers: int = 1
    kept: Path | None = None


@dataclass(frozen=True, slots=True)
class FilmAffectResult:
    """What a run came to.

    `parts`: clips of each part; `tables`: for each part but the training, MSE on the set's scale, r and CCC of "model" and
    "mean_predictor"; `left_out`: what was wrong with clips that could not be read; `films_in_two`: films on both sides.
    """

    parts: Mapping[str, int]
    tables: Mapping[str, Mapping[str, Mapping[str, float]]]
    left_out: tuple[str, ...]
    films_in_two: tuple[str, ...]
    run: Path
    log: Log


def train(
    folder: Path,
    settings: Settings,
    run: Path,
    machine: Machine | None = None,
    tell: Tell = lambda stage, share: None,
) -> FilmAffectResult:
    """Train on a LIRIS-ACCEDE folder and measure the net on its validation and test parts.

    `run` gets model.safetensors, result.json, answers.csv, metrics.json, TensorBoard events and a checkpoint to go on from.
    Raises BadMedia when the annotations or more than a tenth of the clips cannot be read, BadWeights when `run` holds
    another run, RenderFailed when it cannot be written.
    """
    machine = machine or Machine()
    parts = liris.split(liris.load(folder), settings.split)
    open_run(run)
    net = _begun(settings, _mean(parts["train"]), run).to(_device(machine.device))
    kept, left_out = _kept(parts, settings, machine, run, tell)
    threads = 1 if machine.device == "cpu" else os.cpu_count() or 1
    streams = {part: _stream(items, settings, part == "train", threads) for part, items in kept.items() if items}
    log = fit(
        net,
        (streams["train"], streams["validation"]),
        settings.config,
        run,
        (_loss, lambda said, aims: 0.0),
        lambda row: tell("Training", row["epoch"] / settings.config.epochs),
    )
    result = FilmAffectResult(
        {part: len(items) for part, items in kept.items()},
        _tables(net, streams, _mean(parts["train"]), run, tell),
        tuple(left_out),
        liris.films_in_two(parts),
        run,
        log,
    )
    state = {name: value.cpu().contiguous() for name, value in net.state_dict().items()}
    with whole(run / "model.safetensors") as part:
        save_file(state, part, metadata={"settings": json.dumps(settings.as_json())})
    _write(run / "result.json", json.dumps(as_json(result), indent=2, ensure_ascii=False) + "\n")
    return result


def as_json(result: FilmAffectResult) -> dict[str, Any]:
    """The figures of a result, those of the paper beside them."""
    return {
        "clips": dict(result.parts),
        "scale": "scores 1..5",
        **{part: dict(table) for part, table in result.tables.items()},
        "published_mse": {name: {"valence": v, "arousal": a} for name, (v, a) in PUBLISHED.items()},
        "left_out": list(result.left_out),
        "films_in_two_parts": list(result.films_in_two),
    }


def said_of(net: ThreeStream, stream: ClipBatches, config: TrainConfig) -> list[Affect]:
    """What the net, in eval mode, says of each clip of a stream; clipped to the plane.

    Raises BadWeights when it says no numbers any more.
    """
    net.eval()
    with torch.inference_mode():
        rows = torch.cat([net(inputs).cpu() for inputs, _ in stream.epoch(0, config)])
    if not torch.isfinite(rows).all():
        raise BadWeights(
            "film affect: expected numbers, got a net that has diverged; train again at a lower rate (--lr)"
        )
    return [Affect.clipped(*row) for row in rows.double().tolist()]


def load(run: Path) -> tuple[ThreeStream, Settings]:
    """The net of a finished run, and the settings its clips must be made with. Raises BadWeights when there is none."""
    path = run / "model.safetensors"
    if not path.is_file():
        raise BadWeights(f"{path}: expected the net of a finished run, found none; train first")
    try:
        with safe_open(path, "pt") as file:
            told = json.loads(file.metadata()["settings"])
    except (SafetensorError, TypeError, KeyError) as error:
        raise BadWeights(f"{path}: expected a net of `learn affect`, got another file; train again") from error
    shape: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in told["shape"].items()}
    settings = Settings(Shape(**shape), Recipe(**told["clips"]), crop=told["crop"], frames=told["frames"])
    net = ThreeStream(settings.shape)
    net.load_state_dict(load_file(path))
    net.eval()
    return net, settings


def _mean(excerpts: Sequence[Excerpt]) -> Affect:
    n = len(excerpts)
    return Affect(sum(e.affect.valence for e in excerpts) / n, sum(e.affect.arousal for e in excerpts) / n)


def _loss(said: Tensor, aims: Tensor) -> Tensor:
    return functional.mse_loss(said.float(), aims.to(said.device))


def _device(name: str) -> torch.device:
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise BadValue(f"device: expected one that this machine has, such as cpu, got {name!r}") from error
    return device


def _begun(settings: Settings, mean: Affect, run: Path) -> ThreeStream:
    """A net with its first weights; sees that the run it is for is not another's."""
    path, told = run / "settings.json", settings.as_json()
    if (run / "checkpoint.safetensors").is_file() and path.is_file():
        before = json.loads(path.read_text("utf-8"))
        changed = [name for name in told if before.get(name) != told[name]]
        if changed:
            raise BadWeights(f"{run}: holds a run with another {', '.join(changed)}; give another folder with -o")
    torch.manual_seed(settings.config.seed)
    net = ThreeStream(settings.shape)
    net.expect(torch.tensor([mean.valence, mean.arousal]))
    if settings.densenet is not None:
        densenet121.load_published(net.picture, _stored(settings.densenet))
    if settings.soundnet is not None:
        soundnet.load_published(net.sound, _stored(settings.soundnet))
    _write(path, json.dumps(told, indent=2) + "\n")
    return net


def _stored(path: Path) -> dict[str, Tensor]:
    """A state dict; of a .pth nothing but tensors is read, never code."""
    try:
        found = load_file(path) if path.suffix == ".safetensors" else torch.load(path, "cpu", weights_only=True)
        return {str(name): value for name, value in found.items() if isinstance(value, Tensor)}
    except Exception as error:  # every broken file fails in its own way
        raise BadWeights(
            f"{path}: expected weights (.safetensors, or .pth with nothing but tensors), got {error}"
        ) from error


def _kept(
    parts: Mapping[str, Sequence[Excerpt]], settings: Settings, machine: Machine, run: Path, tell: Tell
) -> tuple[dict[str, list[tuple[Path, Affect]]], list[str]]:
    """The kept clips of each part with their feelings, and what was wrong with the others."""
    excerpts = [e for items in parts.values() for e in items]
    files, wrong = film_clips.prepare(
        [e.path for e in excerpts],
        settings.clips,
        machine.kept or run / "kept",
        machine.workers,
        lambda share: tell("Preparing the clips", share),
    )
    if len(wrong) > len(excerpts) / 10:
        raise BadMedia(f"{len(wrong)} of {len(excerpts)} clips cannot be read, the first: {wrong[0]}")
    found = dict(zip([e.number for e in excerpts], files, strict=True))
    kept = {
        part: [(path, e.affect) for e in items if (path := found[e.number]) is not None]
        for part, items in parts.items()
    }
    return kept, wrong


def _stream(items: Sequence[tuple[Path, Affect]], settings: Settings, vary: bool, threads: int) -> ClipBatches:
    kept, affects = zip(*items, strict=True)
    return ClipBatches(kept, affects, settings.crop, settings.frames, vary, threads)


def _tables(
    net: ThreeStream, streams: Mapping[str, ClipBatches], mean: Affect, run: Path, tell: Tell
) -> dict[str, dict[str, dict[str, float]]]:
    """The table of each part but the training; every answer goes to answers.csv, on the set's scale."""
    tables = {}
    sheet = io.StringIO()
    rows = csv.writer(sheet, lineterminator="\n")
    rows.writerow(["part", "clip", "valence", "arousal", "said_valence", "said_arousal"])
    measured = [part for part in streams if part != "train"]
    for done, part in enumerate(measured, 1):
        stream = streams[part]
        said = said_of(net, stream, TrainConfig(batch_size=4))
        tables[part] = measure.evaluate(stream.affects, said, mean, liris.SCORE_STEP)
        for path, aim, answer in zip(stream.kept, stream.affects, said, strict=True):
            numbers = (aim.valence, aim.arousal, answer.valence, answer.arousal)
            rows.writerow([part, path.stem, *(f"{liris.score(v):.4f}" for v in numbers)])
        tell("Measuring", done / len(measured))
    _write(run / "answers.csv", sheet.getvalue())
    return tables


def _write(path: Path, text: str) -> None:
    with whole(path) as part:
        part.write_text(text, "utf-8")
