"""Deletion: posts, accounts and files really go. Rows first; files after the commit, and a sweep for what a crash left."""

from __future__ import annotations

import logging
import os
import re
import shutil
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Text, cast, delete, event, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from moodscore.studio.accounts import User
from moodscore.studio.comments import Comment
from moodscore.studio.db import Database, alone, now
from moodscore.studio.follows import Follow
from moodscore.studio.likes import Like
from moodscore.studio.made import Made
from moodscore.studio.media_files import MediaFile, number_of, path_of
from moodscore.studio.posts import Post
from moodscore.studio.reports import Report, log
from moodscore.studio.settings import Settings
from moodscore.studio.tunes import Tune

LOG = logging.getLogger("moodscore.studio")
DAY_S = 86400.0
FILE_ID = re.compile(r"\b[0-9a-f]{64}\b")
FEW = 40
IN_CHARGE, LEAVING = 8423, 8424
# Every column that names media files, with the column that says of which post. A new one must be told here, or its files
# are swept away.
OF_POSTS: tuple[tuple[InstrumentedAttribute[Any], InstrumentedAttribute[str]], ...] = (
    (Post.originals, Post.id),
    (Post.renditions, Post.id),
    (Post.trajectory, Post.id),
    (Tune.files, Tune.post_id),
    (Made.values, Made.post_id),
)
NAMING: tuple[InstrumentedAttribute[Any], ...] = (*(column for column, _ in OF_POSTS), User.avatar)


def delete_post(session: Session, media: Path, post: Post) -> None:
    """Remove a post with its tunes, comments, likes, bookmarks, notifications and tags, and the files nobody else uses.

    The caller commits; files are removed after that. Open reports about it are closed.
    """
    delete_posts(session, media, [post])


def delete_posts(session: Session, media: Path, posts: Iterable[Post]) -> None:
    """As `delete_post`, for many; new tunes that others made to a photo go with the post that the photo came with."""
    ids = _with_borrowers(session, [post.id for post in posts])
    for some in (ids[i : i + 500] for i in range(0, len(ids), 500)):
        files = _named(session, some)
        _close_reports(session, "post", some)
        comments = session.scalars(select(Comment.id).where(Comment.post_id.in_(some))).all()
        _close_reports(session, "comment", comments)
        session.execute(delete(Post).where(Post.id.in_(some)))
        session.flush()
        drop_unused(session, media, files)
        _leave(session, *(media.parent / "incoming" / post_id for post_id in some))


def _with_borrowers(session: Session, ids: list[str]) -> list[str]:
    """Posts by id, and after them those of others, drafts too, that show their photo, and so on."""
    found, fresh, first = dict.fromkeys(ids), list(ids), aliased(Post)
    others = or_(Post.author_id.is_(None), Post.author_id != first.author_id, first.remix_kind == "photo")
    showing = select(Post.id).join(first, Post.remix_of == first.id).where(Post.remix_kind == "photo", others)
    while fresh:
        some, fresh = fresh[:500], fresh[500:]
        for post_id in session.scalars(showing.where(first.id.in_(some))).all():
            if post_id not in found:
                found[post_id] = None
                fresh.append(post_id)
    return list(found)


def delete_account(session: Session, media: Path, user: User) -> None:
    """Remove a person and everything that is theirs; the audit log keeps only that an account was deleted.

    The caller commits. Counts on other people's posts and open reports are put right.
    """
    alone(session, LEAVING)  # two who like and comment the same posts would wait for one another
    drafts_and_posts = session.scalars(select(Post).where(Post.author_id == user.id)).all()
    delete_posts(session, media, drafts_and_posts)
    _forget_counts(session, user)
    avatar = {user.avatar} if user.avatar else set()
    written = session.scalars(select(Comment.id).where(Comment.author_id == user.id)).all()
    _close_reports(session, "comment", written)
    _close_reports(session, "user", [user.id])
    session.execute(update(Report).where(Report.reporter_id == user.id).values(text=""))
    session.execute(delete(Follow).where(or_(Follow.follower_id == user.id, Follow.followed_id == user.id)))
    session.execute(delete(User).where(User.id == user.id))
    session.flush()
    drop_unused(session, media, avatar)
    log(session, "", "delete account", "", "")


def leaves_nobody_in_charge(session: Session, user: User) -> bool:
    """Whether others would be left without anybody who looks after the studio."""
    others = session.scalar(select(func.count()).where(User.id != user.id)) or 0
    return others > 0 and is_only_admin(session, user)


def is_only_admin(session: Session, user: User) -> bool:
    """Whether a person looks after the studio alone; until this is committed nobody else finds out about themselves."""
    alone(session, IN_CHARGE)
    admins = session.scalars(select(User.id).where(User.role == "admin", User.state == "active")).all()
    return list(admins) == [user.id]


