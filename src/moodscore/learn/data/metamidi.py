"""MetaMIDI: a MIDI collection labelled with five music emotions from Spotify's energy and valence.

MetaMIDI (J. Ens & P. Pasquier, "Building the MetaMIDI dataset", ISMIR 2021) names its files by MD5 and matches them to
Spotify tracks. The features come as a table of any origin; the thresholds are `schemes.music5_of`.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from moodscore.errors import BadMedia
from moodscore.schemes import MUSIC5, music5_of

KEYS = ("md5", "midi_md5", "hash", "file", "filename", "path", "midi", "track", "track_id", "spotify_id", "id", "name")
SCORES = ("score", "match_score", "matching_score")
SUFFIXES = (".mid", ".midi", ".kar")
COLUMNS = ("file", "label", "energy", "valence", "matched_by")


@dataclass(frozen=True, slots=True)
class Features:
    """One row of a table of features: energy and valence 0..1, and how good its match is (0 when the table does not say)."""

    energy: float
    valence: float
    score: float


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of features by lower-case key, the column the keys came from, and the lines that could not be used, with why."""

    rows: Mapping[str, tuple[Features, ...]]
    key: str
    broken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Labelled:
    """A MIDI file with its label: path inside the collection, music5 label, mean energy and valence of its rows, key."""

    file: str
    label: str
    energy: float
    valence: float
    matched_by: str


@dataclass(frozen=True, slots=True)
class Report:
    """A labelled collection: what matched, which files had no row, which rows no file, which files or lines are broken."""

    labelled: tuple[Labelled, ...]
    unmatched: tuple[str, ...]
    unused: tuple[str, ...]
    broken: tuple[str, ...] = field(default=())

    @property
    def counts(self) -> dict[str, int]:
        """How many files each of the five labels got, in the scheme's order."""
        return {name: sum(row.label == name for row in self.labelled) for name in MUSIC5.names}


def read_features(path: Path) -> Table:
    """Read a CSV or TSV of features: a column that names the MIDI (see KEYS), `energy`, `valence`, optionally a score.

    Column names may have any case, spaces or hyphens. Rows without a name, or with a value that is no number in [0, 1],
    are kept as broken, with their line. Raises BadMedia, naming the file, when it cannot be read or a column is missing.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "other bytes"
        raise BadMedia(f"{path}: expected a table of features as CSV in UTF-8, got: {reason}") from error
    first = text.partition("\n")[0]
    reader = csv.reader(text.splitlines(), delimiter=max(",\t;", key=first.count))
    header = [_column(name) for name in next(reader, [])]
    key = next((name for name in KEYS if name in header), None)
    if key is None or not {"energy", "valence"} <= set(header):
        raise BadMedia(
            f"{path}: expected columns energy, valence and one of {', '.join(KEYS)}, got {', '.join(header) or 'none'}"
        )
    rows: dict[str, list[Features]] = {}
    broken: list[str] = []
    for cells in reader:
        row = dict(zip(header, cells, strict=False))
        try:
            name, features = _named(row, key), _features(row)
            rows.setdefault(name, []).append(features)
        except ValueError as error:
            broken.append(f"{path.name}, line {reader.line_num}: {error}")
    return Table({name: tuple(found) for name, found in rows.items()}, key, tuple(broken))


def label(folder: Path, table: Table) -> Report:
    """Label every MIDI file under `folder` that has a row: by its path, its name, its stem, or the MD5 of its bytes.

    Several rows for one file: those with the best score are averaged. A file that is no MIDI is broken, and not labelled.
    Raises BadMedia when `folder` is no folder.
    """
    if not folder.is_dir():
        raise BadMedia(f"{folder}: expected a folder of MIDI files; check its name")
    labelled: list[Labelled] = []
    unmatched: list[str] = []
    broken = list(table.broken)
    used: set[str] = set()
    for path in midi_files(folder):
        name = path.relative_to(folder).as_posix()
        try:
            data = path.read_bytes()
            check_midi(data)
        except (OSError, ValueError) as error:
            broken.append(f"{name}: {error}")
            continue
        found = next(((how, key) for how, key in _keys_of(name, data) if key in table.rows), None)
        if found is None:
            unmatched.append(name)
            continue
        used.add(found[1])
        energy, valence = _joined(table.rows[found[1]])
        labelled.append(Labelled(name, music5_of(energy, valence).name, energy, valence, found[0]))
    unused = sorted(set(table.rows) - used)
    return Report(tuple(labelled), tuple(unmatched), tuple(unused), tuple(broken))


def as_csv(rows: Iterable[Labelled]) -> str:
    """Labelled files as CSV text with the columns file, label, energy, valence, matched_by."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((r.file, r.label, round(r.energy, 4), round(r.valence, 4), r.matched_by) for r in rows)
    return out.getvalue()


def midi_files(folder: Path) -> list[Path]:
    """Every MIDI file under a folder by its suffix, sorted by path; hidden ones are left out."""
    return sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES and p.name[0] != "." and p.is_file())


def check_midi(data: bytes) -> None:
    """Raise ValueError unless the bytes are a standard MIDI file with at least one whole track."""
    if data[:4] != b"MThd" or len(data) < 14:
        raise ValueError(f"expected a MIDI file, got {'nothing' if not data else repr(data[:4])}")
    at = 8 + int.from_bytes(data[4:8])
    tracks = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8])
        if at + 8 + size > len(data):
            break
        tracks += data[at : at + 4] == b"MTrk"
        at += 8 + size
    if not tracks:
        raise ValueError("expected a MIDI file with a whole track, got one that ends too early")


def _column(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")


def _named(row: Mapping[str, str], key: str) -> str:
    name = row.get(key, "").strip().replace("\\", "/").lower()
    if not name:
        raise ValueError(f"expected a name in the column {key!r}, got none")
    return name


def _features(row: Mapping[str, str]) -> Features:
    values = [_share(row, name) for name in ("energy", "valence")]
    score = next((_number(row[name]) for name in SCORES if name in row), 0.0)
    return Features(values[0], values[1], 0.0 if math.isnan(score) else score)


def _share(row: Mapping[str, str], name: str) -> float:
    value = _number(row.get(name, ""))
    if not 0.0 <= value <= 1.0:
        raise ValueError(f"expected {name} as a number in [0, 1], got {row.get(name, '')!r}")
    return value


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _keys_of(name: str, data: bytes) -> Iterator[tuple[str, str]]:
    """The ways a row may name a file, the most exact first; MD5 is computed only when the others fail."""
    low = name.lower()
    last = low.rpartition("/")[2]
    yield "path", low
    yield "file name", last
    yield "stem", last.rpartition(".")[0]
    yield "md5", hashlib.md5(data, usedforsecurity=False).hexdigest()


def _joined(rows: tuple[Features, ...]) -> tuple[float, float]:
    """Mean energy and valence of the rows with the best score."""
    best = max(row.score for row in rows)
    chosen = [row for row in rows if row.score == best]
    return (
        math.fsum(row.energy for row in chosen) / len(chosen),
        math.fsum(row.valence for row in chosen) / len(chosen),
    )
