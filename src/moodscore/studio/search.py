"""Search: people, tags, and posts by their words and moods, in English and Korean."""

from __future__ import annotations

import unicodedata

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from moodscore.schemes import MOODS
from moodscore.studio import feed
from moodscore.studio.accounts import User
from moodscore.studio.follows import Follow
from moodscore.studio.permissions import Viewer, blocked_with, visible
from moodscore.studio.posts import Post
from moodscore.studio.tags import PostTag

LONGEST = 100
MOST_TERMS = 6
PEOPLE = 12
TAGS = 12


def terms_of(text: str) -> list[str]:
    """What is searched for: at most six words, composed, in lower case, without the signs of handles and tags."""
    words = unicodedata.normalize("NFC", text[:LONGEST]).lower().split()
    return list(dict.fromkeys(word.lstrip("@#") for word in words if word.lstrip("@#")))[:MOST_TERMS]


def moods_of(term: str) -> list[str]:
    """The moods a word means: their English or Korean name, or how it begins (joy, 고요)."""
    return [
        mood.name
        for mood in MOODS.labels
        if (len(term) >= 3 and mood.name.startswith(term)) or (len(term) >= 2 and mood.korean.startswith(term))
    ]


def people(session: Session, viewer: Viewer, terms: list[str]) -> list[User]:
    """People whose handle or name holds every word; those one follows first, then those with more followers."""
    if not terms:
        return []
    named = and_(*(or_(_holds(User.handle, term), _holds(User.name, term)) for term in terms))
    followers = select(func.count()).where(Follow.followed_id == User.id, Follow.accepted.is_(True)).scalar_subquery()
    mine = select(func.count()).where(Follow.followed_id == User.id, Follow.follower_id == viewer.id).scalar_subquery()
    query = select(User).where(User.state == "active", named, ~blocked_with(viewer, User.id))
    exact = (User.handle == terms[0]).desc()
    return list(session.scalars(query.order_by(exact, mine.desc(), followers.desc(), User.handle).limit(PEOPLE)))


def tags(session: Session, viewer: Viewer, terms: list[str]) -> list[tuple[str, int]]:
    """Tags that hold any of the words, with how many posts the viewer sees there, the most used first."""
    if not terms:
        return []
    named = or_(*(_holds(PostTag.tag, term) for term in terms))
    query = select(PostTag.tag, func.count()).join(Post, Post.id == PostTag.post_id).where(named, visible(viewer))
    found = session.execute(query.group_by(PostTag.tag).order_by(func.count().desc(), PostTag.tag).limit(TAGS))
    return [(tag, count) for tag, count in found]


def posts(session: Session, viewer: Viewer, terms: list[str], before: str = "") -> feed.Page:
    """Posts the viewer may see in which every word is found: in caption, picture description, tags or mood."""
    if not terms:
        return feed.Page(())
    return feed.page(session, viewer, and_(Post.state == "published", *(_about(term) for term in terms)), before)


def _about(term: str) -> ColumnElement[bool]:
    ways = [_holds(Post.caption, term), _holds(Post.alt, term)]
    if moods := moods_of(term):
        ways.append(Post.mood.in_(moods))
    return or_(*ways)


def _holds(column: ColumnElement[str] | object, term: str) -> ColumnElement[bool]:
    """Whether a column holds a word as it stands: % and _ mean themselves."""
    return func.lower(column).contains(term, autoescape=True)
