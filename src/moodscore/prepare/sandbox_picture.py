"""What the locked-up child does with a stranger's picture: decode it, and hand back a small upright one in bare pixels."""

from __future__ import annotations

import io
import os
from typing import Any, BinaryIO, Protocol, cast

import numpy as np
from PIL import Image

from moodscore.prepare import reel
from moodscore.prepare.picture_file import opened_as, orientation_of, taken_at_of, upright
from moodscore.prepare.srgb import to_srgb

_BAND_PIXELS = 4_000_000
_HUNGRY = {"WebP": "webp_pipe", "AVIF": "mov"}  # Pillow holds these pictures whole two to four times; FFmpeg's demuxers
_MUCH_PIXELS = 24_000_000
_NAMES = {"HEIF": "HEIC"}  # what the opener of that kind is called there


class Reply(Protocol):
    """How a task of the child tells what it found."""

    def facts(self, **facts: Any) -> None:  # noqa: ANN401 - JSON
        """Send a few numbers and words."""

    def numbers(self, tag: bytes, *parts: bytes | memoryview) -> None:
        """Send pixels or samples under a tag of one byte."""


class HeldFile(io.RawIOBase):
    """An open file read at places of its own, so that several readers of one descriptor do not move each other."""

    def __init__(self, descriptor: int, size: int) -> None:
        super().__init__()
        self.descriptor, self.size, self._at = descriptor, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = (0, self._at, self.size)[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any writable buffer
        data = os.pread(self.descriptor, len(buffer), self._at)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def task(file: HeldFile, asked: dict[str, Any], reply: Reply) -> None:
    """Tell `width`, `height` (upright, of the original) and `taken_at`, then its RGB pixels, longer side at most `side`."""
    kind = str(asked["kind"])
    with opened_as(str(asked["name"]), io.BufferedReader(file, 1 << 16), _NAMES.get(kind, kind)) as image:
        orientation, taken_at, full = orientation_of(image), taken_at_of(image), image.size
        profile = image.info.get("icc_profile")
        hungry = kind in _HUNGRY and image.width * image.height > _MUCH_PIXELS
        small = None if hungry else _shrunk(image, int(asked["side"]))
    if small is None:
        del image  # and with it the whole pictures that its decoder set aside
        small = _by_libav(file, kind, full, int(asked["side"]), profile)
    small = upright(small, orientation)
    width, height = full[::-1] if orientation >= 5 else full
    reply.facts(width=width, height=height, taken_at=taken_at, shown=small.size)
    reply.numbers(b"P", small.tobytes())


def _shrunk(image: Image.Image, side: int) -> Image.Image:
    """The picture in sRGB, its longer side at most `side`; large ones are converted in bands, so that memory stays low."""
    if image.format == "JPEG":
        image.draft("RGB", _within(image.size, side))
    image.load()
    factor = max(image.size) // side
    rough = to_srgb(image) if factor < 2 else _banded(image, factor)
    size = _within(rough.size, side)
    return rough if size == rough.size else rough.resize(size, Image.Resampling.HAMMING)


def _by_libav(file: HeldFile, kind: str, full: tuple[int, int], side: int, profile: bytes | None) -> Image.Image:
    """A large picture through FFmpeg, which scales it as it converts it and so needs a third of the memory."""
    file.seek(0)
    with reel.held(cast(BinaryIO, file), _HUNGRY[kind]) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        frame = next(container.decode(stream))
        if (frame.width, frame.height) != full:
            raise ValueError(f"expected {full}, got {frame.width} x {frame.height}")
        turns, size = reel.quarter_turns(frame), _within(full, side)
        pixels = reel.Scaler(stream).pixels(frame, size[::-1] if turns % 2 else size)
    shown = Image.fromarray(
        np.ascontiguousarray(np.rot90(pixels, -turns))
    )  # as stored; it is turned later, by its EXIF
    if profile:
        shown.info["icc_profile"] = profile
    return to_srgb(shown)


def _within(size: tuple[int, int], side: int) -> tuple[int, int]:
    scale = min(1.0, side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _banded(image: Image.Image, factor: int) -> Image.Image:
    """The picture in sRGB, each `factor` x `factor` pixels averaged to one."""
    width, height = image.size
    out = Image.new("RGB", (-(-width // factor), -(-height // factor)))
    rows = max(1, _BAND_PIXELS // (width * factor)) * factor
    for top in range(0, height, rows):
        band = image.crop((0, top, width, min(height, top + rows)))
        band.format = image.format
        out.paste(to_srgb(band).reduce(factor), (0, top // factor))
    return out
