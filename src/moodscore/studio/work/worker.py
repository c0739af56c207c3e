"""The worker: a process that does the studio's jobs. As many as one likes may work on the same database."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import socket
import sqlite3
import threading
import time
from collections.abc import Callable
from types import FrameType

from dbos import DBOS, DBOSConfig
from sqlalchemy import make_url

from moodscore.jobs import making
from moodscore.studio import workers
from moodscore.studio.db import Database, insist
from moodscore.studio.settings import Settings
from moodscore.studio.tables import open_database
from moodscore.studio.work import workflows
from moodscore.studio.work.sweeping import Sweeper
from moodscore.studio.work.workshop import Workshop, open_workshop

LOG = logging.getLogger("moodscore.studio.work")
# Jobs that were begun by one release are finished by the next; only a change of the steps' order needs another name.
JOBS_VERSION = "moodscore-studio-1"
TURN_S, TAKE_OVER_S, MEND_S, TIDY_S = 0.15, 2.0, 10.0, 1800.0
# How often each queue is looked at: a look costs about 2 ms. Somebody waits for a photo's tune; films take longer anyway.
POLL_S, POLL_LONG_S = 0.2, 1.0


def run(settings: Settings, stop: threading.Event | None = None, composer: str = "auto", warm: bool = True) -> None:
    """Work until told to stop (by the event, SIGTERM or SIGINT); a job that is not done goes on in the next worker."""
    ending = stop or threading.Event()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _ender(ending))
    database = open_database(settings)
    shop = Workshop(settings, database, new_worker_id(), composer)
    open_workshop(shop)
    beating = threading.Thread(target=_beat, args=(database, shop.worker_id, ending), name="beat", daemon=True)
    beating.start()
    if warm:
        _warm(composer)
    launch(settings, shop.worker_id)
    sweeper = Sweeper(shop)
    try:
        LOG.info("worker %s works", shop.worker_id)
        _work(sweeper, ending)
    finally:
        sweeper.close()
        ending.set()
        beating.join(timeout=5)
        with database.writing() as session:
            workers.leave(session, shop.worker_id)
        _leave(shop)
        database.close()


def _leave(shop: Workshop) -> None:
    """End without waiting for the step at hand: the next worker does it again, as after a crash."""
    if shop.at_once and threading.current_thread() is threading.main_thread():
        LOG.info("leaving %d steps to the next worker", shop.at_once)
        logging.shutdown()
        os._exit(0)
    DBOS.destroy(workflow_completion_timeout_sec=0)


def new_worker_id() -> str:
    """A name for this process that no other ever had."""
    return f"{socket.gethostname()[:16]}-{os.getpid()}-{secrets.token_hex(4)}"[:40]


def launch(settings: Settings, worker_id: str) -> None:
    """Open the durable jobs' database and listen to the queues."""
    DBOS(config=config(settings, worker_id))
    DBOS.launch()
    for name, count, poll_s in ((workflows.QUICK, settings.jobs_at_once, POLL_S), (workflows.LONG, 1, POLL_LONG_S)):
        DBOS.register_queue(name, worker_concurrency=count, polling_interval_sec=poll_s, on_conflict="always_update")


def config(settings: Settings, worker_id: str) -> DBOSConfig:
    """How the durable jobs are kept: in a SQLite file with write-ahead logging, or on a PostgreSQL server."""
    url = make_url(settings.jobs_database)
    if url.get_backend_name() == "sqlite":
        with sqlite3.connect(str(url.database), timeout=30) as connection:
            insist(connection.cursor(), "PRAGMA journal_mode=WAL")
        connection.close()
    else:
        url = url.set(drivername="postgresql")
    return DBOSConfig(
        name="moodscore-studio",
        system_database_url=url.render_as_string(hide_password=False),
        application_version=JOBS_VERSION,
        executor_id=worker_id,
        log_level="WARNING",
        enable_otlp=False,
        max_executor_threads=settings.jobs_at_once + 8,
    )


def _ender(ending: threading.Event) -> Callable[[int, FrameType | None], None]:
    def end(number: int, frame: FrameType | None) -> None:
        del number, frame
        ending.set()

    return end


def _warm(composer: str) -> None:
    begun_s = time.monotonic()
    try:
        making.warm_up(composer)
        LOG.info("warm after %.1f s", time.monotonic() - begun_s)
    except Exception:
        LOG.exception("could not warm up; the first job will say why")


def _beat(database: Database, worker_id: str, ending: threading.Event) -> None:
    while True:
        try:
            with database.writing() as session:
                workers.beat(session, worker_id)
        except Exception:
            LOG.exception("a beat was missed")
        if ending.wait(workers.BEAT_S):
            return


def _work(sweeper: Sweeper, ending: threading.Event) -> None:
    """Sweep, each kind of sweeping at its own pace, until it is over; what goes wrong is tried again at the next turn."""
    paces: dict[Callable[[], object], float] = {
        sweeper.turn: TURN_S,
        sweeper.take_over: TAKE_OVER_S,
        sweeper.mend: MEND_S,
        sweeper.tidy: TIDY_S,
    }
    due = dict.fromkeys(paces, 0.0)
    while True:
        for task, pace_s in paces.items():
            if time.monotonic() >= due[task]:
                try:
                    task()
                except Exception:
                    LOG.exception("%s went wrong", task.__name__)
                due[task] = time.monotonic() + pace_s
        if ending.wait(TURN_S):
            return
