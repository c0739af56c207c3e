"""Permissions: who may see and do what. The only place where this is decided; feeds and single pages ask the same clause."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, true
from sqlalchemy.orm import Session, aliased

from moodscore.studio.accounts import User
from moodscore.studio.blocks import Block, Mute
from moodscore.studio.comments import Comment
from moodscore.studio.follows import Follow
from moodscore.studio.posts import Post
from moodscore.studio.refusals import LOG_IN_FIRST, N_, NOT_ALLOWED, Refused, not_found

# Building these clauses takes longer than what they ask of the database, and they are the same for a person each time.
MOST_VIEWERS = 500
_first, _owner = aliased(Post), aliased(User)  # the post a photo came with, and whose it is
NO_REMIX = N_("Its author does not want this post to be answered with a remix.")


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whoever is looking: a person who is logged in, or a visitor, known by a hash of their cookie alone."""

    user: User | None = None
    visitor: str = ""

    @property
    def id(self) -> str | None:
        """The person's id, or None for a visitor."""
        return self.user.id if self.user else None

    @property
    def is_admin(self) -> bool:
        """Whether the viewer looks after this studio."""
        return self.user is not None and self.user.role == "admin"


def account_of(viewer: Viewer) -> User:
    """The person looking; raises Refused (401) for a visitor."""
    if viewer.user is None:
        raise Refused(401, LOG_IN_FIRST)
    return viewer.user


def admin_of(viewer: Viewer) -> User:
    """The admin looking; raises Refused (401, 403)."""
    user = account_of(viewer)
    if user.role != "admin":
        raise Refused(403, NOT_ALLOWED)
    return user


def visible(viewer: Viewer) -> ColumnElement[bool]:
    """The clause that holds for posts a viewer may see: published, not held back, by an active author who is not blocked,
    and public, or for followers of whom the viewer is one, or the viewer's own; with a photo that its owner still shows.

    Admins see what was reported through their queue, not through this.
    """
    return _visible(viewer.id)


@lru_cache(MOST_VIEWERS)
def _visible(me: str | None) -> ColumnElement[bool]:
    published = Post.state == "published"
    active = exists().where(User.id == Post.author_id, User.state == "active")
    if me is None:
        return and_(published, active, Post.held.is_(False), Post.visibility == "public", _photo_shown(me))
    follows = exists().where(Follow.follower_id == me, Follow.followed_id == Post.author_id, Follow.accepted.is_(True))
    open_to_me = or_(Post.visibility == "public", and_(Post.visibility == "followers", follows))
    others = and_(active, Post.held.is_(False), open_to_me, ~_blocked_with(me, Post.author_id))
    return and_(published, or_(Post.author_id == me, others), _photo_shown(me))


def photo_shown(viewer: Viewer) -> ColumnElement[bool]:
    """The clause that holds for posts whose photo a viewer may see: not for new tunes to another's photo once the post it
    came with is no longer public, except for whoever posted it first.
    """
    return _photo_shown(viewer.id)


@lru_cache(MOST_VIEWERS)
def _photo_shown(me: str | None) -> ColumnElement[bool]:
    active = exists().where(_owner.id == _first.author_id, _owner.state == "active")
    public = and_(_first.state == "published", _first.held.is_(False), _first.visibility == "public", active)
    own = or_(_first.author_id == Post.author_id, _first.author_id == me if me else false())
    shown = exists().where(_first.id == Post.remix_of, or_(own, public))
    return or_(Post.remix_kind != "photo", Post.remix_of.is_(None), shown)


def photo_for(session: Session, viewer: Viewer, post: Post) -> None:
    """Refuse (404) the photo of a post the viewer may see, or made, where its owner shows it no more."""
    if post.remix_kind != "photo":
        return
    if session.scalar(select(Post.id).where(Post.id == post.id, photo_shown(viewer))) is None:
        raise not_found()


def wanted(viewer: Viewer) -> ColumnElement[bool]:
    """The clause that holds for posts a viewer wants in feeds: not by somebody they muted."""
    return _wanted(viewer.id)


@lru_cache(MOST_VIEWERS)
def _wanted(me: str | None) -> ColumnElement[bool]:
    return ~exists().where(Mute.muter_id == me, Mute.muted_id == Post.author_id) if me else true()


def blocked_with(viewer: Viewer, other: object) -> ColumnElement[bool]:
    """The clause that holds when the viewer and the person with the id `other` (column or value) block one another."""
    return _blocked_with(viewer.id, other) if viewer.id else false()


def _blocked_with(me: str, other: object) -> ColumnElement[bool]:
    return exists().where(
        or_(
            and_(Block.blocker_id == me, Block.blocked_id == other),
            and_(Block.blocked_id == me, Block.blocker_id == other),
        )
    )


def post_for(session: Session, viewer: Viewer, post_id: str) -> Post:
    """A post the viewer may see, a draft of their own included; raises Refused (404)."""
    post = session.get(Post, post_id)
    if post is None:
        raise not_found()
    if owns(viewer, post):
        return post
    if session.scalar(select(Post.id).where(Post.id == post_id, visible(viewer))) is None:
        raise not_found()
    return post


def owns(viewer: Viewer, post: Post) -> bool:
    """Whether a post is the viewer's own: by their account, or, for a draft without one, by their browser's cookie."""
    if viewer.user is not None and post.author_id is not None:
        return post.author_id == viewer.user.id
    return bool(post.author_id is None and post.visitor and viewer.visitor) and hmac.compare_digest(
        post.visitor, viewer.visitor
    )


def mine(viewer: Viewer) -> ColumnElement[bool]:
    """The clause that holds for the viewer's own posts and drafts; as `owns`."""
    if viewer.user is not None:
        return Post.author_id == viewer.user.id
    return and_(Post.author_id.is_(None), Post.visitor == viewer.visitor) if viewer.visitor else false()


def own_post(session: Session, viewer: Viewer, post_id: str) -> Post:
    """A post of the viewer's own, to change it; raises Refused: 404 for what they may not see, else 403."""
    post = post_for(session, viewer, post_id)
    if not owns(viewer, post):
        raise Refused(403, NOT_ALLOWED)
    return post


def person_for(session: Session, viewer: Viewer, handle: str) -> User:
    """A person the viewer may see; raises Refused (404). A block hides both, suspended people are hidden from all."""
    user = session.scalar(select(User).where(User.handle == handle.lower()))
    if user is None or (user.state != "active" and not viewer.is_admin and user.id != viewer.id):
        raise not_found()
    if session.scalar(select(blocked_with(viewer, user.id))):
        raise not_found()
    return user


def may_remove_comment(session: Session, viewer: Viewer, comment: Comment) -> bool:
    """Comments are removed by who wrote them, by the author of the post, and by admins."""
    if viewer.user is None:
        return False
    post = session.get(Post, comment.post_id)
    return (
        viewer.is_admin
        or comment.author_id == viewer.user.id
        or (post is not None and post.author_id == viewer.user.id)
    )


def may_remix(viewer: Viewer, post: Post) -> None:
    """Refuse (403) an answer to a post whose author does not want any, or shows it to few; one's own may be answered."""
    if not owns(viewer, post) and not (post.allows_remix and post.visibility == "public"):
        raise Refused(403, NO_REMIX)


def may_publish(viewer: Viewer, post: Post) -> User:
    """The person who may publish a draft: its author, with an account; raises Refused (401, 403)."""
    user = account_of(viewer)
    if not owns(viewer, post):
        raise Refused(403, NOT_ALLOWED)
    return user
