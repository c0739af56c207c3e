"""OASIS: photographs with the valence and arousal that about a hundred people felt looking at each.

Source: B. Kurdi, S. Lozano & M. R. Banaji, "Introducing the Open Affective Standardized Image Set (OASIS)", Behavior
Research Methods 49 (2017) 457-470. A folder holds `oasis.csv` (file, theme, group, category, source, valence_mean,
valence_sd, arousal_mean, arousal_sd on the raters' 1..7 scale) and the pictures it names.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from moodscore.affect import Affect, Spread
from moodscore.errors import BadMedia

FOLDS = 10
FOLD_SEED = 2017
# Pictures of these two themes are near-copies of each other: one fold, always.
SAME_GROUP = {"miserable_pose": "sad_pose"}
COLUMNS = ("file", "group", "source", "valence_mean", "valence_sd", "arousal_mean", "arousal_sd")


@dataclass(frozen=True, slots=True)
class Rated:
    """A picture and what its raters felt: mean and standard deviation over raters, on the plane's -1..1 axes."""

    path: Path
    group: str
    affect: Affect
    spread: Spread
    site: str


def _affect_scale(rating: float) -> float:
    """A rating 1..7 on the plane's -1..1."""
    return (rating - 4.0) / 3.0


def load(folder: Path) -> tuple[Rated, ...]:
    """All rated pictures of a folder, in the order of its `oasis.csv`.

    Raises BadMedia, naming the file, when the table is missing, lacks a column or names a picture that is not there.
    """
    table = folder / "oasis.csv"
    try:
        with table.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise BadMedia(f"{table}: expected the OASIS table, got {error.strerror}; give its folder as --data") from error
    if not rows or any(rows[0].get(column) is None for column in COLUMNS):
        raise BadMedia(f"{table}: expected rows with the columns {', '.join(COLUMNS)}; is this the OASIS table?")
    rated = tuple(_rated(folder, row) for row in rows)
    for item in rated:
        if not item.path.is_file():
            raise BadMedia(f"{item.path}: expected the picture that {table.name} names, got no file; copy it there")
    return rated


def _rated(folder: Path, row: dict[str, str]) -> Rated:
    group = SAME_GROUP.get(row["group"], row["group"])
    affect = Affect(_affect_scale(float(row["valence_mean"])), _affect_scale(float(row["arousal_mean"])))
    spread = Spread(float(row["valence_sd"]) / 3.0, float(row["arousal_sd"]) / 3.0)
    return Rated(folder / row["file"], group, affect, spread, row["source"])


def targets(rated: tuple[Rated, ...]) -> NDArray[np.float64]:
    """Mean valence and arousal of each picture, (n, 2) in [-1, 1]."""
    return np.array([(r.affect.valence, r.affect.arousal) for r in rated], dtype=np.float64)


def group_folds(groups: list[str], folds: int = FOLDS, seed: int = FOLD_SEED) -> NDArray[np.int64]:
    """The fold 0..folds-1 of each item, (n,), so that a group is never split.

    Groups are shuffled by `seed`, then each goes to the fold with the fewest items so far.
    """
    names = sorted(set(groups))
    sizes = {name: groups.count(name) for name in names}
    filled = np.zeros(folds, dtype=np.int64)
    home: dict[str, int] = {}
    for index in np.random.default_rng(seed).permutation(len(names)):
        fold = int(np.argmin(filled))
        home[names[index]] = fold
        filled[fold] += sizes[names[index]]
    return np.array([home[group] for group in groups], dtype=np.int64)
