"""Avatars: somebody's picture, one of the photos they posted for everybody, which were cleaned when they were posted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from moodscore.studio.accounts import User
from moodscore.studio.deletion import drop_unused
from moodscore.studio.permissions import Viewer, visible
from moodscore.studio.posts import Post
from moodscore.studio.refusals import not_found

SIZE = "photo-640"
SHOWN = 24


def choices(session: Session, user: User) -> Sequence[Post]:
    """The public posts of somebody that have a photo to choose, the newest first."""
    borrowed = and_(Post.remix_kind == "photo", Post.remix_of.is_not(None))
    mine = select(Post).where(Post.author_id == user.id, Post.kind == "photo", visible(Viewer()), ~borrowed)
    posts = session.scalars(mine.order_by(Post.published_at.desc()).limit(SHOWN)).all()
    return [post for post in posts if SIZE in post.renditions]


def choose(session: Session, media: Path, user: User, post_id: str) -> None:
    """Make the photo of one of somebody's public posts their picture, or, for "", have none.

    The caller commits. Raises Refused (404) for any other post.
    """
    before = user.avatar
    user.avatar = None
    if post_id:
        post = session.get(Post, post_id)
        if post is None or post not in choices(session, user):
            raise not_found()
        user.avatar = post.renditions[SIZE]
    session.flush()
    if before and before != user.avatar:
        drop_unused(session, media, {before})
