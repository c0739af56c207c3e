"""The sandbox: files from strangers are decoded in a child process that can read that one file and hand back numbers.

What a file is is told from its content. The child is forked for that one file by a server that has the decoders loaded,
gives up everything else (`sandbox_lock`), and is ended when it takes too long. What it hands back is encoded anew here.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from moodscore.errors import BadMedia
from moodscore.prepare import sandbox_encode as encode
from moodscore.prepare import sandbox_kinds as kinds
from moodscore.prepare.picture_file import MAX_PIXELS, MAX_SIDE
from moodscore.prepare.sandbox_keeper import Conversation, Keeper, ServerGone
from moodscore.prepare.sandbox_line import Allowance
from moodscore.prepare.sandbox_results import Placeholder, Protection, Rendition, SafeClip, SafePhoto, SafeSound

__all__ = [
    "MOST_PHOTO_BYTES",
    "Placeholder",
    "Protection",
    "Rendition",
    "SafeClip",
    "SafePhoto",
    "SafeSound",
    "clip",
    "close",
    "photo",
    "protection",
    "server_pid",
    "sound",
    "warm",
]

MOST_PHOTO_BYTES, MOST_CLIP_BYTES = 50_000_000, 250_000_000
MOST_SECONDS = 600.0
_RATE = 44100
_OPENS = Allowance()
_PLAYS = Allowance(
    seconds=_OPENS.seconds + MOST_SECONDS
)  # the most there may be; less is told when the length is known
_LONGEST_NAME = 120
_PHOTO_KINDS, _CLIP_KINDS = kinds.PICTURES, kinds.FILMS
_SOUND_KINDS = (*kinds.SOUNDS, *kinds.FILMS)
_made = threading.Lock()
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Original:
    """A stranger's file, open: its descriptor, how its owner calls it, what it is, and its checksum."""

    descriptor: int
    name: str
    kind: str
    size: int

    def sha256(self) -> str:
        """Of all its bytes, read without moving anybody else's place in it."""
        digest, at = hashlib.sha256(), 0
        while block := os.pread(self.descriptor, 1 << 20, at):
            digest.update(block)
            at += len(block)
        return digest.hexdigest()


def photo(source: bytes | Path, name: str = "") -> SafePhoto:
    """A stranger's photo, as bytes or a file, made anew: upright sRGB JPEGs without metadata, and a few facts.

    `name` is what errors call it. Raises BadMedia, one line for its owner, when it is not JPEG, PNG, WebP, GIF, AVIF or HEIF
    by its content, has more than 50 MB, 64 MP or 16,384 px a side, is damaged, or needs more than 60 s or 512 MB.
    """
    with _original(source, name, _PHOTO_KINDS, MOST_PHOTO_BYTES) as file:
        return _twice(lambda: _photo(file))


def clip(path: Path, name: str, out: Path) -> SafeClip:
    """A stranger's film made anew at `out`: MP4 (H.264, AAC), longer side at most 1280 px, at most 30 frames a second.

    Raises BadMedia, one line for its owner, when it is not MP4, MOV or WebM by its content, has more than 250 MB or ten
    minutes, is damaged, or needs more than 512 MB or more than 60 s and one for each of its seconds; RenderFailed when `out`
    cannot be written.
    """
    with _original(path, name, _CLIP_KINDS, MOST_CLIP_BYTES) as file:
        return _twice(lambda: _clip(file, out))


def sound(path: Path, name: str, out: Path) -> SafeSound:
    """A stranger's sound made anew at `out`: M4A (AAC), stereo, 44.1 kHz, without metadata or cover.

    Raises BadMedia, one line for its owner, when it is not WAV, FLAC, MP3, OGG, M4A, MP4, MOV or WebM by its content, has
    more than 250 MB or ten minutes, is damaged, or needs more than 512 MB or more than 60 s and one for each of
    its seconds; RenderFailed when `out` cannot be written.
    """
    with _original(path, name, _SOUND_KINDS, MOST_CLIP_BYTES) as file:
        return _twice(lambda: _sound(file, out))


def warm() -> None:
    """Start the process that decodes now, so that the first file need not wait for it."""
    _keeper().warm()


