"""Posters: a folder of film posters with one genre each, and folders of photographed and drawn things.

`genres.csv` names file, imdb_id, genre. Posters are copyrighted: they may teach, and are never shown or shipped.
Photographs and drawings (PACS: D. Li et al., "Deeper, broader and artier domain generalization", ICCV 2017) say nothing of
genre, only that a picture was photographed or drawn; their object class is the first part of the file name.
"""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path

from moodscore.errors import BadMedia
from moodscore.schemes import GENRES

FOLDS = 5


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture, what it teaches (a genre, "photographed" or "drawn"), and the fold it is held out in, 0 .. 4."""

    path: Path
    says: str
    fold: int


def posters(folder: Path) -> tuple[Picture, ...]:
    """All posters of a folder; the fold follows from the film's id, so posters of one film stay together.

    Raises BadMedia, naming the folder, when the table is missing or names an unknown genre or a file that is not there.
    """
    table = folder / "genres.csv"
    try:
        with table.open(encoding="utf-8", newline="") as file:
            rows = [(folder / row["file"], row["genre"], row["imdb_id"]) for row in csv.DictReader(file)]
    except (OSError, KeyError) as error:
        raise BadMedia(f"{table}: expected a table with file, imdb_id and genre, got {error!r}") from error
    wrong = [str(path) for path, genre, _ in rows if genre not in GENRES.names or not path.is_file()]
    if wrong or not rows:
        raise BadMedia(f"{table}: expected known genres and files that are there, got {wrong[:3] or 'no row'}")
    return tuple(Picture(path, genre, _fold(film)) for path, genre, film in rows)


def kinds(folder: Path, says: str) -> tuple[Picture, ...]:
    """All pictures of a folder as "photographed" or "drawn"; a fold holds whole object classes.

    Raises BadMedia when the folder has no JPEG picture.
    """
    found = sorted(folder.glob("*.jpg"))
    if not found:
        raise BadMedia(f"{folder}: expected JPEG pictures, got none; name the folder that holds them")
    return tuple(Picture(path, says, _fold(path.name.split("_")[0])) for path in found)


def _fold(key: str) -> int:
    return hashlib.sha256(key.encode()).digest()[0] % FOLDS
