"""Moving a studio to another kind of database and back: every row arrives as it was, or none."""

import re

import pytest
from sqlalchemy import JSON, Boolean, Double, Integer, String, Text, insert, select, update

from moodscore.cli import main
from moodscore.errors import BadValue
from moodscore.studio import copying, workers
from moodscore.studio.accounts import User
from moodscore.studio.db import Base, Database, new_id
from moodscore.studio.posts import Post
from moodscore.studio.tables import opened
from moodscore.studio.workers import Worker

BY_KIND = {
    Boolean: lambda name, k: bool(k),
    Integer: lambda name, k: k - 1,
    Double: lambda name, k: 1763766000.123456 + k / 3,
    JSON: lambda name, k: {"글": ['\\u0000 "quoted"', 0.1 + 0.2, None, k], "files": [f"{k}" * 64]},
    Text: lambda name, k: f"{name} {k}: 호수에 비친 산 % _ \\ ' \n 🎵",
    String: lambda name, k: f"{k}가 {name}",
}


def value(column, k):
    """Something for the row number `k` of a table; what belongs to another row belongs to that of the same number."""
    key = next(iter(column.foreign_keys), None)
    if key is not None and key.column.table is column.table:
        return None
    if column.name == "id" or key is not None:
        return f"{k}" * 26
    kind = next(made for kind, made in BY_KIND.items() if isinstance(column.type, kind))
    made = kind(column.name, k)
    return made[: getattr(column.type, "length", None) or 1000] if isinstance(made, str) else made


def fill(address):
    """Two rows in every table; of those that speak of their own table the first speaks of the second."""
    database = opened(address)
    with database.writing() as session:
        for table in Base.metadata.sorted_tables:
            session.execute(insert(table), [{c.name: value(c, k) for c in table.columns} for k in (1, 2)])
            for column in table.columns:
                if any(key.column.table is table for key in column.foreign_keys):
                    session.execute(update(table).where(table.c.id == "1" * 26).values({column.name: "2" * 26}))
    database.close()


def rows(address):
    """Every row of every table but the workers'."""
    database = Database(address)
    with database.engine.connect() as connection:
        told = {
            table.name: sorted(map(repr, connection.execute(select(table))))
            for table in Base.metadata.sorted_tables
            if table is not Worker.__table__
        }
    database.close()
    return told


@pytest.fixture
def server(postgresql):
    """The address of an empty database on PostgreSQL."""
    name = postgresql.create()
    yield postgresql.url(name)
    postgresql.drop(name)


def test_every_row_moves_to_postgresql_and_back_as_it_was(tmp_path, server, capsys):
    here, back = tmp_path / "here", tmp_path / "back"
    fill(copying.address_of(str(here), there=False))
    before = rows(f"sqlite:///{here}/studio.sqlite")
    assert all(len(told) == 2 for told in before.values())
    plain = server.replace("postgresql+psycopg", "postgresql")
    assert main(["studio", "copy-database", str(here), plain]) == 0
    assert re.match(rf"{2 * len(before)} rows", capsys.readouterr().out)
    assert rows(server) == before
    assert main(["studio", "copy-database", plain, str(back)]) == 0
    assert rows(f"sqlite:///{back}/studio.sqlite") == before


def test_without_a_server_a_studio_moves_to_another_folder(tmp_path):
    first, second = (f"sqlite:///{tmp_path}/{name}.sqlite" for name in ("first", "second"))
    fill(first)
    assert copying.copy(first, second) == 2 * (len(Base.metadata.sorted_tables) - 1)
    assert rows(first) == rows(second)
    with pytest.raises(BadValue, match=r"has rows in .*empty one"):
        copying.copy(first, second)


@pytest.fixture
def places(tmp_path):
    """The addresses of a database with one person, and of an empty one."""
    first, second = (f"sqlite:///{tmp_path}/{name}.sqlite" for name in ("first", "second"))
    database = opened(first)
    with database.writing() as session:
        session.add(User(id="u" * 26, handle="mina", password_hash="x"))
    database.close()
    return first, second


def test_what_a_worker_was_at_waits_for_one_again(places):
    database = opened(places[0])
    with database.writing() as session:
        session.add_all(Post(author_id="u" * 26, state=state) for state in ("working", "ready", "published"))
    database.close()
    copying.copy(*places)
    there = Database(places[1])
    with there.session() as session:
        assert sorted(session.scalars(select(Post.state))) == ["published", "ready", "waiting"]
    there.close()


def test_nothing_is_copied_while_a_worker_works(places):
    database = opened(places[0])
    with database.writing() as session:
        workers.beat(session, "worker")
    database.close()
    with pytest.raises(BadValue, match="stop the studio first"):
        copying.copy(*places)


def test_a_row_that_does_not_fit_is_named_and_nothing_is_copied(places, server):
    database = opened(places[0])
    with database.writing() as session:
        session.add(User(id=new_id(), handle="much longer than any handle may be in a studio", password_hash="x"))
    database.close()
    with pytest.raises(BadValue, match="users: a row does not fit"):
        copying.copy(places[0], server)
    assert rows(server)["users"] == []


def test_places_that_are_none_are_refused(tmp_path, capsys):
    assert main(["studio", "copy-database", str(tmp_path / "nobody"), str(tmp_path)]) == 2
    assert "expected the folder of a studio" in capsys.readouterr().err
    assert main(["studio", "copy-database", "mysql://a/b", str(tmp_path)]) == 2
    assert "postgresql://user:password@host/name" in capsys.readouterr().err
