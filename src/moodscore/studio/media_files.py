"""Media files: stored by the SHA-256 of their bytes, so that a name never becomes a path and equal files are kept once."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from moodscore.studio.db import Base, alone, now
from moodscore.studio.once import add_once


class MediaFile(Base):
    """A stored file: `id` is the SHA-256 of its bytes."""

    __tablename__ = "media_files"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(40))
    size: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[float] = mapped_column(default=now)


def path_of(media: Path, sha256: str) -> Path:
    """Where a file is kept under the folder `media`."""
    return media / sha256[:2] / sha256[2:4] / sha256


def keep_bytes(session: Session, media: Path, data: bytes, media_type: str) -> str:
    """Store bytes and give their id; what is stored already is not written again."""
    sha256 = hashlib.sha256(data).hexdigest()
    target = path_of(media, sha256)
    _tell(session, sha256, media_type, len(data))  # first: who removes files asks for the row (deletion.py)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = target.with_name(f".{sha256[:16]}-{secrets.token_hex(4)}")
        with fresh.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(target)
    return sha256


def keep_file(session: Session, media: Path, source: Path, media_type: str) -> str:
    """Move a file into the store and give its id; `source` is gone afterwards."""
    with source.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    size = source.stat().st_size
    target = path_of(media, sha256)
    _tell(session, sha256, media_type, size)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    source.replace(target)
    return sha256


def _tell(session: Session, sha256: str, media_type: str, size: int) -> None:
    alone(session, number_of(sha256))
    add_once(session, MediaFile, id=sha256, media_type=media_type, size=size)


def number_of(sha256: str) -> int:
    """The number that whoever stores or removes a file holds meanwhile (db.alone)."""
    return int(sha256[:15], 16)
