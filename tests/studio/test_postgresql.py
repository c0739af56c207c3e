"""PostgreSQL, where people write at the same moment and not one after the other: nothing is done twice, lost, or a 500.

What holds for every database is tested where it belongs, by tests marked `both_databases`.
"""

import sys
import threading
import time

import pytest
from sqlalchemy import delete, func, select, text
from sqlalchemy.exc import IntegrityError, OperationalError
from starlette.testclient import TestClient

from moodscore.errors import BadValue, MissingExtra
from moodscore.studio import conversation, deletion, likes, moderation, orders, publishing, tables
from moodscore.studio.accounts import User
from moodscore.studio.app import create_app
from moodscore.studio.blocks import FilteredWord
from moodscore.studio.comments import Comment
from moodscore.studio.db import Database, Watch
from moodscore.studio.likes import Like
from moodscore.studio.media_files import keep_bytes, path_of
from moodscore.studio.orders import Order
from moodscore.studio.posts import Post
from moodscore.studio.refusals import Refused
from moodscore.studio.reports import Report
from moodscore.studio.settings import Settings
from moodscore.studio.tags import PostTag
from moodscore.studio.tunes import Tune
from moodscore.studio.work import steps, workshop
from moodscore.studio.work.workshop import Job, Superseded, Workshop

PASSWORD = "a quiet heron at the mill pond"


@pytest.fixture
def kind_of_database():
    return "postgresql"


@pytest.fixture
def empty(postgresql):
    """The address of a database without any table."""
    name = postgresql.create()
    yield postgresql.url(name)
    postgresql.drop(name)


def tries(do):
    """What `do` gives, or the error it raises."""
    try:
        return do()
    except Exception as error:
        return error


def together(*doings):
    """What several give that begin at the same moment, each in a thread."""
    gate, given = threading.Barrier(len(doings)), [None] * len(doings)

    def enter(number, do):
        gate.wait(30)
        given[number] = tries(do)

    threads = [threading.Thread(target=enter, args=pair) for pair in enumerate(doings)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return given


@pytest.fixture
def meanwhile(database):
    """`meanwhile(session, do)`: `do` begins and waits for what a session changed, which then commits. What `do` gives."""

    def waits():
        with database.engine.connect() as other:
            return other.scalar(text("select count(*) from pg_stat_activity where wait_event_type = 'Lock'"))

    def run(session, do):
        given = []
        thread = threading.Thread(target=lambda: given.append(tries(do)))
        thread.start()
        end = time.monotonic() + 20
        while not waits():
            assert thread.is_alive(), f"it did not wait, and gave {given}"
            assert time.monotonic() < end
            time.sleep(0.01)
        session.commit()
        thread.join(20)
        return given[0]

    return run


def pressed(person, path, data=None):
    """A form that is sent when it is called; its token is fetched before."""
    given = {"csrf": person.csrf(), **(data or {})}
    headers = {"accept": "application/json"}
    return lambda: person.client.post(path, data=given, headers=headers, follow_redirects=False).status_code


def count(database, table):
    with database.session() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_migrations_make_the_tables_of_the_code_and_run_again_without_a_change(empty):
    database = Database(empty)
    for _ in range(2):
        with database.engine.begin() as connection:
            tables.migrate(connection)
            assert tables.differences(connection) == []
            assert connection.scalar(text("select version_num from alembic_version")) == tables.head()
    tables.upgrade(database)
    database.close()


def test_processes_that_start_at_once_make_one_database(empty, tmp_path):
    settings = Settings(folder=tmp_path, database_url=empty)
    opened = together(*[lambda: tables.open_database(settings)] * 3)
    assert [type(one) for one in opened] == [Database] * 3
    with opened[0].engine.connect() as connection:
        assert tables.differences(connection) == []
    for one in opened:
        one.close()


def test_a_database_that_cannot_hold_every_language_is_refused(postgresql, tmp_path):
    name = postgresql.create(how="encoding 'SQL_ASCII'")
    with pytest.raises(BadValue, match=r"SQL_ASCII.*createdb --encoding=UTF8"):
        tables.open_database(Settings(folder=tmp_path, database_url=postgresql.url(name)))
    postgresql.drop(name)


def test_a_server_that_does_not_answer_is_named_in_one_line(postgresql, tmp_path):
    with pytest.raises(
        BadValue, match=r'DATABASE_URL: the database cannot be opened: .*"nowhere" does not exist'
    ) as said:
        tables.open_database(Settings(folder=tmp_path, database_url=postgresql.url("nowhere")))
    assert "\n" not in str(said.value)


def test_without_its_driver_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtra, match=r"pip install 'moodscore\[postgres\]'"):
        Database("postgresql+psycopg://somewhere/studio")


def test_connections_that_the_server_ended_are_made_anew(database, postgresql, visitor):
    assert visitor.get("/public").status_code == 200
    assert visitor.get("/log-in").status_code == 200
    postgresql.say("select pg_terminate_backend(pid) from pg_stat_activity where datname like 'studio%'")
    assert visitor.get("/log-in").status_code == 200
    assert visitor.get("/search?q=sea").status_code == 200


