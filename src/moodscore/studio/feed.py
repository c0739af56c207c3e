"""Feeds: posts in the order of time, with everything their cards need, a page at a time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session, defer
from sqlalchemy.orm.interfaces import ORMOption

from moodscore.affect import Affect
from moodscore.studio.accounts import User
from moodscore.studio.bookmarks import Bookmark
from moodscore.studio.cursors import newest_first
from moodscore.studio.follows import Follow
from moodscore.studio.likes import Like
from moodscore.studio.permissions import Viewer, account_of, visible, wanted
from moodscore.studio.posts import Post
from moodscore.studio.tags import PostTag
from moodscore.studio.tunes import Tune
from moodscore.studio.unwanted import unwanted_words

SIZE = 12
Row = TypeVar("Row", User, Tune)
# How far a mood reaches on the plane: half of what lies between two neighbouring moods there (0.7 from the centre, 45
# degrees apart), and a little more, so that feeds of neighbours meet.
REACH = 0.3
# What no card shows is not read from the database unless it is asked for: notes and readings are most of a row.
LATER: dict[type, tuple[ORMOption, ...]] = {
    Post: tuple(
        defer(c) for c in (Post.captions, Post.reading, Post.originals, Post.trajectory, Post.wish, Post.reason)
    ),
    Tune: tuple(defer(c) for c in (Tune.roll, Tune.reason_en, Tune.reason_ko, Tune.words_en, Tune.words_ko)),
    User: (),
}


@dataclass(frozen=True, slots=True)
class Item:
    """A post with what its card shows: its author, the tune chosen, what the viewer did with it, and the post it answers."""

    post: Post
    author: User
    tune: Tune | None = None
    liked: bool = False
    kept: bool = False
    answers: Post | None = None
    answers_author: User | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a feed; `next` is the cursor of the page after it, or None at the end."""

    items: tuple[Item, ...]
    next: str | None = None


def items(session: Session, viewer: Viewer, posts: Sequence[Post]) -> tuple[Item, ...]:
    """Posts, which the viewer may see, as items in the same order; at most six queries for any number of them.

    A post that is answered is named only if the viewer may see it too. Drafts of visitors without an account are left out.
    """
    ids = [post.id for post in posts]
    answered = _answered(session, viewer, posts)
    authors = _by_id(session, User, [p.author_id for p in (*posts, *answered.values())])
    tunes = _by_id(session, Tune, [p.tune_id for p in posts])
    liked, kept = _marked(session, viewer, Like, ids), _marked(session, viewer, Bookmark, ids)
    return tuple(
        Item(
            post=post,
            author=authors[post.author_id],
            tune=tunes.get(post.tune_id or ""),
            liked=post.id in liked,
            kept=post.id in kept,
            answers=(answers := answered.get(post.remix_of or "")),
            answers_author=authors.get(answers.author_id or "") if answers else None,
        )
        for post in posts
        if post.author_id in authors
    )


def item(session: Session, viewer: Viewer, post: Post) -> Item | None:
    """One post as an item with all of its tune, or None for a visitor's draft."""
    whole = session.get(Tune, post.tune_id) if post.tune_id else None  # held, so that `items` finds it loaded
    found = next(iter(items(session, viewer, [post])), None)
    assert found is None or found.tune is whole
    return found


def _by_id(session: Session, table: type[Row], ids: Iterable[str | None]) -> dict[str, Row]:
    sought = {i for i in ids if i}
    if not sought:
        return {}
    return {row.id: row for row in session.scalars(select(table).where(table.id.in_(sought)).options(*LATER[table]))}


def _answered(session: Session, viewer: Viewer, posts: Sequence[Post]) -> dict[str, Post]:
    sought = {p.remix_of for p in posts if p.remix_of}
    if not sought:
        return {}
    return {p.id: p for p in session.scalars(select(Post).where(Post.id.in_(sought), visible(viewer)))}


def _marked(session: Session, viewer: Viewer, table: type[Like] | type[Bookmark], ids: Sequence[str]) -> set[str]:
    if viewer.user is None or not ids:
        return set()
    return set(session.scalars(select(table.post_id).where(table.user_id == viewer.user.id, table.post_id.in_(ids))))


