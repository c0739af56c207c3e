"""Steps: the checkpoints of each kind of job, in order, and what becomes of a post at the end of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from moodscore.studio.notifications import Notification
from moodscore.studio.posts import Post
from moodscore.studio.progress import BEING_MADE
from moodscore.studio.work import photos
from moodscore.studio.work.workshop import Job, Superseded, Workshop, current, facts_of, wanted

Do = Callable[[Workshop, Job], dict[str, Any]]
LONG = ("film", "clip")  # kinds whose owner is told when they are ready: nobody waits so long


@dataclass(frozen=True, slots=True)
class Step:
    """A checkpoint: its name in the log of jobs, the stage it belongs to, the share done when it begins, what it does."""

    name: str
    stage: str
    share: float
    do: Do


PHOTO = (
    Step("decode", "decode", 0.0, photos.decode),
    Step("look", "look", 0.1, photos.look),
    Step("match", "words", 0.15, photos.match),
    *(
        Step(f"compose {role}", "compose", 0.28 + 0.24 * k, partial(photos.compose, role=role))
        for k, role in enumerate(photos.MUSIC)
    ),
)
OF_KIND = {"photo": PHOTO}


def of_post(post_id: str, run: int) -> tuple[str, list[str]]:
    """The kind of a post and the names of the steps that this run of it needs; raises Superseded."""
    with current().database.session() as session:
        post = wanted(session, Job(post_id, run))
        names = [step.name for step in OF_KIND[post.kind]]
        if post.remix_kind == "tune" and post.tune_id:
            names = [n for n in names if n in ("decode", "look")]
        return post.kind, names


def do(post_id: str, run: int, kind: str, name: str) -> dict[str, Any]:
    """Do one step of a job, and write down how long it took; raises whatever hinders it."""
    shop, job = current(), Job(post_id, run, kind)
    step = next(s for s in OF_KIND[kind] if s.name == name)
    shop.begin(job, step.stage, step.share)
    begun_s = time.monotonic()
    facts = step.do(shop, job)
    shop.ended(job, step.stage, time.monotonic() - begun_s)
    return facts_of(facts)


def finish(post_id: str, run: int) -> str:
    """Say that everything a post needs is there: from now on its owner chooses."""
    with current().database.writing() as session:
        try:
            post = wanted(session, Job(post_id, run))
        except Superseded:
            return "superseded"
        post.state, post.stage, post.share, post.eta_s, post.reason = "ready", "", 1.0, 0.0, ""
        if post.kind in LONG:
            _notify(session, post, "ready")
    return "ready"


def fail(post_id: str, run: int, reason: str) -> str:
    """Say why a job failed, in a sentence for its owner; the originals stay."""
    with current().database.writing() as session:
        post = session.get(Post, post_id)
        if post is None or post.run != run or post.state not in BEING_MADE:
            return "superseded"
        post.state, post.reason, post.eta_s = "failed", reason, 0.0
        _notify(session, post, "failed")
    return "failed"


def _notify(session: Session, post: Post, kind: str) -> None:
    if post.author_id is not None:
        session.add(Notification(user_id=post.author_id, kind=kind, post_id=post.id))
