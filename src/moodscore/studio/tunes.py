"""Tunes: the pieces of music of a post, of which its owner chooses one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from moodscore.studio.db import Base, new_id, now

ROLES = ("library", "faithful", "neighbour", "contrast", "again", "own")


class Tune(Base):
    """A tune: why it is there (`role`, `reason`), what was asked for and what a judge heard, and its files.

    `files` maps "audio" (M4A), "midi" and "film" (MP4) to media files' ids; `peaks` are 0..1, about
    200; `roll` is what a piano roll needs: {"notes": [[start_s, end_s, pitch, track]], ...}.
    """

    __tablename__ = "tunes"
    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    post_id: Mapped[str] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(12))
    title: Mapped[str] = mapped_column(String(120), default="")
    genre: Mapped[str] = mapped_column(String(40), default="")
    valence: Mapped[float] = mapped_column(default=0.0)
    arousal: Mapped[float] = mapped_column(default=0.0)
    heard_valence: Mapped[float | None] = mapped_column(default=None)
    heard_arousal: Mapped[float | None] = mapped_column(default=None)
    tempo_bpm: Mapped[float] = mapped_column(default=0.0)
    instruments: Mapped[list[Any]] = mapped_column(default=list)
    reason_en: Mapped[str] = mapped_column(Text, default="")
    reason_ko: Mapped[str] = mapped_column(Text, default="")
    words_en: Mapped[str] = mapped_column(Text, default="")
    words_ko: Mapped[str] = mapped_column(Text, default="")
    seed: Mapped[int] = mapped_column(default=0)
    composer: Mapped[str] = mapped_column(String(40), default="")
    duration_s: Mapped[float] = mapped_column(default=0.0)
    files: Mapped[dict[str, Any]] = mapped_column(default=dict)
    peaks: Mapped[list[Any]] = mapped_column(default=list)
    roll: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[float] = mapped_column(default=now)
