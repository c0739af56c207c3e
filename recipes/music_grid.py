"""Grid: a second opinion on how composers follow their targets, by a judge fitted to other pieces and other listeners.

python recipes/music_grid.py --emopia FOLDER -o benchmarks/music-grid.md [--seeds 5] [--seconds 30]

`moodscore measure music` asks the judge that ships. This one is fitted to EMOPIA (a folder with emopia_train_val.csv and
.zip), used for this table and thrown away, because the set's licence lets nothing fitted to it ship.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from moodscore.affect import Affect
from moodscore.cli.composing import Task, grid
from moodscore.learn.data import emopia
from moodscore.measure import music as measure
from moodscore.measure.composers import LEVELS, Piece, cells
from moodscore.media import Score
from moodscore.music import composers
from moodscore.music.features import features
from moodscore.music.plan import plan
from moodscore.trajectory import Trajectory

PENALTY = 10.0
Array = NDArray[np.float64]


def fitted(x: Array, y: Array) -> tuple[Array, Array, Array, Array, Array, Array]:
    """Ridge regression of y (n, 2) on standardised, clipped features x (n, 17): low, high, mean, scale, weight, bias."""
    low, high = np.percentile(x, [0.5, 99.5], axis=0)
    mean, scale = x.mean(0), x.std(0)
    z = (np.clip(x, low, high) - mean) / scale
    centre, z0 = y.mean(0), z.mean(0)
    weight = np.linalg.solve((z - z0).T @ (z - z0) + PENALTY * np.eye(x.shape[1]), (z - z0).T @ (y - centre))
    return low, high, mean, scale, weight, centre - z0 @ weight


def said(model: tuple[Array, Array, Array, Array, Array, Array], x: Array) -> Array:
    """Affects (n, 2) in [-1, 1] for features (n, 17)."""
    low, high, mean, scale, weight, bias = model
    return np.clip((np.clip(x, low, high) - mean) / scale @ weight + bias, -1.0, 1.0)


def listener(folder: Path) -> tuple[tuple[Array, Array, Array, Array, Array, Array], tuple[float, float]]:
    """A judge fitted to EMOPIA's training split, and its accuracy on the two axes of the validation split."""
    clips = emopia.load(folder)
    x = np.array([features(clip.score) for clip in clips])
    y = np.array([(clip.affect.valence, clip.affect.arousal) for clip in clips])
    learn = np.array([clip.split == "train" for clip in clips])
    model = fitted(x[learn], y[learn])
    right = (np.sign(said(model, x[~learn])) == np.sign(y[~learn])).mean(0)
    return model, (float(right[0]), float(right[1]))


def composed(task: Task) -> Score:
    """The piece of one task."""
    planned = plan(Trajectory.hold(task.target, task.seconds), task.seed)
    return composers.compose(planned, task.seed, task.composer)


def tables(name: str, pieces: list[Piece]) -> list[str]:
    """One composer's metrics and its 5 x 5 grid, Markdown."""
    found = measure.evaluate([p.target for p in pieces], [p.heard for p in pieces])
    lines = [f"### {name}", "", "| | r | CCC | RMSE | RMSE of the mean-predictor |", "|---|---|---|---|---|"]
    for axis in measure.AXES:
        figures = " | ".join(f"{found[f'{axis}_{metric}']:.3f}" for metric in ("r", "ccc", "rmse", "rmse_mean"))
        lines.append(f"| {axis} | {figures} |")
    heard = cells(pieces)
    lines += ["", f"Quadrant heard right (targets off both axes): {found['quadrant_accuracy']:.1%}", ""]
    lines += ["| arousal \\ valence | " + " | ".join(f"{v:+.1f}" for v in LEVELS) + " |", "|---|" + "---|" * 5]
    for a in reversed(LEVELS):
        row = [heard[Affect(v, a)] for v in LEVELS]
        lines.append(f"| **{a:+.1f}** | " + " | ".join(f"{h.valence:+.2f} / {h.arousal:+.2f}" for h in row) + " |")
    return [*lines, ""]


def report(options: argparse.Namespace) -> str:
    """Fit, compose, listen, and say it as Markdown."""
    model, right = listener(options.emopia)
    lines = [
        "## A second opinion",
        "",
        f"{options.seeds} seeds x 25 targets, {options.seconds:g} s each, heard by a ridge regression of seventeen features",
        "fitted to the quadrants of EMOPIA's training clips: other pieces and other listeners than those of the judge that",
        f"ships. It hears {right[0]:.1%} (valence) and {right[1]:.1%} (arousal) of the validation clips on the right side.",
        "It knows only four points, so r and quadrants mean more here than RMSE.",
        "",
    ]
    for name in composers.COMPOSERS:
        tasks = grid([name], options.seeds, options.seconds)
        heard = said(model, np.array([features(composed(task)) for task in tasks]))
        lines += tables(
            name, [Piece(t.target, Affect.clipped(v, a), {}) for t, (v, a) in zip(tasks, heard, strict=True)]
        )
    return "\n".join(lines)


def main() -> None:
    """Write and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--out", type=Path, required=True, help="Markdown file to write")
    parser.add_argument("--emopia", type=Path, required=True, help="folder with emopia_train_val.csv and .zip")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=30.0)
    options = parser.parse_args()
    text = report(options)
    options.out.write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
