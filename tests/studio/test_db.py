"""The database: many people write at once, readers become writers, ids sort by age."""

import threading
import time

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from moodscore.studio.accounts import User
from moodscore.studio.db import Database, Watch, new_id
from moodscore.studio.likes import Like
from moodscore.studio.posts import Post


def at_once(count, do):
    trouble = []

    def guarded(number):
        try:
            do(number)
        except Exception as error:
            trouble.append(error)

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert trouble == []


@pytest.mark.both_databases
def test_whoever_reads_before_they_write_is_not_turned_away(database):
    def read_and_write(number):
        for turn in range(5):
            with database.session(changing=True) as session:
                session.scalar(select(func.count()).select_from(User))
                session.add(User(handle=f"p{number}_{turn}", password_hash="x"))
                session.commit()

    at_once(6, read_and_write)
    with database.session() as session:
        assert session.scalar(select(func.count()).select_from(User)) == 30


@pytest.mark.both_databases
def test_many_people_who_like_a_post_at_once_are_all_counted(person, post_of, database):
    post = post_of(person("mina").user)
    people = [person() for _ in range(6)]
    tokens = [one.csrf() for one in people]

    def like(number):
        headers = {"x-csrf-token": tokens[number], "accept": "application/json"}
        assert people[number].client.post(f"/p/{post.id}/like", headers=headers).status_code == 200

    at_once(len(people), like)
    with database.session() as session:
        assert session.get(Post, post.id).likes == session.scalar(select(func.count()).select_from(Like)) == 6


@pytest.mark.both_databases
def test_a_reader_does_not_wait_for_a_writer(database):
    with database.session(changing=True) as writer:
        writer.add(User(handle="mina", password_hash="x"))
        writer.flush()
        began = time.monotonic()
        with database.session() as reader:
            assert reader.scalar(select(func.count()).select_from(User)) == 0
        assert time.monotonic() - began < 2


@pytest.mark.both_databases
def test_what_was_not_committed_is_undone(database):
    with database.session(changing=True) as session:
        session.add(User(handle="mina", password_hash="x"))
        session.flush()
    with database.session() as session:
        assert session.scalar(select(func.count()).select_from(User)) == 0
        session.add(Like(user_id="nobody", post_id="nothing"))
        with pytest.raises(IntegrityError):  # foreign keys are minded
            session.flush()


def test_ids_sort_by_age_and_are_never_the_same():
    ids = []
    for _ in range(3):
        ids.append(new_id())
        time.sleep(0.002)
    assert ids == sorted(ids)
    assert len({new_id() for _ in range(1000)}) == 1000
    assert all(len(one) == 26 for one in ids)


@pytest.mark.parametrize("kind_of_database", ["sqlite"], indirect=True)
def test_a_watch_tells_of_changes_by_others_once(database):
    watch = Watch(database.engine)
    assert [watch.changed(), watch.changed()] == [True, False]
    with database.session() as session:
        session.scalar(select(func.count()).select_from(User))
    assert not watch.changed()
    with database.writing() as session:
        session.add(User(handle="mina", password_hash="x"))
    assert [watch.changed(), watch.changed()] == [True, False]
    watch.close()


def test_a_file_that_somebody_else_opens_in_the_same_moment_is_waited_for(tmp_path):
    def open_and_leave(number):
        for turn in range(25):
            other = Database(f"sqlite:///{tmp_path / f'{turn}.sqlite'}")
            with other.writing() as session:
                session.execute(text("CREATE TABLE IF NOT EXISTS t (n)"))
                session.execute(text("INSERT INTO t VALUES (:n)"), {"n": number})
            other.close()

    at_once(4, open_and_leave)
