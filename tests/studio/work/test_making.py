"""What a worker makes of what people send, and what it says when nothing can be made of it."""

import io
import os
import time

import pytest
from PIL import Image

from moodscore.prepare import sound
from moodscore.studio import durations, publishing, uploads
from moodscore.studio.db import now
from moodscore.studio.media_files import path_of
from moodscore.studio.notifications import Notification
from moodscore.studio.orders import Order
from moodscore.studio.posts import Post
from moodscore.studio.tunes import Tune, of_post
from moodscore.studio.work import photos, steps, sweeping, workflows
from moodscore.studio.work.workshop import MOST_STARTS, Job, MadeMeanwhile, Workshop


def photo(size=(320, 240), **how):
    """A photo as a telephone makes it: with the place where it was taken, and on its side."""
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[2] = (37.0, 33.0, 0.0)
    out = io.BytesIO()
    image.save(out, format="JPEG", exif=exif, **how)
    return out.getvalue()


def test_a_photo_becomes_a_draft_with_four_tunes(works, upload, until, database, settings, person):
    mina = person("mina")
    draft = upload(photo(), user=mina.user)
    (post,) = until([draft], lambda p: p.state == "ready", 60)
    assert (post.width, post.height, post.blur[:5]) == (240, 320, "data:")
    with Image.open(path_of(settings.media, post.renditions["photo"])) as kept:
        assert kept.size == (240, 320)
        assert not kept.getexif()
    assert path_of(settings.media, post.originals[0]["file"]).read_bytes() == photo()
    assert len(set(post.captions["en"])) == len(set(post.captions["ko"])) == 3
    assert (post.alt, post.alt_by_machine) == (post.captions["en"][0], True)
    assert post.mood == post.reading["mood"]
    with database.session() as session:
        found = of_post(session, post)
        usual = durations.usual_s(session, "photo", ["compose"])
    assert [t.role for t in found] == ["library", "faithful", "neighbour", "contrast"]
    assert post.tune_id == found[1].id
    assert len({t.genre for t in found[1:]}) == 3
    for tune in found:
        heard = sound.open(path_of(settings.media, tune.files["audio"]))
        assert heard.duration_s == pytest.approx(tune.duration_s, abs=0.1)
        assert len(tune.peaks) == 200
        assert max(tune.peaks) == 1.0
        assert tune.reason_en
        assert tune.reason_ko
    assert found[1].roll["notes"][0][2] in range(128)
    assert "midi" in found[1].files
    assert 0 < usual["compose"] < 60


def test_more_tunes_are_made_on_order(works, upload, until, database, settings):
    draft = upload(photo((160, 120)))
    (post,) = until([draft], lambda p: p.state == "ready", 60)
    with database.writing() as session:
        publishing.again(session, session.get(Post, post.id), -0.6, 0.6)
    (again,) = orders_done(database, 1)
    with database.session() as session:
        (tune,) = [t for t in of_post(session, post) if t.role == "again"]
    assert (again.state, tune.valence, tune.arousal) == ("done", -0.6, 0.6)


