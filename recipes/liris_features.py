"""LIRIS-ACCEDE's published descriptors -> ranks -> ridge regression -> a baseline that needs no film.

python recipes/liris_features.py --data FOLDER -o benchmarks

FOLDER holds annotations/ and the two ACCEDEfeatures*_TAC2015.txt. Writes liris-features.md and liris-features.json: MSE, r
and CCC of the official validation and test parts, beside always saying the mean of the training part.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moodscore.affect import Affect
from moodscore.learn.data import liris
from moodscore.measure import film_affect as measure
from moodscore.measure.affect import AXES

Array = NDArray[np.float64]
PENALTIES = tuple(10.0 ** (k / 2) for k in range(10))
SAMPLES = 1000


def scaled(x: Array, train: NDArray[np.bool_]) -> Array:
    """Each descriptor by its rank among the training clips, on a normal curve, and the square of that.

    The raw numbers span thirty orders of magnitude; of many the middle says something else than both ends. A descriptor that
    hardly varies in training says nothing.
    """
    curve = np.array([NormalDist().inv_cdf(q) for q in np.linspace(0.002, 0.998, 997)])
    ranks = np.empty_like(x)
    for column in range(x.shape[1]):
        known, values = np.sort(x[train, column]), x[:, column]
        share = (np.searchsorted(known, values, "left") + np.searchsorted(known, values, "right")) / (2 * len(known))
        ranks[:, column] = np.interp(share, np.linspace(0.002, 0.998, 997), curve)
    both = np.hstack([ranks, ranks**2])
    mean, scale = both[train].mean(0), both[train].std(0)
    return np.where(scale > 0.1, (both - mean) / np.maximum(scale, 0.1), 0.0)


def ridge(z: Array, y: Array, train: NDArray[np.bool_], penalty: float) -> Array:
    """Answers (n,) of a linear regression fitted to the training rows."""
    known, mean = z[train], y[train].mean()
    weight = np.linalg.solve(known.T @ known + penalty * np.eye(z.shape[1]), known.T @ (y[train] - mean))
    return np.asarray(z @ weight + mean)


def best(x: Array, y: Array, parts: Mapping[str, NDArray[np.bool_]]) -> float:
    """The penalty that errs least on the validation part learned from the training part, and the other way round."""
    errors = np.zeros(len(PENALTIES))
    for known, other in (("train", "validation"), ("validation", "train")):
        z, rows = scaled(x, parts[known]), parts[other]
        for k, penalty in enumerate(PENALTIES):
            errors[k] += ((ridge(z, y, parts[known], penalty)[rows] - y[rows]) ** 2).mean()
    return PENALTIES[int(errors.argmin())]


def intervals(truth: Array, said: Array, seed: int = 0) -> tuple[float, float]:
    """The 95 % interval of r, from redrawn clips."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(SAMPLES):
        rows = rng.integers(0, len(truth), len(truth))
        found.append(np.corrcoef(truth[rows], said[rows])[0, 1])
    low, high = np.percentile(found, [2.5, 97.5])
    return round(float(low), 3), round(float(high), 3)


def measured(folder: Path) -> dict[str, Any]:
    """Every method's table for the validation part (learned from set 1) and the test part (learned from 1 and 2)."""
    excerpts = liris.load(folder)
    names, x = liris.features(folder, excerpts)
    aims = np.array([(e.affect.valence, e.affect.arousal) for e in excerpts])
    place = np.array([liris.SPLITS["official"][e.part] for e in excerpts])
    parts = {part: place == part for part in liris.PARTS}
    known = {"validation": parts["train"], "test": parts["train"] | parts["validation"]}
    out: dict[str, Any] = {"descriptors": len(names), "clips": {p: int(m.sum()) for p, m in parts.items()}}
    chosen = [best(x, aims[:, k], parts) for k in range(2)]
    for part, train in known.items():
        z, rows = scaled(x, train), parts[part]
        said = np.stack([ridge(z, aims[:, k], train, chosen[k])[rows] for k in range(2)], 1)
        pairs = [[Affect.clipped(v, a) for v, a in table.tolist()] for table in (aims[rows], said)]
        out[part] = measure.evaluate(*pairs, Affect(*aims[train].mean(0).tolist()), liris.SCORE_STEP)
        for k, axis in enumerate(AXES):
            out[part]["model"][f"r_{axis}_95"] = intervals(aims[rows][:, k], said[:, k])
    out["penalty"] = dict(zip(AXES, chosen, strict=True))
    return out


def page(found: dict[str, Any]) -> str:
    """The figures as a Markdown table."""
    lines = [
        "| part | axis | MSE | MSE of the mean | r (95 % interval) | CCC |",
        "|---|---|---|---|---|---|",
    ]
    for part in ("validation", "test"):
        for axis in AXES:
            row, mean = found[part]["model"], found[part]["mean_predictor"][f"mse_{axis}"]
            low, high = row[f"r_{axis}_95"]
            lines.append(
                f"| {part} | {axis} | {row[f'mse_{axis}']:.3f} | {mean:.3f} | "
                f"{row[f'r_{axis}']:.2f} ({low:.2f} to {high:.2f}) | {row[f'ccc_{axis}']:.2f} |"
            )
    clips = found["clips"]
    lines += [
        "",
        f"Written by `recipes/liris_features.py` from {found['descriptors']} descriptors, by rank and its square. "
        f"Validation: learned from {clips['train']:,} clips, measured on {clips['validation']:,}; the penalty was chosen on "
        f"these two parts. Test: learned from both, measured on {clips['test']:,}. Scores run from 1 to 5.",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Fit, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of LIRIS-ACCEDE")
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder that gets the table")
    options = parser.parse_args()
    found = measured(options.data)
    (options.out / "liris-features.json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    (options.out / "liris-features.md").write_text(page(found), "utf-8")
    print(page(found))


if __name__ == "__main__":
    main()
