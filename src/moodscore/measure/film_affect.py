"""How near said feelings of film clips are to those they induced, in the units of the set, beside the mean predictor.

The verbs of every file in this room: `validate`, one function per metric, `evaluate`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from moodscore.affect import Affect
from moodscore.measure import affect
from moodscore.measure.affect import AXES, ccc, pearson


def validate(truth: Sequence[Affect], said: Sequence[Affect]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both lists as (n, 2) arrays; raises BadValue when they differ in length or hold fewer than two feelings."""
    return affect.validate(truth, said)


def mse(truth: Sequence[Affect], said: Sequence[Affect], step: float = 1.0) -> tuple[float, float]:
    """Mean square error of valence and of arousal; `step` is how many units of the set's scale a plane unit is."""
    x, y = validate(truth, said)
    error = ((x - y) ** 2).mean(0) * step**2
    return float(error[0]), float(error[1])


def evaluate(
    truth: Sequence[Affect], said: Sequence[Affect], guess: Affect, step: float = 1.0
) -> dict[str, dict[str, float]]:
    """MSE, Pearson's r and CCC of each axis, of `said` under "model" and of always saying `guess` under "mean_predictor".

    `guess` is the mean of the training feelings. Rounded to 4 decimals.
    """
    return {"model": _table(truth, said, step), "mean_predictor": _table(truth, [guess] * len(truth), step)}


def _table(truth: Sequence[Affect], said: Sequence[Affect], step: float) -> dict[str, float]:
    out: dict[str, float] = {}
    for name, pair in (("mse", mse(truth, said, step)), ("r", pearson(truth, said)), ("ccc", ccc(truth, said))):
        out |= {f"{name}_{axis}": round(value, 4) for axis, value in zip(AXES, pair, strict=True)}
    return out
