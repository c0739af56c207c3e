"""Mentions: telling people that somebody named them, if they want to hear it and may see where."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from moodscore.studio.accounts import User
from moodscore.studio.notifications import Notification, tell
from moodscore.studio.permissions import Viewer, visible
from moodscore.studio.posts import Post
from moodscore.studio.prose import handles_in
from moodscore.studio.tags import keep_tags

MOST = 10


def tell_mentioned(
    session: Session, author: User, post: Post, text: str, comment_id: str | None = None, told: Sequence[str] = ()
) -> None:
    """Tell the people a text mentions, the first ten, except those who may not see the post or were `told` (ids) already."""
    handles = handles_in(text)[:MOST]
    if not handles:
        return
    session.flush()
    for user in session.scalars(select(User).where(User.handle.in_(handles), User.state == "active")):
        if user.id in told or session.scalar(select(Post.id).where(Post.id == post.id, visible(Viewer(user)))) is None:
            continue
        tell(session, user.id, "mention", author.id, post.id, comment_id)


def caption_written(session: Session, author: User, post: Post) -> None:
    """Keep what a post's caption says beside its words: its tags, and the people it mentions, each told once.

    Called after a post was published and after the caption of a published post was edited; tells the author of a post that
    this one answers, too.
    """
    keep_tags(session, post)
    if post.state != "published":
        return
    named = Notification.kind == "mention", Notification.post_id == post.id, Notification.comment_id.is_(None)
    told = session.scalars(select(Notification.user_id).where(*named)).all()
    tell_mentioned(session, author, post, post.caption, told=told)
    answered = session.get(Post, post.remix_of) if post.remix_of else None
    asked = session.get(User, answered.author_id) if answered and answered.author_id else None
    if asked and session.scalar(select(Post.id).where(Post.id == post.id, visible(Viewer(asked)))):
        tell(session, asked.id, "remix", author.id, post.id)
