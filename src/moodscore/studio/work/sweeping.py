"""Sweeping: what is asked for becomes jobs, what a dead worker began goes on here, and what nobody wants is put away."""

from __future__ import annotations

import datetime
import logging
import shutil
import time
from collections import OrderedDict
from collections.abc import Callable

from dbos import DBOS, SetWorkflowID
from sqlalchemy import select, update

from moodscore.studio import deletion, workers
from moodscore.studio.db import Watch, now
from moodscore.studio.orders import OPEN, Order
from moodscore.studio.posts import BEING_MADE, Post, locked
from moodscore.studio.work import steps, workflows
from moodscore.studio.work.workshop import TRIES, Workshop

LOG = logging.getLogger("moodscore.studio.work")
AT_ONCE = 200
ORPHAN_S = 3600.0  # an upload that is still being written is younger
STUCK_S = 20.0
LOGGED_S = 7 * 86400.0  # how long what became of a job is remembered
OVER = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
_KNOWN = 5000
Work = Callable[[str, int], str]


class Sweeper:
    """Turns rows into jobs. What it has turned already it remembers, and it looks only when something was changed."""

    def __init__(self, shop: Workshop) -> None:
        self.shop = shop
        self._known: OrderedDict[str, None] = OrderedDict()
        self._watch = Watch(shop.database.engine)
        self._settled = False  # whether everything that waited at the last look is a job

    def close(self) -> None:
        """Let go of the database."""
        self._watch.close()

    def turn(self) -> int:
        """Every post that waits, and every order, becomes a job with a name of its own; one that is a job stays that one."""
        if not self._watch.changed() and self._settled:
            return 0
        self._settled = False
        count = self._all_of_them()
        self._settled = count < AT_ONCE
        return count

    def _all_of_them(self) -> int:
        with self.shop.database.session() as session:
            posts = select(Post.id, Post.run, Post.kind).where(Post.state == "waiting").order_by(Post.id).limit(AT_ONCE)
            rows: list[tuple[str, int, str, Work]] = [
                (post_id, run, kind, workflows.make) for post_id, run, kind in session.execute(posts)
            ]
            asked = select(Order.id, Order.run, Order.kind, Post.kind).join(Post, Post.id == Order.post_id)
            for order_id, run, kind, of in session.execute(asked.where(Order.state == "waiting").limit(AT_ONCE)):
                rows.append((order_id, run, "film" if kind == "film" else of, workflows.serve))
        fresh = [row for row in rows if job_name(row[0], row[1]) not in self._known]
        for row_id, run, kind, workflow in fresh:
            name = job_name(row_id, run)
            with SetWorkflowID(name):
                DBOS.enqueue_workflow(workflows.QUEUES[kind], workflow, row_id, run)
            self._remember(name)
        return len(fresh)

    def _remember(self, name: str) -> None:
        self._known[name] = None
        while len(self._known) > _KNOWN:
            self._known.popitem(last=False)

    def take_over(self) -> list[str]:
        """Go on with what dead workers began; gives the jobs' names."""
        begun = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
        with self.shop.database.session() as session:
            dead = workers.dead(session, {w.executor_id for w in begun if w.executor_id})
        taken = [w.workflow_id for w in begun if w.executor_id in dead]
        for name in taken:
            LOG.info("going on with %s, whose worker died", name)
            DBOS.resume_workflow(name, queue_name=queue_of(self.shop, name))
        return taken

    def mend(self) -> list[str]:
        """Ask anew for what is said to be made while its job is over or never began; gives the ids of posts and orders."""
        late = now() - STUCK_S
        with self.shop.database.session() as session:
            stuck = Post.state.in_(BEING_MADE), Post.told_at < late, Post.created_at < late
            rows = list(session.execute(select(Post.id, Post.run).where(*stuck).limit(AT_ONCE)))
            slow = Order.state.in_(OPEN), Order.created_at < late
            rows += session.execute(select(Order.id, Order.run).where(*slow).limit(AT_ONCE))
        if not rows:
            return []
        names = {job_name(*row): row for row in rows}
        jobs = DBOS.list_workflows(workflow_ids=list(names), load_input=False, load_output=False)
        lost = set(names) - {w.workflow_id for w in jobs}
        for name in lost:
            self._known.pop(name, None)  # not a job after all: the next turn makes it one
            self._settled = False
        self._wait([names[name] for name in lost])
        over = [names[w.workflow_id] for w in jobs if w.status in OVER]
        for row_id, run in over:
            self._again(row_id, run)
        return [row_id for row_id, _ in over]

    def _wait(self, rows: list[tuple[str, int]]) -> None:
        """Let what was being made when the log of jobs was lost, as in a backup without it, wait for a worker again."""
        with self.shop.database.writing() as session:
            for row_id, run in rows:
                for made in (Post, Order):
                    working = made.id == row_id, made.run == run, made.state == "working"
                    session.execute(update(made).where(*working).values(state="waiting"))

    def _again(self, row_id: str, run: int) -> None:
        with self.shop.database.writing() as session:
            post = locked(session, row_id)
            if post is not None and post.run == run and post.state in BEING_MADE and post.tries + 1 < TRIES:
                post.state, post.run, post.tries, post.starts = "waiting", run + 1, post.tries + 1, 0
                return
        if post is not None:
            steps.fail(row_id, run, workflows.BROKE)
        else:
            steps.served(row_id, run, workflows.BROKE)

    def tidy(self) -> None:
        """Put away what nobody needs, and forget jobs that are long over."""
        self.put_away()
        until = datetime.datetime.fromtimestamp(now() - LOGGED_S, datetime.UTC).isoformat()
        over = DBOS.list_workflows(status=list(OVER), end_time=until, limit=1000, load_input=False, load_output=False)
        if over:
            DBOS.delete_workflows([w.workflow_id for w in over])

    def put_away(self) -> None:
        """Delete visitors' old drafts, uploads without a post, and files without a row."""
        deletion.sweep(self.shop.database, self.shop.settings)
        with self.shop.database.session() as session:
            for folder in self.shop.settings.incoming.iterdir():
                old = folder.stat().st_mtime < time.time() - ORPHAN_S
                if old and session.get(Post, folder.name) is None:
                    shutil.rmtree(folder, ignore_errors=True)


def job_name(post_id: str, run: int) -> str:
    """The name of a job: the same for the same request, so that it is done once however often it is asked for."""
    return f"{post_id}-{run}"


def queue_of(shop: Workshop, name: str) -> str:
    """The queue of a job by its name: one for what people wait for, one for what takes minutes."""
    row_id = name.rpartition("-")[0]
    with shop.database.session() as session:
        order = session.get(Order, row_id)
        kind = session.scalar(select(Post.kind).where(Post.id == (order.post_id if order else row_id)))
    return workflows.LONG if order and order.kind == "film" else workflows.QUEUES.get(kind or "", workflows.LONG)
