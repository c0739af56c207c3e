"""Tables: a database of any released version becomes one of this version, also when two processes start at once."""

import subprocess
import sys

import pytest
from sqlalchemy import inspect, select, text

from moodscore.errors import BadValue
from moodscore.studio import tables
from moodscore.studio.accounts import User
from moodscore.studio.db import Base, Database
from moodscore.studio.settings import Settings
from moodscore.studio.tables import open_database


@pytest.fixture
def address(tmp_path):
    return f"sqlite:///{tmp_path / 'studio.sqlite'}"


@pytest.fixture
def empty(address):
    database = Database(address)
    yield database
    database.close()


def version(database):
    with database.engine.connect() as connection:
        return connection.scalar(text("select version_num from alembic_version"))


def indexes(connection):
    found = inspect(connection)
    return {(t, i["name"], tuple(i["column_names"])) for t in found.get_table_names() for i in found.get_indexes(t)}


def keys(connection):
    found = inspect(connection)
    return {
        (t, tuple(k["constrained_columns"]), k["referred_table"], k["options"].get("ondelete"))
        for t in found.get_table_names()
        for k in found.get_foreign_keys(t)
    }


def test_the_migrations_together_make_the_tables_of_the_code(empty, tmp_path):
    with empty.engine.begin() as connection:
        tables.migrate(connection)
        assert tables.differences(connection) == []
        made = Database(f"sqlite:///{tmp_path / 'made.sqlite'}")
        Base.metadata.create_all(made.engine)
        with made.engine.connect() as other:
            assert indexes(connection) == indexes(other)
            assert keys(connection) == keys(other)
        made.close()
    assert version(empty) == tables.head()


def test_a_new_database_has_the_version_of_the_code_and_stays_as_it_is(empty):
    tables.upgrade(empty)
    assert version(empty) == tables.head()
    with empty.writing() as session:
        session.add(User(handle="mina", password_hash="x"))
    tables.upgrade(empty)
    with empty.session() as session:
        assert session.scalars(select(User.handle)).all() == ["mina"]


def test_a_database_without_a_version_is_recognised_if_it_is_whole(empty):
    Base.metadata.create_all(empty.engine)
    tables.upgrade(empty)
    assert version(empty) == tables.head()


def test_a_database_of_no_version_or_of_a_newer_one_is_left_alone(empty):
    Base.metadata.create_all(empty.engine)
    with empty.engine.begin() as connection:
        connection.execute(text("alter table users drop column bio"))
    with pytest.raises(BadValue, match="bio"):
        tables.upgrade(empty)
    with empty.engine.begin() as connection:
        connection.execute(text("alter table users add column bio text not null default ''"))
    tables.upgrade(empty)
    with empty.engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(BadValue, match="newer moodscore"):
        tables.upgrade(empty)


def test_an_older_database_is_migrated_and_keeps_its_rows_and_what_refers_to_them(empty, tmp_path, monkeypatch):
    tables.upgrade(empty)
    with empty.writing() as session:
        user = User(handle="mina", password_hash="x")
        session.add(user)
        session.flush()
        session.execute(text(f"insert into follows values ('{user.id}', '{user.id}', 1, 0)"))
    place = tmp_path / "migrations"
    (place / "versions").mkdir(parents=True)
    for path in (tables.MIGRATIONS / "env.py", *(tables.MIGRATIONS / "versions").glob("v*.py")):
        (place / path.relative_to(tables.MIGRATIONS)).write_text(path.read_text("utf-8"), "utf-8")
    number = f"{int(tables.head()) + 1:04d}"
    (place / "versions" / f"v{number}_more.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n"
        f"revision, down_revision = {number!r}, {tables.head()!r}\n"
        "def upgrade():\n"
        "    with op.batch_alter_table('users', recreate='always') as batch:\n"
        "        batch.add_column(sa.Column('town', sa.Text, nullable=False, server_default=''))\n"
    )
    monkeypatch.setattr(tables, "MIGRATIONS", place)
    tables.upgrade(empty)
    assert version(empty) == number
    with empty.session() as session:
        assert session.execute(text("select handle, town from users")).all() == [("mina", "")]
        assert session.execute(text("select count(*) from follows")).scalar() == 1
        assert session.execute(text("pragma foreign_keys")).scalar() == 1


def test_a_migration_that_fails_changes_nothing(empty, monkeypatch):
    Base.metadata.create_all(empty.engine)
    monkeypatch.setattr(tables, "_stamp", lambda connection: connection.execute(text("no such thing")))
    with pytest.raises(Exception, match="no such thing"):
        tables.upgrade(empty)
    with empty.engine.connect() as connection:
        assert "alembic_version" not in inspect(connection).get_table_names()


def test_processes_that_start_at_once_make_one_database(tmp_path):
    code = (
        "import sys, pathlib\nfrom moodscore.studio.tables import open_database\n"
        "from moodscore.studio.settings import Settings\nopen_database(Settings(folder=pathlib.Path(sys.argv[1])))"
    )
    starting = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)]) for _ in range(3)]
    assert [process.wait(60) for process in starting] == [0, 0, 0]
    database = open_database(Settings(folder=tmp_path))
    assert version(database) == tables.head()
    database.close()


def test_opening_a_studio_that_is_up_to_date_does_not_load_alembic(tmp_path):
    code = (
        "import sys, pathlib\nfrom moodscore.studio.tables import open_database\n"
        "from moodscore.studio.settings import Settings\nopen_database(Settings(folder=pathlib.Path(sys.argv[1])))\n"
        "assert 'alembic' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)
