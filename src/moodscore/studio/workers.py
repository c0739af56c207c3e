"""Workers: which processes are alive, so that another can finish what a dead one began."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from moodscore.studio.db import Base, now

BEAT_S = 1.0
SILENT_S = 8.0  # without a beat for so long, a worker is taken for dead
FORGOTTEN_S = 86400.0


class Worker(Base):
    """A worker process and when it was last heard of."""

    __tablename__ = "workers"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    host: Mapped[str] = mapped_column(String(100), default="")
    pid: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[float] = mapped_column(default=now)
    beat_at: Mapped[float] = mapped_column(default=now, index=True)


def beat(session: Session, worker_id: str) -> None:
    """Say that this process, the worker `worker_id`, is alive."""
    worker = session.get(Worker, worker_id)
    if worker is None:
        session.add(Worker(id=worker_id, host=socket.gethostname()[:100], pid=os.getpid()))
    else:
        worker.beat_at = now()
    session.execute(delete(Worker).where(Worker.beat_at < now() - FORGOTTEN_S))


def leave(session: Session, worker_id: str) -> None:
    """Say that a worker goes in good order: others may take over at once."""
    session.execute(delete(Worker).where(Worker.id == worker_id))


def alive(session: Session) -> set[str]:
    """The workers that are alive: heard of lately, and, on this machine, still running."""
    rows = session.scalars(select(Worker).where(Worker.beat_at >= now() - SILENT_S))
    here = socket.gethostname()[:100]
    return {w.id for w in rows if w.host != here or _running(w.pid)}


def any_alive(session: Session) -> bool:
    """Whether anybody works; pages say so when nobody does."""
    return bool(alive(session))


def dead(session: Session, ids: Iterable[str]) -> set[str]:
    """Those of some workers that are not alive any more."""
    return set(ids) - alive(session)


def _running(pid: int) -> bool:
    if not pid:
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    try:  # a process that ended but whose parent has not looked yet is there only in name
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (OSError, IndexError):
        return True