def orders_done(database, count, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with database.session() as session:
            done = session.query(Order).filter(Order.state.in_(("done", "failed"))).all()
        if len(done) == count:
            return done
        time.sleep(0.05)
    raise AssertionError("the order is not done")


def test_a_damaged_file_is_refused_at_once_and_kept(works, upload, until, database, person, settings):
    mina = person("mina")
    draft = upload(b"\xff\xd8\xff\xe0 this is no photo", "holiday.jpg", user=mina.user)
    (post,) = until([draft], lambda p: p.state == "failed", 30)
    assert "holiday.jpg" in post.reason
    assert post.starts == 1  # it was not tried again: the same file would say the same
    assert (uploads.incoming(settings, post.id) / "0").exists()
    with database.session() as session:
        assert [(n.kind, n.post_id) for n in session.query(Notification)] == [("failed", post.id)]
    assert "holiday.jpg" in mina.get(f"/p/{post.id}/make").text


def test_what_breaks_is_tried_three_times_then_said_and_can_be_tried_again(works, upload, until, database, monkeypatch):
    tries, real = [], photos.describe

    def broken(path):
        tries.append(path)
        raise RuntimeError("the models fell off")

    monkeypatch.setattr(photos, "describe", broken)
    draft = upload(photo((160, 120)))
    (post,) = until([draft], lambda p: p.state == "failed", 30)
    assert (post.reason, len(tries)) == (workflows.BROKE, 3)
    monkeypatch.setattr(photos, "describe", real)
    with database.writing() as session:
        publishing.retry(session, session.get(Post, post.id))
    (post,) = until([draft], lambda p: p.captions, 60)
    assert post.state == "working"


def test_a_post_that_ends_every_worker_is_put_aside(works, upload, until, database):
    draft = upload(photo((160, 120)))
    with database.writing() as session:
        session.get(Post, draft.id).starts = MOST_STARTS
    (post,) = until([draft], lambda p: p.state != "waiting", 20)
    (post,) = until([draft], lambda p: p.state == "failed", 20)
    assert post.reason == workflows.DEADLY


def test_what_is_deleted_while_it_is_made_leaves_no_row(works, upload, until, database, settings, monkeypatch):
    from moodscore.studio import deletion

    real = photos.describe

    def slow(path):
        with database.writing() as session:
            deletion.delete_post(session, settings.media, session.get(Post, draft.id))
        return real(path)

    monkeypatch.setattr(photos, "describe", slow)
    draft = upload(photo((160, 120)))
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with database.session() as session:
            if session.get(Post, draft.id) is None:
                break
        time.sleep(0.05)
    time.sleep(0.5)
    with database.session() as session:
        assert session.query(Post).count() == session.query(Tune).count() == 0


def test_old_drafts_of_visitors_and_orphaned_uploads_are_put_away(settings, database, upload):
    old, young = upload(photo((160, 120))), upload(photo((160, 120)))
    with database.writing() as session:
        session.get(Post, old.id).created_at = now() - settings.visitor_hours * 3600 - 60
    orphan = settings.incoming / "nobody"
    orphan.mkdir()
    for folder in (orphan, settings.incoming / old.id):
        os.utime(folder, (time.time() - 7200,) * 2)
    sweeping.Sweeper(Workshop(settings, database, "tidy")).put_away()
    assert [p.name for p in settings.incoming.iterdir()] == [young.id]


@pytest.mark.parametrize("kind_of_database", ["sqlite"], indirect=True)
def test_looking_for_work_costs_no_query_until_something_is_changed(settings, database, upload, monkeypatch):
    enqueued = []
    monkeypatch.setattr(sweeping.DBOS, "enqueue_workflow", lambda queue, work, row_id, run: enqueued.append(row_id))
    sweeper = sweeping.Sweeper(Workshop(settings, database, "idle"))
    assert sweeper.turn() == 0
    with monkeypatch.context() as blind:
        blind.setattr(sweeper, "_all_of_them", lambda: pytest.fail("it looked though nothing was changed"))
        assert [sweeper.turn() for _ in range(3)] == [0, 0, 0]
    draft = upload(photo((160, 120)))
    assert (sweeper.turn(), enqueued) == (1, [draft.id])
    sweeper.close()


def test_a_look_for_work_that_failed_is_made_again(settings, database, upload, monkeypatch):
    enqueued = []
    sweeper = sweeping.Sweeper(Workshop(settings, database, "unlucky"))
    draft = upload(photo((160, 120)))

    def broken(*_):
        raise OSError("the disk is full")

    monkeypatch.setattr(sweeping.DBOS, "enqueue_workflow", broken)
    with pytest.raises(OSError, match="disk"):
        sweeper.turn()
    monkeypatch.setattr(sweeping.DBOS, "enqueue_workflow", lambda queue, work, row_id, run: enqueued.append(row_id))
    assert (sweeper.turn(), enqueued) == (1, [draft.id])
    sweeper.close()


def test_what_was_being_made_when_the_log_of_jobs_was_lost_is_made_anew(settings, database, upload, monkeypatch):
    enqueued = []
    monkeypatch.setattr(sweeping.DBOS, "list_workflows", lambda **_: [])
    monkeypatch.setattr(sweeping.DBOS, "enqueue_workflow", lambda queue, work, row_id, run: enqueued.append(row_id))
    draft = upload(photo((160, 120)))
    with database.writing() as session:
        post = session.get(Post, draft.id)
        post.state, post.created_at, post.told_at = "working", now() - 60, now() - 60
    sweeper = sweeping.Sweeper(Workshop(settings, database, "fresh"))
    assert (sweeper.turn(), sweeper.mend(), sweeper.turn()) == (0, [], 1)
    assert enqueued == [draft.id]
    sweeper.close()


def test_a_worker_that_was_only_slow_keeps_nothing_twice(settings, database, upload):
    draft = upload(photo((160, 120)))
    with database.writing() as session:
        session.get(Post, draft.id).state = "working"
    slow, quick = (Workshop(settings, database, name) for name in ("slow", "quick"))
    job = Job(draft.id, 0)
    with quick.keeping(job, "match", "key") as (session, post, facts):
        session.add(Tune(post_id=post.id, role="again"))
        facts["tune"] = "one"
    with pytest.raises(MadeMeanwhile) as raised, slow.keeping(job, "match", "key") as (session, post, _):
        session.add(Tune(post_id=post.id, role="again"))
    assert raised.value.facts == {"tune": "one"}
    with database.session() as session:
        assert session.query(Tune).count() == 1


def test_kinds_steps_and_stages_belong_together():
    from moodscore.studio.posts import KINDS
    from moodscore.studio.progress import NAMES, STEPS

    assert set(steps.OF_KIND) == set(STEPS) == set(workflows.QUEUES) == set(KINDS)
    for kind in KINDS:
        assert len(steps.OF_KIND[kind]) == len(STEPS[kind])
        assert set(STEPS[kind]) <= set(NAMES)
