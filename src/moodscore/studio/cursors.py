"""Cursors: where a page of a list in the order of time ended, so that the next begins there whatever was added meanwhile."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import Row, Select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from moodscore.studio.refusals import not_found

Key = tuple[InstrumentedAttribute[Any], InstrumentedAttribute[str]]


def cursor(time_s: float, key: str) -> str:
    """The place just after a row of this time and id, as it stands in an address."""
    return f"{time_s!r}~{key}"


def place(text: str) -> tuple[float, str]:
    """The time and id of a cursor; raises Refused (404) for what is none."""
    found = re.fullmatch(r"(\d{1,12}(?:\.\d{1,20})?)~([0-9a-z]{26})", text)
    if found is None or not math.isfinite(float(found[1])):
        raise not_found()
    return float(found[1]), found[2]


def newest_first(
    session: Session,
    query: Select[*tuple[Any, ...]],
    key: Key,
    before: str | None,
    size: int,
    keep: Callable[[Row[*tuple[Any, ...]]], bool] = lambda _: True,
) -> tuple[list[Row[*tuple[Any, ...]]], str | None]:
    """A page of a query's rows, newest first, and the cursor of the page after it (None at the end).

    `key` are the columns of time and id, the last two of the row. Rows that `keep` refuses are left out and made up for, up
    to a thousand looked at.
    """
    kept: list[Row[*tuple[Any, ...]]] = []
    after = place(before) if before else None
    looked_at, more, batch = 0, True, size + 1
    while more and len(kept) <= size and looked_at < 1000:
        asked = query if after is None else query.where(tuple_(*key) < tuple_(*after))
        rows = session.execute(asked.order_by(key[0].desc(), key[1].desc()).limit(batch)).all()
        kept.extend(row for row in rows if keep(row))
        looked_at, more, batch = looked_at + len(rows), len(rows) == batch, 100
        if rows:
            after = (rows[-1][-2], rows[-1][-1])
    if len(kept) > size:
        kept = kept[:size]
        return kept, cursor(kept[-1][-2], kept[-1][-1])
    return kept, cursor(*after) if more and after else None
