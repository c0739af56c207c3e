"""Files from strangers: an upload becomes media that were made anew, decoded in a process that can harm nothing.

Everything after this works on the new files only; the original is kept or thrown away unopened.
"""

from __future__ import annotations

from pathlib import Path

from moodscore.prepare import sandbox
from moodscore.prepare.sandbox_results import SafeClip as ReceivedClip
from moodscore.prepare.sandbox_results import SafePhoto as ReceivedPhoto
from moodscore.prepare.sandbox_results import SafeSound as ReceivedSound

__all__ = ["ReceivedClip", "ReceivedPhoto", "ReceivedSound", "receive_clip", "receive_photo", "receive_sound"]


def receive_photo(path: Path, name: str) -> ReceivedPhoto:
    """A stranger's photo at `path` as JPEGs made anew; `name` is what its owner called it and what errors call it.

    Told by content: JPEG, PNG, WebP, GIF (first frame), AVIF or HEIF, at most 50 MB, 64 MP and 16,384 px a side. Raises
    BadMedia with one line for its owner.
    """
    return sandbox.photo(path, name)


def receive_clip(path: Path, name: str, out: Path) -> ReceivedClip:
    """A stranger's film at `path` made anew as an MP4 at `out`, which is written whole or not at all.

    Told by content: MP4, MOV or WebM, at most 250 MB and ten minutes. Raises BadMedia with one line for its owner.
    """
    return sandbox.clip(path, name, out)


def receive_sound(path: Path, name: str, out: Path) -> ReceivedSound:
    """A stranger's sound at `path` made anew as an M4A at `out`, which is written whole or not at all.

    Told by content: WAV, FLAC, MP3, OGG or M4A, or the sound of an MP4, MOV or WebM; at most 250 MB and ten minutes. Raises
    BadMedia with one line for its owner.
    """
    return sandbox.sound(path, name, out)
