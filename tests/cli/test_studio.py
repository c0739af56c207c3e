"""`moodscore studio`: what hosts do from the command line, and two processes that are kept running."""

import os
import signal
import socket
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("fastapi")

from moodscore.cli import main
from moodscore.studio import passwords
from moodscore.studio.accounts import Invite, LoginSession, User, by_handle
from moodscore.studio.media_files import keep_bytes, path_of
from moodscore.studio.posts import Post
from moodscore.studio.settings import Settings
from moodscore.studio.supervisor import PARENT, Part, Supervisor
from moodscore.studio.tables import open_database


@pytest.fixture
def settings(tmp_path):
    return Settings(folder=tmp_path / "studio")


@pytest.fixture
def database(settings):
    database = open_database(settings)
    with database.writing() as session:
        user = User(handle="mina", password_hash=passwords.hashed("old password here"))
        session.add(user)
        session.flush()
        session.add(LoginSession(id="a" * 64, user_id=user.id))
    yield database
    database.close()


def studio(settings, *words):
    return main(["studio", "--folder", str(settings.folder), *words])


def test_somebody_is_made_admin_by_handle(settings, database, capsys):
    assert studio(settings, "admin", "@Mina") == 0
    with database.session() as session:
        assert by_handle(session, "mina").role == "admin"
    assert "@mina looks after" in capsys.readouterr().out
    assert studio(settings, "admin", "nobody") == 2
    assert "nobody" in capsys.readouterr().err


def test_a_new_password_is_printed_once_and_ends_every_session(settings, database, capsys):
    assert studio(settings, "password", "mina") == 0
    fresh = capsys.readouterr().out.rsplit(" ", 1)[1].strip()
    with database.session() as session:
        user = by_handle(session, "mina")
        assert passwords.matches(fresh, user.password_hash)
        assert session.query(LoginSession).count() == 0


def test_an_invitation_opens_the_sign_up_page(settings, database, capsys):
    assert studio(settings, "invite", "--note", "for Ren") == 0
    address = capsys.readouterr().out.strip()
    assert address.startswith("http://127.0.0.1:8421/sign-up?invite=")
    with database.session() as session:
        found = session.query(Invite).one()
        assert found.note == "for Ren"
        assert address.rsplit("=", 1)[1] not in found.id


def test_a_backup_unpacked_is_a_studio(settings, database, tmp_path, capsys):
    with database.writing() as session:
        photo = keep_bytes(session, settings.media, b"photo", "image/jpeg")
        session.add(Post(author_id=by_handle(session, "mina").id, originals=[photo]))
    archive = tmp_path / "backup.zip"
    assert studio(settings, "backup", str(archive)) == 0
    assert archive.stat().st_mode & 0o077 == 0
    elsewhere = Settings(folder=tmp_path / "elsewhere")
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(elsewhere.folder)
    assert studio(elsewhere, "check") == 0
    again = open_database(elsewhere)
    with again.session() as session:
        assert session.query(Post).one().originals == [photo]
    again.close()
    assert path_of(elsewhere.media, photo).read_bytes() == b"photo"
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_check_names_files_that_are_missing_or_changed(settings, database, capsys):
    with database.writing() as session:
        gone, changed = (keep_bytes(session, settings.media, data, "image/jpeg") for data in (b"one", b"two"))
        session.add(Post(originals=[gone, "f" * 64]))
    path_of(settings.media, gone).unlink()
    path_of(settings.media, changed).write_bytes(b"three")
    with pytest.raises(SystemExit, match="2"):
        studio(settings, "check")
    told = capsys.readouterr().out
    assert f"{gone}: missing" in told
    assert f"{changed}: its bytes" in told
    assert "f" * 64 in told


