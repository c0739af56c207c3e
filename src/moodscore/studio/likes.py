"""Likes."""

from __future__ import annotations

from sqlalchemy import ForeignKey, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from moodscore.studio.accounts import User
from moodscore.studio.db import Base, now
from moodscore.studio.notifications import tell, untell
from moodscore.studio.once import add_once, remove
from moodscore.studio.posts import Post


class Like(Base):
    """Somebody likes a post."""

    __tablename__ = "likes"
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    post_id: Mapped[str] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, index=True)
    created_at: Mapped[float] = mapped_column(default=now)


def like(session: Session, user: User, post: Post) -> int:
    """Somebody likes a post, once however often they say so; how many like it now."""
    if add_once(session, Like, user_id=user.id, post_id=post.id):
        session.execute(update(Post).where(Post.id == post.id).values(likes=Post.likes + 1))
        tell(session, post.author_id, "like", user.id, post.id)
    return _count(session, post)


def unlike(session: Session, user: User, post: Post) -> int:
    """Somebody does not like a post any more; how many like it now."""
    if remove(session, delete(Like).where(Like.user_id == user.id, Like.post_id == post.id)):
        session.execute(update(Post).where(Post.id == post.id).values(likes=Post.likes - 1))
        untell(session, post.author_id or "", "like", user.id, post.id)
    return _count(session, post)


def _count(session: Session, post: Post) -> int:
    return session.scalar(select(Post.likes).where(Post.id == post.id)) or 0
