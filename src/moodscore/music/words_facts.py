"""Facts: what there is to say of a tune, before it is said in a language."""

from __future__ import annotations

from dataclasses import dataclass

from moodscore.schemes import Label


@dataclass(frozen=True, slots=True)
class Change:
    """What happens `at_s` seconds into a piece.

    `singer` has the melody, or is ""; `theme` says which: "first", "new", "again" (that of the section before), "back" (the
    first once more), "earlier" (another once more). `joins` and `leaves` are instruments; `louder` and `faster` are -1, 0
    or 1; `key` is the new tonic (pitch class) and mode, None where it stays.
    """

    at_s: float
    singer: str
    theme: str
    joins: tuple[str, ...]
    leaves: tuple[str, ...]
    louder: int = 0
    faster: int = 0
    key: tuple[int, str] | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """A piece: length in seconds, moods aimed at in order, key, tempo in beats a minute, metre, mean velocity, its course.

    `tonic` and `mode` are those it begins in; `articulation` is the sounding share of a note; `opening` who begins,
    `opening_melody` who sings then ("" for nobody); `changes` in order, `left_out` how many more there are; `slope` of the
    melody -1, 0, 1 and its share of `leaps` 0..1; whether it `slows` at the end and `comes_home` to its first chord.
    """

    duration_s: float
    moods: tuple[Label, ...]
    tonic: int
    mode: str
    tempo_bpm: float
    beats_per_bar: int
    velocity: float
    articulation: float
    opening: tuple[str, ...]
    opening_melody: str
    changes: tuple[Change, ...]
    left_out: int
    slope: int
    leaps: float
    slows: bool
    comes_home: bool

    @property
    def pace(self) -> int:
        """The tempo as a place in the languages' tables of paces, 0 slowest."""
        return sum(self.tempo_bpm >= limit for limit in PACES_BPM)

    @property
    def level(self) -> int:
        """The loudness as a place in the languages' tables of levels, 0 softest."""
        return sum(self.velocity >= limit for limit in LEVELS)

    @property
    def touch(self) -> int:
        """How notes join: 0 short and apart, 1 in between, 2 flowing into each other."""
        return sum(self.articulation >= limit for limit in TOUCHES)


PACES_BPM = (58.0, 76.0, 100.0, 122.0, 146.0)  # resting heart, unhurried walk, brisk walk, jog, run
LEVELS = (46.0, 60.0, 76.0, 92.0)  # velocities between pp, p, mf, f, ff
TOUCHES = (0.72, 0.88)
MOST_MOODS = 4  # that are told one by one


@dataclass(frozen=True, slots=True)
class Picked:
    """A piece that was picked: its title, from when it is heard in seconds, and the mood of that stretch."""

    title: str
    at_s: float
    mood: Label
