"""Holding back: words that the studio's admins want to see before others do.

It is decided where a caption or a comment is written, whoever writes it: a post or comment with such a word is `held`, which
means that only its author sees it until an admin lets it through. Writing it anew asks again.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, String, delete, event, select, update
from sqlalchemy.orm import Mapped, Mapper, Session, mapped_column
from sqlalchemy.orm.attributes import instance_state

from moodscore.studio.accounts import User
from moodscore.studio.blocks import clean_word
from moodscore.studio.comments import Comment
from moodscore.studio.db import Base, now
from moodscore.studio.once import add_once
from moodscore.studio.posts import Post
from moodscore.studio.reports import log
from moodscore.studio.unwanted import pattern_of


class HoldingWord(Base):
    """A word, lower case, that holds posts and comments back."""

    __tablename__ = "holding_words"
    word: Mapped[str] = mapped_column(String(60), primary_key=True)
    created_at: Mapped[float] = mapped_column(default=now)


def words(session: Session) -> Sequence[str]:
    """The words, in order."""
    return session.scalars(select(HoldingWord.word).order_by(HoldingWord.word)).all()


def add_word(session: Session, admin: User, text: str) -> None:
    """Hold back what has a word in it from now on. The caller commits; raises Refused (422)."""
    word = clean_word(text)
    add_once(session, HoldingWord, word=word)
    log(session, admin.handle, "hold word", word, "")


def remove_word(session: Session, admin: User, word: str) -> None:
    """Hold back a word no longer; what is held already waits on. The caller commits."""
    session.execute(delete(HoldingWord).where(HoldingWord.word == word))
    log(session, admin.handle, "let word", word[:60], "")


def release(session: Session, held: Post | Comment) -> None:
    """Let a post or a comment through."""
    if held.held and isinstance(held, Comment):
        session.execute(update(Post).where(Post.id == held.post_id).values(comments=Post.comments + 1))
    held.held = False


def _look(connection: Connection, written: Post | Comment, *names: str) -> None:
    state = instance_state(written)
    if not any(state.attrs[name].history.has_changes() for name in names):
        return
    found = pattern_of(connection.scalars(select(HoldingWord.word)).all())
    texts = (getattr(written, name) or "" for name in names)
    written.held = found is not None and any(found.search(text) for text in texts)


def _post_written(mapper: Mapper[Post], connection: Connection, post: Post) -> None:
    del mapper
    _look(connection, post, "caption", "alt")


def _comment_written(mapper: Mapper[Comment], connection: Connection, comment: Comment) -> None:
    del mapper
    _look(connection, comment, "text")


for _when in ("before_insert", "before_update"):
    event.listen(Post, _when, _post_written)
    event.listen(Comment, _when, _comment_written)
