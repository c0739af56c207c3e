"""The database: one engine, short sessions, seconds since 1970 for times, sortable random ids."""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from sqlalchemy import JSON, Connection, Engine, MetaData, PoolProxiedConnection, create_engine, event, func, select
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

from moodscore.errors import MissingExtra

LOCKED_S = 10.0  # how long one waits for others who hold a file
_WAIT = f"busy_timeout={1000 * LOCKED_S:.0f}"
# What is deleted is overwritten (secure_delete), not only marked as free.
PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", _WAIT, "secure_delete=ON")
_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"


class Base(DeclarativeBase):
    """What every table of the studio is made from; constraints have names, so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {dict[str, Any]: JSON, list[Any]: JSON}  # noqa: RUF012 - SQLAlchemy reads it as it stands


def now() -> float:
    """The time in seconds since 1970, UTC."""
    return time.time()


def new_id() -> str:
    """An id of 26 letters and digits: its time in milliseconds first, so that ids sort by age, then 80 random bits."""
    number = (int(now() * 1000) << 80) | secrets.randbits(80)
    return "".join(_LETTERS[(number >> shift) & 31] for shift in range(125, -1, -5))


def alone(session: Session, *numbers: int) -> bool:
    """Wait until nobody else holds any of these numbers, and hold them until this is committed; whether others could.

    On SQLite whoever writes is alone anyway.
    """
    if session.get_bind().dialect.name != "postgresql":
        return False
    for number in sorted(numbers):
        session.execute(select(func.pg_advisory_xact_lock(number)))
    return True


class Watch:
    """Tells whether others changed the database, by a connection of its own that only looks; for one thread.

    SQLite counts every commit of others (PRAGMA data_version), and asking costs microseconds; any other database is said to
    have changed at every look.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: PoolProxiedConnection | None = None
        self._seen: object = None

    def changed(self) -> bool:
        """Whether there was a commit since the last look; True at the first."""
        if self._engine.dialect.name != "sqlite":
            return True
        if self._connection is None:
            self._connection = self._engine.raw_connection()
        cursor = self._connection.cursor()
        before, self._seen = self._seen, cursor.execute("PRAGMA data_version").fetchone()
        cursor.close()
        return self._seen != before

    def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            self._connection.close()


class Database:
    """An engine and its sessions.

    SQLite is switched to write-ahead logging, waits for a writer for 10 s, and minds foreign keys. Raises MissingExtra for
    a PostgreSQL without its driver.
    """

    def __init__(self, url: str) -> None:
        lite = url.startswith("sqlite")
        # A server may end connections, as when it is started anew; whoever takes one looks first.
        server = {"pool_pre_ping": True, "connect_args": {"client_encoding": "utf8"}}
        how: dict[str, Any] = {"connect_args": {"timeout": LOCKED_S}} if lite else server
        # What an error says goes to the log, where nobody's words and hashes belong.
        try:
            self.engine: Engine = create_engine(url, hide_parameters=True, **how)
        except ModuleNotFoundError:
            raise MissingExtra("a studio on PostgreSQL", "postgres") from None
        if lite:
            event.listen(self.engine, "connect", _for_sqlite)
            event.listen(self.engine, "begin", _begin)
        else:
            event.listen(self.engine, "handle_error", _without_values)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        self._changing = sessionmaker(self.engine.execution_options(immediate=True), expire_on_commit=False)

    @contextmanager
    def session(self, changing: bool = False) -> Iterator[Session]:
        """A session for reading, or `changing`, for writing with a commit of one's own; what was not committed is undone.

        SQLite cannot turn a reader into a writer once somebody else has written, so who will write says so.
        """
        with (self._changing if changing else self._sessions)() as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that is committed at the end, or undone when an error leaves it."""
        with self._changing.begin() as session:
            yield session

    def settle(self) -> None:
        """Let nothing of what was deleted stand in the write-ahead log of SQLite; left for later while others read it."""
        if self.engine.dialect.name == "sqlite":
            with closing(self.engine.raw_connection()) as connection:
                for pragma in ("busy_timeout=200", "wal_checkpoint(TRUNCATE)", _WAIT):
                    connection.cursor().execute(f"PRAGMA {pragma}").close()

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _without_values(context: ExceptionContext) -> None:
    """Take from an error what PostgreSQL says in detail, which are the values of rows."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args:
            error.args = (str(error.args[0]).partition("\nDETAIL:")[0], *error.args[1:])


def _for_sqlite(connection: sqlite3.Connection, record: object) -> None:
    del record
    connection.isolation_level = None  # SQLAlchemy says BEGIN itself
    connection.create_function("lower", 1, _lower, deterministic=True)
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        insist(cursor, f"PRAGMA {pragma}")
    cursor.close()


def _lower(text: str | None) -> str | None:
    """For SQLite, whose own knows the letters of English only."""
    return text.lower() if text is not None else None


def insist(cursor: sqlite3.Cursor, command: str) -> None:
    """Do a command when nobody else is at it: while somebody opens or leaves a file, SQLite turns others away at once."""
    until_s = time.monotonic() + LOCKED_S
    while True:
        try:
            cursor.execute(command)
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until_s:
                raise
        time.sleep(0.01)


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("immediate") else "BEGIN")
