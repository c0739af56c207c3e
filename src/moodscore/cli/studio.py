"""`moodscore studio`: the web app where a photo becomes a post with its own music, on one's own machine."""

from __future__ import annotations

import gc
import importlib.util
import ipaddress
import logging
import os
import sys
import tempfile
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from moodscore.errors import BadValue, MissingExtra

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from moodscore.studio.accounts import User
    from moodscore.studio.db import Database
    from moodscore.studio.settings import Settings

NEEDS = ("fastapi", "uvicorn", "jinja2", "python_multipart", "sqlalchemy", "alembic", "dbos", "pwdlib", "babel")
HOST, PORT = "127.0.0.1", 8421
LOG = logging.getLogger("moodscore.studio")
PLAIN_HTTP = (
    "others can reach this studio at %s over plain http: whoever is on the way reads their passwords and photos. Put a "
    "reverse proxy with https before it and set MOODSCORE_STUDIO_BASE_URL=https://..., or listen on 127.0.0.1 only"
)
BESIDE_PROXY = "%s speaks plain http; make sure that only your reverse proxy for %s can reach it"
NO_PROXY_TRUSTED = (
    "people come by https, so through a proxy, but none is trusted: everybody looks as if they came from one address and "
    "shares its rate limits. Set MOODSCORE_STUDIO_TRUSTED_PROXIES to the proxy's address"
)

_folder = click.option("--folder", type=click.Path(path_type=Path, file_okay=False), help="Where the studio is kept.")
_host = click.option("--host", default=HOST, show_default=True, help="The address to listen at.")
_port = click.option("--port", default=PORT, show_default=True, type=click.IntRange(1, 65535))


def _settings(folder: Path | None, host: str = HOST, port: int = PORT) -> Settings:
    """The settings, once it is sure that the extra is installed; the web address follows host and port unless it is set."""
    if any(importlib.util.find_spec(name) is None for name in NEEDS):
        raise MissingExtra("moodscore studio", "studio")
    from moodscore.studio.settings import PREFIX, from_environment

    given = click.get_current_context().find_root().meta.get("moodscore.studio.folder")
    shown = HOST if host in ("0.0.0.0", "::", "") else f"[{host}]" if ":" in host else host
    address = None if PREFIX + "BASE_URL" in os.environ else f"http://{shown}:{port}"
    return from_environment(folder=folder or given, base_url=address)