def test_files_may_be_larger_than_two_gigabytes(database):
    with database.writing() as session:
        session.add(deletion.MediaFile(id="f" * 64, media_type="video/mp4", size=3 * 2**30))
    assert count(database, deletion.MediaFile) == 1


def test_errors_do_not_tell_what_rows_hold(database, person):
    person("a_secret_name")
    with pytest.raises(IntegrityError) as raised, database.writing() as session:
        session.add(User(handle="a_secret_name", password_hash="x"))
    assert "duplicate key" in str(raised.value)
    assert "a_secret_name" not in str(raised.value) + str(raised.value.orig)


def test_what_another_connection_changed_is_seen(app, database, person, post_of, visitor):
    watch = Watch(database.engine)
    post = post_of(person("mina").user, caption="as it was")
    assert watch.changed()
    assert "as it was" in visitor.get("/public").text
    other = Database(app.state.settings.database)
    with other.writing() as session:
        session.get(Post, post.id).caption = "as it is"
    assert watch.changed()
    assert "as it is" in visitor.get("/public").text
    with other.writing() as session:
        session.get(Post, post.id).visibility = "private"
    assert "as it is" not in visitor.get("/public").text
    other.close()
    watch.close()


def test_one_handle_is_given_once_and_one_person_is_the_first(app, database, visitor):
    browsers = [type(visitor)(TestClient(app, base_url="http://127.0.0.1:8421")) for _ in range(4)]
    handles = ("mina", "mina", "jun", "jun")
    told = zip(browsers, handles, strict=True)
    asked = [pressed(who, "/sign-up", {"handle": handle, "password": PASSWORD}) for who, handle in told]
    assert sorted(together(*asked)) == [200, 200, 422, 422]
    with database.session() as session:
        assert sorted(session.scalars(select(User.role))) == ["admin", "member"]
        assert set(session.scalars(select(User.handle))) == {"mina", "jun"}


def test_who_presses_twice_at_the_same_moment_does_it_once(database, person, post_of):
    mina, jun = person("mina"), person("jun", role="admin")
    post = post_of(mina.user)
    with database.writing() as session:
        session.get(Tune, session.get(Post, post.id).tune_id).files = {"audio": "f" * 64}
    presses = {
        (f"/p/{post.id}/like", Like): None,
        (f"/p/{post.id}/film", Order): None,
        (f"/p/{post.id}/report", Report): {"reason": "spam"},
        ("/settings/words", FilteredWord): {"word": "rain"},
    }
    for (path, table), data in presses.items():
        assert set(together(*[pressed(jun, path, data) for _ in range(3)])) <= {200, 303}, path
        assert count(database, table) == 1, path
    edit = {"caption": "#sea #sun", "visibility": "public"}
    assert set(together(*[pressed(mina, f"/p/{post.id}/edit", edit) for _ in range(3)])) == {200}
    assert count(database, PostTag) == 2
    with database.session() as session:
        assert session.get(Post, post.id).likes == 1


def test_a_comment_that_two_remove_at_the_same_moment_is_counted_once(database, person, post_of, meanwhile):
    mina, jun = person("mina"), person("jun")
    post = post_of(mina.user)
    root = jun.post(f"/p/{post.id}/comments", {"text": "first"}, json=True).json()["id"]
    jun.post(f"/p/{post.id}/comments", {"text": "answer", "reply_to": root})
    jun.post(f"/p/{post.id}/comments", {"text": "second"})
    with database.session(changing=True) as session:
        assert conversation.unsay(session, session.get(Comment, root)) == 1
        assert meanwhile(session, pressed(mina, f"/c/{root}/delete")) in (200, 404)
    with database.session() as session:
        assert session.get(Post, post.id).comments == count(database, Comment) == 1


@pytest.mark.parametrize("verb", ["like", "bookmark", "comments"])
def test_what_is_deleted_while_somebody_answers_it_is_gone_for_them(
    database, settings, person, post_of, meanwhile, verb
):
    mina, jun = person("mina"), person("jun")
    post = post_of(mina.user)
    press = pressed(jun, f"/p/{post.id}/{verb}", {"text": "nice"})
    with database.session(changing=True) as session:
        deletion.delete_post(session, settings.media, session.get(Post, post.id))
        session.flush()
        assert meanwhile(session, press) == 404


def test_who_waits_for_one_another_is_asked_to_try_again(database, person, post_of, monkeypatch):
    mina, jun = person("mina"), person("jun")
    post, other = post_of(mina.user), post_of(mina.user)
    real = likes.like

    def liked(session, user, post):
        """As it is, but somebody else holds what comes second, and waits for what came first."""
        given = real(session, user, post)
        gate.wait(30)
        session.execute(
            text("update posts set hue = 0 where id = :id"), {"id": other.id if post.id != other.id else first}
        )
        return given

    gate, first = threading.Barrier(2), post.id
    monkeypatch.setattr(likes, "like", liked)
    assert sorted(together(pressed(mina, f"/p/{post.id}/like"), pressed(jun, f"/p/{other.id}/like"))) == [200, 409]
    monkeypatch.setattr(
        likes, "like", lambda session, *_: session.execute(text("select pg_terminate_backend(pg_backend_pid())"))
    )
    with pytest.raises(OperationalError):
        pressed(mina, f"/p/{post.id}/like")()


