"""Made: what the steps of a job made already, so that a step that is repeated finds its work done."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from moodscore.studio.db import Base, now


class Made(Base):
    """What a step made for a post: `key` is the hash of what it was made from; `values` are ids of files and few facts.

    It belongs to the post and goes with it, so that nobody can learn from it what others have uploaded.
    """

    __tablename__ = "made"
    post_id: Mapped[str] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    step: Mapped[str] = mapped_column(String(20))
    values: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[float] = mapped_column(default=now)


def key_of(step: str, content: str, **by: object) -> str:
    """The key of a step: its name, the hash of the original's bytes, and what it is made by (cards, seed, point)."""
    said = json.dumps([step, content, by], sort_keys=True, default=str)
    return hashlib.sha256(said.encode()).hexdigest()


def found(session: Session, post_id: str, key: str) -> dict[str, Any] | None:
    """What was made already, or None."""
    made = session.get(Made, (post_id, key))
    return made.values if made else None
