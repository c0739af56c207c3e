"""Clips: a film -> its feeling over time; a film, or two of its frames -> its genre."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from moodscore.affect import Affect
from moodscore.errors import BadMedia
from moodscore.jobs.values import Progress, silent
from moodscore.media import Clip, Photo
from moodscore.music import audio_judge
from moodscore.prepare import clip as clips
from moodscore.prepare import clip_sound, image
from moodscore.reading import Reading
from moodscore.see import clip as see_clip
from moodscore.see import genre as see_genre
from moodscore.see import hearing
from moodscore.see import photo as see_photo
from moodscore.see.genre import Evidence
from moodscore.trajectory import Trajectory

PAIRS_EVERY_S = 1.0
MOST_PAIRS = 300  # a long film is read at as many moments as this, spread evenly
LAST_PAIR_S = 1.0  # before the end, where films still have two frames
KEPT_HEIGHT = 180
SOUND_BLOCK_S = 30.0
JUDGED_S, JUDGED_EVERY_S = 10.0, 5.0
_SILENT = 1e-4  # peak, -80 dBFS


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


@dataclass(frozen=True, slots=True)
class ClipFelt:
    """A film that was watched: what was seen and heard (None when it has no sound), its feeling over time, its genre."""

    watched: see_clip.Watched
    heard: hearing.Heard | None
    trajectory: Trajectory
    genre: Reading

    @property
    def clip(self) -> Clip:
        return self.watched.clip


def clip_to_trajectory(path: Path, progress: Progress = silent) -> ClipFelt:
    """Clip -> trajectory: look at it once, listen to it once, fuse what both say; raises BadMedia, naming the file."""
    film = clips.open(path)
    watched = see_clip.watch(film, partial(progress, "watch"))
    progress("watch", 1.0)
    heard, said = _listen(film, partial(progress, "listen"))
    feeling = see_clip.trajectory(watched, heard, said)
    return ClipFelt(watched, heard, feeling, see_clip.genre_of(watched))


def _listen(film: Clip, progress: Callable[[float], None]) -> tuple[hearing.Heard | None, Trajectory | None]:
    """What a film's sound is like, and the feeling a judge of music hears in it, from one pass in blocks."""
    if not film.has_sound:
        return None, None
    points: list[tuple[float, Affect]] = []

    def judged() -> Iterator[NDArray[np.float32]]:
        start_s = 0.0
        for block in clip_sound.blocks(film, hearing.RATE, SOUND_BLOCK_S):
            length_s = len(block) / hearing.RATE
            if length_s >= 1.0 and np.abs(block).max() > _SILENT:
                there = audio_judge.hear_over_time(block, hearing.RATE, JUDGED_S, JUDGED_EVERY_S)
                points.extend((start_s + t, a) for t, a in zip(there.times_s, there.affects, strict=True))
            start_s += length_s
            progress(min(1.0, start_s / film.duration_s))
            yield block

    heard = hearing.listen(judged())
    if not points:
        return heard, None
    return heard, Trajectory.of([(0.0, points[0][1]), *points[1:]], film.duration_s)


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
    """The pairs on screen at these moments, with their shorter side at `side` pixels; near the end a little earlier."""
    size = clips.fitted(film.size, short=min(side, *film.size))
    for frames in clips.pairs(film, [max(0.0, min(t, film.duration_s - LAST_PAIR_S)) for t in times]):
        first, second = (Photo(np.asarray(f.pixels(size)), film.path.name, film.size) for f in frames)
        yield Pair(frames[0].time_s, first, second)
