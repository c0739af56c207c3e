"""Sweeping: what is asked for becomes jobs, what a dead worker began goes on here, and what nobody wants is put away."""

from __future__ import annotations

import logging
import shutil
import time
from collections import OrderedDict

from dbos import DBOS, SetWorkflowID
from sqlalchemy import select

from moodscore.studio import deletion, workers
from moodscore.studio.db import now
from moodscore.studio.posts import Post
from moodscore.studio.progress import BEING_MADE
from moodscore.studio.work import workflows
from moodscore.studio.work.workshop import Workshop

LOG = logging.getLogger("moodscore.studio.work")
AT_ONCE = 200
ORPHAN_S = 3600.0  # an upload that is still being written is younger
STUCK_S = 20.0
OVER = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
_KNOWN = 5000


class Sweeper:
    """Turns rows into jobs. What it has turned already it remembers, so that looking costs one small query."""

    def __init__(self, shop: Workshop) -> None:
        self.shop = shop
        self._known: OrderedDict[str, None] = OrderedDict()

    def turn(self) -> int:
        """Every post that waits becomes a job with a name of its own; one that is a job already stays that one."""
        with self.shop.database.session() as session:
            waiting = (
                select(Post.id, Post.run, Post.kind).where(Post.state == "waiting").order_by(Post.id).limit(AT_ONCE)
            )
            rows = session.execute(waiting).all()
        count = 0
        for post_id, run, kind in rows:
            name = job_name(post_id, run)
            if name not in self._known:
                enqueue(name, kind, post_id, run)
                self._remember(name)
                count += 1
        return count

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
        """Ask anew for what is said to be made while its job is over or was never begun; gives the posts' ids."""
        late = now() - STUCK_S
        with self.shop.database.session() as session:
            where = (Post.state.in_(BEING_MADE), Post.told_at < late, Post.created_at < late)
            rows = session.execute(select(Post.id, Post.run, Post.tries).where(*where).limit(AT_ONCE)).all()
        if not rows:
            return []
        names = {job_name(post_id, run): (post_id, run, tries) for post_id, run, tries in rows}
        jobs = DBOS.list_workflows(workflow_ids=list(names), load_input=False, load_output=False)
        over = {w.workflow_id for w in jobs if w.status in OVER}
        mended = [names[name] for name in over]
        for post_id, run, tries in mended:
            self._again(post_id, run, tries)
        for name in set(names) - {w.workflow_id for w in jobs}:
            self._known.pop(name, None)  # not a job after all: the next turn makes it one
        return [post_id for post_id, _, _ in mended]

    def _again(self, post_id: str, run: int, tries: int) -> None:
        from moodscore.studio.work import steps
        from moodscore.studio.work.workshop import TRIES

        if tries + 1 >= TRIES:
            steps.fail(post_id, run, workflows.BROKE)
            return
        with self.shop.database.writing() as session:
            post = session.get(Post, post_id)
            if post is not None and post.run == run and post.state in BEING_MADE:
                post.state, post.run, post.tries, post.starts = "waiting", run + 1, tries + 1, 0

    def tidy(self) -> None:
        """Put away what nobody wants any more: visitors' old drafts, uploads without a post, files without a row."""
        deletion.sweep(self.shop.database, self.shop.settings)
        with self.shop.database.session() as session:
            for folder in self.shop.settings.incoming.iterdir():
                old = folder.stat().st_mtime < time.time() - ORPHAN_S
                if old and session.get(Post, folder.name) is None:
                    shutil.rmtree(folder, ignore_errors=True)


def job_name(post_id: str, run: int) -> str:
    """The name of a job: the same for the same request, so that it is done once however often it is asked for."""
    return f"{post_id}-{run}"


def enqueue(name: str, kind: str, post_id: str, run: int) -> None:
    """Make a request a durable job; asked for again under the same name, nothing happens."""
    with SetWorkflowID(name):
        DBOS.enqueue_workflow(workflows.QUEUES[kind], workflows.make, post_id, run)


def queue_of(shop: Workshop, name: str) -> str:
    """The queue of a job by its name."""
    with shop.database.session() as session:
        kind = session.scalar(select(Post.kind).where(Post.id == name.rpartition("-")[0]))
    return workflows.QUEUES.get(kind or "", workflows.LONG)
