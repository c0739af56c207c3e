"""Steps: the checkpoints of each kind of job, in order, and what becomes of a post at the end of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from moodscore.studio.notifications import Notification
from moodscore.studio.orders import OPEN, Order
from moodscore.studio.posts import BEING_MADE, Post, locked
from moodscore.studio.work import clips, films, photos
from moodscore.studio.work.workshop import Job, MadeMeanwhile, Superseded, current, facts_of, wanted

Do = Callable[..., dict[str, Any]]
LONG = ("film", "clip")  # kinds whose owner is told when they are ready: nobody waits so long


@dataclass(frozen=True, slots=True)
class Step:
    """A checkpoint: its name in the log of jobs, and what it does for a workshop, a job and its own number."""

    name: str
    do: Do


# Step number k belongs to the stage progress.STEPS[kind][k].
OF_KIND: Mapping[str, tuple[Step, ...]] = {
    "photo": (
        Step("decode", photos.decode),
        Step("look", photos.look),
        Step("match", photos.match),
        *(Step(f"compose {role}", partial(photos.compose, role=role)) for role in photos.MUSIC),
    ),
    "film": (
        Step("decode", films.decode),
        Step("look", films.look),
        Step("compose", films.compose),
        Step("render", films.render),
        *(Step(f"join {role}", partial(films.join, role=role)) for role in films.OTHERS),
    ),
    "clip": (
        Step("decode", clips.decode),
        Step("look", clips.look),
        *(Step(f"music {role}", partial(clips.music, role=role)) for role in clips.ROLES),
    ),
}
AGAIN: Mapping[str, Do] = {"photo": photos.again, "film": films.again, "clip": clips.again}


def of_post(post_id: str, run: int) -> tuple[str, list[str]]:
    """The kind of a post and the names of the steps that this run of it needs; raises Superseded."""
    with current().database.session() as session:
        post = wanted(session, Job(post_id, run))
        names = [step.name for step in OF_KIND[post.kind]]
        if post.kind == "photo" and post.remix_kind == "tune" and post.tune_id:
            names = names[:2]
        return post.kind, names


def do(post_id: str, run: int, kind: str, name: str) -> dict[str, Any]:
    """Do one step of a job, and write down how long it took; raises whatever hinders it."""
    shop, job = current(), Job(post_id, run, kind)
    at, step = next((k, s) for k, s in enumerate(OF_KIND[kind]) if s.name == name)
    with shop.step():
        shop.begin(job, at)
        begun_s = time.monotonic()
        facts = _once(step.do, shop, job, at)
        shop.ended(job, at, time.monotonic() - begun_s)
    return facts_of(facts)


def serve(order_id: str, run: int) -> dict[str, Any]:
    """Do what was ordered; raises Superseded where nobody wants it any more."""
    shop = current()
    with shop.database.writing() as session:
        asked = session.get(Order, order_id)
        post = locked(session, asked.post_id) if asked else None  # before its order, as deletion takes them
        order = session.get(Order, order_id, with_for_update=True, populate_existing=True)
        if order is None or post is None:
            raise Superseded(order_id)
        job = Job(post.id, run, post.kind, order_id)
        wanted(session, job)
        order.state = "working"
    work = photos.film if order.kind == "film" else AGAIN[job.kind]
    with shop.step():
        return facts_of(_once(work, shop, job, order.wish))


def _once(work: Do, *args: object) -> dict[str, Any]:
    try:
        return work(*args)
    except MadeMeanwhile as meanwhile:
        return meanwhile.facts


def served(order_id: str, run: int, reason: str = "") -> str:
    """Say that an order is done, or with a reason that it failed."""
    with current().database.writing() as session:
        order = session.get(Order, order_id, with_for_update=True)
        if order is None or order.run != run or order.state not in OPEN:
            return "superseded"
        order.state, order.reason = ("failed", reason) if reason else ("done", "")
        return order.state


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
        post = locked(session, post_id)
        if post is None or post.run != run or post.state not in BEING_MADE:
            return "superseded"
        post.state, post.reason, post.eta_s = "failed", reason, 0.0
        _notify(session, post, "failed")
    return "failed"


def _notify(session: Session, post: Post, kind: str) -> None:
    if post.author_id is not None:
        session.add(Notification(user_id=post.author_id, kind=kind, post_id=post.id))
