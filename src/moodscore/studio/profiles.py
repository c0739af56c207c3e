"""Profiles: who somebody is, where their posts lie on the plane, who follows them, and keeping away from one another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, load_only

from moodscore.studio.accounts import User
from moodscore.studio.blocks import Block, Mute
from moodscore.studio.cursors import newest_first
from moodscore.studio.follows import Follow, Standing, counts, standing
from moodscore.studio.once import add_once
from moodscore.studio.permissions import Viewer, blocked_with, visible
from moodscore.studio.posts import Post

DOTS = 300
PEOPLE = 30
SQUARE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96" width="96" height="96">'
    '<rect width="96" height="96" fill="hsl({hue} 55% 42%)"/>'
    '<circle cx="{x}" cy="{y}" r="60" fill="hsl({hue} 60% 54%)"/>'
    '<text x="48" y="64" font-family="system-ui, sans-serif" font-size="44" font-weight="650" text-anchor="middle"'
    ' fill="#fff">{letter}</text></svg>'
)


@dataclass(frozen=True, slots=True)
class Dot:
    """A post as a place on the plane, with where it leads."""

    valence: float
    arousal: float
    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Profile:
    """What a profile's page says about a person beside their posts."""

    person: User
    standing: Standing
    posts: int
    followers: int
    following: int
    muted: bool
    open: bool
    dots: tuple[Dot, ...]


def profile(session: Session, viewer: Viewer, person: User) -> Profile:
    """What is said about a person the viewer may see; `open` says whether their lists of people may be seen too."""
    stands = standing(session, viewer.user, person)
    followers, following = counts(session, person)
    seen = select(func.count()).select_from(Post).where(Post.author_id == person.id, visible(viewer))
    muted = viewer.user is not None and session.get(Mute, (viewer.user.id, person.id)) is not None
    return Profile(
        person=person,
        standing=stands,
        posts=session.scalar(seen) or 0,
        followers=followers,
        following=following,
        muted=muted,
        open=shows_people(viewer, person, stands),
        dots=dots(session, viewer, person),
    )


def shows_people(viewer: Viewer, person: User, stands: Standing) -> bool:
    """Whether the viewer may see whom a person follows and who follows them: whoever lets people in hides it from others."""
    return not person.approves or viewer.is_admin or viewer.id == person.id or stands.follows


def dots(session: Session, viewer: Viewer, person: User) -> tuple[Dot, ...]:
    """Where the last posts of a person lie on the plane."""
    columns = load_only(Post.id, Post.valence, Post.arousal, Post.alt, Post.caption)
    query = select(Post).where(Post.author_id == person.id, visible(viewer), Post.mood != "").options(columns)
    return dots_of(session.scalars(query.order_by(Post.published_at.desc()).limit(DOTS)))


def dots_of(posts: Iterable[Post]) -> tuple[Dot, ...]:
    """Posts as places on the plane, named by what they say."""
    return tuple(Dot(p.valence, p.arousal, (p.caption or p.alt)[:80], f"/p/{p.id}") for p in posts)


def people(
    session: Session, viewer: Viewer, person: User, followers: bool, before: str = "", accepted: bool = True
) -> tuple[list[User], str | None]:
    """A page of the people who follow a person, or whom they follow, the latest first, and the cursor of the next.

    With `accepted` false those who ask to follow. People whom the viewer may not see are left out.
    """
    mine, theirs = (Follow.followed_id, Follow.follower_id) if followers else (Follow.follower_id, Follow.followed_id)
    query = (
        select(User, Follow.created_at, theirs)
        .join(Follow, theirs == User.id)
        .where(mine == person.id, Follow.accepted.is_(accepted), User.state == "active", ~blocked_with(viewer, User.id))
    )
    rows, after = newest_first(session, query, (Follow.created_at, theirs), before, PEOPLE)
    return [row[0] for row in rows], after


def block(session: Session, me: User, other: User) -> None:
    """Neither sees the other from now on, and neither follows the other."""
    if me.id == other.id:
        return
    add_once(session, Block, blocker_id=me.id, blocked_id=other.id)
    pair = [me.id, other.id]
    session.execute(delete(Follow).where(Follow.follower_id.in_(pair), Follow.followed_id.in_(pair)))


def unblock(session: Session, me: User, other: User) -> None:
    """Take back a block of one's own."""
    session.execute(delete(Block).where(Block.blocker_id == me.id, Block.blocked_id == other.id))


def blocked_by(session: Session, viewer: Viewer, handle: str) -> User | None:
    """The person with a handle whom the viewer blocked, so that they can take it back."""
    if viewer.user is None:
        return None
    query = select(User).join(Block, Block.blocked_id == User.id)
    return session.scalar(query.where(Block.blocker_id == viewer.user.id, User.handle == handle.lower()))


def mute(session: Session, me: User, other: User) -> None:
    """Somebody's posts stay out of one's feeds, and what they do out of one's notifications."""
    if me.id != other.id:
        add_once(session, Mute, muter_id=me.id, muted_id=other.id)


def unmute(session: Session, me: User, other: User) -> None:
    """Take back a mute."""
    session.execute(delete(Mute).where(Mute.muter_id == me.id, Mute.muted_id == other.id))


def hue_of(handle: str) -> int:
    """The hue of a handle in degrees, a multiple of 15: the same as the avatar in templates/parts/avatar.html has."""
    return "abcdefghijklmnopqrstuvwxyz0123456789_".find(handle[-1:]) * 105 % 360


def drawn_avatar(user: User) -> str:
    """The picture, SVG, of somebody who has none: the first letter of their name on a hue of their own."""
    hue = hue_of(user.handle)
    x, y = 20 + hue % 56, 8 + hue // 12
    return str(Markup(SQUARE).format(hue=hue, x=x, y=y, letter=user.shown[:1].upper()))
