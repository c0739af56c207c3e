"""How well labels are guessed: accuracy, accuracy of each class, confusion, calibration.

Distributions are float arrays (n, classes) whose rows sum to 1; truths are integer arrays (n,) of class positions.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moodscore.errors import BadValue

Floats = NDArray[np.floating[Any]]
Integers = NDArray[np.integer[Any]]


def validate(probs: Floats, truth: Integers) -> None:
    """Raise BadValue unless there is one distribution per truth and every truth is one of the classes."""
    if probs.ndim != 2 or truth.shape != (len(probs),) or len(probs) == 0:
        raise BadValue(f"labels: expected (n, classes) and (n,) with n > 0, got {probs.shape} and {truth.shape}")
    if not np.allclose(probs.sum(1), 1, atol=1e-3) or (probs < 0).any():
        raise BadValue("labels: expected rows of probabilities that sum to 1; normalise them first")
    if truth.min() < 0 or truth.max() >= probs.shape[1]:
        raise BadValue(f"labels: expected truths 0..{probs.shape[1] - 1}, got {truth.min()}..{truth.max()}")


def accuracy(probs: Floats, truth: Integers) -> float:
    """Share of rows whose likeliest class is the true one, 0..1."""
    return float((probs.argmax(1) == truth).mean())


def confusion(probs: Floats, truth: Integers) -> NDArray[np.int64]:
    """Counts (classes, classes): rows are true classes, columns the likeliest ones."""
    table = np.zeros((probs.shape[1], probs.shape[1]), np.int64)
    np.add.at(table, (truth, probs.argmax(1)), 1)
    return table


def recall_by_class(probs: Floats, truth: Integers) -> tuple[float, ...]:
    """For each class the share of its rows that were guessed, 0..1; nan for a class without rows."""
    table = confusion(probs, truth)
    rows = table.sum(1)
    return tuple(float(table[k, k] / rows[k]) if rows[k] else math.nan for k in range(len(table)))


def calibration_error(probs: Floats, truth: Integers, bins: int = 15) -> float:
    """Expected calibration error, 0..1: how far confidence is from accuracy, over bins of equal width weighted by rows.

    Source: C. Guo et al., "On calibration of modern neural networks" (2017).
    """
    confidence = probs.max(1)
    hit = probs.argmax(1) == truth
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [abs(hit[place == b].mean() - confidence[place == b].mean()) * (place == b).mean() for b in np.unique(place)]
    return float(sum(gaps))


def log_loss(probs: Floats, truth: Integers) -> float:
    """Mean negative log probability of the true class, in nats."""
    return float(-np.log(np.maximum(probs[np.arange(len(truth)), truth], 1e-12)).mean())


def tempered(probs: Floats, temperature: float) -> Floats:
    """The distributions sharpened (temperature < 1) or flattened (> 1): proportional to p ** (1 / temperature)."""
    if not temperature > 0:
        raise BadValue(f"temperature: expected a number > 0, got {temperature!r}")
    powered = np.exp(np.log(np.maximum(probs, 1e-12)) / temperature)
    out: Floats = powered / powered.sum(1, keepdims=True)
    return out


def evaluate(probs: Floats, truth: Integers, names: Sequence[str]) -> dict[str, Any]:
    """Every figure of this file for one set of guesses, JSON-ready, rounded to 4 decimals."""
    validate(probs, truth)
    if len(names) != probs.shape[1]:
        raise BadValue(f"labels: expected {probs.shape[1]} names, got {len(names)}")
    by_class = recall_by_class(probs, truth)
    return {
        "rows": len(truth),
        "accuracy": round(accuracy(probs, truth), 4),
        "mean_class_accuracy": round(float(np.nanmean(by_class)), 4),
        "per_class": {name: round(value, 4) for name, value in zip(names, by_class, strict=True)},
        "calibration_error": round(calibration_error(probs, truth), 4),
        "log_loss": round(log_loss(probs, truth), 4),
        "confusion": confusion(probs, truth).tolist(),
    }
