"""The line between a program, its fork server and the children: what may be asked and how answers are framed."""

from __future__ import annotations

import struct
from dataclasses import dataclass

HEADER = struct.Struct(">cI")  # a tag and how many bytes follow
LENGTH = struct.Struct(">I")
FACTS, REFUSED = b"J", b"E"
READY, TAKEN = b"R", b"T"


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one file may cost: memory in bytes beyond what the process holds already, and seconds."""

    memory_bytes: int = 512 << 20
    seconds: float = 60.0
