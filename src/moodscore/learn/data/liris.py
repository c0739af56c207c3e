"""LIRIS-ACCEDE: film excerpts under Creative Commons with the valence and arousal that they induced.

Source: Y. Baveye, E. Dellandrea, C. Chamaret & L. Chen, "LIRIS-ACCEDE: a video database for affective content analysis",
IEEE Trans. Affective Computing 6 (2015) 43-55, and for the Continuous set "Deep learning vs. kernel methods: performance for
emotion prediction in videos", ACII 2015. The files keep the names and places they are distributed with:

annotations/ACCEDEranking.txt     id, name, ranks and scores (1..5) of 9,800 excerpts of 8 to 12 s
annotations/ACCEDEsets.txt        id, name, set: 1 learning, 2 validation, 0 test; no film is in two of them
data/ACCEDE00000.mp4 ...          the excerpts
ACCEDEdescription.xml             which film each excerpt is from (optional)
ACCEDEfeaturesValence_TAC2015.txt, ACCEDEfeaturesArousal_TAC2015.txt (optional; in features/ too)
continuous-annotations/NAME_Valence.txt, NAME_Arousal.txt    seconds, mean [, deviation] in -1..1
continuous-movies/NAME.mp4
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from moodscore.affect import Affect
from moodscore.errors import BadMedia, BadValue
from moodscore.trajectory import Trajectory

RANKING, SETS, DESCRIPTION = "annotations/ACCEDEranking.txt", "annotations/ACCEDEsets.txt", "ACCEDEdescription.xml"
FEATURES = ("ACCEDEfeaturesValence_TAC2015.txt", "ACCEDEfeaturesArousal_TAC2015.txt")
PARTS = ("train", "validation", "test")
SPLITS: Mapping[str, Mapping[int, str]] = {
    # the set's own: 2,450 / 2,450 / 4,900
    "official": {1: "train", 2: "validation", 0: "test"},
    # 7,350 / 2,450 as in the paper, by whole sets so that no film is on both sides; nothing is left to test on
    "paper": {1: "train", 0: "train", 2: "validation"},
}
# A point of the plane is half a point of the scores: (score - 3) / 2.
SCORE_STEP, SCORE_MIDDLE = 2.0, 3.0


@dataclass(frozen=True, slots=True)
class Excerpt:
    """An excerpt: its file, the feeling it induced, the set it belongs to (0, 1, 2), and its film where that is known."""

    number: int
    path: Path
    affect: Affect
    part: int
    film: str | None = None

    @property
    def scores(self) -> tuple[float, float]:
        """Valence and arousal as the set gives them, 1..5."""
        return score(self.affect.valence), score(self.affect.arousal)


def score(value: float) -> float:
    """A coordinate of the plane on the set's scale of 1..5."""
    return value * SCORE_STEP + SCORE_MIDDLE


def load(folder: Path) -> tuple[Excerpt, ...]:
    """All excerpts of a folder, in the order of its ranking; their files are named, not opened.

    Raises BadMedia, naming file and line, when an annotation is missing, is not of this format, or an excerpt has no set.
    """
    ranking, sets = _found(folder, RANKING), _found(folder, SETS)
    part_of = {row["name"]: (_integer(row["set"], sets, line), line) for line, row in _table(sets, ("name", "set"))}
    films, data = _films(folder), _data(folder)
    out = []
    for line, row in _table(ranking, ("id", "name", "valenceValue", "arousalValue")):
        name = row["name"]
        part, where = part_of.get(name, (None, 0))
        if part is None:
            raise BadMedia(f"{sets}: expected a row for {name}, which {ranking.name} names, got none")
        if part not in (0, 1, 2):
            raise BadMedia(f"{sets}, line {where}: expected the set 0, 1 or 2, got {part}")
        affect = Affect(*(_plane(row[column], ranking, line) for column in ("valenceValue", "arousalValue")))
        out.append(Excerpt(_integer(row["id"], ranking, line), data / name, affect, part, films.get(name)))
    return tuple(out)


def split(excerpts: Sequence[Excerpt], name: str = "official") -> dict[str, tuple[Excerpt, ...]]:
    """Excerpts by part ("train", "validation", "test"); parts that a split does not have are empty.

    Raises BadValue for an unknown split, and when there is nothing to train on or to validate with.
    """
    if name not in SPLITS:
        raise BadValue(f"split: expected one of {', '.join(SPLITS)}, got {name!r}")
    parts = {part: tuple(e for e in excerpts if SPLITS[name].get(e.part) == part) for part in PARTS}
    for part in PARTS[:2]:
        if len(parts[part]) < 2:
            raise BadValue(f"split {name}: expected at least 2 excerpts in the {part} part, got {len(parts[part])}")
    return parts


