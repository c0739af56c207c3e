"""Told: somebody's notifications as they read them, those of one kind about one post together."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from moodscore.studio.accounts import User
from moodscore.studio.blocks import Mute
from moodscore.studio.comments import Comment
from moodscore.studio.cursors import newest_first
from moodscore.studio.follows import Follow
from moodscore.studio.notifications import Notification
from moodscore.studio.permissions import Viewer, account_of, blocked_with, visible
from moodscore.studio.posts import Post

PAGE = 100
GROUPED = ("like", "follow", "remix", "report")


@dataclass(slots=True)
class Group:
    """What happened: its kind, who did it (the latest first), to which post, with which comment, when, and if it is new.

    `asks` says that a request to follow still waits for an answer.
    """

    kind: str
    at: float
    new: bool
    actors: list[User] = field(default_factory=list)
    count: int = 0
    post: Post | None = None
    comment: Comment | None = None
    asks: bool = False


def told(session: Session, viewer: Viewer, before: str = "") -> tuple[list[Group], str | None]:
    """A page of what somebody was told, the latest first, and the cursor of the next; raises Refused (401) for a visitor.

    What is about posts they may not see any more, or by people they muted or who are gone, is left out.
    """
    me = account_of(viewer)
    actor = aliased(User)
    heard = ~select(Mute).where(Mute.muter_id == me.id, Mute.muted_id == Notification.actor_id).exists()
    there = or_(actor.id.is_(None), actor.state == "active")
    seen = or_(Notification.post_id.is_(None), Post.author_id == me.id, visible(viewer))
    query = (
        select(Notification, actor, Post, Comment, Notification.created_at, Notification.id)
        .outerjoin(actor, actor.id == Notification.actor_id)
        .outerjoin(Post, Post.id == Notification.post_id)
        .outerjoin(Comment, Comment.id == Notification.comment_id)
        .where(Notification.user_id == me.id, there, heard, seen, ~blocked_with(viewer, Notification.actor_id))
    )
    rows, after = newest_first(session, query, (Notification.created_at, Notification.id), before, PAGE)
    groups: dict[tuple[str, ...], Group] = {}
    for notification, who, post, comment, at, _ in rows:
        group = groups.setdefault(
            _key(notification), Group(notification.kind, at, at > me.notified_until, post=post, comment=comment)
        )
        if who is not None and who not in group.actors:
            group.actors.append(who)
        group.count = max(len(group.actors), group.count + (who is None))
    _mark_waiting(session, me, list(groups.values()))
    return list(groups.values()), after


def _key(notification: Notification) -> tuple[str, ...]:
    if notification.kind in GROUPED:
        return notification.kind, notification.post_id or ""
    return notification.kind, notification.id


def _mark_waiting(session: Session, me: User, groups: list[Group]) -> None:
    asking = {group.actors[0].id: group for group in groups if group.kind == "request" and group.actors}
    if asking:
        waiting = select(Follow.follower_id).where(
            Follow.followed_id == me.id, Follow.accepted.is_(False), Follow.follower_id.in_(asking)
        )
        for user_id in session.scalars(waiting):
            asking[user_id].asks = True
