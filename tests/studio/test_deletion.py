"""Deletion: what is deleted is gone, with its files; what somebody else uses stays."""

import os
import time

import pytest
from sqlalchemy import select

from moodscore.studio import deletion
from moodscore.studio.accounts import LoginSession, User
from moodscore.studio.comments import Comment
from moodscore.studio.db import now
from moodscore.studio.likes import Like
from moodscore.studio.made import Made
from moodscore.studio.media_files import MediaFile, keep_bytes, path_of
from moodscore.studio.posts import Post
from moodscore.studio.reports import AuditEntry, Report
from moodscore.studio.tunes import Tune


@pytest.fixture
def keep(database, settings):
    """Store bytes and give their id."""

    def stored(data):
        with database.writing() as session:
            return keep_bytes(session, settings.media, data, "image/jpeg")

    return stored


def there(settings, *files):
    return [path_of(settings.media, file).exists() for file in files]


def remove(database, settings, post):
    with database.writing() as session:
        deletion.delete_post(session, settings.media, session.get(Post, post.id))


@pytest.mark.both_databases
def test_a_deleted_post_takes_its_tunes_comments_and_files_with_it(database, settings, person, post_of, keep):
    mina, photo, sound, frame, step = person(), keep(b"photo"), keep(b"sound"), keep(b"frame"), keep(b"step")
    post = post_of(mina.user, originals=[{"file": photo}], renditions={"photo": photo}, trajectory={"frames": [frame]})
    (settings.incoming / post.id).mkdir()
    with database.writing() as session:
        session.get(Tune, post.tune_id).files = {"audio": sound}
        session.add(Comment(post_id=post.id, author_id=mina.user.id, text="mine"))
        session.add(Made(post_id=post.id, key="k", step="decode", values={"photo": step}))
        session.add(Report(target_kind="post", target_id=post.id, reason="spam"))
    remove(database, settings, post)
    with database.session() as session:
        for table in (Post, Tune, Comment, MediaFile):
            assert session.scalars(select(table)).all() == []
        assert session.scalar(select(Report.decision)) == "gone"
    assert there(settings, photo, sound, frame, step) == [False] * 4
    assert not (settings.incoming / post.id).exists()


@pytest.mark.both_databases
def test_a_file_that_another_post_tune_or_avatar_uses_stays(database, settings, person, post_of, keep):
    mina, ren = person(), person()
    shared, tuned, face, alone = keep(b"shared"), keep(b"tuned"), keep(b"face"), keep(b"alone")
    post = post_of(mina.user, renditions={"photo": shared, "poster": tuned, "photo-640": face, "video": alone})
    post_of(ren.user, originals=[shared])
    other = post_of(ren.user)
    with database.writing() as session:
        session.get(Tune, other.tune_id).files = {"audio": tuned}
        session.get(User, ren.user.id).avatar = face
    remove(database, settings, post)
    assert there(settings, shared, tuned, face, alone) == [True, True, True, False]


def test_nothing_goes_when_the_deletion_is_undone(database, settings, person, post_of, keep):
    photo = keep(b"photo")
    post = post_of(person().user, renditions={"photo": photo})
    with database.session(changing=True) as session:
        deletion.delete_post(session, settings.media, session.get(Post, post.id))
        session.rollback()
        session.add(AuditEntry(actor="a", action="b", target="c"))
        session.commit()
    assert there(settings, photo) == [True]


def test_a_file_that_is_stored_again_before_it_is_removed_stays(database, settings, person, post_of, keep, monkeypatch):
    photo = keep(b"photo")
    post = post_of(person().user, renditions={"photo": photo})
    remove_left = deletion._remove

    def late(engine, path):
        keep(b"photo")
        return remove_left(engine, path)

    monkeypatch.setattr(deletion, "_remove", late)
    remove(database, settings, post)
    assert there(settings, photo) == [True]


def test_a_deleted_account_leaves_right_counts_and_one_line_in_the_log(database, settings, person, post_of, keep):
    mina, ren, photo = person("mina"), person("ren"), keep(b"photo")
    gone, stays = post_of(mina.user, renditions={"photo": photo}), post_of(ren.user, likes=2, comments=3)
    with database.writing() as session:
        session.add_all([Like(user_id=u.user.id, post_id=stays.id) for u in (mina, ren)])
        first = Comment(post_id=stays.id, author_id=mina.user.id, text="one")
        session.add(first)
        session.flush()
        session.add(Comment(post_id=stays.id, author_id=ren.user.id, text="an answer to one", reply_to=first.id))
        session.add(Comment(post_id=stays.id, author_id=ren.user.id, text="two"))
    with database.writing() as session:
        deletion.delete_account(session, settings.media, session.get(User, mina.user.id))
    with database.session() as session:
        post = session.get(Post, stays.id)
        assert (post.likes, post.comments) == (1, 1)
        assert session.get(Post, gone.id) is None
        assert session.scalars(select(User.handle)).all() == ["ren"]
        assert session.scalars(select(LoginSession.user_id)).all() == [ren.user.id]
        entry = session.scalars(select(AuditEntry)).one()
        assert "mina" not in f"{entry.actor}{entry.action}{entry.target}{entry.note}"
    assert there(settings, photo) == [False]


