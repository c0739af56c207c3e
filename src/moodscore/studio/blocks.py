"""Blocks, mutes and filtered words: what somebody does not want to see."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from moodscore.studio.db import Base, now


class Block(Base):
    """Neither of the two sees the other, and neither follows the other."""

    __tablename__ = "blocks"
    blocker_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    blocked_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    created_at: Mapped[float] = mapped_column(default=now)


class Mute(Base):
    """The muted one's posts stay out of feeds and notifications of the other; they are not told."""

    __tablename__ = "mutes"
    muter_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    muted_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    created_at: Mapped[float] = mapped_column(default=now)


class FilteredWord(Base):
    """Posts and comments with this word, lower case, stay out of this person's sight."""

    __tablename__ = "filtered_words"
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    word: Mapped[str] = mapped_column(String(60), primary_key=True)
