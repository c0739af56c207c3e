"""A studio for tests: its settings, its application, browsers of people, and posts that are there already."""

import importlib.util
import itertools
import os
import re
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from moodscore.studio.accounts import User
from moodscore.studio.app import create_app
from moodscore.studio.cookies import new_token
from moodscore.studio.db import Database, now
from moodscore.studio.posts import Post
from moodscore.studio.settings import Settings
from moodscore.studio.tables import upgrade
from moodscore.studio.tunes import Tune

DATABASES = ("sqlite", "postgresql")
# What all tests of the studio run on that do not say it themselves; postgresql tries everything on it, now and then.
USUAL = os.environ.get("MOODSCORE_TEST_DATABASE", DATABASES[0])
NO_POSTGRESQL = "no PostgreSQL found; install one (Debian: apt-get install postgresql) to test the studio on it"
NO_DRIVER = "psycopg is not installed; pip install 'moodscore[postgres]' to test the studio on PostgreSQL"


def pytest_configure(config):
    config.addinivalue_line("markers", "both_databases: the test runs on SQLite, and on PostgreSQL where there is one")


def pytest_generate_tests(metafunc):
    if metafunc.definition.get_closest_marker("both_databases"):
        metafunc.parametrize("kind_of_database", DATABASES, indirect=True)


@pytest.fixture(scope="session")
def postgresql():
    """A PostgreSQL server; without one the test is skipped, unless MOODSCORE_REQUIRE_POSTGRESQL promises it."""
    spec = importlib.util.spec_from_file_location("postgresql", Path(__file__).parent / "postgresql_server.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found, driver = module.programs(), importlib.util.find_spec("psycopg")
    if found is None or driver is None:
        assert "MOODSCORE_REQUIRE_POSTGRESQL" not in os.environ, "a PostgreSQL was promised and is not there"
        pytest.skip(NO_DRIVER if found else NO_POSTGRESQL)
    server = module.Server(found)
    yield server
    server.close()


@pytest.fixture(scope="session")
def template(postgresql):
    """The name of a database that has the studio's tables already, to be copied."""
    name = postgresql.create()
    database = Database(postgresql.url(name))
    upgrade(database)
    database.close()
    return name


@contextmanager
def every_database():
    """The databases that are opened meanwhile."""
    opened, make = [], Database.__init__

    def noted(self, url):
        make(self, url)
        opened.append(self)

    with pytest.MonkeyPatch.context() as watching:
        watching.setattr(Database, "__init__", noted)
        yield opened


@pytest.fixture
def kind_of_database(request):
    """sqlite or postgresql; tests marked `both_databases` run on both."""
    return getattr(request, "param", USUAL)


@pytest.fixture
def database_url(kind_of_database, request):
    """The address of a database of the test's own, "" for SQLite in the studio's folder."""
    if kind_of_database == "sqlite":
        yield ""
        return
    server = request.getfixturevalue("postgresql")
    name = server.create(request.getfixturevalue("template"))
    with every_database() as opened:
        yield server.url(name)
    for one in opened:  # psycopg complains of connections that nobody closes
        one.close()
    server.drop(name)


@pytest.fixture
def settings(tmp_path, database_url):
    return Settings(folder=tmp_path / "studio", database_url=database_url, rate_limits=False, feed_seconds=0.0)


@pytest.fixture
def app(settings):
    return create_app(settings)


@pytest.fixture
def database(app):
    return app.state.database


@dataclass
class Person:
    """A browser, and who uses it (None: a visitor)."""

    client: TestClient
    user: User | None = None

    def get(self, path, **options):
        return self.client.get(path, follow_redirects=False, **options)

    def csrf(self):
        """The token of this browser's forms, read from a page as a browser would."""
        return re.search(r'name="csrf" content="([0-9a-f]+)"', self.client.get("/nowhere-at-all").text)[1]

    def post(self, path, data=None, json=False, **options):
        headers = {"accept": "application/json"} if json else {}
        return self.client.post(
            path, data={"csrf": self.csrf(), **(data or {})}, headers=headers, follow_redirects=False, **options
        )


_counter = itertools.count(1)


@pytest.fixture
def visitor(app):
    return Person(TestClient(app, base_url="http://127.0.0.1:8421"))


@pytest.fixture
def person(app, database):
    """Make a person who is logged in, as `person("mina", role="admin")`; the session is made as log-in makes it."""
    from moodscore.studio import cookies
    from moodscore.studio.accounts import LoginSession

    def make(handle=None, **fields):
        token = new_token()
        with database.writing() as session:
            user = User(handle=handle or f"person{next(_counter)}", password_hash="none", **fields)
            session.add(user)
            session.flush()
            session.add(LoginSession(id=cookies.digest(token), user_id=user.id))
        client = TestClient(app, base_url="http://127.0.0.1:8421")
        client.cookies.set(cookies.cookie_name(app.state.settings, cookies.SESSION), token)
        return Person(client, user)

    return make


@pytest.fixture
def post_of(database):
    """Make a published post with one tune: `post_of(user, visibility="followers")`; no worker is needed."""

    def make(user, **fields):
        values = {
            "state": "published", "mood": "joyful", "valence": 0.6, "arousal": 0.1, "hue": 9.5, "width": 640, "height": 480,
            "caption": "a day by the sea", "alt": "A beach in the sun.", "published_at": now(),
        }  # fmt: skip
        with database.writing() as session:
            post = Post(author_id=user.id, **{**values, **fields})
            session.add(post)
            session.flush()
            tune = Tune(
                post_id=post.id, role="faithful", genre="acoustic folk", duration_s=30.0, peaks=[0.2, 0.8] * 50,
                reason_en="It feels like the photo.", reason_ko="사진과 같은 느낌입니다.", instruments=["nylon guitar"],
                roll={"notes": [[0.0, 1.0, 60, 0], [1.0, 2.0, 64, 0]]},
            )  # fmt: skip
            session.add(tune)
            session.flush()
            post.tune_id = tune.id
        return post

    return make
