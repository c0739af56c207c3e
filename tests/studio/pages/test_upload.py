"""Uploading: bytes are written down before anything else, become a draft, and are opened by nobody here."""

import os
import re

import pytest

from moodscore.studio import uploads
from moodscore.studio.posts import Post
from moodscore.studio.tunes import of_post

JPEG = b"\xff\xd8\xff\xe0" + b"photo" * 100
MP4 = b"\x00\x00\x00\x18ftypmp42" + b"clip" * 100
HEIC = b"\x00\x00\x00\x18ftypheic" + b"photo" * 100


def send(person, *files, **fields):
    return person.post("/upload", data=fields, files=[("files", file) for file in files], json=True)


def draft_of(database, answer):
    with database.session() as session:
        return session.get(Post, answer.json()["id"])


def test_a_photo_becomes_a_waiting_draft_and_its_bytes_are_on_the_disk(person, database, settings):
    mina = person("mina", visibility="followers")
    answer = send(mina, ("beach.jpg", JPEG))
    post = draft_of(database, answer)
    assert answer.json()["to"] == f"/p/{post.id}/make"
    assert (post.kind, post.state, post.author_id, post.visibility) == ("photo", "waiting", mina.user.id, "followers")
    assert (settings.incoming / post.id / "0").read_bytes() == JPEG
    assert post.originals[0]["name"] == "beach.jpg"


def test_the_bytes_are_safe_before_the_row_is_there(person, database, settings, monkeypatch):
    written = []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: (written.append(handle), real(handle))[1])
    monkeypatch.setattr(uploads, "claim", lambda *a: 1 / 0)  # the power goes between file and row
    mina = person("mina")
    with pytest.raises(ZeroDivisionError):
        send(mina, ("beach.jpg", JPEG))
    assert len(written) >= 3  # the file, its folder, the folder around it
    with database.session() as session:
        assert session.query(Post).count() == 0


def test_whoever_has_five_posts_being_made_waits_for_one_of_them(person, visitor, database, settings):
    for who in (person("mina"), visitor):
        made = [draft_of(database, send(who, ("a.jpg", JPEG))) for _ in range(uploads.MOST_IN_HAND)]
        before = set(settings.incoming.iterdir())
        answer = send(who, ("a.jpg", JPEG))
        assert answer.status_code == 429
        assert "5 of your posts" in answer.json()["error"]
        assert set(settings.incoming.iterdir()) == before
        with database.writing() as session:
            session.get(Post, made[0].id).state = "ready"
        assert send(who, ("a.jpg", JPEG)).status_code == 200


def test_nor_do_remixes_and_retries_go_past_that(person, post_of, database):
    mina = person("mina")
    first, failed = post_of(person().user), post_of(mina.user, state="failed")
    for _ in range(uploads.MOST_IN_HAND):
        post_of(mina.user, state="working")
    assert mina.post(f"/p/{first.id}/remix", {"kind": "photo"}).status_code == 429
    assert mina.post(f"/p/{failed.id}/retry").status_code == 429


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ([("a.jpg", JPEG)], "photo"),
        ([("a.heic", HEIC)], "photo"),
        ([("a.mp4", MP4)], "clip"),
        ([("a.jpg", MP4)], "clip"),  # by content, not by name
        ([("a.jpg", JPEG), ("b.jpg", JPEG)], "film"),
    ],
)
def test_what_is_sent_says_what_is_made(person, database, files, kind):
    assert draft_of(database, send(person(), *files)).kind == kind


def test_names_of_files_never_become_paths(person, database, settings):
    post = draft_of(database, send(person(), ("../../etc/passwd", JPEG)))
    assert post.originals[0]["name"] == "passwd"
    assert [p.name for p in (settings.incoming / post.id).iterdir()] == ["0"]


