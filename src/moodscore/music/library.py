"""Library: the pieces that music can be picked from, what is felt in each, and where each may be entered and left."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from moodscore.affect import Affect, Spread
from moodscore.reading import Part, Reading
from moodscore.schemes import MOODS, Label, Labels

_SOUND = "wav w64 flac mp3 ogg oga opus m4a m4b aac mp4 mka webm aif aiff caf au wma wv ape tta"
SOUND_SUFFIXES = frozenset("." + name for name in _SOUND.split())
SCORE_SUFFIXES = frozenset((".mid", ".midi", ".smf"))
SHORTEST_S = 3.0
LONGEST_S = 3600.0
FOLDER_SOURCE = "folder-mood@1"
_MOOD_NAMES = {
    unicodedata.normalize("NFC", name).casefold(): mood for mood in MOODS.labels for name in (mood.name, mood.korean)
}


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a piece from `start_s` to the next one's start: what is felt in it, and how loud it is in LUFS."""

    start_s: float
    affect: Affect
    lufs: float


@dataclass(frozen=True)
class Piece:
    """A piece of a library. Seconds count from the beginning of its file, as it is played.

    `name` is its path within the library and `path` where it lies; `sha256` is of the file's bytes. A `score` is a MIDI
    file that is played when it is used. Sound is heard from `start_s` to `end_s`. `joins_s` are the places where it may be
    entered and left, in order: bar lines of a score, quiet places of a recording; `start_s` and `end_s` are among them.
    """

    name: str
    path: Path
    sha256: str
    score: bool
    start_s: float
    end_s: float
    reading: Reading
    stretches: tuple[Stretch, ...]
    joins_s: tuple[float, ...]

    @property
    def length_s(self) -> float:
        """Seconds of music."""
        return self.end_s - self.start_s

    @cached_property
    def _starts_s(self) -> list[float]:
        return [stretch.start_s for stretch in self.stretches]

    def at(self, time_s: float) -> Stretch:
        """The stretch that sounds at `time_s` of the piece; the first before it and the last after it."""
        return self.stretches[max(0, bisect_right(self._starts_s, time_s) - 1)]

    def as_dict(self) -> dict[str, Any]:
        """The piece as JSON-ready values, the same every time."""
        return {
            "file": self.name,
            "sha256": self.sha256,
            "kind": "score" if self.score else "sound",
            "seconds": round(self.length_s, 3),
            **self.reading.as_dict(),
        }


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file of a library that cannot be used, and why, in one line that names it."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Library:
    """The pieces of a folder in order of name, and the files in it that were left out; `name` is the folder's."""

    name: str
    pieces: tuple[Piece, ...]
    left_out: tuple[LeftOut, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The library as JSON-ready values."""
        return {
            "library": self.name,
            "pieces": [piece.as_dict() for piece in self.pieces],
            "left_out": [{"file": one.name, "reason": one.reason} for one in self.left_out],
        }


def folder_mood(name: str) -> Label | None:
    """The mood that a piece's name within the library puts it under: that of the innermost folder called by a mood's name.

    English or Korean, in any case, numbers before it aside ("3 Sad", "고요한"). None when no folder is called so.
    """
    for folder in reversed(name.split("/")[:-1]):
        word = re.sub(r"^[\d\W_]+", "", unicodedata.normalize("NFC", folder)).strip().casefold()
        if word in _MOOD_NAMES:
            return _MOOD_NAMES[word]
    return None


def honoured(piece: Piece) -> Piece:
    """The piece as its folder has it: under a mood's name, the mood's place is its reading, whatever was heard in it.

    What was heard stays in the reading's parts with weight 0.
    """
    mood = folder_mood(piece.name)
    if mood is None:
        return piece
    sure = Labels("mood", tuple(float(label is mood) for label in MOODS.labels))
    told = Reading(mood.place, sure, 1.0, FOLDER_SOURCE)
    parts = (Part("folder", 1.0, told), Part("heard", 0.0, piece.reading))
    reading = Reading(mood.place, sure, 1.0, FOLDER_SOURCE, Spread(0.0, 0.0), parts)
    stretches = tuple(replace(stretch, affect=mood.place) for stretch in piece.stretches)
    return replace(piece, reading=reading, stretches=stretches)
