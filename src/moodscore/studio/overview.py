"""Overview: how a studio is, in the few numbers that whoever looks after it needs."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from moodscore.studio.accounts import User
from moodscore.studio.comments import Comment
from moodscore.studio.db import now
from moodscore.studio.media_files import MediaFile
from moodscore.studio.posts import Post
from moodscore.studio.reports import Report
from moodscore.studio.workers import Worker

ALIVE_S = 60.0


@dataclass(frozen=True, slots=True)
class Numbers:
    """What waits for an admin, what there is, and who works."""

    reports: int
    held: int
    pending: int
    people: int
    posts: int
    in_the_making: int
    failed: int
    stored_bytes: int
    workers: int


def numbers(session: Session) -> Numbers:
    """The numbers as of now; bytes are those of stored files."""

    def count(table: type, *where: object) -> int:
        return session.scalar(select(func.count()).select_from(table).where(*where)) or 0  # type: ignore[arg-type]

    held = count(Post, Post.held, Post.state == "published") + count(Comment, Comment.held)
    return Numbers(
        reports=count(Report, Report.handled_at.is_(None)),
        held=held,
        pending=count(User, User.state == "pending"),
        people=count(User, User.state == "active"),
        posts=count(Post, Post.state == "published"),
        in_the_making=count(Post, Post.state.in_(("waiting", "working"))),
        failed=count(Post, Post.state == "failed"),
        stored_bytes=session.scalar(select(func.sum(MediaFile.size))) or 0,
        workers=count(Worker, Worker.beat_at > now() - ALIVE_S),
    )