def page(session: Session, viewer: Viewer, where: ColumnElement[bool], before: str | None = None) -> Page:
    """A page of the posts for which a clause holds, which the viewer may see and wants, newest first.

    What is published while somebody pages is neither shown twice nor pushes anything out. Raises Refused (404) for a cursor
    that is none.
    """
    words = unwanted_words(session, viewer)
    query = _cards().where(where, visible(viewer), wanted(viewer))
    rows, after = newest_first(
        session, query, (Post.published_at, Post.id), before, SIZE, lambda row: is_wanted(words, viewer, row[0])
    )
    return Page(items(session, viewer, [row[0] for row in rows]), after)


def is_wanted(words: re.Pattern[str] | None, viewer: Viewer, post: Post) -> bool:
    """Whether a post is free of the words its viewer filters out; one's own posts always are."""
    return words is None or post.author_id == viewer.id or not words.search(f"{post.caption}\n{post.alt}")


def home(session: Session, viewer: Viewer, before: str | None = None) -> Page:
    """The posts of the people somebody follows, and their own; raises Refused (401) for a visitor."""
    me = account_of(viewer).id
    followed = select(Follow.followed_id).where(Follow.follower_id == me, Follow.accepted.is_(True))
    return page(session, viewer, or_(Post.author_id == me, Post.author_id.in_(followed)), before)


def public(session: Session, viewer: Viewer, before: str | None = None) -> Page:
    """Everybody's public posts."""
    return page(session, viewer, _public(), before)


def of_mood(session: Session, viewer: Viewer, mood: str, before: str | None = None) -> Page:
    """Public posts of one of the 8 moods, by its English name."""
    return page(session, viewer, and_(_public(), Post.mood == mood), before)


def near(session: Session, viewer: Viewer, affect: Affect, before: str | None = None) -> Page:
    """Public posts whose picture lies within `REACH` of a place on the plane."""
    right, up = Post.valence - affect.valence, Post.arousal - affect.arousal
    return page(session, viewer, and_(_public(), right * right + up * up <= REACH**2), before)


def tagged(session: Session, viewer: Viewer, tag: str, before: str | None = None) -> Page:
    """Posts with a hashtag, given without its sign."""
    return page(session, viewer, Post.id.in_(select(PostTag.post_id).where(PostTag.tag == tag)), before)


def of_person(session: Session, viewer: Viewer, person: User, before: str | None = None) -> Page:
    """Somebody's posts; whoever looks at a profile wants to see it, so muting does not empty it."""
    return _everything(session, viewer, Post.author_id == person.id, before)


def remixes(session: Session, viewer: Viewer, post: Post, before: str | None = None) -> Page:
    """The posts that answer a post."""
    return page(session, viewer, Post.remix_of == post.id, before)


def kept(session: Session, viewer: Viewer, before: str | None = None) -> Page:
    """Somebody's bookmarks, the last kept first; raises Refused (401) for a visitor."""
    me = account_of(viewer).id
    query = (
        select(Post, Bookmark.created_at, Bookmark.post_id)
        .join(Bookmark, Bookmark.post_id == Post.id)
        .where(Bookmark.user_id == me, visible(viewer))
        .options(*LATER[Post])
    )
    rows, after = newest_first(session, query, (Bookmark.created_at, Bookmark.post_id), before, SIZE)
    return Page(items(session, viewer, [row[0] for row in rows]), after)


def _everything(session: Session, viewer: Viewer, where: ColumnElement[bool], before: str | None) -> Page:
    query = _cards().where(where, visible(viewer))
    rows, after = newest_first(session, query, (Post.published_at, Post.id), before, SIZE)
    return Page(items(session, viewer, [row[0] for row in rows]), after)


def _cards() -> Select[*tuple[Any, ...]]:
    return select(Post, Post.published_at, Post.id).options(*LATER[Post])


def _public() -> ColumnElement[bool]:
    # Said beside what `visible` says, so that the index of the feed can be used.
    return and_(Post.state == "published", Post.visibility == "public")
