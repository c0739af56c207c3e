"""Tags: hashtags of captions."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, delete
from sqlalchemy.orm import Mapped, Session, mapped_column

from moodscore.studio.db import Base
from moodscore.studio.once import add_once
from moodscore.studio.posts import Post
from moodscore.studio.prose import tags_in

MOST = 30


class PostTag(Base):
    """A post carries a tag, lower case and without its sign."""

    __tablename__ = "post_tags"
    post_id: Mapped[str] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(60), primary_key=True, index=True)


def keep_tags(session: Session, post: Post) -> None:
    """Make a post's tags those of its caption; called whenever a caption was written."""
    session.flush()
    session.execute(delete(PostTag).where(PostTag.post_id == post.id))
    for tag in tags_in(post.caption)[:MOST]:
        add_once(session, PostTag, post_id=post.id, tag=tag)
