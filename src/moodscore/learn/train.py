"""The one training loop: a net, samples, a config; it logs, checkpoints after every epoch and resumes to the same bytes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from moodscore.errors import BadValue, BadWeights, MissingExtra

try:
    import torch
    from safetensors import safe_open
    from safetensors.torch import save_file
    from torch import Tensor, nn
except ModuleNotFoundError as error:
    raise MissingExtra("training", "learn") from error

Loss = Callable[[Tensor, Tensor], Tensor]
Score = Callable[[Tensor, Tensor], float]
Log = list[dict[str, float]]


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """Everything that decides a training run, besides the data and the net's shape.

    `optimizer` is "adam" (with decoupled weight decay) or "sgd" (momentum .9); `flip` mirrors half of the pictures;
    `cosine` lets the learning rate fall to 0 along a half cosine. Raises BadValue for numbers that make no sense.
    """

    epochs: int = 60
    batch_size: int = 64
    learning_rate: float = 1e-3
    weight_decay: float = 1e-4
    optimizer: str = "adam"
    flip: bool = True
    cosine: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size", "learning_rate"):
            if not getattr(self, name) > 0:
                raise BadValue(f"{name}: expected a number > 0, got {getattr(self, name)!r}")
        if self.optimizer not in ("adam", "sgd"):
            raise BadValue(f"optimizer: expected adam or sgd, got {self.optimizer!r}")


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Inputs (n, ...) and aims (n, ...), the same n."""

    inputs: Tensor
    aims: Tensor

    def __len__(self) -> int:
        return len(self.inputs)


def _optimizer(net: nn.Module, config: TrainConfig) -> torch.optim.Optimizer:
    if config.optimizer == "sgd":
        return torch.optim.SGD(net.parameters(), config.learning_rate, momentum=0.9, weight_decay=config.weight_decay)
    return torch.optim.AdamW(net.parameters(), config.learning_rate, weight_decay=config.weight_decay)


def fit(
    net: nn.Module,
    samples: tuple[Samples, Samples | None],
    config: TrainConfig,
    run: Path,
    measures: tuple[Loss, Score],
    tell: Callable[[dict[str, float]], None] = lambda row: None,
) -> Log:
    """Train `net` on samples (training, validation or None) with measures (loss, score); returns a row for each epoch.

    `run` gets config.json, checkpoint.safetensors, metrics.json and TensorBoard events. When it already holds a checkpoint
    of the same config (the number of epochs may grow), training goes on from there to the bytes an unbroken run gives.
    Raises BadWeights when the checkpoint belongs to another config.
    """
    run.mkdir(parents=True, exist_ok=True)
    optimizer = _optimizer(net, config)
    log = _resume(net, optimizer, config, run)
    (run / "config.json").write_text(json.dumps(asdict(config), indent=2) + "\n", "utf-8")
    with _Events(run) as events:
        for epoch in range(len(log), config.epochs):
            # Each epoch has a random state of its own, so a resumed run draws what an unbroken one would.
            torch.manual_seed(config.seed * 1_000_003 + epoch)
            if config.cosine:
                for group in optimizer.param_groups:
                    group["lr"] = config.learning_rate * _cosine(epoch, config.epochs)
            row = {"epoch": epoch + 1.0, **_epoch(net, samples[0], config, optimizer, measures)}
            if samples[1] is not None:
                row |= {f"valid_{k}": v for k, v in assess(net, samples[1], measures, config.batch_size).items()}
            log.append(row)
            events.add(row)
            _checkpoint(net, optimizer, log, run)
            tell(row)
    net.eval()
    return log


def _cosine(epoch: int, epochs: int) -> float:
    return float(0.5 * (1 + torch.cos(torch.tensor(torch.pi * epoch / epochs))))


def _epoch(
    net: nn.Module,
    samples: Samples,
    config: TrainConfig,
    optimizer: torch.optim.Optimizer,
    measures: tuple[Loss, Score],
) -> dict[str, float]:
    net.train()
    totals = {"loss": 0.0, "score": 0.0}
    for indices in torch.split(torch.randperm(len(samples)), config.batch_size):
        inputs, aims = samples.inputs[indices], samples.aims[indices]
        if config.flip:
            mirrored = torch.rand(len(inputs)) < 0.5
            inputs = torch.where(mirrored[:, None, None, None], inputs.flip(3), inputs)
        said = net(inputs)
        loss = measures[0](said, aims)
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
        totals["loss"] += loss.item() * len(indices)
        totals["score"] += measures[1](said.detach(), aims) * len(indices)
    return {name: total / len(samples) for name, total in totals.items()}


def answers(net: nn.Module, inputs: Tensor, batch_size: int = 64) -> Tensor:
    """What the net, in eval mode, says of each input."""
    net.eval()
    with torch.inference_mode():
        return torch.cat([net(part) for part in torch.split(inputs, batch_size)])


def assess(net: nn.Module, samples: Samples, measures: tuple[Loss, Score], batch_size: int = 64) -> dict[str, float]:
    """Loss and score of the net on samples, in eval mode."""
    said = answers(net, samples.inputs, batch_size)
    return {"loss": measures[0](said, samples.aims).item(), "score": measures[1](said, samples.aims)}


def _checkpoint(net: nn.Module, optimizer: torch.optim.Optimizer, log: Log, run: Path) -> None:
    tensors = {f"net.{name}": value.contiguous() for name, value in net.state_dict().items()}
    for index, state in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{index}.{k}": v for k, v in state.items() if isinstance(v, Tensor)}
    partial = run / "checkpoint.safetensors.part"
    save_file(tensors, partial, metadata={"log": json.dumps(log)})
    os.replace(partial, run / "checkpoint.safetensors")
    (run / "metrics.json").write_text(json.dumps(log, indent=1) + "\n", "utf-8")


def _resume(net: nn.Module, optimizer: torch.optim.Optimizer, config: TrainConfig, run: Path) -> Log:
    path = run / "checkpoint.safetensors"
    if not path.is_file():
        return []
    _check_same(config, run / "config.json")
    with safe_open(path, "pt") as file:
        log: Log = json.loads(file.metadata()["log"])
        stored = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
    net.load_state_dict({k.removeprefix("net."): v for k, v in stored.items() if k.startswith("net.")})
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
    ours = asdict(config)
    free = set() if config.cosine else {"epochs"}
    changed = [k for k in ours if k not in free and before.get(k) != ours[k]]
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
