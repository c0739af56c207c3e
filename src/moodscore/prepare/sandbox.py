"""The sandbox: files from strangers are decoded in a child process that can read that one file and hand back numbers."""

from __future__ import annotations

from pathlib import Path

from moodscore.errors import BadMedia
from moodscore.prepare.sandbox_results import SafeClip, SafePhoto, SafeSound


def photo(source: bytes | Path, name: str = "") -> SafePhoto:
    """A stranger's photo made anew; raises BadMedia."""
    raise BadMedia(f"{name or source!r}: expected an open door, got one still being built; try again soon")


def clip(path: Path, name: str, out: Path) -> SafeClip:
    """A stranger's film made anew at `out`; raises BadMedia."""
    raise BadMedia(
        f"{name or path}: expected an open door, got one still being built; try again soon, {out} is not made"
    )


def sound(path: Path, name: str, out: Path) -> SafeSound:
    """A stranger's sound made anew at `out`; raises BadMedia."""
    raise BadMedia(
        f"{name or path}: expected an open door, got one still being built; try again soon, {out} is not made"
    )
