"""Workers: which processes are alive, so that another can finish what a dead one began."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from moodscore.studio.db import Base, now


class Worker(Base):
    """A worker process and when it was last heard of."""

    __tablename__ = "workers"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    host: Mapped[str] = mapped_column(String(100), default="")
    started_at: Mapped[float] = mapped_column(default=now)
    beat_at: Mapped[float] = mapped_column(default=now, index=True)
