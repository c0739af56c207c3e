"""Settings: one changes one's own things only, takes everything along, and really leaves."""

import io
import json
import re
import zipfile

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import func, inspect, select

from moodscore.studio import passwords
from moodscore.studio.accounts import LoginSession, User
from moodscore.studio.agents import in_words
from moodscore.studio.blocks import Block, FilteredWord, Mute
from moodscore.studio.comments import Comment
from moodscore.studio.db import Base
from moodscore.studio.follows import Follow
from moodscore.studio.media_files import keep_bytes, path_of
from moodscore.studio.posts import Post
from moodscore.studio.reports import AuditEntry
from moodscore.studio.tunes import Tune

GOOD, BETTER = "lamp-sea-folder", "teacup under snow"


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(passwords, "_HASHES", PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),)))


@pytest.fixture
def mina(person, quick, database):
    return with_password(person("mina"), database)


def with_password(browser, database):
    with database.writing() as session:
        session.get(User, browser.user.id).password_hash = passwords.hashed(GOOD)
    return browser


def stored(database, user):
    with database.session() as session:
        return session.get(User, user.user.id)


def test_a_profile_is_kept_and_shown_without_its_markup_being_run(mina, database):
    mina.post(
        "/settings",
        {
            "name": "  Mina \n K ",
            "bio": "<script>alert(1)</script>",
            "language": "ko",
            "visibility": "followers",
            "approves": "1",
        },
    )
    user = stored(database, mina)
    assert (user.name, user.language, user.visibility, user.approves) == ("Mina K", "ko", "followers", True)
    for path in ("/settings", "/@mina"):
        page = mina.get(path).text
        assert "<script>alert(1)" not in page
        assert "&lt;script&gt;alert(1)" in page
        assert '<html lang="ko"' in page
    mina.post("/settings", {"name": "", "bio": "", "language": "xx", "visibility": "nobody"})
    user = stored(database, mina)
    assert (user.language, user.visibility, user.approves) == ("", "followers", False)


def test_what_is_too_long_is_said_and_nothing_is_kept(mina, database):
    answer = mina.post("/settings", {"name": "M", "bio": "x" * 501})
    assert answer.status_code == 422
    assert "room for 500" in answer.text
    assert stored(database, mina).name == ""


def test_a_new_password_needs_the_old_one_and_ends_other_sessions(mina, database):
    with database.writing() as session:
        session.add(LoginSession(id="b" * 64, user_id=mina.user.id, agent="curl/8"))
    wrong = mina.post("/settings/password", {"old": "not this one", "password": BETTER})
    assert (wrong.status_code, "not your password" in wrong.text) == (422, True)
    weak = mina.post("/settings/password", {"old": GOOD, "password": "password1"})
    assert weak.status_code == 422
    assert mina.post("/settings/password", {"old": GOOD, "password": BETTER}).status_code == 303
    assert passwords.matches(BETTER, stored(database, mina).password_hash)
    with database.session() as session:
        assert session.scalar(select(func.count()).select_from(LoginSession)) == 1
    assert mina.get("/settings").status_code == 200


def test_one_logs_out_elsewhere_but_not_others(mina, person, database):
    ren = person("ren")
    with database.writing() as session:
        for mark in "bc":
            session.add(LoginSession(id=mark * 64, user_id=mina.user.id, agent="Mozilla/5.0 (Android) Firefox/130"))
    assert "Firefox · Android" in mina.get("/settings/security").text
    ren.post("/settings/sessions/end", {"session": "b" * 64})
    mina.post("/settings/sessions/end", {"session": "c" * 64})
    with database.session() as session:
        left = session.scalars(select(LoginSession.id).where(LoginSession.user_id == mina.user.id)).all()
    assert "b" * 64 in left
    assert len(left) == 2
    mina.post("/settings/sessions/end")
    assert mina.get("/settings").status_code == 200
    with database.session() as session:
        assert session.scalar(select(func.count()).select_from(LoginSession)) == 2


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari · iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge · Windows"),
        ("something", ""),
    ],
)  # fmt: skip
def test_browsers_are_told_in_words(agent, said):
    assert in_words(agent) == said


def test_words_people_and_blocks_can_be_shown_again(mina, person, database):
    ren, juno = person("ren"), person("juno")
    with database.writing() as session:
        session.add_all(
            [Mute(muter_id=mina.user.id, muted_id=ren.user.id), Block(blocker_id=mina.user.id, blocked_id=juno.user.id)]
        )
    mina.post("/settings/words", {"word": "  Big   SPIDERS "})
    page = mina.get("/settings/hidden").text
    assert "big spiders" in page
    assert re.search(r'action="/@ren/unmute"', page)
    assert re.search(r'action="/@juno/unblock"', page)
    assert mina.post("/settings/words", {"word": " "}).status_code == 422
    mina.post("/settings/words/remove", {"word": "big spiders"})
    with database.session() as session:
        assert session.scalars(select(FilteredWord)).all() == []