def films_in_two(parts: Mapping[str, Sequence[Excerpt]]) -> tuple[str, ...]:
    """Films that have excerpts in more than one part, as far as films are known."""
    homes: dict[str, set[str]] = {}
    for part, excerpts in parts.items():
        for excerpt in excerpts:
            if excerpt.film is not None:
                homes.setdefault(excerpt.film, set()).add(part)
    return tuple(sorted(film for film, where in homes.items() if len(where) > 1))


def features(folder: Path, excerpts: Iterable[Excerpt]) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """The published descriptors (TAC 2015): their 40 names, with the file they are from, and values (n, 40).

    Raises BadMedia when a table is missing, lacks an excerpt or holds no number where one should be.
    """
    names: list[str] = []
    columns: list[dict[str, list[float]]] = []
    wanted = [e.path.name for e in excerpts]
    for file in FEATURES:
        path = _found(folder, file, f"features/{file}")
        axis = "valence" if "Valence" in file else "arousal"
        rows: dict[str, list[float]] = {}
        for line, row in _table(path, ("id", "name")):
            rows[row["name"]] = [_number(v, path, line) for k, v in row.items() if k not in ("id", "name")]
            header = [k for k in row if k not in ("id", "name")]
        missing = next((name for name in wanted if name not in rows), None)
        if missing is not None:
            raise BadMedia(f"{path}: expected a row for {missing}, got none")
        names += [f"{axis}: {k}" for k in header]
        columns.append(rows)
    return tuple(names), np.array([[v for rows in columns for v in rows[name]] for name in wanted])


@dataclass(frozen=True, slots=True)
class RatedFilm:
    """A film of the Continuous set: its name, the feeling over time, and its file where it is there."""

    name: str
    trajectory: Trajectory
    path: Path | None = None


def continuous(folder: Path) -> tuple[RatedFilm, ...]:
    """The films of the Continuous set, by name; rated every second, -1..1.

    Both published forms are read: a file for each axis (time, mean, deviation), and MediaEval's NAME_Valence-Arousal.txt
    (time, valence, arousal). Raises BadMedia, naming file and line, when there are none or one is not of this format.
    """
    home = _found(folder, "continuous-annotations", "annotations", ".")
    both = sorted(home.glob("*_Valence-Arousal.txt"))
    single = sorted(home.glob("*_Valence.txt"))
    if not both and not single:
        raise BadMedia(
            f"{home}: expected the files NAME_Valence.txt and NAME_Arousal.txt of the Continuous set, got none"
        )
    films = [_together(path) for path in both] + [_apart(path) for path in single]
    return tuple(RatedFilm(name, t, _movie(folder, name)) for name, t in sorted(films, key=lambda film: film[0]))


def _together(path: Path) -> tuple[str, Trajectory]:
    rows = [(row[0], Affect(_rated(row[1], path, n), _rated(row[2], path, n))) for n, row in _seconds(path, 3)]
    return path.name.removesuffix("_Valence-Arousal.txt"), _trajectory(path, rows)


def _apart(valence: Path) -> tuple[str, Trajectory]:
    name = valence.name.removesuffix("_Valence.txt")
    arousal = valence.with_name(f"{name}_Arousal.txt")
    if not arousal.is_file():
        raise BadMedia(f"{valence}: expected {arousal.name} beside it, got no such file; copy it there")
    v, a = ({row[0]: _rated(row[1], path, n) for n, row in _seconds(path, 2)} for path in (valence, arousal))
    shared = sorted(v.keys() & a.keys())
    if len(shared) < 0.9 * max(len(v), len(a)):
        raise BadMedia(
            f"{valence}: expected the same seconds as in {arousal.name}, got {len(shared)} in both of {len(v)}"
        )
    return name, _trajectory(valence, [(t, Affect(v[t], a[t])) for t in shared])


def _trajectory(path: Path, rows: list[tuple[float, Affect]]) -> Trajectory:
    """The feeling through rated seconds; before the first it is the first, and the last lasts as long as the others."""
    times = [time_s for time_s, _ in rows]
    if len(rows) < 2 or times[0] < 0 or any(a >= b for a, b in itertools.pairwise(times)):
        raise BadMedia(f"{path}: expected at least two rated seconds, one after the other, got {times[:4]} ...")
    if times[0] > 0:
        rows = [(0.0, rows[0][1]), *rows]
    return Trajectory.of(rows, times[-1] + (times[-1] - times[0]) / (len(times) - 1))


