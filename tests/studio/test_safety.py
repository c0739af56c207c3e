"""Whatever a stranger sends, the studio answers calmly, keeps to itself what is nobody's business, and stays whole."""

import gc
import sqlite3
import threading
from contextlib import closing
from dataclasses import replace

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import IntegrityError
from starlette.requests import Request
from starlette.testclient import TestClient

from moodscore.errors import BadMedia, BadValue, BadWeights
from moodscore.studio import cookies, deletion, prose
from moodscore.studio.accounts import LoginSession, User
from moodscore.studio.db import now
from moodscore.studio.media_files import MediaFile, keep_bytes, path_of
from moodscore.studio.pages import upload
from moodscore.studio.posts import Post
from moodscore.studio.refusals import Refused
from moodscore.studio.reports import Report
from moodscore.studio.settings import MEBIBYTE
from moodscore.studio.tunes import Tune

HOUR_S = 3600.0
BOUNDARY = "o0o"


def multipart(name, value, charset):
    """A form of one field as bytes, in a codec that its sender names."""
    part = b'--%b\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n--%b--\r\n'
    body = part % (BOUNDARY.encode(), name.encode(), value, BOUNDARY.encode())
    return body, f"multipart/form-data; boundary={BOUNDARY}; charset={charset}"


def ask(person, path, body=b"", kind="application/x-www-form-urlencoded", **headers):
    told = {"content-type": kind, "x-csrf-token": person.csrf(), **headers}
    return person.client.post(path, content=body, headers=told, follow_redirects=False)


@pytest.mark.parametrize("address", ["http://[", "http://[::1", "http:///x", "//", "null"])
def test_an_origin_that_is_no_address_is_foreign_and_a_referer_that_is_none_leads_home(person, post_of, address):
    mina = person("mina")
    post = post_of(mina.user)
    assert ask(mina, f"/p/{post.id}/like", origin=address).status_code == 403
    liked = ask(mina, f"/p/{post.id}/like", referer=address)
    assert (liked.status_code, liked.headers["location"]) == (303, f"/p/{post.id}")


@pytest.mark.parametrize("charset", ["unicode_escape", "undefined", "hex"])
@pytest.mark.parametrize(("path", "field"), [("comments", "text"), ("choose", "tune"), ("like", "csrf"), ("", "kind")])
def test_nobody_chooses_the_codec_of_a_form(person, post_of, charset, path, field):
    mina = person("mina")
    path = f"/p/{post_of(mina.user).id}/{path}" if path else "/upload"
    body, kind = multipart(field, b"\\ud800 \\x00", charset)
    assert ask(mina, path, body, kind).status_code in (400, 415)


def test_a_form_that_says_it_is_utf_8_is_taken(person, post_of):
    mina = person("mina")
    body, kind = multipart("text", "잘 지내요?".encode(), "UTF-8")
    assert ask(mina, f"/p/{post_of(mina.user).id}/comments", body, kind).status_code == 303


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", f"multipart/form-data; boundary={BOUNDARY}"])
def test_a_body_that_does_not_say_how_long_it_is_ends_at_the_limit(person, kind):
    def endless():
        yield f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="language"\r\n\r\n'.encode()
        for _ in range(20):
            yield b"a" * 65536

    answer = ask(person("mina"), "/language", endless(), kind)
    assert answer.status_code == 413
    assert "expected at most" in answer.json()["error"]


def test_an_upload_that_never_ends_is_too_large_and_nothing_of_it_stays(app, settings, person):
    mina, sent = person("mina"), 0

    def endless():
        nonlocal sent
        yield f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="a.jpg"\r\n\r\n'.encode()
        while sent < 600:
            sent += 1
            yield b"a" * MEBIBYTE

    limit = next(m for m in app.user_middleware if "paths" in m.kwargs)
    limit.kwargs["paths"] = [("/upload", 2 * MEBIBYTE)]
    assert ask(mina, "/upload", endless(), f"multipart/form-data; boundary={BOUNDARY}").status_code == 413
    assert list(settings.incoming.iterdir()) == []


def test_a_form_with_a_thousand_files_is_not_held_in_memory(person, settings):
    files = [("files", (f"{k}.jpg", b"x")) for k in range(settings.film_photos + 2)]
    mina = person("mina")
    for headers in ({"x-csrf-token": mina.csrf()}, {}):
        assert mina.client.post("/upload", files=files, headers=headers).status_code == 400
    assert list(settings.incoming.iterdir()) == []


