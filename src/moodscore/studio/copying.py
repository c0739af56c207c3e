"""Copying: every row of a studio's database into an empty one, as from SQLite to PostgreSQL or back."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Table, bindparam, exists, func, insert, select, update
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session

from moodscore.errors import BadValue
from moodscore.studio import workers
from moodscore.studio.db import Base, Database
from moodscore.studio.orders import Order
from moodscore.studio.posts import Post
from moodscore.studio.settings import Settings
from moodscore.studio.tables import NOUNS, opened
from moodscore.studio.workers import Worker

AT_ONCE = 500
NOT_EMPTY = "the database to copy to has rows in {table}; expected an empty one, so that nothing is mixed"
AT_WORK = "a worker works on the database to copy from; stop the studio first, so that nothing is missed"
DOES_NOT_FIT = "{table}: a row does not fit into the database to copy to; nothing was copied. It said: {said}"
assert NOUNS  # every table is known now


def address_of(place: str, there: bool) -> str:
    """The address of a database: as it is given, or the SQLite file in the folder of a studio.

    Raises BadValue for an address that is none, and where a database should be `there` already for a folder without one.
    """
    if "://" in place:
        return Settings(database_url=place).database
    settings = Settings(folder=Path(place))
    if there and not (settings.folder / "studio.sqlite").exists():
        raise BadValue(f"{place}: expected the folder of a studio with a studio.sqlite, or postgresql://...")
    settings.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return settings.database


def copy(source: str, target: str) -> int:
    """Copy every row from the database at one address into an empty one at another, in one transaction; gives how many.

    Both are brought up to date first. What a worker was at waits for one again, for its log of jobs is not copied. Raises
    BadValue where a worker is alive, where the other is not empty, and for a row that does not fit.
    """
    begin, end = opened(source), opened(target)
    try:
        with Session(begin.engine) as session:
            if workers.any_alive(session):
                raise BadValue(AT_WORK)
        return _copy_all(begin, end)
    finally:
        begin.close()
        end.close()


def _copy_all(begin: Database, end: Database) -> int:
    tables = [table for table in Base.metadata.sorted_tables if table is not Worker.__table__]
    level = {"isolation_level": "REPEATABLE READ"} if begin.engine.dialect.name == "postgresql" else {}
    copied = 0
    with (
        begin.engine.connect().execution_options(**level) as reading,
        end.engine.execution_options(immediate=True).begin() as writing,
    ):
        for table in tables:
            if writing.scalar(select(exists().select_from(table))):
                raise BadValue(NOT_EMPTY.format(table=table.name))
        for table in tables:
            try:
                copied += _copy_table(reading, writing, table)
            except DataError as error:
                said = " ".join(str(error.orig).split())
                raise BadValue(DOES_NOT_FIT.format(table=table.name, said=said)) from None
        for being_made in (Post, Order):
            writing.execute(update(being_made).where(being_made.state == "working").values(state="waiting"))
    return copied


def _copy_table(reading: Connection, writing: Connection, table: Table) -> int:
    """The rows of a table; what they say of one another is written when all are there."""
    own = [column.name for column in table.columns if any(key.column.table is table for key in column.foreign_keys)]
    later: list[dict[str, object]] = []
    count = 0
    for rows in reading.execution_options(yield_per=AT_ONCE).execute(select(table)).mappings().partitions():
        values = [dict(row) for row in rows]
        later += [{f"its_{name}": row[name] for name in ("id", *own)} for row in values if any(row[n] for n in own)]
        writing.execute(insert(table), [{**row, **dict.fromkeys(own)} for row in values])
        count += len(values)
    if later:
        again = update(table).where(table.c.id == bindparam("its_id"))
        writing.execute(again.values({name: bindparam(f"its_{name}") for name in own}), later)
    written = writing.scalar(select(func.count()).select_from(table))
    assert written == count, f"{table.name}: {count} rows were read, {written} are there"
    return count
