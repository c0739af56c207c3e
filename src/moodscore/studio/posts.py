"""Posts: a photo, a clip or a film with music of its own, from the upload to the feed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, Session, mapped_column

from moodscore.studio.db import Base, new_id, now

KINDS = ("photo", "clip", "film")
# waiting: for a worker. working: a worker has it. ready: candidates can be heard, its owner chooses. failed: see `reason`.
# published: it is in the feed. Only published posts are seen by anybody but their owner.
STATES = ("waiting", "working", "ready", "failed", "published")
BEING_MADE = ("waiting", "working")
VISIBILITIES = ("public", "followers", "private")
REMIXES = ("", "tune", "photo")
STAGES = ("decode", "look", "words", "compose", "render", "publish")


class Post(Base):
    """A post. Until it is published it is a draft of its author, or of a visitor's browser (`visitor`, a hash).

    `renditions` maps a name ("photo", "photo-640", "poster", "video") to a media file's id. `wish` is what its owner asked
    the worker for (points on the plane, seconds, seed, order of photos). `valence`, `arousal` and `mood` say what was read
    in the picture, `hue` is the mood's angle in degrees. `remix_of` and `remix_kind` say whose tune or photo it answers.

    `originals` are what was uploaded, each {"name": what its owner called it, "size": bytes, "sha256": of its bytes, "file":
    a media file's id once a worker kept it, "why": why it was left out of a film, or ""}; until then number k lies in
    incoming/<post id>/<k>. `captions` are the suggestions, {"en": [three], "ko": [three]}. `trajectory` is a clip's or
    film's feeling over time, {"times_s": [], "valence": [], "arousal": [], "cuts_s": [], "genre": "", "frames":
    [media ids]}.
    """

    __tablename__ = "posts"
    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    author_id: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), default=None, index=True)
    visitor: Mapped[str] = mapped_column(String(64), default="", index=True)
    kind: Mapped[str] = mapped_column(String(10), default="photo")
    state: Mapped[str] = mapped_column(String(10), default="waiting", index=True)
    visibility: Mapped[str] = mapped_column(String(10), default="public")
    caption: Mapped[str] = mapped_column(Text, default="")
    alt: Mapped[str] = mapped_column(Text, default="")
    alt_by_machine: Mapped[bool] = mapped_column(default=True)
    captions: Mapped[dict[str, Any]] = mapped_column(default=dict)
    reading: Mapped[dict[str, Any]] = mapped_column(default=dict)
    valence: Mapped[float] = mapped_column(default=0.0)
    arousal: Mapped[float] = mapped_column(default=0.0)
    mood: Mapped[str] = mapped_column(String(20), default="")
    hue: Mapped[float] = mapped_column(default=0.0)
    originals: Mapped[list[Any]] = mapped_column(default=list)
    renditions: Mapped[dict[str, Any]] = mapped_column(default=dict)
    width: Mapped[int] = mapped_column(default=0)
    height: Mapped[int] = mapped_column(default=0)
    blur: Mapped[str] = mapped_column(Text, default="")
    duration_s: Mapped[float] = mapped_column(default=0.0)
    trajectory: Mapped[dict[str, Any]] = mapped_column(default=dict)
    wish: Mapped[dict[str, Any]] = mapped_column(default=dict)
    tune_id: Mapped[str | None] = mapped_column(String(26), default=None)
    held: Mapped[bool] = mapped_column(default=False)
    allows_remix: Mapped[bool] = mapped_column(default=True)
    remix_of: Mapped[str | None] = mapped_column(ForeignKey("posts.id", ondelete="SET NULL"), default=None, index=True)
    remix_kind: Mapped[str] = mapped_column(String(10), default="")
    likes: Mapped[int] = mapped_column(default=0)
    comments: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[float] = mapped_column(default=now)
    published_at: Mapped[float | None] = mapped_column(default=None)
    edited_at: Mapped[float | None] = mapped_column(default=None)
    # The job: what a worker does for this post now, and what became of it.
    stage: Mapped[str] = mapped_column(String(20), default="")
    share: Mapped[float] = mapped_column(default=0.0)
    eta_s: Mapped[float] = mapped_column(default=0.0)
    told_at: Mapped[float] = mapped_column(default=0.0)  # when stage, share and eta_s were true
    tries: Mapped[int] = mapped_column(default=0)
    starts: Mapped[int] = mapped_column(default=0)  # how often the step at hand was begun
    run: Mapped[int] = mapped_column(default=0)
    worker_id: Mapped[str] = mapped_column(String(40), default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    __table_args__ = (
        Index("ix_posts_feed", "state", "published_at", "id"),
        Index("ix_posts_author_feed", "author_id", "state", "published_at"),
    )


def locked(session: Session, post_id: str) -> Post | None:
    """A post as it is now, or None; nobody else changes it until this is committed, so that what is decided holds.

    Likes and comments may come meanwhile. On SQLite whoever writes is alone anyway.
    """
    return session.get(Post, post_id, with_for_update={"key_share": True}, populate_existing=True)
