"""Scene and faces against human ratings: is a photo with people read better when its faces have a say, and how much say?

    python recipes/people_fusion.py --data OASIS_FOLDER

OASIS_FOLDER holds `oasis.csv` and its pictures. The scene's answers are held-out ones of the ten-fold cross-validation by
theme group (recipes/photo_affect.py); the faces are found and read by the weights that ship, which never saw these ratings.
Prints a table; the rule that ships is marked. The rule's numbers are round ones
chosen while looking at these tables, so the gain is slightly flattered.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import photo_affect
from moodscore.affect import Affect
from moodscore.learn.data import oasis
from moodscore.learn.features import image_recipe, photo_blocks
from moodscore.prepare import image
from moodscore.reading import Reading
from moodscore.schemes import mood_labels
from moodscore.see import face, people

Array = NDArray[np.float64]
RULES = {
    "scene alone": None,
    "faces at most 0.3": people.Rule(most_weight=0.3),
    "faces at most 0.7": people.Rule(most_weight=0.7),
    "faces at most 0.9": people.Rule(most_weight=0.9),
    "full at 2 %": people.Rule(full_share=0.02),
    "full at 10 %": people.Rule(full_share=0.10),
    "matters from 0.1 %": people.Rule(smallest_share=0.001),
    "matters from 2 %": people.Rule(smallest_share=0.02),
    "on arousal no say": people.Rule(arousal_share=0.0),
    "on arousal full say": people.Rule(arousal_share=1.0),
    "**the rule that ships**": people.RULE,
}
SIZES = {"a face of 0.5 % or more": 0.005, "a face of 3 % or more": 0.03, "all pictures": -1.0}


def held_out(rated: tuple[oasis.Rated, ...], backbones: list[str], size: int, cache: Path | None) -> Array:
    """What the scene model says of each picture when it learned from the other themes: (n, 2)."""
    paths, recipe = [r.path for r in rated], image_recipe(size)
    blocks = [photo_blocks(paths, name, recipe, cache, lambda: None) for name in backbones]
    y, groups = oasis.targets(rated), [r.group for r in rated]
    return photo_affect.cross_validate(blocks, y, groups, oasis.FOLD_SEED)["means"]


def read_faces(path: Path) -> list[people.ReadFace]:
    """Every face of a picture with its reading."""
    photo = image.open(path)
    return [(one, face.perceive(photo, one)) for one in face.find(photo)]


def fused(scene: Array, faces: list[list[people.ReadFace]], rule: people.Rule | None) -> Array:
    """The fused points (n, 2) under a rule; the scene's own without one."""
    if rule is None:
        return scene
    points = []
    for said, read in zip(scene.tolist(), faces, strict=True):
        affect = Affect.clipped(*said)
        whole = people.fuse(Reading(affect, mood_labels(affect, 0.3, 0.2), 0.5, "held-out@1"), read, rule)
        points.append((whole.affect.valence, whole.affect.arousal))
    return np.array(points)


def row(name: str, points: Array, y: Array) -> str:
    """A line of the table: correlation and root mean squared error on both axes."""
    r = [np.corrcoef(points[:, k], y[:, k])[0, 1] for k in (0, 1)]
    rmse = np.sqrt(((points - y) ** 2).mean(0))
    return f"| {name} | {r[0]:.3f} | {rmse[0]:.3f} | {r[1]:.3f} | {rmse[1]:.3f} |"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with oasis.csv and its pictures")
    parser.add_argument(
        "--backbones", nargs="+", default=["lite1", "lite2"], help="those of the scene model that ships"
    )
    parser.add_argument("--size", type=int, default=304)
    parser.add_argument("--cache", type=Path, help="folder that keeps computed features")
    args = parser.parse_args()
    rated = oasis.load(args.data)
    y, scene = oasis.targets(rated), held_out(rated, args.backbones, args.size, args.cache)
    faces = [read_faces(r.path) for r in rated]
    largest = np.array([max((one.box.area for one, _ in read), default=0.0) for read in faces])
    for what, share in SIZES.items():
        chosen = np.flatnonzero(largest >= share)
        print(f"\n{len(chosen)} photos: {what}\n")
        print("| | r valence | RMSE valence | r arousal | RMSE arousal |\n|---|---|---|---|---|")
        for name, rule in RULES.items():
            print(row(name, fused(scene, faces, rule)[chosen], y[chosen]))


if __name__ == "__main__":
    main()
