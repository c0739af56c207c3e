"""Prompt genres: the styles a photo can be asked for in, where each is at home on the plane, and what it sounds like.

The places and the tempo ranges are this project's own choice inside what listeners tell of the styles; a test holds them to
covering the plane. How near the music of a genre comes to a feeling is measured, by recipes/genre_reach.py.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from moodscore.affect import Affect
from moodscore.grammar.music import GENRES as GENRES_IN_KOREAN

CONTENT_WEIGHT = 0.12  # plane units by which one fitting key word brings a genre nearer
NEAR = 0.25  # plane units that the best music is off by anyway; what a genre stays further off counts twice
LEVELS = (-0.6, 0.0, 0.6)  # the places on both axes at which reach was measured
REACH = Path(__file__).with_name("genre-reach.json")
MOST_CONTENT = 2  # fitting key words that count: the feeling leads


@dataclass(frozen=True, slots=True)
class Genre:
    """A style: English and Korean name, home on the plane, tempo from calm to excited in bpm, sound, key words."""

    name: str
    korean: str
    place: Affect
    slow_bpm: int
    fast_bpm: int
    sound: str
    content: frozenset[str]

    def tempo_bpm(self, affect: Affect) -> int:
        """The tempo for a feeling, rising with arousal from the slow to the fast end of the style."""
        return round(self.slow_bpm + (self.fast_bpm - self.slow_bpm) * (affect.arousal + 1.0) / 2.0)


def _genre(name: str, place: tuple[float, float], tempo: tuple[int, int], texts: tuple[str, str]) -> Genre:
    sound, content = texts
    return Genre(
        name, GENRES_IN_KOREAN[name], Affect(*place), *tempo, sound, frozenset(w.strip() for w in content.split(","))
    )


GENRES: tuple[Genre, ...] = (
    _genre(
        "lo-fi",
        (0.3, -0.35),
        (66, 90),
        (
            "dusty drums, mellow electric piano and tape hiss",
            "room, coffee, tea, book, desk, computer, cat, lamp, close-up",
        ),
    ),
    _genre(
        "piano ballad",
        (-0.35, -0.35),
        (56, 88),
        ("expressive solo piano with soft strings", "one person, sad face, candle, piano, bench, darkness, grey tones"),
    ),
    _genre(
        "orchestral",
        (-0.1, 0.4),
        (66, 144),
        (
            "full orchestra with brass, timpani and sweeping strings",
            "mountains, wild nature, castle, church, a church or a temple, whale, big cat, wide view, wrecked ship",
        ),
    ),
    _genre(
        "synthwave",
        (0.3, 0.35),
        (84, 120),
        (
            "analogue synthesizers, pulsing bass and gated drums",
            "darkness, street, car, bridge, tower, spacecraft, train, computer, traffic light, television",
        ),
    ),
    _genre(
        "acoustic folk",
        (0.6, -0.05),
        (76, 124),
        (
            "fingerpicked acoustic guitar, light percussion and warm harmonies",
            "field, valley, flower, bee, dog, horse, sheep, barn, bench, tent, fruit, bread, fence, warm colours",
        ),
    ),
    _genre(
        "jazz trio",
        (0.45, 0.15),
        (72, 168),
        (
            "piano, double bass and brushed drums",
            "restaurant, shop, wine, two people, cooked food, saxophone, trumpet, happy face, coffee, many colours",
        ),
    ),
    _genre(
        "ambient",
        (0.05, -0.55),
        (48, 76),
        (
            "slow evolving pads, distant bells and long reverberation",
            "waterside, wild nature, snowy place, jellyfish, wide view, grey tones, cold colours, fish, lighthouse",
        ),
    ),
    _genre(
        "rock",
        (-0.3, 0.7),
        (104, 164),
        (
            "distorted guitars, driving bass and loud drums",
            "guitar, drum, motorcycle, car, tank, gun, angry face, a group of people, truck",
        ),
    ),
)


def misfit(genre: Genre, affect: Affect, keywords: Collection[str] = ()) -> float:
    """How ill a genre suits a feeling, in plane units: how far from home it lies, and how much of it is out of reach.

    Key words of what was seen bring a genre nearer.
    """
    hits = min(MOST_CONTENT, len(genre.content & set(keywords)))
    return genre.place.distance(affect) + 2.0 * max(0.0, off(genre, affect) - NEAR) - CONTENT_WEIGHT * hits


def off(genre: Genre, affect: Affect) -> float:
    """How far the judge hears the genre's music from a feeling that it is asked for, in plane units, >= 0.

    Measured at nine places; in between it is interpolated along both axes, further out it is what the nearest place has.
    """
    rows = _reach()[genre.name]
    by_valence = [_between(row, affect.arousal) for row in rows]
    return _between(by_valence, affect.valence)


def _between(values: Sequence[float], place: float) -> float:
    """A value between those at `LEVELS`, in a straight line."""
    at = min(max(place, LEVELS[0]), LEVELS[-1])
    pairs = zip(itertools.pairwise(LEVELS), itertools.pairwise(values), strict=True)
    (low, high), (one, other) = next(pair for pair in pairs if at <= pair[0][1])
    return one + (other - one) * (at - low) / (high - low)


@cache
def _reach() -> dict[str, list[list[float]]]:
    told: dict[str, dict[str, list[list[float]]]] = json.loads(REACH.read_text("utf-8"))
    return told["off"]


def fitting(affect: Affect, keywords: Collection[str] = (), count: int = 3) -> tuple[Genre, ...]:
    """The `count` genres that suit a feeling best, the best first; key words of what was seen bring a genre nearer."""
    return tuple(sorted(GENRES, key=lambda genre: (misfit(genre, affect, keywords), genre.name))[:count])


def named(name: str) -> Genre | None:
    """The genre with an English or Korean name, or None."""
    return next((g for g in GENRES if name.strip().casefold() in (g.name, g.korean)), None)