def _forget_counts(session: Session, user: User) -> None:
    """Take a person's likes and comments, and answers to those, from the posts that count them."""
    liked = session.scalars(select(Like.post_id).where(Like.user_id == user.id)).all()
    session.execute(delete(Like).where(Like.user_id == user.id))
    likes = select(func.count()).where(Like.post_id == Post.id).scalar_subquery()
    for some in (liked[i : i + 500] for i in range(0, len(liked), 500)):
        session.execute(update(Post).where(Post.id.in_(some)).values(likes=likes))
    mine = select(Comment.id).where(Comment.author_id == user.id)
    under = session.scalars(select(Comment.post_id).where(Comment.author_id == user.id).distinct()).all()
    session.execute(delete(Comment).where(or_(Comment.id.in_(mine), Comment.reply_to.in_(mine))))
    left = select(func.count()).where(Comment.post_id == Post.id, Comment.held.is_(False)).scalar_subquery()
    for some in (under[i : i + 500] for i in range(0, len(under), 500)):
        session.execute(update(Post).where(Post.id.in_(some)).values(comments=left))


def _close_reports(session: Session, kind: str, ids: Iterable[str]) -> None:
    session.execute(
        update(Report)
        .where(Report.target_kind == kind, Report.target_id.in_(list(ids)), Report.handled_at.is_(None))
        .values(handled_at=now(), decision="gone")
    )


def _named(session: Session, posts: list[str]) -> set[str]:
    """The files that some posts name."""
    texts = (
        text
        for column, post_id in OF_POSTS
        for text in session.scalars(select(cast(column, Text)).where(post_id.in_(posts)))
    )
    return {found for text in texts for found in FILE_ID.findall(text or "")}


def _used(session: Session, files: set[str]) -> set[str]:
    """Those of the files that any post, tune or avatar names."""
    used: set[str] = set()
    for column in NAMING:
        said = select(cast(column, Text))
        if len(files) <= FEW:
            said = said.where(or_(*(cast(column, Text).contains(file) for file in files)))
        for text in session.scalars(said):
            used.update(FILE_ID.findall(text or ""))
    return used & files


def drop_unused(session: Session, media: Path, files: set[str]) -> None:
    """Forget the files that nobody names any more, and remove them once this is committed."""
    if not files:
        return
    idle = files - _used(session, files)
    # Whoever stored one of them again meanwhile is done now, or waits.
    if idle and alone(session, *map(number_of, idle)):
        idle -= _used(session, idle)
    unused = sorted(idle)
    for some in (unused[i : i + 500] for i in range(0, len(unused), 500)):
        session.execute(delete(MediaFile).where(MediaFile.id.in_(some)))
    _leave(session, *(path_of(media, file) for file in unused))


def _leave(session: Session, *paths: Path) -> None:
    if "leaving" not in session.info:
        event.listen(session, "after_commit", _remove_left)
        event.listen(session, "after_rollback", lambda undone: undone.info["leaving"].clear())
    session.info.setdefault("leaving", []).extend(paths)


def _remove_left(session: Session) -> None:
    leaving, session.info["leaving"] = session.info["leaving"], []
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    for path in leaving:
        _remove(engine, path)


def _remove(engine: Engine, path: Path) -> bool:
    """Remove a stored file unless a row names it again (who stores the same bytes waits for this, or this for them), or
    the folder of an upload.
    """
    if not FILE_ID.fullmatch(path.name):
        shutil.rmtree(path, ignore_errors=True)
        return not path.exists()
    with engine.execution_options(immediate=True).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(number_of(path.name))))
        if connection.scalar(select(MediaFile.id).where(MediaFile.id == path.name)) is not None:
            return False
        path.unlink(missing_ok=True)
        return True


def sweep(database: Database, settings: Settings, older_s: float = DAY_S) -> int:
    """Remove what is left over and older than `older_s`: visitors' drafts, rows no post names, files without a
    row, uploads without a post.

    Gives how many files went. For workers, at the start and now and then.
    """
    with database.writing() as session:
        late = now() - settings.visitor_hours * 3600
        drafts = select(Post).where(Post.author_id.is_(None), Post.created_at < late)
        delete_posts(session, settings.media, session.scalars(drafts).all())
    with database.writing() as session:
        old = set(session.scalars(select(MediaFile.id).where(MediaFile.created_at < now() - older_s)))
        drop_unused(session, settings.media, old)
        known = set(session.scalars(select(MediaFile.id)))
        posts = set(session.scalars(select(Post.id)))
    gone = 0
    for path in _old_files(settings.media, older_s):
        if FILE_ID.fullmatch(path.name):
            gone += path.name not in known and _remove(database.engine, path)
        else:
            path.unlink(missing_ok=True)
            gone += 1
    for folder in settings.incoming.iterdir():
        if folder.name not in posts and folder.stat().st_mtime < time.time() - older_s:
            gone += _remove(database.engine, folder)
    database.settle()
    if gone:
        LOG.info("%d left-over files were removed", gone)
    return gone


def _old_files(folder: Path, older_s: float) -> Iterator[Path]:
    until = time.time() - older_s
    for root, _, names in os.walk(folder):
        for name in names:
            path = Path(root) / name
            try:
                if path.stat().st_mtime < until:
                    yield path
            except FileNotFoundError:
                continue
