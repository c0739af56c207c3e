"""What is uploaded becomes a post whatever happens to the workers, and nothing is done twice."""

import random
import signal
import time

import pytest

from moodscore.studio import publishing, workers
from moodscore.studio.made import Made
from moodscore.studio.media_files import path_of
from moodscore.studio.permissions import Viewer
from moodscore.studio.posts import Post
from moodscore.studio.tunes import Tune
from moodscore.studio.work.photos import MUSIC

KILLS, POSTS = 20, 9
ROLES = sorted(("library", *MUSIC))


def check_whole(database, settings, post):
    """A post that is ready has its original, its pictures and each of its tunes once, and every file they name."""
    with database.session() as session:
        post = session.get(Post, post.id)
        found = session.query(Tune).filter_by(post_id=post.id).all()
        steps = [m.step for m in session.query(Made).filter_by(post_id=post.id)]
    assert sorted(t.role for t in found) == ROLES
    assert sorted(steps) == ["compose", "compose", "compose", "decode", "look", "match"]
    files = [*post.renditions.values(), post.originals[0]["file"], *(f for t in found for f in t.files.values())]
    assert all(path_of(settings.media, file).exists() for file in files)
    assert post.tune_id == next(t.id for t in found if t.role == "faithful")


def at_work(database, pid):
    """What the worker with this process id is at: posts and their stages and shares."""
    mine = Post.state == "working", Post.worker_id.contains(f"-{pid}-")
    with database.session() as session:
        return {(p.id, p.stage, p.share) for p in session.query(Post).filter(*mine)}


def until_it_works(database, pid, rng):
    """Wait until a worker is at a step, every other time at its second, and then a moment, so that it is in the middle."""
    seen, wanted, end = set(), rng.choice((1, 2)), time.monotonic() + 10
    while len(seen) < wanted and time.monotonic() < end:
        seen |= at_work(database, pid)
        time.sleep(0.005)
    time.sleep(rng.uniform(0.0, 0.1))


def press_publish_twice(database, user, posts):
    """What somebody does while the workers die; gives the ids of posts that a press published."""
    published = []
    with database.writing() as session:
        for post in [session.get(Post, post.id) for post in posts]:
            if post.state == "ready":
                words = publishing.Words("", "", "public", True)
                published += [post.id for _ in "12" if publishing.publish(session, Viewer(user), post, words)]
    return published


def test_workers_are_killed_twenty_times_and_every_post_is_made_once(
    database, settings, nursery, upload, until, person
):
    rng, mina = random.Random(7), person("mina")
    posts, published, interrupted = [], [], 0
    for kill in range(KILLS):
        if kill * POSTS // KILLS >= len(posts):
            posts.append(upload(b"\xff\xd8" + bytes([len(posts)]) * 99, user=mina.user))
        worker = nursery.bear(settings)
        until_it_works(database, worker, rng)
        nursery.kill(worker)
        interrupted += bool(at_work(database, worker))
        published += press_publish_twice(database, mina.user, posts)
    nursery.bear(settings)
    until(posts, lambda p: p.state in ("ready", "published"), 60)
    published += press_publish_twice(database, mina.user, posts)
    assert interrupted >= KILLS // 2
    assert sorted(published) == sorted(post.id for post in posts)
    assert len(posts) == POSTS
    for post in posts:
        check_whole(database, settings, post)
    assert list(settings.incoming.iterdir()) == []


@pytest.mark.both_databases
def test_two_workers_share_the_work_and_one_finishes_what_the_other_began(database, settings, nursery, upload, until):
    first, second = nursery.bear(settings), nursery.bear(settings)
    posts = [upload(b"\xff\xd8" + bytes([k]) * 99) for k in range(6)]
    now = until(posts, lambda p: p.state != "waiting", 30)
    assert len({p.worker_id for p in now}) == 2
    nursery.kill(first)
    until(posts, lambda p: p.state == "ready", 30)
    for post in posts:
        check_whole(database, settings, post)
    nursery.kill(second, signal.SIGTERM)


def test_a_worker_that_is_told_to_stop_leaves_its_work_to_the_next(database, settings, nursery, upload, until):
    worker = nursery.bear(settings)
    post = upload(b"\xff\xd8photo")
    until([post], lambda p: p.state == "working", 20)
    nursery.kill(worker, signal.SIGTERM)
    for _ in range(100):
        with database.session() as session:
            if not workers.any_alive(session):
                break
        time.sleep(0.1)
    nursery.bear(settings)
    until([post], lambda p: p.state == "ready", 20)
    check_whole(database, settings, post)


def test_what_was_stopped_stays_stopped_and_what_is_asked_for_again_is_made(database, settings, nursery, upload, until):
    post = upload(b"\xff\xd8photo")
    with database.writing() as session:
        assert publishing.cancel(session, session.get(Post, post.id))
    nursery.bear(settings)
    time.sleep(1.0)
    (stopped,) = until([post], lambda p: p.state == "failed", 1)
    assert stopped.reason == publishing.STOPPED
    with database.writing() as session:
        assert publishing.retry(session, session.get(Post, post.id))
    until([post], lambda p: p.state == "ready", 20)