def test_everything_is_taken_along_and_no_secret(mina, person, post_of, database, settings):
    ren = person("ren")
    with database.writing() as session:
        original, sound = (
            keep_bytes(session, settings.media, data, kind)
            for data, kind in ((b"original bytes", "application/octet-stream"), (b"sound", "audio/mp4"))
        )
    post = post_of(
        mina.user, caption="the sea", originals=[{"name": "../the sea.HEIC", "file": original}], renditions={}
    )
    theirs = post_of(ren.user, caption="not yours")
    with database.writing() as session:
        session.get(Tune, post.tune_id).files = {"audio": sound}
        session.add(Follow(follower_id=ren.user.id, followed_id=mina.user.id))
        session.add(Comment(post_id=theirs.id, author_id=mina.user.id, text="nice"))
    answer = mina.post("/settings/export")
    assert answer.headers["content-disposition"] == 'attachment; filename="moodscore-mina.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert archive.read(f"posts/{post.id}/original-1.heic") == b"original bytes"
        assert archive.read(f"tunes/{post.tune_id}-audio.m4a") == b"sound"
        told = {name: archive.read(name).decode() for name in archive.namelist() if name.endswith((".json", ".txt"))}
    assert "@mina" in told["README.txt"]
    assert [p["caption"] for p in json.loads(told["posts.json"])] == ["the sea"]
    assert json.loads(told["posts.json"])[0]["tunes"][0]["genre"] == "acoustic folk"
    assert json.loads(told["followers.json"])[0]["handle"] == "ren"
    assert json.loads(told["comments.json"])[0]["text"] == "nice"
    everything = "".join(told.values())
    assert "argon2" not in everything
    assert "not yours" not in everything
    assert mina.client.cookies["moodscore-session"] not in everything


def test_a_deleted_account_is_gone_from_every_table_and_page(mina, person, post_of, database, settings):
    ren = person("ren")
    with database.writing() as session:
        photo = keep_bytes(session, settings.media, b"photo", "image/jpeg")
    mine, theirs = post_of(mina.user, renditions={"photo": photo}), post_of(ren.user)
    with database.writing() as session:
        session.add(Comment(post_id=theirs.id, author_id=mina.user.id, text="nice"))
        session.add(Follow(follower_id=mina.user.id, followed_id=ren.user.id))
    wrong = mina.post("/settings/delete", {"password": "not this one"})
    assert (wrong.status_code, stored(database, mina).handle) == (422, "mina")
    gone = mina.post("/settings/delete", {"password": GOOD})
    assert gone.status_code == 303
    assert '"storage"' in gone.headers["clear-site-data"]
    with database.session() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table)):
                assert mina.user.id not in map(str, row), table.name
                assert "mina" not in map(str, row), table.name
        assert session.scalars(select(Post.id)).all() == [theirs.id]
        assert session.scalars(select(AuditEntry.action)).all() == ["delete account"]
    assert not path_of(settings.media, photo).exists()
    assert ren.get("/@mina").status_code == ren.get(f"/p/{mine.id}").status_code == 404


def test_the_last_admin_cannot_leave_others_alone(person, quick, database):
    mina = with_password(person("mina", role="admin"), database)
    person("ren")
    answer = mina.post("/settings/delete", {"password": GOOD})
    assert answer.status_code == 409
    assert "Make somebody else an admin first" in answer.text


def test_a_picture_is_chosen_from_ones_public_photos(mina, person, post_of, database, settings):
    def photo(data):
        with database.writing() as session:
            return {"photo-640": keep_bytes(session, settings.media, data, "image/jpeg")}

    mine = post_of(mina.user, renditions=photo(b"mine"), alt="the sea")
    secret = post_of(mina.user, renditions=photo(b"secret"), visibility="private")
    theirs = post_of(person("ren").user, renditions=photo(b"theirs"))
    page = mina.get("/settings").text
    assert [i in page for i in (mine.id, secret.id, theirs.id)] == [True, False, False]
    for other in (secret, theirs):
        assert mina.post("/settings/avatar", {"post": other.id}).status_code == 404
    mina.post("/settings/avatar", {"post": mine.id})
    assert mina.get("/avatar/mina").content == b"mine"
    mina.post(f"/p/{mine.id}/delete")
    assert mina.get("/avatar/mina").content == b"mine"
    mina.post("/settings/avatar", {"post": ""})
    assert stored(database, mina).avatar is None
    assert not path_of(settings.media, mine.renditions["photo-640"]).exists()


def test_visitors_are_asked_to_log_in(visitor):
    for path in ("/settings", "/settings/security", "/settings/hidden", "/settings/data"):
        assert visitor.get(path).status_code in (303, 401)


def test_every_table_of_peoples_things_is_exported():
    """Whoever adds a table with somebody's id in it decides here whether it belongs into the export."""
    with_people = {
        table.name
        for table in Base.metadata.sorted_tables
        for key in inspect(table).foreign_keys
        if key.column.table.name == "users"
    }
    assert with_people == {
        "blocks", "bookmarks", "comments", "filtered_words", "follows", "invites", "likes", "login_sessions", "mutes",
        "notifications", "posts", "reports",
    }  # fmt: skip
