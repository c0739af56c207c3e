"""The library that ships: three pieces for each of the eight moods, composed by this project, in folders of their names.

They are scores, made by recipes/default_library.py, and are played when they are first used. Licence: see LICENSE.txt there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from moodscore.music.library import Library
from moodscore.music.library_index import index

FOLDER = Path(__file__).parent / "pieces"
NAME = "default"


def library(progress: Callable[[float], None] | None = None) -> Library:
    """The library that ships; its index is kept in the user's cache. `progress` is told the share 0..1 that is done."""
    return replace(index(FOLDER, progress, in_cache=True), name=NAME)
