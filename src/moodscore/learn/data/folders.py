"""A folder for each mood: the simplest labelled set, one subfolder named after each mood, pictures inside.

Subfolders are named in English or Korean (`joyful` or 즐거운). An optional `groups.csv` beside them (file, group; `file` as
`joyful/one.jpg`) names pictures that belong together, so that they are never split between training and validation.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from moodscore.errors import BadMedia, BadValue
from moodscore.schemes import MOODS, Label

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".bmp", ".tif", ".tiff", ".gif"})


@dataclass(frozen=True, slots=True)
class Labelled:
    """A picture, its mood, and the group it must stay with."""

    path: Path
    mood: Label
    group: str


def load(folder: Path) -> tuple[Labelled, ...]:
    """All pictures of a folder-per-mood set, in order of mood and name; without `groups.csv` each is its own group.

    Raises BadMedia when the folder cannot be read or holds fewer than two moods with pictures, and BadValue for a
    subfolder that is named after no mood.
    """
    if not folder.is_dir():
        raise BadMedia(f"{folder}: expected a folder with one subfolder for each mood, got no folder")
    groups = _groups(folder / "groups.csv")
    found: list[Labelled] = []
    for place in sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith(".")):
        try:
            mood = MOODS[place.name]
        except BadValue as error:
            raise BadValue(f"{place}: expected a folder named after a mood ({', '.join(MOODS.names)})") from error
        for path in sorted(p for p in place.iterdir() if p.suffix.lower() in SUFFIXES):
            name = f"{place.name}/{path.name}"
            found.append(Labelled(path, mood, groups.get(name, name)))
    if len({item.mood.name for item in found}) < 2:
        raise BadMedia(f"{folder}: expected pictures of at least two moods in subfolders, got {len(found)} pictures")
    return tuple(sorted(found, key=lambda item: (MOODS.labels.index(item.mood), item.path.name)))


def _groups(table: Path) -> dict[str, str]:
    if not table.is_file():
        return {}
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if rows and not {"file", "group"} <= set(rows[0]):
        raise BadMedia(f"{table}: expected the columns file and group, got {', '.join(rows[0])}")
    return {row["file"]: row["group"] for row in rows}


def write(folder: Path, items: Iterable[tuple[Path, Label, str]]) -> None:
    """Make a folder-per-mood set of (picture, mood, group): links to the pictures and a `groups.csv`."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "groups.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("file", "group"))
        for picture, mood, group in items:
            place = folder / mood.name / picture.name
            place.parent.mkdir(exist_ok=True)
            if not place.exists():
                place.symlink_to(picture.resolve())
            table.writerow((f"{mood.name}/{picture.name}", group))
