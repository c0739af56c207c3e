"""How near said feelings are to the feelings people reported, always beside what a guess of the mean would score.

The verbs of every file in this room: `validate`, one function per metric, `evaluate`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from moodscore.affect import Affect, Spread
from moodscore.errors import BadValue
from moodscore.schemes import mood_of, mood_steps

AXES = ("valence", "arousal")


def validate(truth: Sequence[Affect], said: Sequence[Affect]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both lists as (n, 2) arrays of valence and arousal.

    Raises BadValue when they differ in length or hold fewer than two feelings.
    """
    if len(truth) != len(said) or len(truth) < 2:
        raise BadValue(f"affect: expected two lists of the same length >= 2, got {len(truth)} and {len(said)}")
    return _points(truth), _points(said)


def _points(affects: Sequence[Affect]) -> NDArray[np.float64]:
    return np.array([(a.valence, a.arousal) for a in affects], dtype=np.float64)


def pearson(truth: Sequence[Affect], said: Sequence[Affect]) -> tuple[float, float]:
    """Pearson's r of valence and of arousal, -1 .. 1; 0 where one side never varies."""
    x, y = validate(truth, said)
    a, b = x - x.mean(0), y - y.mean(0)
    spread = np.sqrt((a**2).sum(0) * (b**2).sum(0))
    moved = (np.ptp(x, axis=0) > 0) & (np.ptp(y, axis=0) > 0) & (spread > 0)  # tiny numbers have no squares
    r = np.where(moved, (a * b).sum(0) / np.where(moved, spread, 1.0), 0.0)
    return float(r[0]), float(r[1])


def rmse(truth: Sequence[Affect], said: Sequence[Affect]) -> tuple[float, float]:
    """Root mean square error of valence and of arousal, in plane units, 0 .. 2."""
    x, y = validate(truth, said)
    error = np.sqrt(((x - y) ** 2).mean(0))
    return float(error[0]), float(error[1])


def ccc(truth: Sequence[Affect], said: Sequence[Affect]) -> tuple[float, float]:
    """Concordance correlation of valence and of arousal, -1 .. 1: r that also pays for wrong mean and scale.

    Source: L. I. Lin, Biometrics 45 (1989) 255-268. 0 where neither side varies and both agree on nothing but a constant.
    """
    x, y = validate(truth, said)
    shared = ((x - x.mean(0)) * (y - y.mean(0))).mean(0)
    whole = x.var(0) + y.var(0) + (x.mean(0) - y.mean(0)) ** 2
    value = np.where(whole > 0, 2 * shared / np.where(whole > 0, whole, 1.0), 0.0)
    return float(value[0]), float(value[1])


def mood_accuracy(truth: Sequence[Affect], said: Sequence[Affect], steps: int = 0) -> float:
    """Share of feelings whose mood (octant) is at most `steps` neighbours from the true one, 0 .. 1."""
    validate(truth, said)
    near = [mood_steps(mood_of(a), mood_of(b)) <= steps for a, b in zip(truth, said, strict=True)]
    return sum(near) / len(near)


def coverage(
    truth: Sequence[Affect], said: Sequence[Affect], spreads: Sequence[Spread], deviations: float = 1.0
) -> tuple[float, float]:
    """Share of feelings within `deviations` said standard deviations, per axis; a Gaussian gives .683 for 1, .954 for 2."""
    x, y = validate(truth, said)
    inside = np.abs(x - y) <= deviations * _spreads(spreads, len(x))
    return float(inside[:, 0].mean()), float(inside[:, 1].mean())


def surprise(truth: Sequence[Affect], said: Sequence[Affect], spreads: Sequence[Spread]) -> tuple[float, float]:
    """Mean negative log likelihood of the truth under the said Gaussian, in nats per axis; lower is better."""
    x, y = validate(truth, said)
    sd = np.maximum(_spreads(spreads, len(x)), 1e-6)
    nats = (0.5 * ((x - y) / sd) ** 2 + np.log(sd) + 0.5 * math.log(2 * math.pi)).mean(0)
    return float(nats[0]), float(nats[1])


def _spreads(spreads: Sequence[Spread], expected: int) -> NDArray[np.float64]:
    if len(spreads) != expected:
        raise BadValue(f"spread: expected one for each of {expected} feelings, got {len(spreads)}")
    return np.array([(s.valence, s.arousal) for s in spreads], dtype=np.float64)


def _table(truth: Sequence[Affect], said: Sequence[Affect]) -> dict[str, float]:
    out: dict[str, float] = {}
    for name, metric in (("r", pearson), ("rmse", rmse), ("ccc", ccc)):
        for axis, value in zip(AXES, metric(truth, said), strict=True):
            out[f"{name}_{axis}"] = round(value, 4)
    out["mood_top1"] = round(mood_accuracy(truth, said), 4)
    out["mood_within_one"] = round(mood_accuracy(truth, said, 1), 4)
    return out


def evaluate(
    truth: Sequence[Affect], said: Sequence[Affect], guesses: Sequence[Affect] | None = None
) -> dict[str, dict[str, float]]:
    """All metrics of `said` under "model", and of the mean-predictor under "mean_predictor", rounded to 4 decimals.

    `guesses` are the mean-predictor's answers (the mean of each fold's training feelings); the mean of `truth` by default.
    """
    x, _ = validate(truth, said)
    mean = Affect.clipped(*x.mean(0).tolist())
    return {"model": _table(truth, said), "mean_predictor": _table(truth, guesses or [mean] * len(truth))}