def protection() -> Protection:
    """What the process that decodes is kept from on this system, found by having one of its children try.

    Raises BadMedia when there can be no such process here.
    """
    with (
        tempfile.TemporaryFile() as file,
        _keeper().conversation("probe", file.fileno(), {"name": "probe"}, _OPENS) as child,
    ):
        told = [_facts(child, part) for _, part in child.parts({})]
    return Protection(**{name: told[0].get(name) is True for name in Protection.__slots__})


def server_pid() -> int | None:
    """The process that decodes, None while there is none; to watch its memory."""
    return _keeper().pid


def close() -> None:
    """End the process that decodes; the next file starts another. It also ends with the program."""
    _keeper().close()


@lru_cache(maxsize=1)
def _one_keeper() -> Keeper:
    return Keeper()


def _keeper() -> Keeper:
    with _made:
        return _one_keeper()


def _twice(work: Callable[[], T]) -> T:
    """The outcome of `work`, tried again once when the server was ended meanwhile, which is no fault of the file."""
    try:
        return work()
    except ServerGone:
        try:
            return work()
        except ServerGone as gone:
            raise BadMedia(f"{gone}: expected time to open it, got interrupted twice; try again") from gone


@contextmanager
def _original(source: bytes | Path, name: str, allowed: tuple[str, ...], most_bytes: int) -> Iterator[_Original]:
    """A stranger's file, open, of an allowed kind and size; raises BadMedia otherwise."""
    called = _called(name or (source.name if isinstance(source, Path) else "file"))
    descriptor = _descriptor(source, called)
    try:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode):
            raise BadMedia(f"{called}: expected a file, got a folder, pipe or device; choose a file")
        if about.st_size > most_bytes:
            raise BadMedia(
                f"{called}: expected at most {most_bytes // 1_000_000} MB, got {about.st_size / 1e6:.0f} MB; "
                "save it in a smaller size"
            )
        kind = kinds.told(os.pread(descriptor, kinds.ENOUGH_BYTES, 0))
        if kind not in allowed:
            got = kind or ("another kind of file" if about.st_size else "an empty file")
            raise BadMedia(
                f"{called}: expected {', '.join(allowed[:-1])} or {allowed[-1]}, got {got}; choose another file"
            )
        yield _Original(descriptor, called, kind, about.st_size)
    finally:
        os.close(descriptor)


