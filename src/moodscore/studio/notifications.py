"""Notifications: what happened to somebody's posts and followers."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

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
