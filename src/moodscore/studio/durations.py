"""Durations: how long the steps of earlier jobs took, which is what somebody who waits is told."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

from sqlalchemy import Index, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from moodscore.studio.db import Base, new_id, now

KEPT = 41  # of each step, so that the median follows the machine and its load
# Seconds on two idle cores for the first jobs of a new studio: 30 s of music, one photo of a film, 30 s of a clip.
FIRST_GUESS_S: Mapping[str, float] = {
    "photo.decode": 0.5,
    "photo.look": 0.2,
    "photo.words": 0.8,
    "photo.compose": 2.0,
    "film.decode": 0.5,
    "film.look": 0.5,
    "film.compose": 0.5,
    "film.render": 1.0,
    "clip.decode": 10.0,
    "clip.look": 12.0,
    "clip.compose": 5.0,
}


class Duration(Base):
    """A step that was done took `seconds`; `step` is "<kind of post>.<stage>"."""

    __tablename__ = "durations"
    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    step: Mapped[str] = mapped_column(String(30))
    seconds: Mapped[float]
    created_at: Mapped[float] = mapped_column(default=now)
    __table_args__ = (Index("ix_durations_step", "step", "created_at"),)


def remember(session: Session, step: str, seconds: float) -> None:
    """Write down how long a step took; only the last `KEPT` of each are kept."""
    session.add(Duration(step=step, seconds=seconds))
    session.flush()
    newest = select(Duration.id).where(Duration.step == step).order_by(Duration.created_at.desc()).limit(KEPT)
    session.execute(delete(Duration).where(Duration.step == step, Duration.id.not_in(newest)))


def usual_s(session: Session, kind: str, stages: Sequence[str]) -> dict[str, float]:
    """How long each stage of a kind of post usually takes: the median in seconds."""
    told: dict[str, list[float]] = {}
    names = [f"{kind}.{stage}" for stage in stages]
    for step, seconds in session.execute(select(Duration.step, Duration.seconds).where(Duration.step.in_(names))):
        told.setdefault(step, []).append(seconds)
    return {
        stage: statistics.median(told[name]) if name in told else FIRST_GUESS_S.get(name, 0.0)
        for stage, name in zip(stages, names, strict=True)
    }
