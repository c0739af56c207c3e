"""The label schemes, and where each label lies on the valence-arousal plane.

This is the only place where labels of two schemes meet: every label has a point, and points can be compared.
Places: `mood` and `quadrant` are geometry (octants and quadrants of Russell's circumplex). `expression` follows the norms
named beside it. `genre` and `music5` places are documented decisions of this project, used for drawing and for defaults.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from moodscore.affect import Affect, Spread
from moodscore.errors import BadValue


@dataclass(frozen=True, slots=True)
class Label:
    """One label of a scheme: English name, Korean name, place on the plane."""

    name: str
    korean: str
    place: Affect

    @property
    def hue(self) -> float:
        """Hue on screen in degrees [0, 360): the angle of the label's place on the plane."""
        return self.place.angle_deg


@dataclass(frozen=True, slots=True)
class Scheme:
    """A named, ordered set of labels."""

    name: str
    labels: tuple[Label, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(label.name for label in self.labels)

    def __getitem__(self, name: str) -> Label:
        for label in self.labels:
            if name in (label.name, label.korean):
                return label
        raise BadValue(f"{self.name}: expected one of {', '.join(self.names)}, got {name!r}")

    def nearest(self, affect: Affect) -> Label:
        """The label whose place is nearest to `affect`."""
        return min(self.labels, key=lambda label: label.place.distance(affect))


def _octant(name: str, korean: str, angle_deg: float) -> Label:
    return Label(name, korean, Affect.polar(angle_deg, 0.7))


MOODS = Scheme(
    "mood",
    (
        _octant("joyful", "즐거운", 0),
        _octant("exciting", "신나는", 45),
        _octant("intense", "강렬한", 90),
        _octant("tense", "긴장된", 135),
        _octant("gloomy", "우울한", 180),
        _octant("sad", "슬픈", 225),
        _octant("quiet", "고요한", 270),
        _octant("peaceful", "평화로운", 315),
    ),
)

# Mean valence and arousal of the emotion words, mapped from 1..9 to -1..1 by (x - 5) / 4, from the ANEW norms (M. M. Bradley
# & P. J. Lang, "Affective norms for English words", 1999, Technical Report C-1, University of Florida, all subjects):
# angry 2.85/7.17, disgusted 2.45/5.42, afraid 2.00/6.67, happy 8.21/6.49, sad 1.61/4.13, surprised 7.47/7.47. "neutral" is
# the centre by definition. Surprise keeps its ANEW arousal only: the word names a pleasant surprise (valence .62), a
# startled face need not show one. Its valence follows from the direction of "astonished" on Russell's circle, 69.8 degrees
# (J. A. Russell, 1980, fig. 2): .62 / tan 69.8 = .23.
EXPRESSIONS = Scheme(
    "expression",
    (
        Label("angry", "화난", Affect(-0.54, 0.54)),
        Label("disgust", "역겨운", Affect(-0.64, 0.11)),
        Label("fear", "두려운", Affect(-0.75, 0.42)),
        Label("happy", "행복한", Affect(0.80, 0.37)),
        Label("sad", "슬픈", Affect(-0.85, -0.22)),
        Label("surprise", "놀란", Affect(0.23, 0.62)),
        Label("neutral", "무표정한", Affect(0.0, 0.0)),
    ),
)

GENRES = Scheme(
    "genre",
    (
        Label("action", "액션", Affect(0.1, 0.8)),
        Label("horror", "공포", Affect(-0.7, 0.6)),
        Label("romance", "로맨스", Affect(0.6, -0.2)),
        Label("ani2d", "2D 애니메이션", Affect(0.5, 0.2)),
        Label("ani3d", "3D 애니메이션", Affect(0.6, 0.3)),
        Label("sf", "SF", Affect(0.0, 0.5)),
    ),
)

QUADRANTS = Scheme(
    "quadrant",
    (
        Label("Q1", "1사분면", Affect.polar(45, 0.7)),
        Label("Q2", "2사분면", Affect.polar(135, 0.7)),
        Label("Q3", "3사분면", Affect.polar(225, 0.7)),
        Label("Q4", "4사분면", Affect.polar(315, 0.7)),
    ),
)

# The five music labels made from Spotify's energy E and valence V (both 0..1): the centre of each region of the square.
MUSIC5 = Scheme(
    "music5",
    (
        Label("happiness", "행복", Affect(0.67, 0.33)),
        Label("surprise", "놀람", Affect(0.33, 0.67)),
        Label("anger", "분노", Affect(-0.5, 0.5)),
        Label("sadness", "슬픔", Affect(-0.5, -0.5)),
        Label("others", "기타", Affect(0.5, -0.5)),
    ),
)

# Where the five-label system puts each facial expression: it has no music for disgust and fear, and calls them, with
# neutral, "others", whose region is calm and pleasant. This is the published mapping, kept for comparison; the default mode
# composes for the point on the plane instead, so that a frightened face does not get calm music.
MUSIC5_OF_EXPRESSION: Mapping[str, str] = {
    "angry": "anger",
    "disgust": "others",
    "fear": "others",
    "happy": "happiness",
    "sad": "sadness",
    "surprise": "surprise",
    "neutral": "others",
}

SCHEMES: Mapping[str, Scheme] = {s.name: s for s in (MOODS, EXPRESSIONS, GENRES, QUADRANTS, MUSIC5)}


def mood_of(affect: Affect) -> Label:
    """The mood whose octant `affect` lies in (45 degrees each, centred on the mood's angle)."""
    return MOODS.labels[round(affect.angle_deg / 45.0) % 8]


def mood_steps(one: Label, other: Label) -> int:
    """How many neighbours apart two moods are on the ring, 0 .. 4."""
    names = MOODS.names
    apart = abs(names.index(one.name) - names.index(other.name))
    return min(apart, len(names) - apart)


@dataclass(frozen=True, slots=True)
class Labels:
    """A probability distribution over one scheme, in the scheme's order.

    Raises BadValue when the scheme is unknown, the length differs, a probability is negative or nan, or the sum is not 1.
    """

    scheme: str
    probs: tuple[float, ...]

    def __post_init__(self) -> None:
        if self.scheme not in SCHEMES:
            raise BadValue(f"scheme: expected one of {', '.join(SCHEMES)}, got {self.scheme!r}")
        probs = tuple(float(p) for p in self.probs)
        expected = len(SCHEMES[self.scheme].labels)
        if len(probs) != expected:
            raise BadValue(f"{self.scheme}: expected {expected} probabilities, got {len(probs)}")
        if not all(0.0 <= p <= 1.0 + 1e-6 for p in probs) or abs(math.fsum(probs) - 1.0) > 1e-3:
            raise BadValue(f"{self.scheme}: expected probabilities in [0, 1] that sum to 1, got {probs}")
        object.__setattr__(self, "probs", probs)

    @classmethod
    def of(cls, scheme: str, weights: Sequence[float]) -> Labels:
        """The distribution proportional to non-negative `weights`; uniform when all are 0."""
        total = math.fsum(weights)
        return cls(scheme, tuple(w / total if total > 0 else 1.0 / len(weights) for w in weights))

    @property
    def top(self) -> Label:
        """The most probable label; the first of equals."""
        return SCHEMES[self.scheme].labels[max(range(len(self.probs)), key=self.probs.__getitem__)]

    @property
    def entropy(self) -> float:
        """Shannon entropy in bits, 0 .. log2(number of labels)."""
        return -math.fsum(p * math.log2(p) for p in self.probs if p > 0) + 0.0

    def __getitem__(self, name: str) -> float:
        """The probability of the label called `name`; raises BadValue for a name the scheme lacks."""
        scheme = SCHEMES[self.scheme]
        return self.probs[scheme.labels.index(scheme[name])]

    @property
    def expectation(self) -> Affect:
        """The mean place of the labels, weighted by probability."""
        pairs = list(zip(self.probs, SCHEMES[self.scheme].labels, strict=True))
        return Affect.clipped(
            math.fsum(p * label.place.valence for p, label in pairs),
            math.fsum(p * label.place.arousal for p, label in pairs),
        )

    @property
    def spread(self) -> Spread:
        """How far the places of the labels scatter around the expectation: one standard deviation on each axis."""
        mean = self.expectation
        pairs = list(zip(self.probs, (label.place for label in SCHEMES[self.scheme].labels), strict=True))
        return Spread(
            math.sqrt(math.fsum(p * (place.valence - mean.valence) ** 2 for p, place in pairs)),
            math.sqrt(math.fsum(p * (place.arousal - mean.arousal) ** 2 for p, place in pairs)),
        )


def music5_of(energy: float, valence: float) -> Label:
    """The music label of a recording with Spotify's `energy` and `valence`, both 0..1.

    At or above 0.5 in both: happiness when energy < valence, else surprise. Energy alone: anger. Valence alone: others.
    Neither: sadness. Raises BadValue for nan and for values outside [0, 1].
    """
    for name, value in (("energy", energy), ("valence", valence)):
        if not 0.0 <= value <= 1.0:
            raise BadValue(f"{name}: expected a number in [0, 1], got {value!r}; use Spotify's scale")
    if energy >= 0.5 and valence >= 0.5:
        return MUSIC5["happiness" if energy < valence else "surprise"]
    if energy >= 0.5:
        return MUSIC5["anger"]
    return MUSIC5["sadness" if valence < 0.5 else "others"]


def music5_labels(expression: Labels) -> Labels:
    """The five music labels of a distribution over the seven expressions: the probabilities of joined labels add up.

    Raises BadValue when the distribution is over another scheme.
    """
    if expression.scheme != "expression":
        raise BadValue(f"music5: expected a distribution over 'expression', got {expression.scheme!r}")
    weights = dict.fromkeys(MUSIC5.names, 0.0)
    for name, prob in zip(EXPRESSIONS.names, expression.probs, strict=True):
        weights[MUSIC5_OF_EXPRESSION[name]] += prob
    return Labels.of("music5", list(weights.values()))


@cache
def _ring_points(sectors: int) -> tuple[tuple[float, float], ...]:
    """Standard-normal-like sample points: three rings of `sectors` points, for integrating a Gaussian over octants."""
    radii = (0.5, 1.1, 1.9)
    return tuple(
        (r * math.cos(2 * math.pi * k / sectors), r * math.sin(2 * math.pi * k / sectors))
        for r in radii
        for k in range(sectors)
    )


def mood_labels(affect: Affect, spread_valence: float, spread_arousal: float) -> Labels:
    """How probable each mood is when the feeling is `affect` give or take one standard deviation on each axis.

    The share of sample points of an axis-aligned Gaussian that falls in each octant; the octant of the mean itself is
    given a tie-breaking extra so that `top` is always `mood_of(affect)`.
    """
    counts = [0.0] * 8
    for x, y in _ring_points(24):
        angle = math.degrees(math.atan2(affect.arousal + y * spread_arousal, affect.valence + x * spread_valence))
        counts[round((angle % 360.0) / 45.0) % 8] += 1.0
    home = MOODS.labels.index(mood_of(affect))
    counts[home] = max(counts[home], max(counts)) + 1.0
    return Labels.of("mood", counts)