@pytest.fixture
def lent(person, post_of, keep):
    """Mina's photo, with a new tune by Ren, one by a visitor that is a draft, and one by herself."""
    mina, ren, photo = person("mina"), person("ren"), keep(b"photo")
    first = post_of(mina.user, renditions={"photo": photo})
    told = {"renditions": {"photo": photo}, "remix_of": first.id, "remix_kind": "photo"}
    return mina, ren, photo, first, post_of(ren.user, **told), post_of(mina.user, **told)


@pytest.mark.both_databases
def test_new_tunes_to_a_photo_go_with_the_post_it_came_with(database, settings, lent, post_of):
    mina, ren, photo, first, borrowed, own = lent
    with database.writing() as session:
        told = {"renditions": {"photo": photo}, "remix_kind": "photo", "state": "ready"}
        session.add(Post(visitor="a browser", remix_of=first.id, **told))
        session.add(Post(visitor="a browser", remix_of=borrowed.id, **told))
        session.add(Comment(post_id=borrowed.id, author_id=mina.user.id, text="mine"))
    answer = post_of(ren.user, remix_of=first.id, remix_kind="tune")
    remove(database, settings, first)
    with database.session() as session:
        assert set(session.scalars(select(Post.id))) == {own.id, answer.id}
        assert session.scalars(select(Comment)).all() == []
    assert there(settings, photo) == [True]  # Mina's own new tune to it
    remove(database, settings, own)
    assert there(settings, photo) == [False]


def test_a_photo_goes_with_the_account_of_whoever_posted_it_first(database, settings, lent):
    mina, _, photo, *_ = lent
    with database.writing() as session:
        deletion.delete_account(session, settings.media, session.get(User, mina.user.id))
    with database.session() as session:
        assert session.scalars(select(Post.id)).all() == []
    assert there(settings, photo) == [False]


@pytest.mark.parametrize("fields", [{"visibility": "private"}, {"visibility": "followers"}, {"held": True}, {}])
def test_a_photo_that_is_shown_no_more_is_not_shown_with_a_new_tune(database, lent, visitor, fields):
    mina, ren, _, first, borrowed, own = lent
    with database.writing() as session:
        for name, value in fields.items():
            setattr(session.get(Post, first.id), name, value)
    there, gone = (200, 404) if fields else (200, 200)
    for path in (f"/p/{borrowed.id}", f"/m/{borrowed.id}/photo"):
        assert [who.get(path).status_code for who in (mina, visitor)] == [there, gone]
    assert ren.get(f"/m/{borrowed.id}/photo").status_code == gone
    assert ren.get(f"/p/{borrowed.id}").status_code == 200  # it can still be deleted
    assert (borrowed.id in visitor.get("/public").text) is not bool(fields)
    assert visitor.get(f"/m/{own.id}/photo").status_code == 200


def test_a_photo_borrowed_twice_answers_whoever_posted_it_first(database, lent, person):
    *_, first, borrowed, _ = lent
    jun = person("jun")
    draft = jun.post(f"/p/{borrowed.id}/remix", {"kind": "photo"}, json=True).json()["id"]
    with database.writing() as session:
        assert session.get(Post, draft).remix_of == first.id
        session.get(Post, first.id).allows_remix = False
    assert jun.post(f"/p/{borrowed.id}/remix", {"kind": "photo"}).status_code == 403


def test_the_sweep_removes_what_a_crash_left_and_nothing_fresh(database, settings, person, post_of, keep):
    used, lost, fresh = keep(b"used"), keep(b"lost"), keep(b"fresh")
    post_of(person().user, renditions={"photo": used})
    with database.writing() as session:
        session.delete(session.get(MediaFile, fresh))
        for file in (used, lost):
            session.get(MediaFile, file).created_at = now() - 2 * deletion.DAY_S
        session.add(Post(visitor="a browser", originals=[], created_at=now() - 2 * deletion.DAY_S))
        session.add(Post(visitor="a browser", originals=[]))
    long_ago = time.time() - 2 * deletion.DAY_S
    half = path_of(settings.media, lost).with_name(".half-written")
    half.write_bytes(b"ha")
    for path in (path_of(settings.media, used), path_of(settings.media, lost), half):
        os.utime(path, (long_ago, long_ago))
    waiting = settings.incoming / "nobodys"
    waiting.mkdir()
    os.utime(waiting, (long_ago, long_ago))
    deletion.sweep(database, settings)
    assert not waiting.exists()
    assert there(settings, used, lost, fresh) == [True, False, True]
    assert not half.exists()
    with database.session() as session:
        assert len(session.scalars(select(Post).where(Post.author_id.is_(None))).all()) == 1
