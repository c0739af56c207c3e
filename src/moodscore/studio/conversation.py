"""Conversation: what people say under a post, and what others answer."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from moodscore.studio.accounts import User
from moodscore.studio.comments import Comment
from moodscore.studio.mentions import tell_mentioned
from moodscore.studio.notifications import tell
from moodscore.studio.permissions import Viewer, blocked_with, may_remove_comment, visible
from moodscore.studio.posts import Post
from moodscore.studio.prose import clean
from moodscore.studio.refusals import N_, Refused, not_found
from moodscore.studio.unwanted import unwanted_words

LONGEST = 1000
SHOWN = 200
SAY_SOMETHING = N_("Please write something.")
TOO_LONG = N_("That is %(got)s characters long; there is room for %(most)s.")
GONE = N_("The comment you answer is not there any more.")


@dataclass(frozen=True, slots=True)
class Said:
    """A comment, who wrote it, whether the viewer may remove it, and the answers to it, oldest first."""

    comment: Comment
    author: User
    removable: bool = False
    answers: list[Said] = field(default_factory=list)


def thread(session: Session, viewer: Viewer, post: Post) -> list[Said]:
    """What was said under a post, oldest first, the last 200 of it, without what the viewer should not or would not read.

    Answers to an answer stand beside it under the first comment. An answer to what is hidden is hidden.
    """
    query = (
        select(Comment, User)
        .join(User, User.id == Comment.author_id)
        .where(Comment.post_id == post.id, User.state == "active", ~blocked_with(viewer, Comment.author_id))
        .where(or_(Comment.held.is_(False), Comment.author_id == viewer.id))
        .order_by(Comment.created_at.desc(), Comment.id.desc())
        .limit(SHOWN)
    )
    words = unwanted_words(session, viewer)
    first: dict[str, Said] = {}
    for comment, author in reversed(session.execute(query).all()):
        if words is not None and author.id != viewer.id and words.search(comment.text):
            continue
        said = Said(comment, author, may_remove_comment(session, viewer, comment))
        if comment.reply_to is None:
            first[comment.id] = said
        elif comment.reply_to in first:
            first[comment.reply_to].answers.append(said)
    return list(first.values())


def say(session: Session, me: User, post: Post, text: str, reply_to: str = "") -> Comment:
    """Write a comment under a post that `me` may see, and tell its author, whoever is answered and who is mentioned.

    Raises Refused: 422 for an empty or too long text, 409 when what is answered is gone, 404 for a post that is no longer
    to be seen.
    """
    text = clean(text)
    if not text:
        raise Refused(422, SAY_SOMETHING, "text")
    if len(text) > LONGEST:
        raise Refused(422, TOO_LONG, "text", got=len(text), most=LONGEST)
    if session.scalar(select(Post.id).where(Post.id == post.id, visible(Viewer(me)))) is None:
        raise not_found()
    answered = _answered(session, me, post, reply_to) if reply_to else None
    root = (answered.reply_to or answered.id) if answered else None
    comment = Comment(post_id=post.id, author_id=me.id, reply_to=root, text=text)
    session.add(comment)
    session.flush()
    if comment.held:
        return comment
    session.execute(update(Post).where(Post.id == post.id).values(comments=Post.comments + 1))
    session.refresh(post, ["comments"])
    told = [me.id]
    if answered and tell(session, answered.author_id, "reply", me.id, post.id, comment.id):
        told.append(answered.author_id)
    if (
        post.author_id
        and post.author_id not in told
        and tell(session, post.author_id, "comment", me.id, post.id, comment.id)
    ):
        told.append(post.author_id)
    tell_mentioned(session, me, post, text, comment.id, told)
    return comment


def unsay(session: Session, comment: Comment) -> int:
    """Remove a comment with the answers to it; how many are left under its post."""
    # What really went is counted, for somebody else may remove it at the same moment. The answers go first: SQLite does not
    # tell of what goes along.
    session.execute(select(Comment.id).where(Comment.id == comment.id).with_for_update())  # no answer comes meanwhile
    post_id, counted = comment.post_id, 0
    for its in (Comment.reply_to == comment.id, Comment.id == comment.id):
        held = session.scalars(delete(Comment).where(its).returning(Comment.held)).all()
        counted += held.count(False)
    post = session.get(Post, post_id)
    if post is None:
        return 0
    session.execute(update(Post).where(Post.id == post.id).values(comments=Post.comments - counted))
    session.refresh(post, ["comments"])
    return post.comments


def _answered(session: Session, me: User, post: Post, comment_id: str) -> Comment:
    found = session.scalar(
        select(Comment).where(
            Comment.id == comment_id, Comment.post_id == post.id, ~blocked_with(Viewer(me), Comment.author_id)
        )
    )
    if found is None:
        raise Refused(409, GONE)
    return found
