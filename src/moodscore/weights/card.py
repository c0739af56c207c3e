"""Card: everything that must be known about a model, in one JSON file beside its weights."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from moodscore.errors import BadWeights


@dataclass(frozen=True, slots=True)
class Card:
    """A model's card: task, input recipe, outputs, checksum, licence, training data, scores and limits.

    `input` holds what preparation is built from, for images: size (pixels a side), mean and std on the 0..255 scale, and
    `crop`. `scores` are written by the recipe that measured them, never by hand. Raises BadWeights when a field is missing.
    """

    name: str
    version: str
    task: str
    summary: str
    file: str
    sha256: str
    licence: str
    input: Mapping[str, Any]
    outputs: Mapping[str, str]
    recipe: str
    data: tuple[Mapping[str, Any], ...] = ()
    scores: Mapping[str, Any] = field(default_factory=dict)
    limits: tuple[str, ...] = ()
    scheme: str | None = None

    @property
    def source(self) -> str:
        """`name@version`, as stored in every reading."""
        return f"{self.name}@{self.version}"

    @classmethod
    def read(cls, path: Path) -> Card:
        """The card in a JSON file; raises BadWeights when it cannot be read or lacks a field."""
        try:
            raw = json.loads(path.read_text("utf-8"))
            known = {f.name: raw[f.name] for f in fields(cls) if f.name in raw}
            for name in ("data", "limits"):
                known[name] = tuple(known.get(name, ()))
            return cls(**known)
        except (OSError, ValueError, TypeError) as error:
            raise BadWeights(f"{path.name}: expected a model card, got {error}; reinstall moodscore") from error

    def write(self, path: Path) -> None:
        """Write the card as JSON, the same bytes for the same card."""
        path.write_text(json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n", "utf-8")
