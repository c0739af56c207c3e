"""The workshop: what the steps of a job share, and how each of them begins, tells how far it is, and ends."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from moodscore.errors import MoodscoreError
from moodscore.studio import durations, made, orders, progress
from moodscore.studio.db import Database
from moodscore.studio.made import Made
from moodscore.studio.media_files import path_of
from moodscore.studio.posts import BEING_MADE, Post, locked
from moodscore.studio.settings import Settings

TRIES = 3
MOST_STARTS = 10  # of one step: more often a worker must not die of it
TELL_EVERY_S = 0.4
REMEMBERED = 2
Found = TypeVar("Found")


class Superseded(Exception):
    """The job is not wanted any more: it was cancelled, deleted, or asked for anew."""


class MadeMeanwhile(Exception):
    """Another worker, which took this one for dead, was quicker: what it kept is as good. `facts` are what it wrote down."""

    def __init__(self, facts: dict[str, Any]) -> None:
        super().__init__()
        self.facts = facts


class Hopeless(Exception):
    """A step that ended many workers is not tried again."""


@dataclass(frozen=True, slots=True)
class Job:
    """Which run of which post, of which kind the post is, and which order it is about, "" for the making of the post."""

    post_id: str
    run: int
    kind: str = "photo"
    order: str = ""


@dataclass
class Workshop:
    """A worker's settings, database and name, and what it remembers of the job it is at."""

    settings: Settings
    database: Database
    worker_id: str
    composer: str = "auto"
    at_once: int = 0  # steps that are being done now
    _memory: OrderedDict[str, object] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def step(self) -> Iterator[None]:
        """While a step is done."""
        with self._lock:
            self.at_once += 1
        try:
            yield
        finally:
            with self._lock:
                self.at_once -= 1

    def remembered(self, key: str, make: Callable[[], Found]) -> Found:
        """What was made for `key` a moment ago in this process, or what `make` gives: large, but quick to make again."""
        with self._lock:
            if key in self._memory:
                self._memory.move_to_end(key)
                return self._memory[key]  # type: ignore[return-value]
        value = make()
        with self._lock:
            self._memory[key] = value
            while len(self._memory) > REMEMBERED + self.settings.jobs_at_once:
                self._memory.popitem(last=False)
        return value

    def begin(self, job: Job, at: int) -> Post:
        """Say that step number `at` begins; raises Superseded where nobody wants it, Hopeless where it ends workers."""
        with self.database.writing() as session:
            post = wanted(session, job)
            stage = progress.STEPS[job.kind][at]
            if post.starts >= MOST_STARTS:
                raise Hopeless(f"{stage} was begun {post.starts} times")
            post.state, post.stage, post.worker_id = "working", stage, self.worker_id
            post.starts += 1
            progress.put(session, post, at)
            return post

    def teller(self, job: Job, at: int, phases: Sequence[str] = ()) -> Callable[[str, float], None]:
        """A `Progress` that tells, now and then, how far step number `at` is; raises Superseded in its caller.

        `phases` are the stages that it is told of, in order, where there are several.
        """
        last_s = time.monotonic()

        def tell(stage: str, share: float) -> None:
            nonlocal last_s
            if time.monotonic() - last_s <= TELL_EVERY_S:
                return
            last_s = time.monotonic()
            phase = phases.index(stage) if stage in phases else 0
            done = (phase + min(1.0, max(0.0, share))) / max(1, len(phases))
            with self.database.writing() as session:
                post = wanted(session, job)
                if not job.order:
                    progress.put(session, post, at, done)

        return tell

    def found(self, job: Job, key: str) -> dict[str, Any] | None:
        """What a step made in an earlier try, if its files are still there."""
        with self.database.session() as session:
            return self._found(session, job, key)

    def _found(self, session: Session, job: Job, key: str) -> dict[str, Any] | None:
        values = made.found(session, job.post_id, key)
        if values is None or not all(path_of(self.settings.media, f).exists() for f in values.get("files", ())):
            return None
        return values

    @contextmanager
    def keeping(self, job: Job, step: str, key: str) -> Iterator[tuple[Session, Post, dict[str, Any]]]:
        """One transaction in which a step's files, rows and facts are kept together; the facts are put into what is given.

        Raises Superseded where the job is not wanted any more, MadeMeanwhile where it was kept already: then nothing is.
        """
        facts: dict[str, Any] = {}
        with self.database.writing() as session:
            post = wanted(session, job)
            if (earlier := self._found(session, job, key)) is not None:
                raise MadeMeanwhile(earlier)
            yield session, post, facts
            session.merge(Made(post_id=job.post_id, key=key, step=step, values=facts))

    def ended(self, job: Job, at: int, seconds: float) -> None:
        """Say that step number `at` ended, and how long it took."""
        with self.database.writing() as session:
            post = locked(session, job.post_id)
            if post is None or post.run != job.run:
                return
            post.starts = 0
            stage = progress.STEPS[job.kind][at]
            durations.remember(session, f"{job.kind}.{stage}", seconds / progress.units(post))


def wanted(session: Session, job: Job) -> Post:
    """The post of a job, which nobody else changes until the session ends.

    Raises Superseded when it is gone, or another run of it began, or it is over.
    """
    post = locked(session, job.post_id)
    if job.order:
        order = session.get(orders.Order, job.order)
        if post is None or order is None or order.run != job.run or order.state not in orders.OPEN:
            raise Superseded(job.order)
        return post
    if post is None or post.run != job.run or post.state not in BEING_MADE:
        raise Superseded(job.post_id)
    return post


def worth_another_try(error: BaseException) -> bool:
    """Whether a step that failed may succeed when it is tried again: not with the same bad file."""
    return not isinstance(error, Superseded | Hopeless | MadeMeanwhile | MoodscoreError)


_here: list[Workshop] = []


def open_workshop(shop: Workshop) -> None:
    """Make a workshop the one of this process; steps are functions, and find it by `current`."""
    _here[:] = [shop]


def current() -> Workshop:
    """The workshop of this process."""
    return _here[0]


def facts_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """What a step says about itself in the log of jobs: no more than few small values."""
    return {name: value for name, value in values.items() if isinstance(value, str | int | float | bool)}
