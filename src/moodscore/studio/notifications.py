"""Notifications: what happened to somebody's posts and followers."""

from __future__ import annotations

from sqlalchemy import ColumnElement, ForeignKey, Index, String, and_, delete, exists, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from moodscore.studio.accounts import User
from moodscore.studio.blocks import Block, Mute
from moodscore.studio.db import Base, new_id, now

KINDS = ("like", "comment", "reply", "mention", "follow", "request", "accepted", "remix", "ready", "failed", "report")


class Notification(Base):
    """Something happened that `user_id` wants to know: who did what to which post.

    New ones are younger than the user's `notified_until`.
    """

    __tablename__ = "notifications"
    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(12))
    actor_id: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), default=None)
    post_id: Mapped[str | None] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), default=None)
    comment_id: Mapped[str | None] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"), default=None)
    created_at: Mapped[float] = mapped_column(default=now)
    __table_args__ = (Index("ix_notifications_user", "user_id", "created_at"),)


# Told once however often they are done and undone: nobody can ring somebody's bell by pressing a button twice.
ONCE = ("like", "follow", "request", "accepted", "remix")
MOST_COUNTED = 99


def tell(
    session: Session,
    user_id: str | None,
    kind: str,
    actor_id: str | None = None,
    post_id: str | None = None,
    comment_id: str | None = None,
) -> bool:
    """Tell somebody that something happened; whether they were told.

    Nobody is told of what they did themselves, of people whom they muted, or across a block.
    """
    if user_id is None or user_id == actor_id or (actor_id and _unheard(session, user_id, actor_id)):
        return False
    if kind in ONCE and session.scalar(select(_same(user_id, kind, actor_id, post_id))):
        return False
    session.add(Notification(user_id=user_id, kind=kind, actor_id=actor_id, post_id=post_id, comment_id=comment_id))
    return True


def untell(session: Session, user_id: str, kind: str, actor_id: str, post_id: str | None = None) -> None:
    """Take back what was told but not read yet, when it was undone."""
    seen = select(User.notified_until).where(User.id == user_id).scalar_subquery()
    session.execute(delete(Notification).where(_is(user_id, kind, actor_id, post_id), Notification.created_at > seen))


def unread(session: Session, user: User | None) -> int:
    """How many notifications somebody has not read yet, at most 99; 0 for a visitor."""
    if user is None:
        return 0
    newer = select(Notification.id).where(
        Notification.user_id == user.id, Notification.created_at > user.notified_until
    )
    return session.scalar(select(func.count()).select_from(newer.limit(MOST_COUNTED).subquery())) or 0


def mark_read(user: User) -> None:
    """Everything somebody was told until now is read."""
    user.notified_until = now()


def _is(user_id: str, kind: str, actor_id: str | None, post_id: str | None) -> ColumnElement[bool]:
    return and_(
        Notification.user_id == user_id,
        Notification.kind == kind,
        Notification.actor_id == actor_id,
        Notification.post_id == post_id,
    )


def _same(user_id: str, kind: str, actor_id: str | None, post_id: str | None) -> ColumnElement[bool]:
    return exists().where(_is(user_id, kind, actor_id, post_id))


def _unheard(session: Session, user_id: str, actor_id: str) -> bool:
    muted = exists().where(Mute.muter_id == user_id, Mute.muted_id == actor_id)
    blocked = exists().where(
        or_(
            and_(Block.blocker_id == user_id, Block.blocked_id == actor_id),
            and_(Block.blocker_id == actor_id, Block.blocked_id == user_id),
        )
    )
    return bool(session.scalar(select(or_(muted, blocked))))
