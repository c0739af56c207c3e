"""MIDI: the bytes of a Standard MIDI File to and from plain events; what they mean is said in score.py.

Source: The MIDI Manufacturers Association, "Standard MIDI Files 1.0" (RP-001).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from moodscore.errors import BadMedia

MAX_BYTES = 32 << 20

TEXT, NAME, MARKER, PORT, END, TEMPO, METRE = 0x01, 0x03, 0x06, 0x21, 0x2F, 0x51, 0x58
OFF, ON, CONTROL, PROGRAM = 0x80, 0x90, 0xB0, 0xC0


@dataclass(frozen=True, slots=True)
class Event:
    """One event at `tick`. `kind` is a status without its channel (OFF, ON ...), or 0xFF for a meta event of type `meta`."""

    tick: int
    kind: int
    channel: int = 0
    data: bytes = b""
    meta: int = -1

    def encoded(self) -> bytes:
        """The event's bytes without its delta time."""
        if self.kind == 0xFF:
            return bytes((0xFF, self.meta)) + _length(len(self.data)) + self.data
        return bytes((self.kind | self.channel,)) + self.data


@dataclass(frozen=True, slots=True)
class File:
    """A MIDI file: tracks of events in order, `division` ticks a quarter note, or `ticks_per_s` where it counts seconds."""

    tracks: tuple[tuple[Event, ...], ...]
    division: int
    ticks_per_s: float | None = None


def meta(tick: int, kind: int, data: bytes) -> Event:
    """A meta event."""
    return Event(tick, 0xFF, data=data, meta=kind)


def _length(value: int) -> bytes:
    out = [value & 0x7F]
    while value := value >> 7:
        out.append(value & 0x7F | 0x80)
    return bytes(reversed(out))


def write(tracks: Sequence[Sequence[Event]], division: int) -> bytes:
    """A type 1 file of `tracks`, each already in order of time."""
    parts = [b"MThd" + struct.pack(">IHHH", 6, 1, len(tracks), division)]
    for events in tracks:
        body, now = bytearray(), 0
        for event in events:
            body += _length(event.tick - now) + event.encoded()
            now = event.tick
        parts.append(b"MTrk" + struct.pack(">I", len(body)) + bytes(body))
    return b"".join(parts)


def read(data: bytes) -> File:
    """The events of a MIDI file of type 0 or 1, plain or in a RIFF wrapper; raises BadMedia when it is broken."""
    if len(data) > MAX_BYTES:
        raise BadMedia(f"MIDI: expected at most {MAX_BYTES >> 20} MiB, got {len(data) / (1 << 20):.1f}")
    if data[:4] == b"RIFF" and b"MThd" in data[:64]:
        data = data[data.index(b"MThd") :]
    if data[:4] != b"MThd" or len(data) < 14:
        raise BadMedia("MIDI: expected a Standard MIDI File (MThd), got other bytes; export it again as .mid")
    size, form, _, division = struct.unpack_from(">IHHH", data, 4)
    if form > 1 or division == 0:
        raise BadMedia(f"MIDI: expected type 0 or 1 with a division, got type {form}, division {division}")
    try:
        tracks = _tracks(data, 8 + size)
    except IndexError:
        raise BadMedia("MIDI: expected whole tracks, got a file that ends in the middle; copy it again") from None
    if not tracks:
        raise BadMedia("MIDI: expected at least one track, got none")
    if division & 0x8000:
        frames_per_s = 256 - (division >> 8)
        return File(tracks, 1, (29.97 if frames_per_s == 29 else frames_per_s) * max(1, division & 0xFF))
    return File(tracks, division)


def _tracks(data: bytes, at: int) -> tuple[tuple[Event, ...], ...]:
    tracks = []
    while at + 8 <= len(data):
        name, size = data[at : at + 4], struct.unpack_from(">I", data, at + 4)[0]
        if name == b"MTrk":
            if at + 8 + size > len(data):
                raise IndexError
            tracks.append(tuple(_events(data[at + 8 : at + 8 + size])))
        at += 8 + size
    return tuple(tracks)


def _number(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for _ in range(4):
        value = value << 7 | data[at] & 0x7F
        at += 1
        if data[at - 1] < 0x80:
            return value, at
    raise BadMedia("MIDI: expected numbers of at most four bytes, got a longer one; the file is damaged")


def _events(data: bytes) -> list[Event]:
    out: list[Event] = []
    at = tick = status = 0
    while at < len(data):
        delta, at = _number(data, at)
        tick += delta
        if data[at] >= 0x80:
            status, at = data[at], at + 1
        if status == 0xFF:
            kind = data[at]
            size, at = _number(data, at + 1)
            out.append(meta(tick, kind, _taken(data, at, size)))
            if kind == END:
                break
        elif status in (0xF0, 0xF7):
            size, at = _number(data, at)
        elif 0x80 <= status < 0xF0:
            size = 1 if status & 0xF0 in (0xC0, 0xD0) else 2
            body = bytes(b & 0x7F for b in _taken(data, at, size))
            out.append(Event(tick, status & 0xF0, status & 0x0F, body))
        else:
            raise BadMedia(f"MIDI: expected an event, got the byte {status:#04x}; the file is damaged")
        at += size
    return out


def _taken(data: bytes, at: int, size: int) -> bytes:
    if at + size > len(data):
        raise IndexError
    return data[at : at + size]
