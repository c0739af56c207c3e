"""Grid: pieces composed for a 5 x 5 grid of targets, heard by the judge; writes a table of how well they follow.

python recipes/music_grid.py -o docs/reference/music-grid.md [--seeds 5] [--seconds 30]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from moodscore.affect import Affect
from moodscore.measure import music as measure
from moodscore.music import judge
from moodscore.music.plan import plan
from moodscore.music.rules import compose
from moodscore.trajectory import Trajectory

LEVELS = (-0.8, -0.4, 0.0, 0.4, 0.8)


def heard_grid(seeds: int, seconds: float, first: int = 0) -> tuple[list[Affect], list[Affect]]:
    """Targets and what the judge heard, seed by seed over the whole grid."""
    targets = [Affect(v, a) for _ in range(seeds) for a in reversed(LEVELS) for v in LEVELS]
    scores = [
        compose(plan(Trajectory.hold(target, seconds), first + k // 25), first + k // 25)
        for k, target in enumerate(targets)
    ]
    return targets, [reading.affect for reading in judge.hear_all(tuple(scores))]


def table(targets: list[Affect], heard: list[Affect], seeds: int, seconds: float) -> str:
    """The grid and its metrics as Markdown."""
    grid = np.array([(h.valence, h.arousal) for h in heard]).reshape(seeds, 5, 5, 2).mean(0)
    lines = [
        "# How well the written rules follow their target",
        "",
        f"{seeds} seeds x 25 targets, {seconds:g} s each, composed by `music.rules`, heard by `{judge.NAME}`: a ridge",
        "regression fitted to human ratings of other piano pieces. No rule calls the judge or was inverted from it, but it",
        "was looked at while rules were revised, so read these figures as an upper bound until people have listened.",
        "",
        "Each cell is judged valence / judged arousal, mean over seeds.",
        "",
        "| arousal \\ valence | " + " | ".join(f"{v:+.1f}" for v in LEVELS) + " |",
        "|---|" + "---|" * 5,
    ]
    for row, level in zip(grid, reversed(LEVELS), strict=True):
        lines.append(f"| **{level:+.1f}** | " + " | ".join(f"{v:+.2f} / {a:+.2f}" for v, a in row) + " |")
    found = measure.evaluate(targets, heard)
    lines += ["", "| | r | CCC | RMSE | RMSE of the mean-predictor |", "|---|---|---|---|---|"]
    for name in measure.AXES:
        values = " | ".join(f"{found[f'{name}_{m}']:.3f}" for m in ("r", "ccc", "rmse", "rmse_mean"))
        lines.append(f"| {name} | {values} |")
    lines += ["", f"Quadrant heard right (targets off both axes): {found['quadrant_accuracy']:.1%}", ""]
    return "\n".join(lines)


def main() -> None:
    """Compose, listen, write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--out", type=Path, required=True, help="Markdown file to write")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=30.0)
    options = parser.parse_args()
    targets, heard = heard_grid(options.seeds, options.seconds, options.first_seed)
    text = table(targets, heard, options.seeds, options.seconds)
    options.out.write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
