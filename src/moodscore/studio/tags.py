"""Tags: hashtags of captions."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from moodscore.studio.db import Base


class PostTag(Base):
    """A post carries a tag, lower case and without its sign."""

    __tablename__ = "post_tags"
    post_id: Mapped[str] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(60), primary_key=True, index=True)
