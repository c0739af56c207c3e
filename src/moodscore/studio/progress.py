"""Progress: how far a post is and how long it may still take, from what a worker wrote down and how long others took."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from moodscore.studio import durations, orders, reasons, tunes, workers
from moodscore.studio.db import now
from moodscore.studio.here import Here
from moodscore.studio.posts import BEING_MADE, Post
from moodscore.studio.refusals import N_

# What is done to each kind of post, step by step: the stage that each step belongs to.
STEPS = {
    "photo": ("decode", "look", "words", "compose", "compose", "compose"),
    "film": ("decode", "look", "compose", "render", "render", "render"),
    "clip": ("decode", "look", "compose", "compose", "compose"),
}
USUAL_S = 30.0
NAMES = {
    "decode": N_("Opening what you sent"),
    "look": N_("Looking at it"),
    "words": N_("Finding words and a first tune"),
    "compose": N_("Composing"),
    "render": N_("Joining picture and sound"),
}


def told(session: Session, post: Post, here: Here) -> dict[str, Any]:
    """What somebody who waits is told: the state, each stage's state, the share done, seconds left (None: not known)."""
    asked = orders.open_of(session, post.id)
    making = post.state in BEING_MADE
    stage = post.stage if making else ""
    return {
        "state": post.state,
        "stage": stage,
        "says": here._(NAMES[stage]) if stage in NAMES else "",
        "stages": [{"name": name, "says": here._(NAMES[name]), "state": s} for name, s in stages(post)],
        "share": round(share(post), 3),
        "eta_s": eta_s(session, post, here) if making else None,
        "reason": reasons.said(post.reason, here._),
        "orders": [{"id": o.id, "kind": o.kind, "state": o.state} for o in asked],
        "tunes": [t.id for t in tunes.of_post(session, post)],
        "picture": bool(post.renditions),
        "workers": workers.any_alive(session) if making or asked else True,
        "open": making or bool(asked),
    }


def told_others(session: Session, post: Post) -> dict[str, Any]:
    """What anybody else is told, who waits for a film of a post that they may see."""
    films = [o for o in orders.open_of(session, post.id) if o.kind == "film"]
    said = [{"id": o.id, "kind": o.kind, "state": o.state} for o in films]
    nothing = {"stage": "", "says": "", "stages": [], "share": 0.0, "eta_s": None, "reason": "", "tunes": []}
    return {"state": post.state, "orders": said, "picture": True, "workers": True, "open": bool(films), **nothing}


def mark(session: Session, post_id: str) -> tuple[Any, ...] | None:
    """What changes when there is something new to tell, by one small query; None for a post that is gone."""
    count = select(func.count()).select_from(tunes.Tune).where(tunes.Tune.post_id == post_id).scalar_subquery()
    where = (orders.Order.post_id == post_id, orders.Order.state.in_(orders.OPEN))
    asked = select(func.count()).select_from(orders.Order).where(*where).scalar_subquery()
    row = session.execute(
        select(Post.state, Post.stage, Post.share, Post.run, Post.renditions, count, asked).where(Post.id == post_id)
    ).one_or_none()
    return None if row is None else (*row[:4], bool(row[4]), row[5], row[6])


def page_mark(told: dict[str, Any]) -> str:
    """What a page was made from, as progress.js writes it: where it differs from what is told next, the page is fetched."""
    states = [order["state"] for order in told["orders"]]
    parts = [told["state"], told["tunes"], told["picture"], states]
    return json.dumps(parts, separators=(",", ":"), ensure_ascii=False)


def stages(post: Post) -> list[tuple[str, str]]:
    """Each stage of a post and whether it is done, now, failed or still to come ("")."""
    names = list(dict.fromkeys(STEPS[post.kind]))
    if post.state in ("ready", "published"):
        return [(name, "done") for name in names]
    at = names.index(post.stage) if post.stage in names else -1
    here = "failed" if post.state == "failed" else "now"
    return [(name, "done" if k < at else here if k == at else "") for k, name in enumerate(names)]


def share(post: Post) -> float:
    """How much of the work on a post is done, 0 .. 1."""
    return 1.0 if post.state in ("ready", "published") else min(0.99, max(0.0, post.share))


def units(post: Post) -> float:
    """How large a job is beside a usual one of its kind: by seconds of music, by photos, or by seconds of a clip."""
    if post.kind == "film":
        return max(1.0, float(len(post.originals)))
    return max(
        0.1, (post.duration_s or USUAL_S if post.kind == "clip" else post.wish.get("seconds", USUAL_S)) / USUAL_S
    )


def put(session: Session, post: Post, at: int, done: float = 0.0) -> None:
    """Write into a post how far it is when the share `done` of step number `at` is done, by how long such steps took."""
    usual = steps_s(session, post.kind)
    left, whole = sum(usual[at:]) - done * usual[at], sum(usual)
    post.share = max(post.share, 1.0 - left / whole if whole else 0.0)  # what usually takes longer must not set it back
    post.eta_s, post.told_at = left * units(post), now()


def eta_s(session: Session, post: Post, here: Here) -> int | None:
    """The seconds until a post is ready, as earlier ones took; None where it already takes longer than they did."""
    if post.state == "waiting":
        ahead = select(Post.kind, func.count()).where(Post.state.in_(BEING_MADE), Post.id < post.id)
        queue_s = sum(n * sum(steps_s(session, kind)) for kind, n in session.execute(ahead.group_by(Post.kind)).all())
        queue_s /= max(1, len(workers.alive(session)) * here.settings.jobs_at_once)
        return max(1, round(queue_s + sum(steps_s(session, post.kind)) * units(post)))
    left = post.eta_s - (now() - post.told_at)
    return max(1, round(left)) if left > -1.0 else None


def steps_s(session: Session, kind: str) -> list[float]:
    """How long each step of a kind of post usually takes, in seconds for a job of the usual size."""
    usual = durations.usual_s(session, kind, list(dict.fromkeys(STEPS[kind])))
    return [usual[stage] for stage in STEPS[kind]]
