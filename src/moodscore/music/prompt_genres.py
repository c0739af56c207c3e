"""Prompt genres: the styles a photo can be asked for in, where each is at home on the plane, and what it sounds like.

The places and the tempo ranges are this project's own choice inside what listeners tell of the styles; a test holds them to
covering the plane.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from moodscore.affect import Affect
from moodscore.grammar.music import GENRES as GENRES_IN_KOREAN

CONTENT_WEIGHT = 0.12  # plane units by which one fitting key word brings a genre nearer
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
    """How far a genre is from a feeling, in plane units; key words of what was seen bring it nearer."""
    hits = min(MOST_CONTENT, len(genre.content & set(keywords)))
    return genre.place.distance(affect) - CONTENT_WEIGHT * hits


def fitting(affect: Affect, keywords: Collection[str] = (), count: int = 3) -> tuple[Genre, ...]:
    """The `count` genres nearest to a feeling, the best first; key words of what was seen bring a genre nearer."""
    return tuple(sorted(GENRES, key=lambda genre: (misfit(genre, affect, keywords), genre.name))[:count])


def named(name: str) -> Genre | None:
    """The genre with an English or Korean name, or None."""
    return next((g for g in GENRES if name.strip().casefold() in (g.name, g.korean)), None)
