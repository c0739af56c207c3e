"""EMOPIA: clips of pop piano with the quadrant of the plane that annotators heard, for evaluation only (CC BY-NC-SA 4.0).

Source: H.-T. Hung et al., "EMOPIA: a multi-modal pop piano dataset for emotion recognition and emotion-based music
generation", ISMIR 2021. A folder holds `emopia_train_val.csv` (file, split, quadrant) and `emopia_train_val.zip` with the
MIDI files; the split keeps the clips of one song together. Nothing fitted to it may ship.
"""

from __future__ import annotations

import csv
import zipfile
from dataclasses import dataclass
from pathlib import Path

from moodscore.affect import Affect
from moodscore.errors import BadMedia, MoodscoreError
from moodscore.media import Score
from moodscore.music.score import from_midi
from moodscore.schemes import QUADRANTS


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip, the split it belongs to ("train" or "val"), and the quadrant's place on the plane."""

    name: str
    split: str
    score: Score
    affect: Affect


def load(folder: Path) -> tuple[Clip, ...]:
    """All clips of a folder whose MIDI file is there, in the order of its table.

    Raises BadMedia, naming the folder, when the table or the archive is missing or broken.
    """
    try:
        with (folder / "emopia_train_val.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        with zipfile.ZipFile(folder / "emopia_train_val.zip") as pieces:
            there = set(pieces.namelist())
            return tuple(_clip(row, pieces.read(row["file"])) for row in rows if row["file"] in there)
    except (OSError, KeyError, MoodscoreError, zipfile.BadZipFile) as error:
        raise BadMedia(f"{folder}: expected emopia_train_val.csv and emopia_train_val.zip, got {error}") from error


def _clip(row: dict[str, str], midi: bytes) -> Clip:
    return Clip(row["file"], row["split"], from_midi(midi), QUADRANTS[row["quadrant"]].place)
