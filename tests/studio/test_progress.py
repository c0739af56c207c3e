"""What somebody who waits is told: how far, how long still, honestly."""

import os
import socket
from types import SimpleNamespace

import pytest

from moodscore.studio import curves, durations, progress, workers
from moodscore.studio.db import now
from moodscore.studio.posts import Post
from moodscore.studio.workers import SILENT_S, Worker


@pytest.fixture
def here(settings):
    return SimpleNamespace(settings=settings, language="en", _=lambda sentence, **values: sentence % values)


def test_the_share_follows_how_long_steps_really_take_and_never_goes_back(database):
    with database.writing() as session:
        for stage, seconds in (("decode", 1.0), ("look", 1.0), ("words", 2.0), ("compose", 2.0)):
            durations.remember(session, f"photo.{stage}", seconds)
        post = Post(kind="photo", state="working", wish={}, share=0.0)
        shares = []
        for at in range(6):
            progress.put(session, post, at)
            shares.append(post.share)
        assert shares == pytest.approx([0.0, 0.1, 0.2, 0.4, 0.6, 0.8])
        assert post.eta_s == pytest.approx(2.0)
        progress.put(session, post, 2)
        assert post.share == pytest.approx(0.8)


def test_a_median_is_told_and_only_the_latest_count(database):
    with database.writing() as session:
        for seconds in (100.0, *([1.0] * 20), *([3.0] * durations.KEPT)):
            durations.remember(session, "photo.look", seconds)
        assert durations.usual_s(session, "photo", ["look"]) == {"look": 3.0}
        assert session.query(durations.Duration).count() == durations.KEPT


def test_longer_music_more_photos_and_longer_clips_take_longer():
    assert progress.units(Post(kind="photo", wish={"seconds": 60.0})) == 2.0
    assert progress.units(Post(kind="film", originals=[{}] * 8)) == 8.0
    assert progress.units(Post(kind="clip", duration_s=90.0)) == 3.0


def test_time_left_counts_down_and_is_not_promised_when_it_is_over(database, here):
    with database.session() as session:
        post = Post(kind="photo", state="working", eta_s=10.0, told_at=now() - 4.0)
        assert progress.eta_s(session, post, here) == 6
        post.told_at = now() - 60.0
        assert progress.eta_s(session, post, here) is None


def test_who_waits_in_a_queue_waits_for_those_before_and_less_with_more_workers(database, here):
    with database.writing() as session:
        posts = [Post(kind="photo", wish={}) for _ in range(5)]
        for number, post in enumerate(posts):
            post.id = f"{number:026d}"
        session.add_all(posts)
        session.flush()
        one, last = progress.eta_s(session, posts[0], here), progress.eta_s(session, posts[4], here)
        assert last == pytest.approx(5 * one, abs=3)
        session.add_all(Worker(id=name, host="elsewhere", beat_at=now()) for name in "ab")
        session.flush()
        assert progress.eta_s(session, posts[4], here) == pytest.approx(3 * one, abs=3)


def test_stages_say_what_is_done_what_is_done_now_and_what_failed():
    post = Post(kind="clip", state="working", stage="look")
    assert progress.stages(post) == [("decode", "done"), ("look", "now"), ("compose", "")]
    post.state = "failed"
    assert progress.stages(post)[1] == ("look", "failed")
    post.state = "ready"
    assert {state for _, state in progress.stages(post)} == {"done"}


def test_a_worker_is_alive_while_it_beats_and_on_this_machine_while_it_runs(database):
    mine = socket.gethostname()[:100]
    with database.writing() as session:
        session.add(Worker(id="beats", host=mine, pid=os.getpid(), beat_at=now()))
        session.add(Worker(id="elsewhere", host="another machine", pid=4_000_000, beat_at=now() - 2))
        session.add(Worker(id="killed", host=mine, pid=4_000_000, beat_at=now()))
        session.add(Worker(id="silent", host="another machine", pid=1, beat_at=now() - SILENT_S - 1))
        session.flush()
        assert workers.alive(session) == {"beats", "elsewhere"}
        assert workers.dead(session, ["beats", "killed", "silent", "unheard of"]) == {"killed", "silent", "unheard of"}
        workers.leave(session, "beats")
        assert workers.alive(session) == {"elsewhere"}


def test_a_curve_is_drawn_from_its_own_numbers_and_said_in_words(here):
    trajectory = {
        "times_s": [0.0, 5.0], "valence": [0.8, -0.8], "arousal": [0.0, 0.0], "duration_s": 10.0, "cuts_s": [5.0],
        "genre": "horror",
    }  # fmt: skip
    post = Post(trajectory=trajectory, renditions={"frame-10": "x", "frame-2": "y", "poster": "z"})
    curve = curves.curve_of(post, here)
    assert curve.valence == "0.0,10.0 200.0,90.0 400.0,90.0"
    assert (curve.cuts, curve.frames, curve.genre) == ((200.0,), ("frame-2", "frame-10"), "horror")
    assert "joyful" in curve.says
    assert "gloomy" in curve.says
    assert curves.curve_of(Post(trajectory={}), here) is None
