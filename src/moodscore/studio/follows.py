"""Follows: who sees whose posts in the home feed."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from moodscore.studio.db import Base, now


class Follow(Base):
    """Somebody follows somebody; until it is `accepted` it is a request."""

    __tablename__ = "follows"
    follower_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    followed_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    accepted: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[float] = mapped_column(default=now)