def test_without_a_cookie_a_form_is_refused_before_it_is_read(app, visitor):
    read = []

    def body():
        read.append(True)
        yield b"csrf=" + b"a" * 100

    stranger = TestClient(app, base_url="http://127.0.0.1:8421")
    kind = "application/x-www-form-urlencoded"
    assert stranger.post("/upload", content=body(), headers={"content-type": kind}).status_code == 403


@pytest.mark.parametrize("kind_of_database", ["sqlite"], indirect=True)
def test_whoever_comes_back_after_an_hour_is_let_in_while_somebody_writes(app, database, settings, person):
    """What was read in a transaction is old as soon as another wrote: SQLite then refuses to write on in it."""
    mina = person("mina")
    with database.writing() as session:
        session.execute(text("UPDATE login_sessions SET seen_at = :then"), {"then": now() - 2 * HOUR_S})

    def somebody_writes(connection, cursor, statement, *rest):
        if statement.startswith("SELECT users"):
            with closing(sqlite3.connect(settings.folder / "studio.sqlite", timeout=5)) as other, other:
                other.execute("UPDATE users SET bio = bio || '.'")

    event.listen(database.engine, "after_cursor_execute", somebody_writes)
    assert mina.get("/settings").status_code == 200
    event.remove(database.engine, "after_cursor_execute", somebody_writes)
    with database.session() as session:
        assert session.scalar(select(LoginSession.seen_at)) > now() - 60


def test_a_key_that_is_not_whole_is_refused_and_never_used(tmp_path):
    (tmp_path / "secret.key").write_bytes(b"")
    with pytest.raises(BadValue, match="32 bytes, got 0"):
        cookies.secret_key(tmp_path)


