"""Kinds: what a stranger's file is, told from its first bytes and never from its name, and what is allowed at all."""

from __future__ import annotations

from moodscore.prepare.picture_file import kind_of

PICTURES = ("JPEG", "PNG", "WebP", "GIF", "AVIF", "HEIF")
FILMS = ("MP4", "MOV", "WebM")
SOUNDS = ("WAV", "FLAC", "MP3", "OGG", "M4A")
ENOUGH_BYTES = 4096  # of a file's beginning tell its kind

# The one demuxer that is tried for a kind, whatever the file claims later.
DEMUXERS = {
    **dict.fromkeys(("MP4", "MOV", "M4A"), "mov"),
    "WebM": "matroska",
    "WAV": "wav",
    "FLAC": "flac",
    "MP3": "mp3",
    "OGG": "ogg",
}
_SAID = {"HEIC": "HEIF"}
_FILM_BRANDS = frozenset(
    b"isom iso2 iso3 iso4 iso5 iso6 iso7 iso8 iso9 mp41 mp42 mp71 avc1 hvc1 M4V  MSNV dash".split()
)
_SOUND_BRANDS = (b"M4A ", b"M4B ", b"M4P ")
_PHONE_BRANDS = (b"3gp", b"3g2", b"M4V")
_OLD_MOVIES = (b"moov", b"mdat", b"wide", b"pnot")  # QuickTime before it had a box for its kind
_EBML, _DOC_TYPE = b"\x1a\x45\xdf\xa3", b"\x42\x82"


def told(start: bytes) -> str | None:
    """The allowed kind of a file that begins with `start` (4096 bytes, or all there are), or None."""
    picture = kind_of(start[:512])
    if picture is not None:
        picture = _SAID.get(picture, picture)
        return picture if picture in PICTURES else None
    if start[4:8] == b"ftyp":
        return _boxed(start)
    if start[4:8] in _OLD_MOVIES:
        return "MOV"
    if start.startswith(_EBML):
        return "WebM" if _doc_type(start) == b"webm" else None
    return _sound(start)


def _boxed(start: bytes) -> str | None:
    """What an ISO media file (ISO/IEC 14496-12, 4.3) says it is."""
    major = start[8:12]
    size = int.from_bytes(start[:4], "big")
    brands = [major, *(start[i : i + 4] for i in range(16, min(len(start), size), 4))]
    if major == b"qt  ":
        return "MOV"
    if major in _SOUND_BRANDS:
        return "M4A"
    known = any(brand.strip() in _FILM_BRANDS or brand.startswith(_PHONE_BRANDS) for brand in brands)
    return "MP4" if known else None


def _doc_type(start: bytes) -> bytes | None:
    """The DocType of an EBML header (RFC 8794, 11.2.4) whose length is written in one byte."""
    at = start[:256].find(_DOC_TYPE)
    if at < 0 or at + 3 > len(start):
        return None
    return start[at + 3 : at + 3 + (start[at + 2] & 0x7F)].rstrip(b"\0")


def _sound(start: bytes) -> str | None:
    if start[:4] == b"RIFF" and start[8:12] == b"WAVE":
        return "WAV"
    if start.startswith(b"fLaC"):
        return "FLAC"
    if start.startswith(b"OggS"):
        return "OGG"
    return "MP3" if _is_mp3(start) else None


def _is_mp3(start: bytes) -> bool:
    """Whether layer III frames begin here, or an ID3v2 tag with layer III frames behind it, as far as `start` shows."""
    if start[:3] != b"ID3":
        return _frame_bytes(start[:4]) is not None and _next_agrees(start)
    if len(start) < 10 or any(byte & 0x80 for byte in start[6:10]):
        return False
    size = sum((byte & 0x7F) << shift for byte, shift in zip(start[6:10], (21, 14, 7, 0), strict=True))
    behind = start[10 + size :].lstrip(b"\0")  # tags may be padded
    return not behind or _frame_bytes(behind[:4]) is not None


def _next_agrees(start: bytes) -> bool:
    length = _frame_bytes(start[:4]) or 0
    behind = start[length : length + 4]
    return len(behind) < 4 or _frame_bytes(behind) is not None


def _frame_bytes(header: bytes) -> int | None:
    """How many bytes the MPEG layer III frame with this header has (ISO/IEC 11172-3, 2.4.2.3); None if it is none."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return None
    version, rate, index = header[1] >> 3 & 3, header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or rate in (0, 15) or index == 3:
        return None
    newest = version == 3
    kbits = (_KBITS_1 if newest else _KBITS_2)[rate - 1]
    hertz = (44100, 48000, 32000)[index] >> {3: 0, 2: 1, 0: 2}[version]
    return (144 if newest else 72) * kbits * 1000 // hertz + (header[2] >> 1 & 1)


_KBITS_1 = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBITS_2 = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
