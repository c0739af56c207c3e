"""Grid: pieces composed for a 5 x 5 grid of targets, heard by two judges; writes a table of how well they follow.

python recipes/music_grid.py -o FILE.md [--seeds 5] [--seconds 30] [--emopia FOLDER]

The first judge is the one that ships. With --emopia (a folder with emopia_train_val.csv and .zip) a second one is fitted to
that set, used for this table and thrown away: it shares neither pieces nor listeners with the first, and was looked at only
in the last revisions of the rules.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from judge import fit, predict
from moodscore.affect import Affect
from moodscore.learn.data import emopia
from moodscore.measure import music as measure
from moodscore.media import Score
from moodscore.music import judge
from moodscore.music.features import features
from moodscore.music.plan import plan
from moodscore.music.rules import compose
from moodscore.trajectory import Trajectory

LEVELS = (-0.8, -0.4, 0.0, 0.4, 0.8)
PENALTY = 10.0


def grid_scores(seeds: int, seconds: float, first: int = 0) -> tuple[list[Affect], list[Score]]:
    """Targets and the pieces composed for them, seed by seed over the whole grid."""
    targets = [Affect(v, a) for _ in range(seeds) for a in reversed(LEVELS) for v in LEVELS]
    seed_of = [first + k // len(LEVELS) ** 2 for k in range(len(targets))]
    scores = [
        compose(plan(Trajectory.hold(target, seconds), seed), seed)
        for target, seed in zip(targets, seed_of, strict=True)
    ]
    return targets, scores


def second_opinion(folder: Path, scores: list[Score]) -> tuple[list[Affect], tuple[float, float]]:
    """What a judge fitted to EMOPIA's training split hears, and its accuracy on the two axes of the validation split."""
    clips = emopia.load(folder)
    x = np.array([features(clip.score) for clip in clips])
    y = np.array([(clip.affect.valence, clip.affect.arousal) for clip in clips])
    learn = np.array([clip.split == "train" for clip in clips])
    model = fit(x[learn], y[learn], PENALTY)
    right = (np.sign(predict(model, x[~learn])) == np.sign(y[~learn])).mean(0)
    said = predict(model, np.array([features(score) for score in scores]))
    return [Affect.clipped(v, a) for v, a in said], (float(right[0]), float(right[1]))


def cells(heard: list[Affect], seeds: int) -> list[str]:
    """The 5 x 5 grid of judged valence and arousal, mean over seeds, as Markdown rows."""
    grid = np.array([(h.valence, h.arousal) for h in heard]).reshape(seeds, 5, 5, 2).mean(0)
    lines = ["| arousal \\ valence | " + " | ".join(f"{v:+.1f}" for v in LEVELS) + " |", "|---|" + "---|" * 5]
    for row, level in zip(grid, reversed(LEVELS), strict=True):
        lines.append(f"| **{level:+.1f}** | " + " | ".join(f"{v:+.2f} / {a:+.2f}" for v, a in row) + " |")
    return lines


def figures(targets: list[Affect], heard: list[Affect]) -> list[str]:
    """The metrics as Markdown."""
    found = measure.evaluate(targets, heard)
    lines = ["| | r | CCC | RMSE | RMSE of the mean-predictor |", "|---|---|---|---|---|"]
    for name in measure.AXES:
        values = " | ".join(f"{found[f'{name}_{m}']:.3f}" for m in ("r", "ccc", "rmse", "rmse_mean"))
        lines.append(f"| {name} | {values} |")
    return [*lines, "", f"Quadrant heard right (targets off both axes): {found['quadrant_accuracy']:.1%}"]


def report(options: argparse.Namespace) -> str:
    """Compose, listen, and say it as Markdown."""
    targets, scores = grid_scores(options.seeds, options.seconds, options.first_seed)
    heard = [reading.affect for reading in judge.hear_all(tuple(scores))]
    lines = [
        "# How well the written rules follow their target",
        "",
        f"{options.seeds} seeds x 25 targets, {options.seconds:g} s each, composed by `music.rules`.",
        "Cells are judged valence / judged arousal, mean over seeds.",
        "",
        f"## The judge that ships, `{judge.NAME}`",
        "",
        "A ridge regression fitted to human ratings of other piano pieces. No rule calls it or was inverted from it,",
        "but it was looked at while rules were revised, so its figures are an upper bound until people have listened.",
        "",
        *cells(heard, options.seeds),
        "",
        *figures(targets, heard),
    ]
    if options.emopia:
        other, right = second_opinion(options.emopia, scores)
        lines += [
            "",
            "## A second opinion",
            "",
            "The same features fitted to the quadrants of EMOPIA's training clips: other pieces, other listeners,",
            f"looked at only in the last revisions of the rules. It hears {right[0]:.1%} (valence) and {right[1]:.1%}",
            "(arousal) of the validation clips on the right side. It knows only four points, so r and quadrants mean",
            "more here than RMSE.",
            "The first judge hears fast music as pleasant, this one slow music; the rules stand between them.",
            "",
            *cells(other, options.seeds),
            "",
            *figures(targets, other),
        ]
    return "\n".join([*lines, ""])


def main() -> None:
    """Write and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--out", type=Path, required=True, help="Markdown file to write")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--emopia", type=Path, help="folder with emopia_train_val.csv and emopia_train_val.zip")
    options = parser.parse_args()
    text = report(options)
    options.out.write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
