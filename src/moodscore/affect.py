"""Affect: a point on the valence-arousal plane, the one language every room speaks.

Source: J. A. Russell, "A circumplex model of affect", J. Pers. Soc. Psychol. 39 (1980) 1161-1178.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from moodscore.errors import BadValue


def checked_axis(name: str, value: float) -> float:
    """Return `value` as a float in [-1, 1].

    Raises BadValue, naming the axis, when it is nan, infinite, out of range or not a number.
    """
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not -1.0 <= number <= 1.0:
        raise BadValue(f"{name}: expected a number in [-1, 1], got {value!r}; clip or rescale it first")
    return number


@dataclass(frozen=True, slots=True)
class Affect:
    """A feeling as a point: valence (-1 unpleasant .. 1 pleasant), arousal (-1 calm .. 1 excited).

    Raises BadValue for nan and for values outside [-1, 1].
    """

    valence: float
    arousal: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "valence", checked_axis("valence", self.valence))
        object.__setattr__(self, "arousal", checked_axis("arousal", self.arousal))

    @classmethod
    def clipped(cls, valence: float, arousal: float) -> Affect:
        """The nearest point of the plane to any finite pair; raises BadValue for nan."""
        return cls(*(v if math.isnan(v) else min(1.0, max(-1.0, v)) for v in (float(valence), float(arousal))))

    @classmethod
    def polar(cls, angle_deg: float, radius: float = 1.0) -> Affect:
        """The point at `angle_deg` (0 pleasant, 90 excited, counter-clockwise) and `radius` 0..1 from the centre."""
        angle = math.radians(angle_deg)
        return cls.clipped(radius * math.cos(angle), radius * math.sin(angle))

    @property
    def angle_deg(self) -> float:
        """Direction from the centre in degrees, [0, 360); 0 is pleasant, 90 excited. The centre itself gives 0."""
        return math.degrees(math.atan2(self.arousal, self.valence)) % 360.0 % 360.0

    @property
    def radius(self) -> float:
        """Distance from the neutral centre, 0 .. sqrt(2)."""
        return math.hypot(self.valence, self.arousal)

    def distance(self, other: Affect) -> float:
        """Euclidean distance on the plane, 0 .. 2 sqrt(2)."""
        return math.hypot(self.valence - other.valence, self.arousal - other.arousal)

    def toward(self, other: Affect, share: float) -> Affect:
        """The point `share` (0 here .. 1 there) of the straight way to `other`."""
        return Affect.clipped(
            self.valence + share * (other.valence - self.valence),
            self.arousal + share * (other.arousal - self.arousal),
        )


@dataclass(frozen=True, slots=True)
class Spread:
    """How uncertain a feeling is: one standard deviation on each axis, in plane units, >= 0.

    Raises BadValue for nan, infinite and negative values.
    """

    valence: float
    arousal: float

    def __post_init__(self) -> None:
        for name in ("valence", "arousal"):
            value = float(getattr(self, name))
            if not 0.0 <= value < math.inf:
                raise BadValue(f"spread of {name}: expected a finite number >= 0, got {value!r}")
            object.__setattr__(self, name, value)
