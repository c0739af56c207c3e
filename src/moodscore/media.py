"""Media: what the rooms hand to each other. Frozen values; pixels are uint8 sRGB, samples float32, time seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moodscore.errors import BadValue


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in shares of the picture: left, top, right, bottom in [0, 1], left < right, top < bottom."""

    left: float
    top: float
    right: float
    bottom: float

    def __post_init__(self) -> None:
        if not (0 <= self.left < self.right <= 1 and 0 <= self.top < self.bottom <= 1):
            raise BadValue(f"box: expected 0 <= left < right <= 1 and 0 <= top < bottom <= 1, got {self}")

    @property
    def centre(self) -> tuple[float, float]:
        """Its middle (x, y), in shares of the picture."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    @property
    def area(self) -> float:
        """Its share of the picture, 0 .. 1."""
        return (self.right - self.left) * (self.bottom - self.top)


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A picture standing upright: pixels (height, width, 3) uint8 sRGB, and where it came from.

    `full_size` is (width, height) of the original upright picture; pixels may be a scaled-down decode of it.
    `taken_at` is the EXIF capture time as ISO text without zone, or None.
    """

    pixels: NDArray[np.uint8]
    name: str
    full_size: tuple[int, int]
    taken_at: str | None = None

    def __post_init__(self) -> None:
        if self.pixels.dtype != np.uint8 or self.pixels.ndim != 3 or self.pixels.shape[2] != 3:
            raise BadValue(f"photo: expected uint8 (height, width, 3), got {self.pixels.dtype} {self.pixels.shape}")

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of `pixels`."""
        return self.pixels.shape[1], self.pixels.shape[0]


@dataclass(frozen=True, slots=True)
class Face:
    """A face in a picture: its box, detector score 0..1, and five landmarks (x, y) in shares of the picture.

    Landmarks: the person's right eye, left eye, nose tip, right and left mouth corner.
    """

    box: Box
    score: float
    landmarks: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """One note: start and duration in seconds, MIDI pitch 0..127, velocity 1..127."""

    start_s: float
    duration_s: float
    pitch: int
    velocity: int

    def __post_init__(self) -> None:
        if not (0 <= self.pitch <= 127 and 1 <= self.velocity <= 127 and self.start_s >= 0 and self.duration_s > 0):
            raise BadValue(
                "note: expected start >= 0 s, duration > 0 s, pitch 0..127, velocity 1..127, "
                f"got {self.start_s}, {self.duration_s}, {self.pitch}, {self.velocity}"
            )

    @property
    def end_s(self) -> float:
        return self.start_s + self.duration_s


@dataclass(frozen=True, slots=True)
class Track:
    """One instrument's part and its place in the mix.

    `program` is the General MIDI program 0..127 (ignored for drums). `pan` is -1 left .. 1 right, `level_db` its fader,
    `reverb` the share 0..1 sent to the hall. `pedals` are (down_s, up_s) spans of the sustain pedal.
    """

    name: str
    program: int
    notes: tuple[Note, ...]
    drums: bool = False
    pan: float = 0.0
    level_db: float = 0.0
    reverb: float = 0.25
    pedals: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """A piece as notes: tracks, exact length in seconds, tempo changes (time_s, beats per minute), metre, marks.

    `marks` are (time_s, text): sections, chords, cadences, for reading and for MIDI markers. `recipe` says how the piece
    was made (readings, plan, seed, cards) and travels in the metadata of every file written from it.
    """

    tracks: tuple[Track, ...]
    duration_s: float
    tempos: tuple[tuple[float, float], ...] = ((0.0, 120.0),)
    beats_per_bar: int = 4
    marks: tuple[tuple[float, str], ...] = ()
    recipe: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.duration_s > 0:
            raise BadValue(f"score: expected a duration > 0 s, got {self.duration_s!r}")
        if not self.tempos or self.tempos[0][0] != 0.0:
            raise BadValue(f"score: expected the first tempo at 0 s, got {self.tempos[:1]}")

    @property
    def notes(self) -> tuple[Note, ...]:
        """All notes of all tracks in order of time."""
        return tuple(sorted((n for t in self.tracks for n in t.notes), key=lambda n: (n.start_s, n.pitch)))


@dataclass(frozen=True, slots=True, eq=False)
class Tune:
    """A piece as sound: samples (frames, 2) float32 in [-1, 1], its rate in Hz, and the score it was played from, if any."""

    samples: NDArray[np.float32]
    rate: int
    score: Score | None = None
    recipe: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.samples.dtype != np.float32 or self.samples.ndim != 2 or self.samples.shape[1] != 2:
            raise BadValue(f"tune: expected float32 (frames, 2), got {self.samples.dtype} {self.samples.shape}")

    @property
    def duration_s(self) -> float:
        return len(self.samples) / self.rate


@dataclass(frozen=True, slots=True)
class Film:
    """A finished film on disk: path, length in seconds, frame size (width, height), and the recipe it was made by."""

    path: Path
    duration_s: float
    size: tuple[int, int]
    recipe: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shot:
    """A stretch of a film between two cuts, in seconds of presentation time."""

    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Clip:
    """A film file to look at: path, length in seconds, upright frame size (width, height), whether it has sound.

    `note` is for people: what is wrong with the file, such as a header that promises more than there is; "" if nothing.
    """

    path: Path
    duration_s: float
    size: tuple[int, int]
    has_sound: bool
    note: str = ""


_SOUND_TYPES = ((b"ID3", "audio/mpeg"), (b"RIFF", "audio/wav"), (b"OggS", "audio/ogg"), (b"fLaC", "audio/flac"))


def sound_type(sound: bytes) -> str:
    """The media type of a sound file from its first bytes; MP3 when they say nothing else."""
    if sound[4:8] == b"ftyp":
        return "audio/mp4"
    return next((kind for start, kind in _SOUND_TYPES if sound.startswith(start)), "audio/mpeg")
