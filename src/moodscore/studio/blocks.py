"""Blocks, mutes and filtered words: what somebody does not want to see."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from sqlalchemy import ForeignKey, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from moodscore.studio.accounts import User
from moodscore.studio.db import Base, now
from moodscore.studio.once import add_once
from moodscore.studio.refusals import N_, Refused

MOST_WORDS, LONGEST_WORD = 200, 60
NO_WORD = N_("Please write a word of 1 to %(most)s characters.")
ENOUGH_WORDS = N_("There is room for %(most)s words.")


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


def clean_word(text: str) -> str:
    """A word as it is stored: composed, lower case, one line; raises Refused (422)."""
    word = " ".join(unicodedata.normalize("NFC", text).casefold().split())
    if not 1 <= len(word) <= LONGEST_WORD:
        raise Refused(422, NO_WORD, "word", most=LONGEST_WORD)
    return word


def words_of(session: Session, user: User) -> Sequence[str]:
    """The words somebody filters, in order."""
    return session.scalars(
        select(FilteredWord.word).where(FilteredWord.user_id == user.id).order_by(FilteredWord.word)
    ).all()


def filter_word(session: Session, user: User, text: str) -> None:
    """Keep posts and comments with a word out of somebody's sight. The caller commits; raises Refused (422)."""
    word = clean_word(text)
    count = session.scalar(select(func.count()).where(FilteredWord.user_id == user.id)) or 0
    if count >= MOST_WORDS:
        raise Refused(422, ENOUGH_WORDS, "word", most=MOST_WORDS)
    add_once(session, FilteredWord, user_id=user.id, word=word)


def show_word(session: Session, user: User, word: str) -> None:
    """Filter a word no longer. The caller commits."""
    session.execute(delete(FilteredWord).where(FilteredWord.user_id == user.id, FilteredWord.word == word))


def blocked_by(session: Session, user: User) -> Sequence[User]:
    """Whom somebody blocks, the latest first."""
    return session.scalars(
        select(User)
        .join(Block, Block.blocked_id == User.id)
        .where(Block.blocker_id == user.id)
        .order_by(Block.created_at.desc())
    ).all()


def muted_by(session: Session, user: User) -> Sequence[User]:
    """Whom somebody mutes, the latest first."""
    return session.scalars(
        select(User)
        .join(Mute, Mute.muted_id == User.id)
        .where(Mute.muter_id == user.id)
        .order_by(Mute.created_at.desc())
    ).all()
