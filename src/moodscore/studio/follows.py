"""Follows: who sees whose posts in the home feed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ForeignKey, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from moodscore.studio.accounts import User
from moodscore.studio.db import Base, now
from moodscore.studio.notifications import tell, untell
from moodscore.studio.once import add_once, remove


class Follow(Base):
    """Somebody follows somebody; until it is `accepted` it is a request."""

    __tablename__ = "follows"
    follower_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    followed_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    accepted: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[float] = mapped_column(default=now)


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands to somebody else: follows them, has asked to, is followed by them, is asked by them."""

    follows: bool = False
    asked: bool = False
    followed: bool = False
    asks: bool = False


def standing(session: Session, me: User | None, other: User) -> Standing:
    """How `me` stands to `other`; a visitor stands in no way to anybody."""
    if me is None or me.id == other.id:
        return Standing()
    mine, theirs = session.get(Follow, (me.id, other.id)), session.get(Follow, (other.id, me.id))
    return Standing(
        follows=mine is not None and mine.accepted,
        asked=mine is not None and not mine.accepted,
        followed=theirs is not None and theirs.accepted,
        asks=theirs is not None and not theirs.accepted,
    )


def follow(session: Session, me: User, other: User) -> bool:
    """Follow somebody, or ask them where they let their followers in themselves; whether `me` follows them now.

    Who may see whom was decided before: across a block there is nobody to follow.
    """
    if me.id == other.id:
        return False
    if add_once(session, Follow, follower_id=me.id, followed_id=other.id, accepted=not other.approves):
        tell(session, other.id, "request" if other.approves else "follow", me.id)
    found = session.get(Follow, (me.id, other.id), populate_existing=True)
    return found is not None and found.accepted


def unfollow(session: Session, me: User, other: User) -> None:
    """Follow somebody no longer, or take back a request."""
    if remove(session, delete(Follow).where(Follow.follower_id == me.id, Follow.followed_id == other.id)):
        for kind in ("request", "follow"):
            untell(session, other.id, kind, me.id)


def accept(session: Session, me: User, other: User) -> bool:
    """Let somebody in who asked to follow `me`; whether somebody had asked."""
    asked = update(Follow).where(
        Follow.follower_id == other.id, Follow.followed_id == me.id, Follow.accepted.is_(False)
    )
    if session.scalar(asked.values(accepted=True).returning(Follow.follower_id)) is None:
        return False
    tell(session, other.id, "accepted", me.id)
    return True


def refuse(session: Session, me: User, other: User) -> None:
    """Do not let somebody in, or let them follow `me` no longer; they are not told."""
    session.execute(delete(Follow).where(Follow.follower_id == other.id, Follow.followed_id == me.id))


def counts(session: Session, user: User) -> tuple[int, int]:
    """How many people follow somebody, and how many they follow."""
    followers = select(func.count()).where(Follow.followed_id == user.id, Follow.accepted.is_(True))
    following = select(func.count()).where(Follow.follower_id == user.id, Follow.accepted.is_(True))
    return session.scalar(followers) or 0, session.scalar(following) or 0