def test_processes_that_start_at_once_have_one_key(tmp_path):
    found = []
    threads = [threading.Thread(target=lambda: found.append(cookies.secret_key(tmp_path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("fields", "kept"), [({}, "max-age=600"), ({"held": True}, "no-cache"), ({"visibility": "followers"}, "no-cache")]
)
def test_only_what_everybody_may_see_is_kept_for_a_while_and_by_no_cache_on_the_way(
    database, settings, person, post_of, fields, kept
):  # fmt: skip
    mina = person("mina")
    post = post_of(mina.user)
    with database.writing() as session:
        photo, chosen, other = (keep_bytes(session, settings.media, b, "image/jpeg") for b in (b"1", b"2", b"3"))
        for tune, file in (
            (session.get(Tune, post.tune_id), chosen),
            (Tune(id="o" * 26, post_id=post.id, role="contrast"), other),
        ):
            tune.files = {"audio": file}
            session.add(tune)
        found = session.get(Post, post.id)
        found.renditions = {"photo": photo}
        session.flush()
        for name, value in fields.items():
            setattr(found, name, value)
    caching = [
        mina.get(f"/m/{post.id}/{path}").headers["cache-control"]
        for path in ("photo", f"tune/{post.tune_id}.m4a", f"tune/{'o' * 26}.m4a")
    ]
    assert caching == [f"private, {kept}", f"private, {kept}", "private, no-cache"]


@pytest.mark.parametrize("path", ["/settings", "/notifications", "/about", "/@mina", "/nowhere", "/search?q=sea"])
def test_pages_are_for_whoever_asked_and_nobody_elses_cache(person, path):
    assert person("mina").get(path).headers["cache-control"].startswith("private")


def test_errors_of_the_database_say_nothing_of_what_people_wrote(database):
    with pytest.raises(IntegrityError) as caught, database.writing() as session:
        session.add_all(User(handle="mina", password_hash="the hash", bio="a secret") for _ in range(2))
    assert "secret" not in str(caught.value)
    assert "the hash" not in str(caught.value)


def test_a_name_cannot_turn_the_words_after_it_around(database, visitor):
    told = {"handle": "mina", "password": "seven green umbrellas sing", "name": "Mi\u202ena\x00  Kim\n"}
    assert visitor.post("/sign-up", told).status_code == 303
    with database.session() as session:
        assert session.scalar(select(User.name)) == "Mina Kim"


@pytest.mark.parametrize("name", ["\u200b", "\u3164\u3164", "\u00ad \u200d", "\u2800", "\U000e0041", "\ufe0f\u0301"])
def test_a_name_that_nobody_sees_is_no_name(database, visitor, person, name):
    visitor.post("/sign-up", {"handle": "mina", "password": "seven green umbrellas sing", "name": name})
    jun = person("jun", name="Jun")
    assert jun.post("/settings", {"name": name}).status_code == 303
    with database.session() as session:
        assert [user.shown for user in session.scalars(select(User).order_by(User.handle))] == ["jun", "mina"]


@pytest.mark.parametrize("name", ["미나", "M", "7", "😀", "Mi\u200dna"])
def test_a_name_with_a_letter_or_a_picture_stays(name):
    assert prose.name_of(f" {name}\n") == name


def test_a_full_disk_takes_nothing_new(app, settings, person, monkeypatch):
    class Full:
        free = settings.keep_free_bytes

    monkeypatch.setattr("shutil.disk_usage", lambda path: Full)
    mina = person("mina")
    answer = mina.client.post("/upload", files={"files": ("a.jpg", b"x")}, headers={"x-csrf-token": mina.csrf()})
    assert answer.status_code == 503
    assert list(settings.incoming.iterdir()) == []


def test_files_that_are_stored_again_while_nobody_needs_them_stay(database, settings):
    with database.writing() as session:
        file = keep_bytes(session, settings.media, b"the same", "image/jpeg")
    with database.writing() as session:
        deletion.drop_unused(session, settings.media, {file})
        session.flush()
        assert keep_bytes(session, settings.media, b"the same", "image/jpeg") == file
    with database.session() as session:
        assert session.get(MediaFile, file) is not None
    assert path_of(settings.media, file).read_bytes() == b"the same"


def test_what_somebody_wrote_to_the_admins_goes_with_their_account(database, settings, person):
    mina, jun = person("mina"), person("jun")
    jun.post("/@mina/report", {"reason": "other", "text": "he is my neighbour"})
    with database.writing() as session:
        deletion.delete_account(session, settings.media, session.get(User, jun.user.id))
    with database.session() as session:
        report = session.scalar(select(Report))
        assert (report.target_id, report.text, report.reporter_id) == (mina.user.id, "", None)


@pytest.mark.parametrize("kind_of_database", ["sqlite"], indirect=True)
def test_what_was_deleted_stands_nowhere_in_the_files_of_the_database(database, settings, person, post_of):
    mina = person("mina")
    post = post_of(mina.user, caption="nobody should know this " * 300, originals=[{"name": "nobody should know this"}])
    with database.writing() as session:
        deletion.delete_post(session, settings.media, session.get(Post, post.id))
    deletion.sweep(database, settings)
    written = [path for path in settings.folder.iterdir() if path.name.startswith("studio.sqlite")]
    assert written
    assert not any(b"nobody should know" in path.read_bytes() for path in written)


def test_one_address_watches_no_more_than_the_studio_can_tell(app, monkeypatch):
    async def events():
        yield ""

    def watch(address):
        stream = events()
        scope = {"type": "http", "app": app, "client": (address, 1), "headers": []}
        upload._take_place(Request(scope), stream)
        return stream

    monkeypatch.setattr(app.state, "settings", replace(app.state.settings, rate_limits=True))
    watched = [watch("10.0.0.1") for _ in range(upload.MOST_OF_ONE)]
    with pytest.raises(Refused) as refused:
        watch("10.0.0.1")
    assert refused.value.status == 429
    watched += [watch("10.0.0.2")]
    del watched[0]  # whoever goes makes room
    gc.collect()
    watched += [watch("10.0.0.1")]


def test_people_are_not_told_where_the_studio_keeps_its_files(database, settings):
    from moodscore.studio.work import workflows, workshop

    workshop.open_workshop(workshop.Workshop(settings, database, "worker"))
    named = BadMedia("beach.jpg: expected a whole file, got a damaged one; copy it or save it again")
    assert workflows.reason_of(named) == str(named)
    for hidden in (
        BadMedia(f"{settings.media}/ab: damaged"),
        BadWeights("/srv/weights/look.onnx: missing"),
        OSError("/etc"),
    ):
        assert workflows.reason_of(hidden) == workflows.BROKE
