"""All tables together, and how a database is brought up to date."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Column, Connection, Engine, MetaData, String, Table, func, inspect, select
from sqlalchemy.exc import OperationalError

from moodscore.errors import BadValue
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
from moodscore.studio.settings import Settings

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


MIGRATIONS = Path(__file__).parent / "migrations"
NEWER = "the database of this studio was written by a newer moodscore ({known}); update moodscore, or restore a backup"
UNKNOWN = (
    "the database of this studio was made by a moodscore before its first release and differs: {lacks}. Begin anew with "
    "another --folder, or use the moodscore it was made by"
)
UNREACHABLE = "MOODSCORE_STUDIO_DATABASE_URL: the database cannot be opened: {said}"
NOT_UTF8 = (
    "the database of this studio keeps text as {encoding}, which cannot hold every language; make one with  "
    "createdb --encoding=UTF8 --template=template0 NAME"
)
_VERSION = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))
_LOCK = 8421


def open_database(settings: Settings) -> Database:
    """The database of a studio, its folders made and its tables brought up to date.

    Raises BadValue for one that cannot be reached, or cannot be brought up to date.
    """
    for folder in (settings.folder, settings.media, settings.incoming):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return opened(settings.database)


def opened(address: str) -> Database:
    """The database at an address, its tables brought up to date; as `open_database`, but no folder is made."""
    database = Database(address)
    try:
        upgrade(database)
    except BaseException as error:
        database.close()
        if isinstance(error, OperationalError) and database.engine.dialect.name != "sqlite":
            raise BadValue(UNREACHABLE.format(said=" ".join(str(error.orig).split()))) from None
        raise
    return database


def head() -> str:
    """The version of the database that this moodscore needs: the number of the last migration."""
    return max(path.stem[1:5] for path in (MIGRATIONS / "versions").glob("v*.py"))


def upgrade(database: Database) -> None:
    """Make the database what this version needs: make every table, or run the migrations that are missing.

    Processes that start at once wait for one another. Raises BadValue for a database of a newer version, or of none.
    """
    with _alone(database.engine) as connection:
        tables = set(inspect(connection).get_table_names())
        known = connection.scalar(select(_VERSION.c.version_num)) if _VERSION.name in tables else None
        if known == head():
            return
        if known is not None and known > head():
            raise BadValue(NEWER.format(known=known))
        if known is not None:
            migrate(connection)
        elif "users" in tables:
            _recognise(connection)
        else:
            Base.metadata.create_all(connection)
            _stamp(connection)


def migrate(connection: Connection) -> None:
    """Run every migration that is missing."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def differences(connection: Connection) -> list[str]:
    """How a database differs from the tables in the code."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return [str(difference) for difference in compare_metadata(context, Base.metadata)]


def _recognise(connection: Connection) -> None:
    """A database whose tables were made without a version is of this one if it has everything this one has."""
    lacks = differences(connection)
    if lacks:
        raise BadValue(UNKNOWN.format(lacks="; ".join(lacks)[:500]))
    _stamp(connection)


def _stamp(connection: Connection) -> None:
    _VERSION.create(connection, checkfirst=True)
    connection.execute(_VERSION.insert().values(version_num=head()))


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """A transaction that no other process upgrades beside.

    SQLite makes a table anew to change it, and would take the rows that refer to it along; so foreign keys rest meanwhile.
    """
    with engine.connect() as plain:
        lite = engine.dialect.name == "sqlite"
        if lite:
            _pragma(plain, "OFF")
        connection = plain.execution_options(immediate=True)
        try:
            with connection.begin():
                if not lite:
                    connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
                    _check_encoding(connection)
                yield connection
        finally:
            if lite:
                _pragma(plain, "ON")


def _check_encoding(connection: Connection) -> None:
    encoding = connection.scalar(select(func.current_setting("server_encoding")))
    if encoding != "UTF8":
        raise BadValue(NOT_UTF8.format(encoding=encoding))


def _pragma(connection: Connection, state: str) -> None:
    raw = connection.connection.driver_connection
    assert raw is not None
    raw.execute(f"PRAGMA foreign_keys={state}").close()