def _seconds(path: Path, columns: int) -> Iterator[tuple[int, list[float]]]:
    """The rows of a file of rated seconds with their line numbers; the header is left out."""
    for line, text in enumerate(_read(path).splitlines(), 1):
        words = text.split()
        if not words or (line == 1 and not _is_number(words[0])):
            continue
        if len(words) < columns:
            raise BadMedia(f"{path}, line {line}: expected {columns} columns or more, got {len(words)}: {text[:60]!r}")
        yield line, [_number(word, path, line) for word in words[:columns]]


def _rated(value: float, path: Path, line: int) -> float:
    if not -1.0 <= value <= 1.0:
        raise BadMedia(f"{path}, line {line}: expected a rating in -1..1, got {value:g}")
    return value


def _movie(folder: Path, name: str) -> Path | None:
    places = [folder / "continuous-movies", *sorted(folder.glob("*/continuous-movies")), folder / "data"]
    return next((p / f"{name}.mp4" for p in places if (p / f"{name}.mp4").is_file()), None)


def _found(folder: Path, *names: str) -> Path:
    """The first of some relative paths that is there, in the folder or in one of the folders that the archives unpack to."""
    if not folder.is_dir():
        raise BadMedia(f"{folder}: expected the folder of LIRIS-ACCEDE, got no such folder; check its name")
    for name in names:
        for path in (folder / name, *sorted(folder.glob(f"LIRIS-ACCEDE*/{name}"))):
            if path.exists():
                return path
    raise BadMedia(f"{folder / names[0]}: expected this part of LIRIS-ACCEDE, got no such file; unpack it there")


def _data(folder: Path) -> Path:
    """The folder of the excerpts, which may not be there yet."""
    return next((p for p in sorted(folder.glob("LIRIS-ACCEDE*/data")) if p.is_dir()), folder / "data")


def _films(folder: Path) -> dict[str, str]:
    """The film of each excerpt by the description, or nothing when there is none; parts of one film count as that film."""
    try:
        path = _found(folder, DESCRIPTION, f"data/{DESCRIPTION}", f"annotations/{DESCRIPTION}")
    except BadMedia:
        return {}
    try:
        media = ElementTree.fromstring(_read(path)).iter("media")
    except ElementTree.ParseError as error:
        raise BadMedia(f"{path}: expected XML, got {error}; unpack it again") from error
    pairs = ((m.findtext("name"), m.findtext("movie")) for m in media)
    return {name: re.sub(r"(_\d+_\d+)?\.\w+$", "", film) for name, film in pairs if name and film}


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig", errors="replace")
    except OSError as error:
        raise BadMedia(f"{path}: expected a file of LIRIS-ACCEDE, got {error.strerror}; check its name") from error


def _table(path: Path, needed: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a tab-separated file with their line numbers; at least one."""
    lines = _read(path).splitlines()
    header = lines[0].split("\t") if lines else []
    if len(lines) < 2 or any(column not in header for column in needed):
        raise BadMedia(
            f"{path}: expected rows with the columns {', '.join(needed)}, separated by tabs; unpack it again"
        )
    for line, text in enumerate(lines[1:], 2):
        if not text.strip():
            continue
        values = text.split("\t")
        if len(values) != len(header):
            raise BadMedia(f"{path}, line {line}: expected {len(header)} columns, got {len(values)}: {text[:60]!r}")
        yield line, dict(zip(header, values, strict=True))


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def _number(word: str, path: Path, line: int) -> float:
    value = float(word) if _is_number(word) else float("nan")
    if not np.isfinite(value):
        raise BadMedia(f"{path}, line {line}: expected a number, got {word!r}")
    return value


def _integer(word: str, path: Path, line: int) -> int:
    value = _number(word, path, line)
    if value != int(value):
        raise BadMedia(f"{path}, line {line}: expected a whole number, got {word!r}")
    return int(value)


def _plane(word: str, path: Path, line: int) -> float:
    value = (_number(word, path, line) - SCORE_MIDDLE) / SCORE_STEP
    if not -1.0 <= value <= 1.0:
        raise BadMedia(f"{path}, line {line}: expected a score in 1..5, got {word!r}")
    return value
