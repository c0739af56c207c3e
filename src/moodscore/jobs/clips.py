"""Clips: a film, or two of its frames -> its genre."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from moodscore.errors import BadMedia
from moodscore.jobs.values import Progress, silent
from moodscore.media import Clip, Photo
from moodscore.prepare import clip as clips
from moodscore.prepare import image
from moodscore.reading import Reading
from moodscore.see import genre as see_genre
from moodscore.see import photo as see_photo
from moodscore.see.genre import Evidence

PAIRS_EVERY_S = 1.0
MOST_PAIRS = 300  # a long film is read at as many moments as this, spread evenly
PAIR_SPAN_S = 2.0
KEPT_HEIGHT = 180


@dataclass(frozen=True, slots=True)
class Pair:
    """Two consecutive frames of a film, small, and when the first appears, in seconds."""

    time_s: float
    first: Photo
    second: Photo


@dataclass(frozen=True, slots=True)
class GenreFound:
    """The genre of a film: the verdict, what each pair said in order of time, and the pairs that speak most for it."""

    clip: Clip
    reading: Reading
    pairs: tuple[Evidence, ...]
    strongest: tuple[tuple[Evidence, Pair], ...]


def frames_to_genre(first: Path, second: Path) -> Reading:
    """Two frames -> genre; raises BadMedia, naming the file, when one cannot be read."""
    side = see_photo.want_side()
    return see_genre.perceive(image.open(first, want_side=side), image.open(second, want_side=side))


def clip_to_genre(path: Path, progress: Progress = silent) -> GenreFound:
    """Clip -> genre: pairs of frames every second, read one by one; the verdict is their mean by how sure each is."""
    film = clips.open(path)
    every_s = max(PAIRS_EVERY_S, film.duration_s / MOST_PAIRS)
    found: list[Evidence] = []
    for pair in _pairs(film, every_s, see_photo.want_side()):
        found.append(Evidence(pair.time_s, see_genre.perceive(pair.first, pair.second)))
        progress("genre", min(1.0, pair.time_s / film.duration_s))
    if not found:
        raise BadMedia(f"{path}: expected a film of two frames or more, got one; name two pictures instead")
    progress("genre", 1.0)
    reading = see_genre.verdict([e.reading for e in found])
    best = sorted(see_genre.strongest(found, reading.labels.top.name), key=lambda e: e.time_s)
    shown = [(e, next(_pairs_at(film, [e.time_s], KEPT_HEIGHT))) for e in best]
    return GenreFound(film, reading, tuple(found), tuple(shown))


def _pairs(film: Clip, every_s: float, side: int) -> Iterator[Pair]:
    """A pair in the middle of every stretch of `every_s` seconds."""
    count = max(1, int(film.duration_s / every_s))
    return _pairs_at(film, [film.duration_s * (k + 0.5) / count for k in range(count)], side)


def _pairs_at(film: Clip, times: list[float], side: int) -> Iterator[Pair]:
    """The pairs that begin at the first frame after each moment, with their shorter side at `side` pixels."""
    size = clips.fitted(film.size, short=min(side, *film.size))
    for time_s in times:
        start_s = max(0.0, min(time_s, film.duration_s - PAIR_SPAN_S / 2))
        two = list(islice(clips.frames(film, start_s=start_s, end_s=start_s + PAIR_SPAN_S), 2))
        if len(two) == 2:
            photos = [Photo(np.asarray(f.pixels(size)), film.path.name, film.size) for f in two]
            yield Pair(two[0].time_s, photos[0], photos[1])
