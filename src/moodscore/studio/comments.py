"""Comments under posts, and answers to them."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from moodscore.studio.db import Base, new_id, now


class Comment(Base):
    """A comment; `reply_to` is another comment under the same post; `held` waits for an admin."""

    __tablename__ = "comments"
    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    post_id: Mapped[str] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    reply_to: Mapped[str | None] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"), default=None)
    text: Mapped[str] = mapped_column(Text)
    held: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[float] = mapped_column(default=now)