def _logging() -> None:
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(name)s: %(message)s")
    for name in ("alembic", "dbos", "uvicorn"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _opened(folder: Path | None) -> tuple[Settings, Database]:
    settings = _settings(folder)
    from moodscore.studio.tables import open_database

    return settings, open_database(settings)


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def warn_of_plain_http(settings: Settings, host: str, port: int) -> None:
    """Say what it means to listen where others can reach the studio without encryption, or behind an unknown proxy."""
    if settings.secure and not settings.trusted_proxies:
        LOG.warning(NO_PROXY_TRUSTED)
    if _is_local(host):
        return
    where = f"{host}:{port}"
    LOG.warning(*((BESIDE_PROXY, where, settings.base_url) if settings.secure else (PLAIN_HTTP, where)))


@click.group(name="studio", invoke_without_command=True)
@_folder
@_host
@_port
@click.option("--open", "open_browser", is_flag=True, help="Open the studio in the browser.")
@click.pass_context
def command(context: click.Context, folder: Path | None, host: str, port: int, open_browser: bool) -> None:
    """Run a place where a photo becomes a post with its own music: the web app and its worker.

    The first account that signs up looks after the studio. Everything is kept in one folder; every setting can be given as
    MOODSCORE_STUDIO_<NAME>. Ctrl-C ends it; what was being worked on is finished at the next start.
    """
    context.find_root().meta["moodscore.studio.folder"] = folder
    if context.invoked_subcommand is None:
        sys.exit(_supervise(_settings(folder, host, port), host, port, open_browser))


def _supervise(settings: Settings, host: str, port: int, open_browser: bool) -> int:
    from moodscore.studio.supervisor import Part, Supervisor, listens

    _logging()
    if listens(host, port):
        raise BadValue(f"something listens at {host}:{port} already; stop it, or choose another --port")
    warn_of_plain_http(settings, host, port)
    verb = [sys.executable, "-m", "moodscore", "studio"]
    place = ["--folder", str(settings.folder)]
    web = Part("web", [*verb, "web", *place, "--host", host, "--port", str(port)])

    def ready() -> None:
        click.echo(f"The studio is at {settings.base_url} and kept in {settings.folder}. Ctrl-C ends it.")
        if open_browser:
            webbrowser.open(settings.base_url)

    worker = Part("worker", [*verb, "worker", *place])
    return Supervisor(web, [worker], listens=lambda: listens(host, port), ready=ready).run()


@command.command()
@_folder
@_host
@_port
def web(folder: Path | None, host: str, port: int) -> None:
    """Run the web app alone; a worker must run too, for music to be made."""
    settings = _settings(folder, host, port)
    import uvicorn

    from moodscore.studio.app import create_app
    from moodscore.studio.supervisor import PARENT, end_with_parent

    _logging()
    end_with_parent()
    if PARENT not in os.environ:
        warn_of_plain_http(settings, host, port)
    app = create_app(settings)
    # Uploads are written down as they come on the disk they will stay on; the system's folder is often in memory.
    tempfile.tempdir = str(settings.incoming)
    gc.collect()
    gc.freeze()  # what is there now stays: it need not be looked through again at every collection
    uvicorn.run(app, host=host, port=port, **_manners(settings))


def _manners(settings: Settings) -> dict[str, Any]:
    """How uvicorn serves: addresses are believed from trusted proxies only, and nobody's are written down."""
    proxies = settings.trusted_proxies
    return {
        "proxy_headers": bool(proxies),
        "forwarded_allow_ips": proxies or "",
        "server_header": False,
        "access_log": False,
        "log_config": None,
        "timeout_graceful_shutdown": 3,
    }


@command.command()
@_folder
def worker(folder: Path | None) -> None:
    """Run a worker alone: it reads photos and composes. Several may work for one studio."""
    settings = _settings(folder)
    from moodscore.studio.supervisor import end_with_parent
    from moodscore.studio.work import worker as work

    _logging()
    end_with_parent()
    work.run(settings)


@command.command()
@_folder
@click.argument("handle")
def admin(folder: Path | None, handle: str) -> None:
    """Let the person HANDLE look after the studio."""
    _, database = _opened(folder)
    from moodscore.studio import reports

    with database.writing() as session:
        user = _person(session, handle)
        user.role, user.state = "admin", "active"
        reports.log(session, "command line", "make admin", f"@{user.handle}", "")
    click.echo(f"@{user.handle} looks after the studio now.")


@command.command()
@_folder
@click.option("--stdin", "from_stdin", is_flag=True, help="Read the new password from standard input.")
@click.argument("handle")
def password(folder: Path | None, from_stdin: bool, handle: str) -> None:
    """Give the person HANDLE a new password, and log them out everywhere. It is printed once."""
    _, database = _opened(folder)
    from moodscore.studio import passwords, reports, sessions
    from moodscore.studio.refusals import Refused

    fresh = sys.stdin.readline().rstrip("\r\n") if from_stdin else passwords.made_up()
    with database.writing() as session:
        user = _person(session, handle)
        try:
            passwords.check(fresh, user.handle)
        except Refused as refused:
            raise BadValue(str(refused)) from None
        sessions.set_password(session, user, fresh)
        reports.log(session, "command line", "new password", f"@{user.handle}", "")
    click.echo(f"@{user.handle} has a new password" + ("." if from_stdin else f": {fresh}"))


def _person(session: Session, handle: str) -> User:
    from moodscore.studio.accounts import by_handle

    user = by_handle(session, handle)
    if user is None:
        raise BadValue(f"expected the handle of somebody who has an account, got {handle!r}")
    return user


@command.command()
@_folder
@click.option("--days", default=14.0, show_default=True, type=click.FloatRange(0.01, 365), help="How long it is valid.")
@click.option("--note", default="", help="Whom it is for; admins see this.")
def invite(folder: Path | None, days: float, note: str) -> None:
    """Make an invitation to sign up once, and print its address."""
    settings, database = _opened(folder)
    from moodscore.studio import reports, sign_up

    with database.writing() as session:
        code = sign_up.invite(session, None, note, days)
        reports.log(session, "command line", "invite", note, "")
    click.echo(f"{settings.base_url}/sign-up?invite={code}")


@command.command()
@_folder
@click.argument("archive", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.zip")
def backup(folder: Path | None, archive: Path) -> None:
    """Write everything the studio keeps into one archive, also while it runs. Unpacked, it is a studio's folder."""
    settings = _settings(folder)
    from moodscore.studio import backup as keeping

    written = keeping.write(settings, archive)
    click.echo(f"{archive}: {written.files} files, {written.bytes / 1e6:.1f} MB")


@command.command("copy-database")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
def copy_database(source: str, target: str) -> None:
    """Copy everything from one database into an empty one, as to move from SQLite to PostgreSQL or back.

    FROM and TO are folders of studios, for their SQLite, or addresses like postgresql://user@host/name. Stop the studio
    first. Files are not copied: they stay in the studio's folder.
    """
    _settings(None)
    from moodscore.studio import copying

    places = copying.address_of(source, there=True), copying.address_of(target, there=False)
    click.echo(f"{copying.copy(*places)} rows were copied.")


@command.command()
@_folder
def check(folder: Path | None) -> None:
    """Look whether a studio is whole: its database, and every file that a post needs."""
    settings = _settings(folder)
    from moodscore.studio import backup as keeping

    wrong = keeping.check(settings)
    for line in wrong:
        click.echo(line)
    if wrong:
        sys.exit(2)
    click.echo(f"{settings.folder}: the studio is whole")