def test_without_the_extra_one_line_says_what_to_install(monkeypatch, capsys):
    from moodscore.cli import studio as cli

    monkeypatch.setattr(cli, "NEEDS", ("a_package_nobody_has",))
    assert main(["studio", "web"]) == 2
    assert "pip install 'moodscore[studio]'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("host", "base_url", "told"),
    [
        ("127.0.0.1", "http://127.0.0.1:8421", ""),
        ("0.0.0.0", "http://127.0.0.1:8421", "plain http"),
        ("::", "http://127.0.0.1:8421", "reads their passwords"),
        ("0.0.0.0", "https://example.org", "only your reverse proxy"),
    ],
)
def test_it_says_what_listening_beyond_this_machine_means(host, base_url, told, caplog):
    from moodscore.cli.studio import warn_of_plain_http

    warn_of_plain_http(Settings(base_url=base_url, trusted_proxies="127.0.0.1"), host, 8421)
    assert told in caplog.text if told else not caplog.text


def test_it_says_when_a_proxy_is_there_that_nobody_trusts(caplog):
    from moodscore.cli.studio import warn_of_plain_http

    warn_of_plain_http(Settings(base_url="https://example.org"), "127.0.0.1", 8421)
    assert "MOODSCORE_STUDIO_TRUSTED_PROXIES" in caplog.text


def test_proxies_are_believed_only_when_they_are_trusted():
    from moodscore.cli.studio import _manners

    assert _manners(Settings())["proxy_headers"] is False
    trusting = _manners(Settings(trusted_proxies="10.0.0.1"))
    assert (trusting["proxy_headers"], trusting["forwarded_allow_ips"]) == (True, "10.0.0.1")


def python(code):
    return [sys.executable, "-c", code]


def until(happens, seconds=10.0):
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def test_a_worker_that_dies_starts_again_after_growing_pauses(tmp_path):
    marks = tmp_path / "marks"
    part = Part("worker", python(f"open({str(marks)!r}, 'a').write('x')"), pause_s=0.05)
    until(lambda: part.look() or (marks.exists() and len(marks.read_text()) >= 3))
    part.process.wait(10)
    assert part.pause_s >= 0.2


SUPERVISED = """
import sys, time
from moodscore.studio.supervisor import Part, Supervisor
sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
deaf = [sys.executable, "-c", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"]
both = Part("web", sleep), Part("worker", deaf)
ready = lambda: print("ready", flush=True)
sys.exit(Supervisor(both[0], [both[1]], listens=lambda: True, ready=ready, patience_s=1.0).run())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_asked_to_end_it_ends_its_processes_even_a_deaf_one(number):
    process = subprocess.Popen([sys.executable, "-c", SUPERVISED], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.4)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    assert len(children) == 2
    process.send_signal(number)
    assert process.wait(10) == 0
    process.stdout.close()
    assert not [pid for pid in children if os.path.exists(f"/proc/{pid}")]


def test_a_web_process_that_cannot_start_ends_it(caplog):
    web = Part("web", python("raise SystemExit(3)"))
    assert Supervisor(web, [Part("worker", python("pass"))], listens=lambda: False).run() == 1
    assert "could not start" in caplog.text


def test_a_process_ends_when_its_supervisor_is_gone(tmp_path):
    code = (
        "import time\nfrom moodscore.studio.supervisor import end_with_parent\n"
        "end_with_parent(every_s=0.05)\nprint('on', flush=True)\ntime.sleep(60)"
    )
    child = subprocess.Popen(
        python(code), env={**os.environ, PARENT: "999999"}, stdout=subprocess.PIPE, start_new_session=True
    )
    assert child.wait(10) == -signal.SIGTERM
    child.stdout.close()


def test_a_port_that_is_taken_is_said_before_anything_starts(settings, capsys):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert studio(settings, "--port", str(port)) == 2
    assert "listens at" in capsys.readouterr().err


def test_what_is_uploaded_is_written_on_the_disk_it_stays_on(settings, monkeypatch):
    import gc
    import tempfile

    import uvicorn

    seen = []

    def serve(app, **how):
        with tempfile.TemporaryFile() as spool:
            seen.append(os.path.realpath(f"/proc/self/fd/{spool.fileno()}"))
        app.state.database.close()

    monkeypatch.setattr(uvicorn, "run", serve)
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(gc, "freeze", lambda: None)
    assert studio(settings, "web") == 0
    assert Path(seen[0]).is_relative_to(settings.incoming.resolve())