def test_too_many_too_large_and_nothing_are_refused_and_leave_nothing(person, database, settings):
    mina = person()
    assert send(mina).status_code == 422
    assert send(mina, ("", b"")).status_code == 422
    assert send(mina, *[("a.jpg", JPEG)] * 33).status_code == 422
    assert send(mina, ("a.mp4", MP4), ("b.jpg", JPEG)).status_code == 422
    object.__setattr__(settings, "photo_bytes", 100)
    assert send(mina, ("a.jpg", JPEG)).status_code == 413
    assert list(settings.incoming.iterdir()) == []


def test_a_visitor_may_try_and_their_draft_comes_along_to_their_account(visitor, database):
    visitor.get("/upload")
    post = draft_of(database, send(visitor, ("a.jpg", JPEG)))
    assert post.author_id is None
    assert visitor.get(f"/p/{post.id}/make").status_code == 200
    signed = visitor.post("/sign-up", {"handle": "newcomer", "password": "a long walk by the sea"})
    assert signed.status_code == 303
    with database.session() as session:
        assert session.get(Post, post.id).author_id is not None
    assert visitor.get(f"/p/{post.id}/make").status_code == 200


def test_a_place_and_a_length_are_told_to_the_worker_within_bounds(person, database):
    post = draft_of(database, send(person(), ("a.jpg", JPEG), valence="0.5", arousal="-3", seconds="9999"))
    assert post.wish["place"] == [0.5, -1.0]
    assert post.wish["seconds"] == uploads.LONGEST_S
    assert draft_of(database, send(person(), ("a.jpg", JPEG), valence="nan", seconds="x")).wish["seconds"] == 30.0


def test_an_answer_gets_the_same_tune(person, post_of, database):
    mina, jun = person("mina"), person("jun")
    answered = post_of(mina.user)
    page = jun.get(f"/upload?remix_of={answered.id}").text
    assert f'name="remix_of" value="{answered.id}"' in page
    post = draft_of(database, send(jun, ("a.jpg", JPEG), remix_of=answered.id))
    assert (post.remix_of, post.remix_kind) == (answered.id, "tune")
    with database.session() as session:
        (tune,) = of_post(session, session.get(Post, post.id))
    assert (tune.role, tune.id) == ("lent", post.tune_id)


def test_what_may_not_be_answered_is_refused_and_leaves_nothing(person, post_of, settings):
    mina, jun = person("mina"), person("jun")
    for fields, status in (({"allows_remix": False}, 403), ({"visibility": "private"}, 404)):
        post = post_of(mina.user, **fields)
        assert jun.get(f"/upload?remix_of={post.id}").status_code == status
        assert send(jun, ("a.jpg", JPEG), remix_of=post.id).status_code == status
    assert list(settings.incoming.iterdir()) == []


def test_progress_is_told_as_it_happens_and_ends(person, database):
    mina = person("mina")
    post = draft_of(database, send(mina, ("a.jpg", JPEG)))
    told = mina.get(f"/p/{post.id}/state").json()
    assert (told["state"], told["open"], told["stages"][0]["name"]) == ("waiting", True, "decode")
    assert told["eta_s"] >= 1
    with database.writing() as session:
        session.get(Post, post.id).state = "ready"
    events = mina.get(f"/p/{post.id}/progress").text
    assert re.findall(r"event: (\w+)", events) == ["state", "end"]
    assert '"state": "ready"' in events


def test_nobody_else_hears_how_far_a_draft_is(person, database, visitor):
    post = draft_of(database, send(person("mina"), ("a.jpg", JPEG)))
    for other in (person("jun"), visitor):
        for path in ("make", "state", "progress"):
            assert other.get(f"/p/{post.id}/{path}").status_code == 404


def test_drafts_are_found_again_by_whoever_made_them(person, visitor, database):
    mina = person("mina")
    post = draft_of(database, send(mina, ("beach.jpg", JPEG)))
    assert f"/p/{post.id}/make" in mina.get("/upload").text
    visitor.get("/upload")
    theirs = draft_of(database, send(visitor, ("wood.jpg", JPEG)))
    assert f"/p/{theirs.id}/make" in visitor.get("/upload").text
    for other in (person("jun"), visitor):
        assert f"/p/{post.id}/make" not in other.get("/upload").text
