"""Once: rows that are there or not, however often and from however many places at once somebody asks for them."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import CursorResult, Delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from moodscore.studio.db import Base


def add_once(session: Session, table: type[Base], **values: object) -> bool:
    """Add a row unless one with its key is there; whether it was added."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    # Not every driver says of its own accord how many rows an INSERT added.
    add = insert(table).values(**values).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    return cast(CursorResult[Any], session.execute(add)).rowcount > 0


def remove(session: Session, which: Delete) -> int:
    """Carry out a DELETE; how many rows went."""
    return cast(CursorResult[Any], session.execute(which)).rowcount
