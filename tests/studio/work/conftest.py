"""Workers for tests, and posts for them to work on."""

import io
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from moodscore.studio import uploads
from moodscore.studio.permissions import Viewer
from moodscore.studio.posts import Post
from moodscore.studio.uploads import Sent, Wish
from moodscore.studio.work import worker

NURSERY = Path(__file__).parent / "nursery.py"


class Nursery:
    """Bears workers of a studio, and ends them."""

    def __init__(self, *how):
        env = {**os.environ, "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-W", "ignore", str(NURSERY), *how]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)
        self.alive = []
        assert self.process.stdout.readline() == "ready\n"

    def bear(self, settings):
        self.process.stdin.write(f"{settings.folder}\t{settings.database_url}\n")
        self.process.stdin.flush()
        self.alive.append(int(self.process.stdout.readline()))
        return self.alive[-1]

    def kill(self, pid, how=signal.SIGKILL):
        os.kill(pid, how)
        self.alive.remove(pid)

    def empty(self):
        for pid in list(self.alive):
            self.kill(pid)

    def close(self):
        self.empty()
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(timeout=10)


@pytest.fixture(scope="session")
def light_nursery():
    one = Nursery("light")
    yield one
    one.close()


@pytest.fixture
def nursery(light_nursery):
    """Workers whose steps take no time; see nursery.py."""
    yield light_nursery
    light_nursery.empty()


@pytest.fixture
def works(settings):
    """A worker in this process, that does everything as it does for people, on short tunes by the quicker composer."""
    object.__setattr__(settings, "tune_seconds", 10.0)
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(settings, stop, "rules", False))
    thread.start()
    yield
    stop.set()
    thread.join(timeout=20)


@pytest.fixture
def upload(database, settings, person, monkeypatch):
    """Upload bytes as somebody does, as many as one likes: `upload(b"...", user=None)` gives the draft."""
    monkeypatch.setattr(uploads, "MOST_IN_HAND", 100)

    def make(data, name="photo.jpg", user=None, **wish):
        wished = Wish(**wish)
        post, _ = uploads.write_down(settings, [Sent(name, io.BytesIO(data))], wished)
        with database.writing() as session:
            uploads.claim(session, Viewer(user, "" if user else secrets.token_hex(32)), post, wished)
        return post

    return make


@pytest.fixture
def until(database):
    """Wait until something holds of posts: `until([post], lambda post: post.state == "ready", 30)`."""

    def wait(posts, holds, seconds):
        end = time.monotonic() + seconds
        while True:
            with database.session() as session:
                now = [session.get(Post, post.id) for post in posts]
            if all(holds(post) for post in now):
                return now
            assert time.monotonic() < end, [(p.state, p.stage, p.run, p.starts, p.reason) for p in now]
            time.sleep(0.05)

    return wait
