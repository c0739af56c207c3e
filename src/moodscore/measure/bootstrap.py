"""Bootstrap: how sure a correlation is, from draws of whole groups with replacement (of people, or of single pieces).

Source: A. C. Davison & D. V. Hinkley, "Bootstrap Methods and their Application" (1997), section 3.8.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from moodscore.errors import BadValue

Array = NDArray[np.float64]


def validate(one: Array, other: Array, groups: Sequence[object]) -> None:
    """Raise BadValue unless all three are of one length, and at least one."""
    if not len(one) == len(other) == len(groups) > 0:
        raise BadValue(f"bootstrap: expected as many groups as pairs, got {len(one)}, {len(other)} and {len(groups)}")


def middle(values: Array, share: float = 0.95) -> tuple[float, float]:
    """The two quantiles between which the middle `share` of the values lies."""
    low, high = np.quantile(values, ((1 - share) / 2, (1 + share) / 2))
    return float(low), float(high)


def correlations(
    one: Array, other: Array, groups: Sequence[object], draws: int, seed: int = 0
) -> dict[str, tuple[float, float]]:
    """95 % intervals of Pearson's r ("r") and Lin's concordance ("ccc") of pairs, over `draws` draws of groups.

    A draw on which a side does not vary counts as 0. Works on sums, so that a draw costs no more than its groups.
    Raises BadValue like `validate`.
    """
    validate(one, other, groups)
    names = {name: k for k, name in enumerate(dict.fromkeys(groups))}
    number = np.array([names[group] for group in groups])
    rows = np.stack([np.ones(len(one)), one, other, one**2, other**2, one * other], axis=1)
    sums = np.zeros((len(names), 6))
    np.add.at(sums, number, rows)
    rng = np.random.default_rng(seed)
    times = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=draws)
    n, x, y, xx, yy, xy = (times @ sums).T
    spread_x, spread_y = np.maximum(xx / n - (x / n) ** 2, 0.0), np.maximum(yy / n - (y / n) ** 2, 0.0)
    shared = xy / n - (x / n) * (y / n)
    both, apart = np.sqrt(spread_x * spread_y), spread_x + spread_y + ((x - y) / n) ** 2
    r = np.where(both > 1e-12, shared / np.maximum(both, 1e-12), 0.0)
    ccc = np.where(apart > 1e-12, 2 * shared / np.maximum(apart, 1e-12), 0.0)
    return {"r": middle(np.clip(r, -1, 1)), "ccc": middle(np.clip(ccc, -1, 1))}


def share(hits: Sequence[float] | Array, draws: int, seed: int = 0) -> tuple[float, float]:
    """The 95 % interval of a share of hits (0 or 1 each); nan for none."""
    values = np.asarray(hits, np.float64)
    if not len(values):
        return float("nan"), float("nan")
    times = np.random.default_rng(seed).multinomial(len(values), np.full(len(values), 1 / len(values)), size=draws)
    return middle(times @ values / len(values))