def _called(name: str) -> str:
    """A name as it may stand in a line of text: its last part, printable, not long."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    printable = "".join(letter if letter.isprintable() else "?" for letter in last).strip()
    return printable[:_LONGEST_NAME] or "file"


def _descriptor(source: bytes | Path, called: str) -> int:
    if isinstance(source, bytes):
        with tempfile.TemporaryFile() as file:
            file.write(source)
            file.flush()
            return os.dup(file.fileno())
    try:  # without waiting: opening a pipe could keep us for ever
        return os.open(source, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no file of this name"
        raise BadMedia(f"{called}: expected a file that can be read, got '{why}'; send it again") from error


def _photo(file: _Original) -> SafePhoto:
    asked = {"name": file.name, "kind": file.kind, "side": encode.LARGE_SIDE}
    facts: dict[str, Any] = {}
    data = b""
    with _keeper().conversation("photo", file.descriptor, asked, _OPENS) as child:
        sha256 = file.sha256()
        for tag, part in child.parts({b"P": 3 * encode.LARGE_SIDE**2}):
            if tag == b"P":
                data = part
            else:
                facts.update(_facts(child, part))
        width, height = _size(child, (facts.get("width"), facts.get("height")), MAX_SIDE)
        shown = _size(child, facts.get("shown"), encode.LARGE_SIDE)
        if width * height > MAX_PIXELS or len(data) != 3 * shown[0] * shown[1]:
            raise child.refusal("broken")
    image = encode.pixels(data, shown)
    large, small = encode.rendition(image, encode.LARGE_SIDE), encode.rendition(image, encode.SMALL_SIDE)
    taken_at = _moment(facts.get("taken_at"))
    return SafePhoto(file.name, file.kind, sha256, width, height, taken_at, large, small, encode.placeholder(image))


def _clip(file: _Original, out: Path) -> SafeClip:
    asked = {"name": file.name, "kind": file.kind, "side": encode.FILM_SIDE}
    with _keeper().conversation("clip", file.descriptor, asked, _PLAYS) as child:
        child.until(_OPENS.seconds)
        sha256 = file.sha256()
        parts = child.parts({b"V": 8 + encode.FILM_SIDE**2 * 3 // 2, b"A": 4 * _RATE + 4})
        told = _facts(child, next(parts, (b"", b""))[1])
        size, duration_s = _size(child, told.get("shown"), encode.FILM_SIDE), _seconds(child, told.get("duration_s"))
        has_sound = told.get("has_sound") is True
        child.until(_OPENS.seconds + duration_s)
        with encode.writing(out, "mp4", size, _RATE if has_sound else None) as writer:
            poster = _copied(child, parts, writer, size, duration_s)
    shown = encode.of_i420(poster, size)
    rendition = encode.rendition(shown, encode.FILM_SIDE)
    return SafeClip(
        file.name, file.kind, sha256, out, *size, duration_s, has_sound, rendition, encode.placeholder(shown)
    )


def _copied(
    child: Conversation,
    parts: Iterator[tuple[bytes, bytes]],
    writer: encode.Writer,
    size: tuple[int, int],
    duration_s: float,
) -> bytes:
    """Write what the child says as it says it; the frame of the first third with the most contrast is handed back."""
    poster, most, whole, heard = b"", -1.0, False, 0
    for tag, data in parts:
        if tag == b"V" and len(data) == 8 + size[0] * size[1] * 3 // 2:
            time_s, planes = encode.time_of(data), data[8:]
            if not 0 <= time_s <= duration_s:
                raise child.refusal("broken")
            if time_s <= duration_s / 3 or most < 0:
                contrast = encode.contrast(planes, size)
                poster, most = (planes, contrast) if contrast > most else (poster, most)
            writer.show(time_s, planes)
        elif tag == b"A" and len(data) % 4 == 0 and heard <= (duration_s + 1) * _RATE:
            heard += len(data) // 4
            writer.hear(data)
        else:
            whole = tag == b"J" and _facts(child, data).get("whole") is True
    if not whole or most < 0:
        raise child.refusal("broken")
    return poster


def _sound(file: _Original, out: Path) -> SafeSound:
    asked = {"name": file.name, "kind": file.kind}
    heard, whole = 0, False
    with _keeper().conversation("sound", file.descriptor, asked, _PLAYS) as child:
        child.until(_OPENS.seconds)
        sha256 = file.sha256()
        parts = child.parts({b"A": 16 * _RATE})
        told_s = _facts(child, next(parts, (b"", b""))[1]).get("told_s")
        child.until(_OPENS.seconds + (_seconds(child, told_s) if told_s else 0.0))
        with encode.writing(out, "ipod", None, _RATE) as writer:
            for tag, data in parts:
                if tag == b"A" and len(data) % 4 == 0:
                    heard += len(data) // 4
                    writer.hear(data)
                else:
                    whole = tag == b"J" and _facts(child, data).get("whole") is True
            if not whole or not 0 < heard <= (MOST_SECONDS + 1) * _RATE:
                raise child.refusal("broken")
    return SafeSound(file.name, file.kind, sha256, out, heard / _RATE)


def _facts(child: Conversation, data: bytes) -> dict[str, Any]:
    """What a child says in JSON; nothing of it is believed before it was checked."""
    try:
        facts = json.loads(data)
    except ValueError:
        raise child.refusal("broken") from None
    if not isinstance(facts, dict):
        raise child.refusal("broken")
    return facts


def _size(child: Conversation, value: object, most: int) -> tuple[int, int]:
    match value:
        case (int(width), int(height)) if 0 < width <= most and 0 < height <= most:
            return width, height
    raise child.refusal("broken")


def _seconds(child: Conversation, value: object) -> float:
    if isinstance(value, float) and 0 < value <= MOST_SECONDS:
        return value
    raise child.refusal("broken")


def _moment(value: object) -> str | None:
    try:
        return datetime.fromisoformat(value).replace(tzinfo=None).isoformat() if isinstance(value, str) else None
    except ValueError:
        return None
