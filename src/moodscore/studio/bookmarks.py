"""Bookmarks: posts that somebody keeps for themselves."""

from __future__ import annotations

from sqlalchemy import ForeignKey, delete
from sqlalchemy.orm import Mapped, Session, mapped_column

from moodscore.studio.accounts import User
from moodscore.studio.db import Base, now
from moodscore.studio.once import add_once
from moodscore.studio.posts import Post


class Bookmark(Base):
    """Somebody keeps a post; nobody else is told."""

    __tablename__ = "bookmarks"
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    post_id: Mapped[str] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, index=True)
    created_at: Mapped[float] = mapped_column(default=now)


def keep(session: Session, user: User, post: Post) -> None:
    """Somebody keeps a post; saying it twice changes nothing."""
    add_once(session, Bookmark, user_id=user.id, post_id=post.id)


def let_go(session: Session, user: User, post: Post) -> None:
    """Somebody does not keep a post any more."""
    session.execute(delete(Bookmark).where(Bookmark.user_id == user.id, Bookmark.post_id == post.id))
