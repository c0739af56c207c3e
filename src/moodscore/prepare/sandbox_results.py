"""What comes out of the sandbox: media that were made anew here, and the few facts that were kept about the original."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Protection:
    """What a child that decodes strangers' files was kept from when it tried: all True is whole protection."""

    files: bool
    network: bool
    programs: bool
    processes: bool
    memory: bool

    @property
    def open_doors(self) -> tuple[str, ...]:
        """The names of what is not out of its reach on this system."""
        return tuple(name for name in self.__slots__ if not getattr(self, name))


@dataclass(frozen=True, slots=True)
class Rendition:
    """A picture encoded here: a baseline JPEG in sRGB without any metadata, and its size in pixels."""

    jpeg: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A picture before it is there: `data_uri`, 24 px a side at most, to be shown blurred; its mean `colour` as #rrggbb."""

    data_uri: str
    colour: str


@dataclass(frozen=True, slots=True)
class SafePhoto:
    """A stranger's photo made anew: upright, sRGB, no EXIF, no place, no profile.

    `name` is the file's name as its owner gave it, `kind` what its content is (JPEG, PNG, WebP, GIF, AVIF, HEIF), `sha256`
    that of the original bytes, `width` and `height` those of the upright original in pixels, `taken_at` ISO text without
    zone or None. The longer side of `large` is at most 2048 px, of `small` at most 640 px.
    """

    name: str
    kind: str
    sha256: str
    width: int
    height: int
    taken_at: str | None
    large: Rendition
    small: Rendition
    placeholder: Placeholder


@dataclass(frozen=True, slots=True)
class SafeClip:
    """A stranger's film made anew at `path`: MP4 with H.264 and AAC, upright, its index in front, no metadata.

    `kind` is MP4, MOV or WebM, `sha256` that of the original bytes; `width` and `height` are the new film's, even and
    at most 1280 px; `duration_s` is in seconds; `poster` is a frame from its first third.
    """

    name: str
    kind: str
    sha256: str
    path: Path
    width: int
    height: int
    duration_s: float
    has_sound: bool
    poster: Rendition
    placeholder: Placeholder


@dataclass(frozen=True, slots=True)
class SafeSound:
    """A stranger's sound made anew at `path`: stereo AAC at 44.1 kHz in an M4A file without metadata; length in seconds.

    `kind` is WAV, FLAC, MP3, OGG or M4A, or that of a film whose sound was taken; `sha256` is that of the original bytes.
    """

    name: str
    kind: str
    sha256: str
    path: Path
    duration_s: float
