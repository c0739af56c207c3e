"""The one training loop: a net, samples, a config; it logs, checkpoints after every epoch and resumes to the same bytes."""

from __future__ import annotations

import copy
import json
import math
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from moodscore.errors import BadValue, BadWeights, MissingExtra, RenderFailed

try:
    import torch
    from safetensors import safe_open
    from safetensors.torch import save_file
    from torch import Tensor, nn
except ModuleNotFoundError as error:
    raise MissingExtra("training", "learn") from error

Loss = Callable[[Any, Any], Tensor]
Score = Callable[[Any, Any], float]
Log = list[dict[str, float]]


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """Everything that decides a training run, besides the data and the net's shape.

    `optimizer` is "adam" (with decoupled weight decay), "sgd" (momentum .9) or "nesterov" (the same looking ahead, decay on
    matrices only); `flip` mirrors half of the pictures; `cosine` lets the learning rate fall to 0 along a half cosine, and
    `decay` < 1 multiplies it after every epoch. With `warmup` steps > 0 the rate first rises over them, and follows the
    cosine at every step instead of every epoch. `average` > 0 keeps a moving average of the weights with that momentum, and
    the net ends as it. `clip_norm` > 0 bounds gradients; `bfloat16` computes the net in that type. `minutes` > 0 ends the
    run by the clock instead of by epochs, and gives up that a repeated run ends in the same bytes. Raises BadValue for
    numbers that make no sense.
    """

    epochs: int = 60
    batch_size: int = 64
    learning_rate: float = 1e-3
    weight_decay: float = 1e-4
    optimizer: str = "adam"
    flip: bool = True
    cosine: bool = True
    seed: int = 0
    warmup: int = 0
    average: float = 0.0
    clip_norm: float = 0.0
    bfloat16: bool = False
    minutes: float = 0.0
    decay: float = 1.0

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size", "learning_rate"):
            if not getattr(self, name) > 0:
                raise BadValue(f"{name}: expected a number > 0, got {getattr(self, name)!r}")
        for name in ("warmup", "clip_norm", "minutes"):
            if not getattr(self, name) >= 0:
                raise BadValue(f"{name}: expected a number >= 0, got {getattr(self, name)!r}")
        if not 0 < self.decay <= 1:
            raise BadValue(f"decay: expected a number in (0, 1], got {self.decay!r}")
        if not 0 <= self.average < 1:
            raise BadValue(f"average: expected a number in [0, 1), got {self.average!r}")
        if self.optimizer not in ("adam", "sgd", "nesterov"):
            raise BadValue(f"optimizer: expected adam, sgd or nesterov, got {self.optimizer!r}")


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Inputs (n, ...) and aims (n, ...), the same n."""

    inputs: Tensor
    aims: Tensor

    def __len__(self) -> int:
        return len(self.inputs)


class Stream(Protocol):
    """Training data made anew for each epoch: augmented, mixed, drawn from files. `len` is the samples of an epoch."""

    def __len__(self) -> int: ...

    def epoch(self, number: int, config: TrainConfig, progress: Callable[[], float]) -> Iterable[tuple[Any, Any]]:
        """The batches (inputs, aims) of epoch `number`, from 0, made of it and the seed alone; `progress` says 0..1."""


@dataclass(slots=True, eq=False)
class _Course:
    """How far a run has come: epochs and steps done, seconds spent in steps, and the moving average, if one is kept."""

    config: TrainConfig
    average: nn.Module | None
    samples: int
    epochs: int = 0
    steps: int = 0
    spent_s: float = 0.0

    def progress(self) -> float:
        """The share of the run that is done, 0..1."""
        if self.config.minutes:
            return min(1.0, self.spent_s / 60 / self.config.minutes)
        steps_an_epoch = max(1, self.samples // self.config.batch_size)
        return min(1.0, max(self.epochs, self.steps / steps_an_epoch) / self.config.epochs)

    @property
    def over(self) -> bool:
        """Whether nothing is left to do."""
        return self.progress() >= 1.0 if self.config.minutes else self.epochs >= self.config.epochs

    def rate(self) -> float | None:
        """The learning rate of the next step, where it follows the steps; None where it follows the epochs."""
        if not self.config.warmup:
            return None
        risen = min(1.0, (self.steps + 1) / self.config.warmup)
        return self.config.learning_rate * risen * (0.5 + 0.5 * math.cos(math.pi * self.progress()))

    def stepped(self, net: nn.Module, seconds: float) -> None:
        """Count a step and let the average follow the net; it follows faster at first."""
        self.steps += 1
        self.spent_s += seconds
        if self.average is None:
            return
        keep = min(self.config.average, (1 + self.steps) / (10 + self.steps))
        with torch.no_grad():
            for slow, fast in zip(self.average.state_dict().values(), net.state_dict().values(), strict=True):
                if slow.is_floating_point():
                    slow.lerp_(fast, 1 - keep)
                else:
                    slow.copy_(fast)


def open_run(run: Path) -> None:
    """Make the folder of a run and see that it can be written; raises RenderFailed, naming it, when it cannot."""
    try:
        run.mkdir(parents=True, exist_ok=True)
        (run / ".writable").touch()
        (run / ".writable").unlink()
    except OSError as error:
        raise RenderFailed(
            f"{run}: expected a folder to keep the run in, got {error.strerror}; name another"
        ) from error


def _optimizer(net: nn.Module, config: TrainConfig) -> torch.optim.Optimizer:
    if config.optimizer == "nesterov":
        split = [[p for p in net.parameters() if (p.ndim > 1) is matrix] for matrix in (True, False)]
        groups = [{"params": p, "weight_decay": d} for p, d in zip(split, (config.weight_decay, 0.0), strict=True) if p]
        return torch.optim.SGD(groups, config.learning_rate, momentum=0.9, nesterov=True)
    if config.optimizer == "sgd":
        return torch.optim.SGD(net.parameters(), config.learning_rate, momentum=0.9, weight_decay=config.weight_decay)
    return torch.optim.AdamW(net.parameters(), config.learning_rate, weight_decay=config.weight_decay)


def fit(
    net: nn.Module,
    samples: tuple[Samples | Stream, Samples | Stream | None],
    config: TrainConfig,
    run: Path,
    measures: tuple[Loss, Score],
    tell: Callable[[dict[str, float]], None] = lambda row: None,
) -> Log:
    """Train `net` on samples (training, validation or None) with measures (loss, score); returns a row for each epoch.

    A stream, of training or validation samples, is only scored by its loss.

    `run` gets config.json, checkpoint.safetensors, metrics.json and TensorBoard events. When it already holds a checkpoint
    of the same config (the number of epochs may grow), training goes on from there to the bytes an unbroken run gives.
    Raises BadWeights when the checkpoint belongs to another config.
    """
    open_run(run)
    optimizer = _optimizer(net, config)
    course = _Course(config, copy.deepcopy(net) if config.average else None, len(samples[0]))
    log = _resume(net, course, optimizer, run)
    (run / "config.json").write_text(json.dumps(asdict(config), indent=2) + "\n", "utf-8")
    with _Events(run) as events:
        while not course.over:
            epoch = course.epochs
            # Each epoch has a random state of its own, so a resumed run draws what an unbroken one would.
            torch.manual_seed(config.seed * 1_000_003 + epoch)
            for group in optimizer.param_groups:
                group["lr"] = config.learning_rate * _fallen(epoch, config)
            row = {"epoch": epoch + 1.0, **_epoch(net, samples[0], course, optimizer, measures)}
            if samples[1] is not None:
                row |= {f"valid_{k}": v for k, v in _validated(net, samples[1], course, measures).items()}
            course.epochs += 1
            log.append(row)
            events.add(row)
            _checkpoint(net, course, optimizer, log, run)
            tell(row)
    if course.average is not None:
        net.load_state_dict(course.average.state_dict())
    net.eval()
    return log


def _fallen(epoch: int, config: TrainConfig) -> float:
    """What is left of the learning rate in an epoch, 0..1."""
    cosine = float(0.5 * (1 + torch.cos(torch.tensor(torch.pi * epoch / config.epochs)))) if config.cosine else 1.0
    return cosine * config.decay**epoch


def _batches(samples: Samples, config: TrainConfig) -> Iterable[tuple[Tensor, Tensor]]:
    for indices in torch.split(torch.randperm(len(samples)), config.batch_size):
        inputs, aims = samples.inputs[indices], samples.aims[indices]
        if config.flip:
            mirrored = torch.rand(len(inputs)) < 0.5
            inputs = torch.where(mirrored[:, None, None, None], inputs.flip(3), inputs)
        yield inputs, aims


def _epoch(
    net: nn.Module,
    samples: Samples | Stream,
    course: _Course,
    optimizer: torch.optim.Optimizer,
    measures: tuple[Loss, Score],
) -> dict[str, float]:
    net.train()
    whole = isinstance(samples, Samples)
    batches = (
        _batches(samples, course.config)
        if isinstance(samples, Samples)
        else samples.epoch(course.epochs, course.config, course.progress)
    )
    totals, count, began = {"loss": 0.0} | ({"score": 0.0} if whole else {}), 0, time.monotonic()
    for inputs, aims in batches:
        said, loss = _step(net, (inputs, aims), course, optimizer, measures[0])
        totals["loss"] += loss * len(inputs)
        if whole:
            totals["score"] += measures[1](said.detach(), aims) * len(inputs)
        count += len(inputs)
        course.stepped(net, time.monotonic() - began)
        began = time.monotonic()
        if course.config.minutes and course.over:
            break
    return {name: total / count for name, total in totals.items()}


def _step(
    net: nn.Module,
    batch: tuple[Any, Any],
    course: _Course,
    optimizer: torch.optim.Optimizer,
    measure: Loss,
) -> tuple[Any, float]:
    """One step of the optimizer on a batch (inputs, aims); returns what the net said and the loss."""
    rate = course.rate()
    if rate is not None:
        for group in optimizer.param_groups:
            group["lr"] = rate
    with torch.autocast("cpu", torch.bfloat16, enabled=course.config.bfloat16):
        said = net(batch[0])
    loss = measure(said, batch[1])
    optimizer.zero_grad()
    torch.autograd.backward(loss)
    if course.config.clip_norm:
        nn.utils.clip_grad_norm_(net.parameters(), course.config.clip_norm)
    optimizer.step()
    return said, loss.item()


def answers(net: nn.Module, inputs: Tensor, batch_size: int = 64) -> Tensor:
    """What the net, in eval mode, says of each input."""
    net.eval()
    with torch.inference_mode():
        return torch.cat([net(part) for part in torch.split(inputs, batch_size)])


def assess(net: nn.Module, samples: Samples, measures: tuple[Loss, Score], batch_size: int = 64) -> dict[str, float]:
    """Loss and score of the net on samples, in eval mode."""
    said = answers(net, samples.inputs, batch_size)
    return {"loss": measures[0](said, samples.aims).item(), "score": measures[1](said, samples.aims)}


def _validated(
    net: nn.Module, samples: Samples | Stream, course: _Course, measures: tuple[Loss, Score]
) -> dict[str, float]:
    if isinstance(samples, Samples):
        return assess(net, samples, measures, course.config.batch_size)
    net.eval()
    total, count = 0.0, 0
    with torch.inference_mode():
        for inputs, aims in samples.epoch(course.epochs, course.config, course.progress):
            total += measures[0](net(inputs), aims).item() * len(inputs)
            count += len(inputs)
    return {"loss": total / count}


def _checkpoint(net: nn.Module, course: _Course, optimizer: torch.optim.Optimizer, log: Log, run: Path) -> None:
    tensors = {f"net.{name}": value.contiguous() for name, value in net.state_dict().items()}
    if course.average is not None:
        tensors |= {f"average.{name}": value.contiguous() for name, value in course.average.state_dict().items()}
    for index, state in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{index}.{k}": v.contiguous() for k, v in state.items() if isinstance(v, Tensor)}
    partial = run / "checkpoint.safetensors.part"
    at = [course.epochs, course.steps, course.spent_s]
    save_file(tensors, partial, metadata={"log": json.dumps(log), "at": json.dumps(at)})
    os.replace(partial, run / "checkpoint.safetensors")
    (run / "metrics.json").write_text(json.dumps(log, indent=1) + "\n", "utf-8")


def _part(stored: dict[str, Tensor], name: str) -> dict[str, Tensor]:
    return {k.removeprefix(f"{name}."): v for k, v in stored.items() if k.startswith(f"{name}.")}


def load_average(net: nn.Module, run: Path) -> None:
    """Give `net` the moving average of a run, or its plain weights where none was kept.

    Raises BadWeights when the folder holds no checkpoint.
    """
    path = run / "checkpoint.safetensors"
    if not path.is_file():
        raise BadWeights(f"{path}: expected the checkpoint of a run, found none; train first")
    with safe_open(path, "pt") as file:
        stored = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
    net.load_state_dict(_part(stored, "average") or _part(stored, "net"))


def trained(run: Path) -> dict[str, Any]:
    """How a run was trained, for its card: its config, and the epochs and minutes it took."""
    with safe_open(run / "checkpoint.safetensors", "pt") as file:
        epochs, _, spent_s = json.loads(file.metadata()["at"])
    config: dict[str, Any] = json.loads((run / "config.json").read_text("utf-8"))
    return config | {"epochs": epochs, "minutes": round(spent_s / 60, 1)}


def _resume(net: nn.Module, course: _Course, optimizer: torch.optim.Optimizer, run: Path) -> Log:
    path = run / "checkpoint.safetensors"
    if not path.is_file():
        return []
    _check_same(course.config, run / "config.json")
    with safe_open(path, "pt") as file:
        log: Log = json.loads(file.metadata()["log"])
        at = json.loads(file.metadata().get("at", json.dumps([len(log), 0, 0.0])))
        stored = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
    course.epochs, course.steps, course.spent_s = at
    net.load_state_dict(_part(stored, "net"))
    if course.average is not None:
        course.average.load_state_dict(_part(stored, "average"))
    state: dict[int, dict[str, Any]] = {}
    for key, value in stored.items():
        if key.startswith("optimizer."):
            _, index, name = key.split(".", 2)
            state.setdefault(int(index), {})[name] = value
    whole = optimizer.state_dict()
    optimizer.load_state_dict({"state": state, "param_groups": whole["param_groups"]})
    return log


def _check_same(config: TrainConfig, path: Path) -> None:
    """A checkpoint goes on only under its own config; without a cosine the number of epochs may differ."""
    before = json.loads(path.read_text("utf-8"))
    ours, plain = asdict(config), asdict(TrainConfig())
    free = {"minutes"} if config.cosine else {"minutes", "epochs"}
    changed = [k for k in ours if k not in free and before.get(k, plain[k]) != ours[k]]
    if changed:
        raise BadWeights(f"{path.parent}: holds a run with another {', '.join(changed)}; give another folder with -o")


class _Events:
    """TensorBoard events of a run, when TensorBoard is installed."""

    def __init__(self, run: Path) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ModuleNotFoundError as error:
            raise MissingExtra("TensorBoard events", "learn") from error
        self._writer: Any = SummaryWriter(str(run / "events"))

    def __enter__(self) -> _Events:
        return self

    def __exit__(self, *error: object) -> None:
        self._writer.close()

    def add(self, row: dict[str, float]) -> None:
        """Write all numbers of one epoch."""
        for name, value in row.items():
            if name != "epoch":
                self._writer.add_scalar(name, value, int(row["epoch"]))
