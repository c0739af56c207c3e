"""The shelf: posts of the public feeds, kept in memory for visitors while nothing about them changes.

What a visitor sees of a post depends on few values, which one small query reads for a whole page; only posts of which one of
these changed are read again.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any

from sqlalchemy import Select, and_, bindparam, select, tuple_
from sqlalchemy.orm import Session, aliased

from moodscore.studio import feed
from moodscore.studio.accounts import User
from moodscore.studio.cursors import cursor, place
from moodscore.studio.permissions import Viewer, visible
from moodscore.studio.posts import Post

ANYBODY = Viewer()
MOST = 2000


@dataclass(frozen=True, slots=True)
class Kept:
    """A post on the shelf, and the values it was read with."""

    version: tuple[Any, ...]
    item: feed.Item


class Shelf:
    """The posts visitors saw last, at most `most` of them."""

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self._lock = Lock()
        self._kept: OrderedDict[str, Kept] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def page(self, session: Session, mood: str = "", before: str = "") -> feed.Page:
        """A page of everybody's public posts, or of a mood's, as `feed.public` and `feed.of_mood` give it to visitors."""
        rows = self.look(session, mood, before)
        more, rows = len(rows) > feed.SIZE, rows[: feed.SIZE]
        items = self._items(session, {row[0]: tuple(row[2:]) for row in rows})
        return feed.Page(items, cursor(rows[-1][1], rows[-1][0]) if more else None)

    def look(self, session: Session, mood: str = "", before: str = "") -> list[tuple[Any, ...]]:
        """Id, time and every value that matters of the posts of a page, and of the one after them.

        Two equal answers mean two equal pages. Raises Refused (404) for a cursor that is none.
        """
        values: dict[str, object] = {"mood": mood} if mood else {}
        if before:
            values["time_s"], values["post_id"] = place(before)
        return [tuple(row) for row in session.execute(_heads(bool(mood), bool(before)), values)]

    def _items(self, session: Session, versions: dict[str, tuple[Any, ...]]) -> tuple[feed.Item, ...]:
        with self._lock:
            found = {
                i: self._kept[i].item for i, v in versions.items() if i in self._kept and self._kept[i].version == v
            }
            for post_id in found:
                self._kept.move_to_end(post_id)
        missing = [post_id for post_id in versions if post_id not in found]
        if missing:
            posts = session.scalars(select(Post).where(Post.id.in_(missing)).options(*feed.LATER[Post])).all()
            fresh = {item.post.id: item for item in feed.items(session, ANYBODY, posts)}
            session.expunge_all()  # other threads read them from now on
            self._put({post_id: Kept(versions[post_id], item) for post_id, item in fresh.items()})
            found |= fresh
        return tuple(found[post_id] for post_id in versions if post_id in found)

    def _put(self, fresh: dict[str, Kept]) -> None:
        with self._lock:
            for post_id, kept in fresh.items():
                self._kept[post_id] = kept
                self._kept.move_to_end(post_id)
            while len(self._kept) > self.most:
                self._kept.popitem(last=False)


@cache
def _heads(of_mood: bool, later: bool) -> Select[*tuple[Any, ...]]:
    """Id and time of a page's posts, and every value that what visitors see of them depends on. Built once."""
    author, answered, its_author = aliased(User), aliased(Post), aliased(User)
    query = (
        select(
            *(Post.id, Post.published_at, Post.likes, Post.comments, Post.caption, Post.alt, Post.tune_id, Post.hue),
            *(author.handle, author.name, author.avatar, answered.id, its_author.handle, its_author.name),
        )
        .join(author, author.id == Post.author_id)
        .outerjoin(
            answered, and_(answered.id == Post.remix_of, answered.visibility == "public", answered.held.is_(False))
        )
        .outerjoin(its_author, and_(its_author.id == answered.author_id, its_author.state == "active"))
        .where(Post.state == "published", Post.visibility == "public", visible(ANYBODY))
        .order_by(Post.published_at.desc(), Post.id.desc())
        .limit(feed.SIZE + 1)
    )
    if of_mood:
        query = query.where(Post.mood == bindparam("mood"))
    if later:
        query = query.where(tuple_(Post.published_at, Post.id) < tuple_(bindparam("time_s"), bindparam("post_id")))
    return query
