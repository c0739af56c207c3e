"""EIMG: short piano pieces with the valence and arousal that six raters heard in each.

A folder holds `eimg_va.csv` (file, valence_mean, arousal_mean on the raters' 1..9 scale) and `eimg.zip` with the MIDI files
it names. The raters' Cronbach alpha is .79 for valence and .89 for arousal.
"""

from __future__ import annotations

import csv
import hashlib
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from moodscore.affect import Affect
from moodscore.errors import BadMedia, MoodscoreError
from moodscore.media import Score
from moodscore.music.score import from_midi


@dataclass(frozen=True, slots=True)
class Rated:
    """A piece and what its raters heard in it, on the plane's -1..1 axes."""

    name: str
    score: Score
    affect: Affect


def load(folder: Path) -> tuple[Rated, ...]:
    """All rated pieces of a folder, in the order of its table.

    Raises BadMedia, naming the file, when the table or the archive is missing, broken, or one names what the other lacks.
    """
    table, archive = folder / "eimg_va.csv", folder / "eimg.zip"
    try:
        with table.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        with zipfile.ZipFile(archive) as pieces:
            return tuple(_rated(row, pieces.read(row["file"])) for row in rows)
    except (OSError, KeyError, ValueError, MoodscoreError, zipfile.BadZipFile) as error:
        raise BadMedia(f"{folder}: expected eimg_va.csv and eimg.zip with the pieces it names, got {error}") from error


def halves(pieces: Sequence[Rated]) -> tuple[tuple[Rated, ...], tuple[Rated, ...]]:
    """The pieces a critic may learn from (it advises composers) and those the judge learns from (it only measures).

    Cut by the first byte of the SHA-256 of the file name, so that both halves are the same on every machine.
    """
    critic = tuple(p for p in pieces if hashlib.sha256(p.name.encode()).digest()[0] < 128)
    judge = tuple(p for p in pieces if hashlib.sha256(p.name.encode()).digest()[0] >= 128)
    return critic, judge


def _rated(row: dict[str, str], midi: bytes) -> Rated:
    affect = Affect.clipped((float(row["valence_mean"]) - 5.0) / 4.0, (float(row["arousal_mean"]) - 5.0) / 4.0)
    return Rated(row["file"], from_midi(midi), affect)
