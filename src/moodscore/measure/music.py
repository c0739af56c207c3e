"""Music: how well composed pieces carry the feeling they were asked for, and how well a judge hears what people heard."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from moodscore.affect import Affect
from moodscore.errors import BadValue

AXES = ("valence", "arousal")
Array = NDArray[np.float64]


def validate(targets: Sequence[Affect], heard: Sequence[Affect]) -> None:
    """Raise BadValue unless there are as many heard feelings as targets, at least two, and the targets differ."""
    if len(targets) != len(heard) or len(targets) < 2:
        raise BadValue(f"music: expected two or more targets and as many heard, got {len(targets)} and {len(heard)}")


def axis(affects: Sequence[Affect], name: str) -> Array:
    """One axis of many feelings, float64 (n,)."""
    return np.array([getattr(a, name) for a in affects], np.float64)


def pearson(one: Array, other: Array) -> float:
    """Pearson correlation, -1 .. 1; 0 when either side does not vary."""
    if one.std() < 1e-12 or other.std() < 1e-12:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def concordance(one: Array, other: Array) -> float:
    """Lin's concordance correlation (Biometrics 45, 1989), -1 .. 1: correlation that also asks for equal mean and spread."""
    apart = one.var() + other.var() + (one.mean() - other.mean()) ** 2
    return float(2.0 * ((one - one.mean()) * (other - other.mean())).mean() / apart) if apart > 0 else 1.0


def rmse(one: Array, other: Array) -> float:
    """Root of the mean squared difference, >= 0."""
    return float(np.sqrt(((one - other) ** 2).mean()))


def quadrant_accuracy(targets: Sequence[Affect], heard: Sequence[Affect]) -> float:
    """Share of targets off both axes whose quadrant was heard, 0 .. 1; nan when every target lies on an axis."""
    hits = [
        (t.valence > 0) == (h.valence > 0) and (t.arousal > 0) == (h.arousal > 0)
        for t, h in zip(targets, heard, strict=True)
        if t.valence and t.arousal
    ]
    return float(np.mean(hits)) if hits else float("nan")


def evaluate(targets: Sequence[Affect], heard: Sequence[Affect]) -> dict[str, float]:
    """Every metric: for each axis `<axis>_r`, `_ccc`, `_rmse` and the mean-predictor's `_rmse_mean`; quadrant accuracy."""
    validate(targets, heard)
    out: dict[str, float] = {}
    for name in AXES:
        one, other = axis(targets, name), axis(heard, name)
        out[f"{name}_r"] = pearson(one, other)
        out[f"{name}_ccc"] = concordance(one, other)
        out[f"{name}_rmse"] = rmse(one, other)
        out[f"{name}_rmse_mean"] = float(one.std())
    out["quadrant_accuracy"] = quadrant_accuracy(targets, heard)
    return out
