"""All tables together, and how a database is brought up to date."""

from __future__ import annotations

from moodscore.studio import (
    accounts,
    blocks,
    bookmarks,
    comments,
    durations,
    follows,
    holding,
    likes,
    made,
    media_files,
    notifications,
    orders,
    posts,
    reports,
    tags,
    tunes,
    workers,
)
from moodscore.studio.db import Base, Database

NOUNS = (
    accounts,
    blocks,
    bookmarks,
    comments,
    durations,
    follows,
    holding,
    likes,
    made,
    media_files,
    notifications,
    orders,
    posts,
    reports,
    tags,
    tunes,
    workers,
)


def upgrade(database: Database) -> None:
    """Make every table that is missing."""
    Base.metadata.create_all(database.engine)
