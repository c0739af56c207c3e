"""The mood CNN on OASIS: ratings -> a folder for each mood -> ten runs on ten folds by theme group -> its two numbers.

    python recipes/mood_cnn.py --data OASIS_FOLDER -o OUT

It does not ship: recipes/photo_affect.py --beside OUT/mood_cnn.json puts its numbers next to those of the model that does.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, replace
from pathlib import Path

import torch
from rich.progress import Progress
from torch.nn import functional

from moodscore.learn.data import folders, oasis
from moodscore.learn.models.mood_cnn import MoodCNN
from moodscore.learn.mood import PRESETS, best_guess, near, samples, score
from moodscore.learn.train import Samples, TrainConfig, answers, fit
from moodscore.schemes import MOODS, mood_of


def held_out_scores(
    whole: Samples, groups: list[str], config: TrainConfig, out: Path
) -> tuple[torch.Tensor, torch.Tensor]:
    """Scores (n, 8) of each picture by the net that did not see its fold, and the most frequent mood's as one-hot."""
    fold = torch.from_numpy(oasis.group_folds(groups))
    said, always = torch.zeros(len(whole), len(MOODS.labels)), torch.zeros(len(whole), len(MOODS.labels))
    with Progress() as bar:
        task = bar.add_task("mood CNN", total=oasis.FOLDS * config.epochs)
        for number in range(oasis.FOLDS):
            held = fold == number
            torch.manual_seed(config.seed)
            net = MoodCNN()
            inside = Samples(whole.inputs[~held], whole.aims[~held])
            fit(
                net,
                (inside, Samples(whole.inputs[held], whole.aims[held])),
                config,
                out / f"fold{number}",
                (functional.cross_entropy, score),
                lambda row: bar.advance(task),
            )
            said[held] = answers(net, whole.inputs[held])
            always[held, best_guess(inside.aims)] = 1.0
    return said, always


def main() -> None:
    """Run the whole road."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with oasis.csv and its pictures")
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder for the set, the runs and mood_cnn.json")
    parser.add_argument("--preset", choices=sorted(PRESETS), default="short")
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    config = replace(PRESETS[args.preset], seed=args.seed)
    config = replace(config, epochs=args.epochs) if args.epochs else config
    rated = oasis.load(args.data)
    folders.write(args.out / "moods", [(r.path, mood_of(r.affect), r.group) for r in rated])
    items = folders.load(args.out / "moods")
    whole = samples(items)
    said, always = held_out_scores(whole, [i.group for i in items], config, args.out)
    scores = {
        "protocol": f"OASIS, mood = octant of the mean rating, the same ten folds by theme group, {len(items)} pictures",
        "mood_top1": round(score(said, whole.aims), 4),
        "mood_within_one": round(near(said, whole.aims), 4),
        "most_frequent_mood": {
            "mood_top1": round(score(always, whole.aims), 4),
            "mood_within_one": round(near(always, whole.aims), 4),
        },
        "config": asdict(config),
    }
    print(json.dumps(scores, indent=1))
    (args.out / "mood_cnn.json").write_text(json.dumps(scores, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
