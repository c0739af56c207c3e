"""Picture files: what kind a file is and how large its picture, told from its first bytes before anything is decoded.

Only the kinds listed here are ever opened, so a document or a script dressed up as a picture never reaches a decoder.
"""

from __future__ import annotations

import io
import os
import stat
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from PIL import Image

from moodscore.errors import BadMedia

MAX_PIXELS = 64_000_000
MAX_SIDE = 16_384
MAX_FILE_BYTES = 1 << 30
KINDS = "JPEG, PNG, WebP, GIF, HEIC, AVIF, TIFF, BMP or JPEG 2000"
_SUFFIXES = "jpg jpeg jpe jfif png webp gif heic heif hif avif tif tiff bmp jp2 j2k jpf jpx"
SUFFIXES = frozenset(f".{name}" for name in _SUFFIXES.split())
_ORIENTATION, _EXIF_IFD, _TAKEN, _CHANGED = 0x0112, 0x8769, 0x9003, 0x0132
_OPENERS = {
    "JPEG": ("PIL.JpegImagePlugin", "JpegImageFile"),
    "PNG": ("PIL.PngImagePlugin", "PngImageFile"),
    "WebP": ("PIL.WebPImagePlugin", "WebPImageFile"),
    "GIF": ("PIL.GifImagePlugin", "GifImageFile"),
    "TIFF": ("PIL.TiffImagePlugin", "TiffImageFile"),
    "BMP": ("PIL.BmpImagePlugin", "BmpImageFile"),
    "JPEG 2000": ("PIL.Jpeg2KImagePlugin", "Jpeg2KImageFile"),
    "AVIF": ("PIL.AvifImagePlugin", "AvifImageFile"),
    "HEIC": ("pillow_heif", "HeifImageFile"),
}
_STARTS = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"BM", "BMP"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
)
_HEIF_BRANDS = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"))
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_READ_WHOLE = frozenset(("WebP", "HEIC", "AVIF"))  # by their decoders anyway; the others read as they go
_quiet_lock = threading.Lock()
T = TypeVar("T")


def kind_of(start: bytes) -> str | None:
    """The kind of picture that begins with `start` (its first 64 bytes or more), or None when it is none we open."""
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "WebP"
    if start[4:8] == b"ftyp":
        brands = {start[i : i + 4] for i in range(8, min(len(start), int.from_bytes(start[:4], "big")), 4)}
        if brands & {b"avif", b"avis"}:
            return "AVIF"
        return "HEIC" if brands & _HEIF_BRANDS else None
    return next((kind for signature, kind in _STARTS if start.startswith(signature)), None)


@contextmanager
def opened(path: Path) -> Iterator[Image.Image]:
    """The picture in a file with its header read and its size checked, not yet decoded.

    Raises BadMedia, naming the file, when it cannot be read, is no picture, is broken (also when that shows only while it
    is used), or exceeds 64 MP or 16,384 px a side.
    """
    file, kind = _begun(path)
    with file, opened_as(path, file, kind) as image:
        yield image


@contextmanager
def opened_as(name: Path | str, file: BinaryIO, kind: str) -> Iterator[Image.Image]:
    """The picture of a `kind` that `kind_of` told, in a file open at its beginning; `name` is what errors call it.

    Only the decoder of that kind is tried. Raises BadMedia as `opened` does.
    """
    try:
        with _header_of(name, file, kind) as image:
            _check_size(name, *image.size)
            yield image
    except BadMedia:
        raise
    except (
        Exception
    ) as error:  # on broken files decoders raise whatever broke: SyntaxError, struct.error, IndexError ...
        why = " ".join(str(error).split()) or type(error).__name__
        raise BadMedia(f"{name}: expected a whole {kind} picture, got a broken one ({why}); copy it again") from error


def orientation_of(image: Image.Image) -> int:
    """The EXIF orientation 1 .. 8 of a picture's header; 1, upright, when there is none or it is nonsense.

    TIFF counts as upright: Pillow turns it itself, size included, unlike every other kind.
    """
    if image.format == "TIFF":
        return 1
    value: Any = _quietly(lambda: image.getexif().get(_ORIENTATION), None)
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def upright(image: Image.Image, orientation: int) -> Image.Image:
    """The picture turned upright from its EXIF orientation 1 .. 8; itself when that is 1."""
    return image if orientation == 1 else image.transpose(_UPRIGHT[orientation])


def taken_at_of(image: Image.Image) -> str | None:
    """When the photo was taken by its EXIF, as ISO text without zone (2024-05-01T18:30:00), or None."""
    for read in (lambda: image.getexif().get_ifd(_EXIF_IFD).get(_TAKEN), lambda: image.getexif().get(_CHANGED)):
        value: Any = _quietly(read, None)
        try:
            return datetime.strptime(str(value).strip("\0 "), "%Y:%m:%d %H:%M:%S").isoformat()
        except ValueError:
            continue
    return None


