"""Reading: what a perceiver says about a photo, a face, a film or a tune."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moodscore.affect import Affect, Spread
from moodscore.errors import BadValue
from moodscore.schemes import Label, Labels, mood_of


@dataclass(frozen=True, slots=True)
class Part:
    """One contribution to a fused reading: its name, its weight 0..1 and what it said."""

    name: str
    weight: float
    reading: Reading


@dataclass(frozen=True, slots=True)
class Reading:
    """What a perceiver says: a feeling, a label distribution, confidence in [0, 1] and the weights that said it.

    `source` is `name@version` of the weights' card. `spread` is one standard deviation on each axis. `parts` says what
    each contribution to a fused reading said. Raises BadValue when confidence or source is malformed.
    """

    affect: Affect
    labels: Labels
    confidence: float
    source: str
    spread: Spread = Spread(0.0, 0.0)
    parts: tuple[Part, ...] = ()

    def __post_init__(self) -> None:
        if not 0.0 <= self.confidence <= 1.0:
            raise BadValue(f"confidence: expected a number in [0, 1], got {self.confidence!r}")
        name, _, version = self.source.partition("@")
        if not name or not version:
            raise BadValue(f"source: expected 'name@version', got {self.source!r}")

    @property
    def mood(self) -> Label:
        """The mood whose octant the feeling lies in."""
        return mood_of(self.affect)

    def as_dict(self) -> dict[str, Any]:
        """The reading as JSON-ready values, rounded to 4 decimals, the same every time."""
        out: dict[str, Any] = {
            "mood": self.mood.name,
            "mood_ko": self.mood.korean,
            "valence": round(self.affect.valence, 4),
            "arousal": round(self.affect.arousal, 4),
            "valence_sd": round(self.spread.valence, 4),
            "arousal_sd": round(self.spread.arousal, 4),
            "confidence": round(self.confidence, 4),
            "source": self.source,
            "labels": {"scheme": self.labels.scheme, "probs": [round(p, 4) for p in self.labels.probs]},
        }
        if self.parts:
            out["parts"] = [{"name": p.name, "weight": round(p.weight, 4), **p.reading.as_dict()} for p in self.parts]
        return out

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Reading:
        """The reading `as_dict` wrote, to the 4 decimals it kept."""
        labels = Labels.of(data["labels"]["scheme"], data["labels"]["probs"])
        parts = tuple(Part(p["name"], p["weight"], cls.from_dict(p)) for p in data.get("parts", ()))
        return cls(
            Affect(data["valence"], data["arousal"]),
            labels,
            data["confidence"],
            data["source"],
            Spread(data["valence_sd"], data["arousal_sd"]),
            parts,
        )