def test_two_who_liked_the_same_posts_go_at_the_same_moment(database, settings, person, post_of):
    mina, leaving = person("mina"), [person() for _ in range(3)]
    posts = [post_of(mina.user) for _ in range(6)]
    for number, who in enumerate(leaving):
        for post in posts if number % 2 else reversed(posts):
            assert who.post(f"/p/{post.id}/like").status_code == 303

    def go(user):
        with database.writing() as session:
            deletion.delete_account(session, settings.media, session.get(User, user.id))

    assert together(*[lambda who=who: go(who.user) for who in leaving]) == [None] * 3
    with database.session() as session:
        assert {session.get(Post, post.id).likes for post in posts} == {0}
        assert session.scalars(select(User.handle)).all() == ["mina"]


@pytest.mark.parametrize("action", ["unmake admin", "suspend"])
def test_admins_cannot_put_one_another_out_at_the_same_moment(database, person, action):
    both = [person(name, role="admin").user for name in ("mina", "jun")]

    def act(admin, other):
        with database.writing() as session:
            moderation.act(session, session.get(User, admin.id), session.get(User, other.id), action, "")

    given = together(lambda: act(*both), lambda: act(*reversed(both)))
    assert sorted(type(one) for one in given if one) == [Refused]
    with database.session() as session:
        query = select(func.count()).where(User.role == "admin", User.state == "active")
        assert session.scalar(query) == 1


def test_what_is_stopped_while_a_worker_begins_stays_stopped(database, settings, person, post_of, meanwhile):
    post = post_of(person("mina").user, state="waiting", published_at=None)
    shop = Workshop(settings, database, "worker")
    with database.session(changing=True) as session:
        assert publishing.cancel(session, session.get(Post, post.id))
        assert isinstance(meanwhile(session, lambda: shop.begin(Job(post.id, 0), 0)), Superseded)
    with database.session() as session:
        assert session.get(Post, post.id).state == "failed"


def test_a_worker_that_was_only_slow_keeps_nothing_twice(database, settings, person, post_of, meanwhile):
    post = post_of(person("mina").user, state="working", published_at=None)
    slow, quick = (Workshop(settings, database, name) for name in ("slow", "quick"))
    job = Job(post.id, 0)

    def keep(shop):
        with shop.keeping(job, "match", "key") as (session, kept, facts):
            session.add(Tune(post_id=kept.id, role="again"))
            facts["tune"] = "one"

    with database.session(changing=True) as session:
        session.execute(text("select 1 from posts for update"))
        assert meanwhile(session, lambda: together(lambda: keep(slow), lambda: keep(quick))).count(None) == 1
    with database.session() as session:
        assert session.scalar(select(func.count()).where(Tune.role == "again")) == 1


def test_a_film_ordered_anew_while_its_job_ends_is_made(database, settings, person, post_of, meanwhile):
    mina = person("mina")
    tune_id = post_of(mina.user).tune_id
    workshop.open_workshop(Workshop(settings, database, "worker"))
    with database.writing() as session:
        order_id = orders.film(session, session.get(Tune, tune_id)).id
    with database.session(changing=True) as session:
        session.get(Order, order_id, with_for_update=True).state = "failed"
        session.flush()
        assert meanwhile(session, lambda: steps.served(order_id, 0)) == "superseded"
    with database.writing() as session:
        assert orders.film(session, session.get(Tune, tune_id)).run == 1
    assert steps.served(order_id, 0) == "superseded"
    assert steps.served(order_id, 1) == "done"


def test_bytes_that_are_stored_again_while_they_are_removed_stay(database, settings, person, post_of, meanwhile):
    mina = person("mina").user
    with database.writing() as session:
        file = keep_bytes(session, settings.media, b"shared", "image/jpeg")
    post = post_of(mina, renditions={"photo": file})

    def store():
        with database.writing() as session:
            other = keep_bytes(session, settings.media, b"shared", "image/jpeg")
            session.add(Post(author_id=mina.id, renditions={"photo": other}))

    with database.session(changing=True) as session:
        deletion.delete_post(session, settings.media, session.get(Post, post.id))
        assert meanwhile(session, store) is None
    assert path_of(settings.media, file).read_bytes() == b"shared"
    assert count(database, deletion.MediaFile) == 1


def test_a_second_application_on_the_same_database_sees_the_same(app, settings, person, post_of):
    post = post_of(person("mina").user)
    second = create_app(settings)
    assert post.id in TestClient(second, base_url="http://127.0.0.1:8421").get("/public").text
    with app.state.database.writing() as session:
        session.execute(delete(Post))
    assert post.id not in TestClient(second, base_url="http://127.0.0.1:8421").get("/public").text
    second.state.database.close()
