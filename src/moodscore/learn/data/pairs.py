"""Pairs of consecutive film frames by genre, as `moodscore learn extract` writes them: GENRE/FILM/001.png, 002.png ...

Odd numbers are key frames, the even number after each is the frame that followed it. Every frame is an item: an odd one
takes the next as its partner, an even one the previous, and both are stacked to R1 G1 B1 R2 G2 B2. Sets are split by film,
never by frame, because the frames of a film look alike. Folders made by hand need no manifest.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from moodscore.errors import BadMedia, BadValue
from moodscore.prepare import clip, image
from moodscore.schemes import GENRES

Pixels = NDArray[np.uint8]

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
CACHED_FRAMES = 256
_ONE_FILM = 0.2
_LAYOUT = "GENRE/FILM/001.png, 002.png ... as `moodscore learn extract` writes them"


@dataclass(frozen=True, slots=True)
class Film:
    """The frames of one film: its genre, folder, and frames 1, 2, 3 ... in order, always an even number of them.

    `marks` tell whether two folders come from one film: the film file's checksum, or those of the frames when no manifest
    says it.
    """

    genre: str
    folder: Path
    frames: tuple[Path, ...]
    marks: frozenset[str]

    @property
    def name(self) -> str:
        """GENRE/FILM, as splits and reports call it."""
        return f"{self.genre}/{self.folder.name}"


@dataclass(frozen=True, slots=True)
class Pairs:
    """Frame pairs of some films; item i is a frame with its partner, `labels[i]` its genre, `film_of[i]` its film.

    Pictures are read when they are asked for; a few are kept.
    """

    films: tuple[Film, ...]
    _kept: OrderedDict[tuple[Path, tuple[int, int]], Pixels] = field(
        default_factory=OrderedDict, repr=False, compare=False
    )

    def __len__(self) -> int:
        return sum(len(film.frames) for film in self.films)

    @property
    def labels(self) -> NDArray[np.int64]:
        """The genre of each item (n,) by its place in `schemes.GENRES`."""
        places = [GENRES.names.index(film.genre) for film in self.films]
        return np.repeat(np.asarray(places, np.int64), [len(film.frames) for film in self.films])

    @property
    def film_of(self) -> NDArray[np.int64]:
        """The film of each item (n,) by its place in `films`."""
        return np.repeat(np.arange(len(self.films)), [len(film.frames) for film in self.films])

    @property
    def counts(self) -> dict[str, int]:
        """How many items each genre has, all six named."""
        found = np.bincount(self.labels, minlength=len(GENRES.names))
        return {name: int(count) for name, count in zip(GENRES.names, found, strict=True)}

    @property
    def weights(self) -> NDArray[np.float32]:
        """A loss weight for each genre (6,) that makes them count alike: mean 1 over the items, 0 where there are none."""
        counts = np.asarray(list(self.counts.values()), np.float64)
        there = counts > 0
        shares = np.divide(len(self), counts * max(1, int(there.sum())), out=np.zeros_like(counts), where=there)
        return shares.astype(np.float32)

    def paths(self, item: int) -> tuple[Path, Path]:
        """The two files of an item: frame n and n + 1 when n is odd, n and n - 1 when n is even (n counts from 1)."""
        if not 0 <= item < len(self):
            raise BadValue(f"pairs: expected an item in 0 .. {len(self) - 1}, got {item}")
        for film in self.films:
            if item < len(film.frames):
                return film.frames[item], film.frames[item ^ 1]
            item -= len(film.frames)
        raise AssertionError

    def pair(self, item: int, size: tuple[int, int]) -> Pixels:
        """An item as uint8 (6, height, width) scaled to `size` (width, height); BadMedia names a file that is broken."""
        first, second = (self._frame(path, size) for path in self.paths(item))
        return clip.stack(first, second)

    def stacked(self, items: Sequence[int] | NDArray[np.int64], size: tuple[int, int]) -> Pixels:
        """Items as one array uint8 (n, 6, height, width), channels R1 G1 B1 R2 G2 B2."""
        out = np.empty((len(items), 6, size[1], size[0]), np.uint8)
        for row, item in enumerate(items):
            out[row] = self.pair(int(item), size)
        return out

    def of(self, films: Sequence[Film]) -> Pairs:
        """The pairs of some of the films."""
        return Pairs(tuple(films), self._kept)

    def _frame(self, path: Path, size: tuple[int, int]) -> Pixels:
        kept = self._kept.pop((path, size), None)
        if kept is None:
            full = image.open(path).pixels
            shrinks = full.shape[1] >= size[0] and full.shape[0] >= size[1]
            kind = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
            kept = (
                full if full.shape[1::-1] == size else np.asarray(cv2.resize(full, size, interpolation=kind), np.uint8)
            )
        self._kept[path, size] = kept
        while len(self._kept) > CACHED_FRAMES:
            self._kept.popitem(last=False)
        return kept


def load(folder: str | Path) -> Pairs:
    """All films of a folder, sorted by genre and name; pictures are not opened yet.

    Raises BadMedia, naming the folder or file, when a subfolder is no genre, a film has no frames, a number is missing or
    twice there, a frame has no partner, or one film lies there twice.
    """
    home = Path(folder)
    if not home.is_dir():
        raise BadMedia(
            f"{home}: expected a folder with {_LAYOUT}, got {'a file' if home.exists() else 'nothing there'}"
        )
    films: list[Film] = []
    for place in _folders(home):
        if place.name not in GENRES.names:
            raise BadMedia(f"{place}: expected a folder named after a genre ({', '.join(GENRES.names)}); rename it")
        films.extend(_film(place.name, inside) for inside in _folders(place))
    if not films:
        raise BadMedia(f"{home}: expected {_LAYOUT}, got no film")
    check_apart({film.name: [film] for film in films})
    return Pairs(tuple(sorted(films, key=lambda film: (GENRES.names.index(film.genre), film.folder.name))))


def _folders(place: Path) -> list[Path]:
    return sorted(p for p in place.iterdir() if p.is_dir() and not p.name.startswith("."))


def _film(genre: str, folder: Path) -> Film:
    numbered: dict[int, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in SUFFIXES or path.name.startswith("."):
            continue
        if not (path.stem.isascii() and path.stem.isdigit()) or int(path.stem) in numbered:
            raise BadMedia(f"{path}: expected frames numbered once each, 001, 002 ...; rename or remove it")
        numbered[int(path.stem)] = path
    missing = sorted(set(range(1, len(numbered) + 1)) - set(numbered))
    if not numbered or missing or len(numbered) % 2:
        what = f"no frame {missing[0]:03d}" if missing else f"{len(numbered)} frames"
        raise BadMedia(f"{folder}: expected frames 001, 002 ... in pairs (odd and the even after it), got {what}")
    frames = tuple(numbered[n] for n in sorted(numbered))
    return Film(genre, folder, frames, _marks(folder, frames))


def _marks(folder: Path, frames: tuple[Path, ...]) -> frozenset[str]:
    manifest = folder / "manifest.json"
    try:
        if manifest.is_file():
            return frozenset({f"film {json.loads(manifest.read_text('utf-8'))['sha256']}"})
        return frozenset(f"frame {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in frames)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadMedia(f"{manifest}: expected the manifest `moodscore learn extract` writes, got {error!r}") from error


def check_apart(parts: Mapping[str, Sequence[Film]]) -> None:
    """Raise BadMedia, naming both folders, when one film (by folder or by content) is in two of the parts."""
    placed = [(part, film) for part, films in parts.items() for film in films]
    for (part, film), (other_part, other) in combinations(placed, 2):
        same_folder = film.folder.resolve() == other.folder.resolve()
        if part != other_part and (same_folder or _shared(film, other) >= _ONE_FILM):
            raise BadMedia(
                f"{other.folder}: expected films that are in one place only, got the film that is also in {film.folder}; "
                "the same frames must not be learnt from and measured on: remove one"
            )


def _shared(film: Film, other: Film) -> float:
    """The share of marks that two films have in common; two films may well share a black frame."""
    return len(film.marks & other.marks) / max(1, min(len(film.marks), len(other.marks)))


def split(pairs: Pairs, shares: Mapping[str, float], seed: int = 0) -> dict[str, Pairs]:
    """The films cut into named parts, by a hash of their content and evenly in each genre: {"train": 0.8, "valid": 0.2}.

    Every part gets a film of each genre that has as many films as there are parts. Which film falls where depends only on
    the films and `seed`. Raises BadValue when shares are not positive numbers that sum to 1, BadMedia for shared films.
    """
    if not shares or any(not share > 0 for share in shares.values()) or abs(sum(shares.values()) - 1) > 1e-6:
        raise BadValue(f"split: expected positive shares that sum to 1, got {dict(shares)}")
    parts: dict[str, list[Film]] = {name: [] for name in shares}
    for genre in GENRES.names:
        films = sorted((f for f in pairs.films if f.genre == genre), key=lambda f: _draw(f, seed))
        for film, name in zip(films, _places(len(films), shares), strict=True):
            parts[name].append(film)
    check_apart(parts)
    return {name: pairs.of(films) for name, films in parts.items()}


def _draw(film: Film, seed: int) -> bytes:
    return hashlib.sha256(f"{seed} {min(film.marks)}".encode()).digest()


def _places(count: int, shares: Mapping[str, float]) -> list[str]:
    """The part of each of `count` films: always the part that is furthest below its share, the empty ones first."""
    taken = dict.fromkeys(shares, 0)
    enough = count >= len(shares)
    for _ in range(count):
        wanted = {name: share * count - taken[name] for name, share in shares.items()}
        empty = [name for name in shares if enough and not taken[name]]
        name = max(empty or shares, key=lambda n: wanted[n])
        taken[name] += 1
    return [name for name in shares for _ in range(taken[name])]


def given_split(pairs: Pairs, table: str | Path) -> dict[str, Pairs]:
    """The films cut into parts as a CSV (film, split) says; `film` is GENRE/FILM, `split` any name, as train and test.

    Raises BadMedia, naming the table, when it misses a film, names one twice or one that is not there, or when a film is in
    two parts, by name or by content.
    """
    path = Path(table)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [(row["film"].strip(), row["split"].strip()) for row in csv.DictReader(file)]
    except (OSError, KeyError, AttributeError, UnicodeDecodeError) as error:
        raise BadMedia(f"{path}: expected a table with the columns film and split, got {error!r}") from error
    names = [name for name, _ in rows]
    twice = sorted({name for name in names if names.count(name) > 1})
    odd = sorted(set(names) ^ {film.name for film in pairs.films})
    if twice or odd:
        raise BadMedia(f"{path}: expected each film of the folder once, got {', '.join((twice or odd)[:5])} wrong")
    by_name = {film.name: film for film in pairs.films}
    parts: dict[str, list[Film]] = {}
    for name, part in rows:
        parts.setdefault(part, []).append(by_name[name])
    check_apart(parts)
    return {part: pairs.of(films) for part, films in parts.items()}
