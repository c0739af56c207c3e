"""moodscore reads the feeling in photos and films, composes music that carries it, and cuts both into one film."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

__version__ = "0.1.0"

_HOME = {
    "Affect": "affect",
    "Labels": "schemes",
    "Reading": "reading",
    "Trajectory": "trajectory",
    "MoodscoreError": "errors",
    "look": "api",
    "faces": "api",
    "tune": "api",
    "film": "api",
    "watch": "api",
    "soundtrack": "api",
}
__all__ = [
    "Affect",
    "Labels",
    "MoodscoreError",
    "Reading",
    "Trajectory",
    "__version__",
    "faces",
    "film",
    "look",
    "soundtrack",
    "tune",
    "watch",
]


class _Front(ModuleType):
    """The package itself, whose `film` stays the function although a room has the same name.

    Importing anything from `moodscore.film` would otherwise put that room in the function's place.
    """

    @property
    def film(self) -> Any:  # noqa: ANN401 - the function in api.py
        return __getattr__("film")

    @film.setter
    def film(self, room: ModuleType) -> None:
        """The import system says where the room is; `from moodscore.film import ...` finds it without."""


sys.modules[__name__].__class__ = _Front


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any public object
    """Load a public name on first touch, so that `import moodscore` stays cheap."""
    if name not in _HOME:
        raise AttributeError(f"module 'moodscore' has no attribute {name!r}")
    return getattr(importlib.import_module(f"moodscore.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
