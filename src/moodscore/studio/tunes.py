"""Tunes: the pieces of music of a post, of which its owner chooses one."""

from __future__ import annotations

import math
from typing import Any

from sqlalchemy import ForeignKey, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from moodscore.studio.db import Base, new_id, now
from moodscore.studio.posts import Post
from moodscore.studio.refusals import not_found

# library: a piece that is there at once. faithful, neighbour, contrast: composed for the picture. again: composed for a
# place somebody chose. lent: the tune of the post that is answered.
ROLES = ("library", "faithful", "neighbour", "contrast", "again", "lent")
_LENT = ("title", "genre", "valence", "arousal", "heard_valence", "heard_arousal", "tempo_bpm", "instruments", "words_en",
         "words_ko", "seed", "composer", "duration_s", "peaks", "roll")  # fmt: skip


class Tune(Base):
    """A tune: why it is there (`role`, `reason`), what was asked for and what a judge heard, and its files.

    `files` maps "audio" (M4A), "midi" and "film" (MP4) to media files' ids; `peaks` are 0..1, about
    200; `roll` is what a piano roll needs: {"notes": [[start_s, end_s, pitch, track]], ...}.
    """

    __tablename__ = "tunes"
    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    post_id: Mapped[str] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(12))
    title: Mapped[str] = mapped_column(String(120), default="")
    genre: Mapped[str] = mapped_column(String(40), default="")
    valence: Mapped[float] = mapped_column(default=0.0)
    arousal: Mapped[float] = mapped_column(default=0.0)
    heard_valence: Mapped[float | None] = mapped_column(default=None)
    heard_arousal: Mapped[float | None] = mapped_column(default=None)
    tempo_bpm: Mapped[float] = mapped_column(default=0.0)
    instruments: Mapped[list[Any]] = mapped_column(default=list)
    reason_en: Mapped[str] = mapped_column(Text, default="")
    reason_ko: Mapped[str] = mapped_column(Text, default="")
    words_en: Mapped[str] = mapped_column(Text, default="")
    words_ko: Mapped[str] = mapped_column(Text, default="")
    seed: Mapped[int] = mapped_column(default=0)
    composer: Mapped[str] = mapped_column(String(40), default="")
    duration_s: Mapped[float] = mapped_column(default=0.0)
    files: Mapped[dict[str, Any]] = mapped_column(default=dict)
    peaks: Mapped[list[Any]] = mapped_column(default=list)
    roll: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[float] = mapped_column(default=now)


def of_post(session: Session, post: Post) -> list[Tune]:
    """The tunes of a post in the order they came."""
    return list(session.scalars(select(Tune).where(Tune.post_id == post.id).order_by(Tune.created_at, Tune.id)))


def chosen(session: Session, post: Post) -> Tune | None:
    """The tune that the author of a post chose, or None."""
    tune = session.get(Tune, post.tune_id) if post.tune_id else None
    return tune if tune is not None and tune.post_id == post.id else None


def one_of(session: Session, post: Post, tune_id: str) -> Tune:
    """A tune of a post; raises Refused (404) for one that is not."""
    tune = session.get(Tune, tune_id)
    if tune is None or tune.post_id != post.id:
        raise not_found()
    return tune


def lend(session: Session, tune: Tune, post: Post) -> Tune:
    """Give a post the tune of the post that it answers; its sound is kept once, a film of it is not lent."""
    files = {name: file for name, file in tune.files.items() if name != "film"}
    lent = Tune(post_id=post.id, role="lent", files=files, **{name: getattr(tune, name) for name in _LENT})
    session.add(lent)
    session.flush()
    return lent


def choose(session: Session, post: Post, tune_id: str) -> None:
    """Choose a tune of a post, or none for ""; raises Refused (404) for one of another post."""
    post.tune_id = one_of(session, post, tune_id).id if tune_id else None


def heard_at(tune: Tune) -> tuple[float, float]:
    """Where on the plane a judge hears a tune; where nobody listened, what was asked for."""
    valence = tune.valence if tune.heard_valence is None else tune.heard_valence
    arousal = tune.arousal if tune.heard_arousal is None else tune.heard_arousal
    return valence, arousal


def off_by(tune: Tune) -> float | None:
    """How far what is heard lies from what was asked for, in plane units; None where nobody listened."""
    if tune.heard_valence is None or tune.heard_arousal is None:
        return None
    return math.hypot(tune.heard_valence - tune.valence, tune.heard_arousal - tune.arousal)