def _begun(path: Path) -> tuple[BinaryIO, str]:
    """A picture file at its beginning, and its kind; raises BadMedia for anything else, before much of it is read."""
    try:
        about = os.stat(path)
        if stat.S_ISDIR(about.st_mode):
            raise BadMedia(f"{path}: expected a photo, got a folder; name the photos in it")
        if not stat.S_ISREG(about.st_mode):  # opening a pipe or a device could keep us waiting for ever
            raise BadMedia(f"{path}: expected a photo, got a pipe or device; save it to a file first")
        if about.st_size > MAX_FILE_BYTES:
            raise BadMedia(f"{path}: expected at most 1 GiB, got {about.st_size / 2**30:.1f} GiB; scale it down first")
        with ExitStack() as stack:
            file = stack.enter_context(path.open("rb"))
            kind = _kind_or_refuse(path, file.read(512))
            file.seek(0)
            stack.pop_all()
            return file, kind
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise BadMedia(f"{path}: expected a readable photo, got '{why}'; check its name and permissions") from error


def _kind_or_refuse(path: Path, start: bytes) -> str:
    if not start:
        raise BadMedia(f"{path}: expected a photo, got an empty file (0 bytes); copy it again")
    kind = kind_of(start)
    if kind is None:
        raise BadMedia(f"{path}: expected a photo ({KINDS}), got {_what_else(start)}; leave it out or convert it")
    return kind


def _what_else(data: bytes) -> str:
    """A few words for what a file that begins with `data` looks like, when it is no picture."""
    if data.startswith(b"%PDF"):
        return "a PDF document"
    if data.startswith(b"%!PS") or data[:4] == b"\xc5\xd0\xd3\xc6":
        return "a PostScript document"
    if data[4:8] == b"ftyp" or data[:4] in (b"RIFF", b"\x1aE\xdf\xa3"):
        return "a film or sound"
    head = data[:256].lstrip().lower()
    if head.startswith(b"<svg") or (head.startswith(b"<?xml") and b"<svg" in head):
        return "an SVG drawing"
    return "something else"


def _sizes_promised(data: bytes, kind: str) -> Iterator[tuple[int, int]]:
    """Sizes to check before a plugin sees the file: WebP's sets aside the canvas at once, HEIF's hides what is cropped."""
    if kind == "WebP":
        yield _webp_size(data[:30])
    elif kind in ("HEIC", "AVIF"):
        head = data[: _end_of_meta(data)]
        at = head.find(b"ispe")
        while 0 <= at <= len(head) - 16:
            yield int.from_bytes(head[at + 8 : at + 12], "big"), int.from_bytes(head[at + 12 : at + 16], "big")
            at = head.find(b"ispe", at + 4)


def _end_of_meta(data: bytes) -> int:
    """Where the box that describes a HEIF file's pictures ends; their coded pixels come in other boxes."""
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        end = at + size if size >= 8 else len(data)
        if data[at + 4 : at + 8] == b"meta":
            return end
        at = end
    return len(data)


def _webp_size(start: bytes) -> tuple[int, int]:
    """(width, height) in the header of a WebP file; (0, 0) when it is cut short."""
    chunk = start[12:16]
    if chunk == b"VP8X":
        return int.from_bytes(start[24:27], "little") + 1, int.from_bytes(start[27:30], "little") + 1
    if chunk == b"VP8L":
        bits = int.from_bytes(start[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return int.from_bytes(start[26:28], "little") & 0x3FFF, int.from_bytes(start[28:30], "little") & 0x3FFF


def _header_of(path: Path | str, file: BinaryIO, kind: str) -> Image.Image:
    """The undecoded picture, made by the one plugin for its kind; Pillow's own size warning never comes into play."""
    if kind in _READ_WHOLE:
        data = file.read()
        for width, height in _sizes_promised(data, kind):
            _check_size(path, width, height)
        file = io.BytesIO(data)
    module, name = _OPENERS[kind]
    opener = getattr(import_module(module), name)
    with _quiet():
        image: Image.Image = opener(file)
    return image


def _check_size(path: Path | str, width: int, height: int) -> None:
    if width > MAX_SIDE or height > MAX_SIDE or width * height > MAX_PIXELS:
        raise BadMedia(
            f"{path}: expected at most {MAX_PIXELS // 1_000_000} megapixels and {MAX_SIDE:,} pixels a side, "
            f"got {width:,} x {height:,}; scale it down first"
        )


def _quietly(ask: Callable[[], T], otherwise: T) -> T:
    """What `ask` answers, or `otherwise` when broken metadata make it fail."""
    try:
        with _quiet():
            return ask()
    except Exception:  # metadata are a courtesy: whatever is wrong with them, the picture itself is still good
        return otherwise


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence Pillow's warnings about odd metadata; under a lock, because warning filters belong to the whole process."""
    with _quiet_lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
