"""Values: what the jobs hand back, what a user may choose about music, and how progress is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from moodscore.errors import BadValue
from moodscore.media import Box, Face, Photo, Tune
from moodscore.music import composers, plan
from moodscore.music.match import Cue
from moodscore.reading import Reading
from moodscore.see import people

Progress = Callable[[str, float], None]
"""Told a stage's name and how much of it is done, 0 .. 1."""


def silent(stage: str, share: float) -> None:
    """The progress of somebody who does not want to watch."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A photo that was looked at: where it is, what it feels like, a thumbnail, what to keep in frame, when it was taken."""

    path: Path
    reading: Reading
    thumbnail: Photo
    focus: tuple[Box, ...]
    taken_at: str | None


@dataclass(frozen=True, slots=True)
class Faced:
    """A photo whose faces were read: the picture for drawing, and each face with its reading, the largest first."""

    path: Path
    photo: Photo
    faces: tuple[tuple[Face, Reading], ...]
    taken_at: str | None = None

    @property
    def reading(self) -> Reading:
        """What the faces say together: the mean, weighted by area, score and confidence."""
        return people.of_faces(self.faces)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A photo that could not be used, and why in one line."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class Scored:
    """Music for a trajectory: the plan (None for music that was brought along), the tune, and what was picked for it."""

    plan: plan.Plan | None
    tune: Tune
    cues: tuple[Cue, ...] = ()


@dataclass(frozen=True, slots=True)
class MusicChoices:
    """What a user may choose about music: `composer` is rules, neural or auto, the better of the two as measured.

    Or it is diffusion, which draws sound; its tunes have no score.
    `music` is used instead of composing: a sound file, a folder of music to pick from, or "default", the library that
    ships. Raises BadValue for a composer that does not exist.
    """

    seed: int = 0
    composer: str = composers.AUTO
    music: Path | None = None

    def __post_init__(self) -> None:
        if self.composer not in composers.TUNE_NAMES:
            raise BadValue(f"composer: expected one of {', '.join(composers.TUNE_NAMES)}, got {self.composer!r}")
