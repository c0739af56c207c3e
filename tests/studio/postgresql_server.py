"""A PostgreSQL server of the tests' own: in a temporary folder, on a socket of its file system, gone when they end."""

from __future__ import annotations

import ctypes
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROGRAMS = ("initdb", "postgres")
DEBIAN = "/usr/lib/postgresql"
# Nothing here has to outlive a power cut, and nobody connects from elsewhere.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "32MB",
    "max_connections": "200",
    "deadlock_timeout": "100ms",
}
PATIENCE_S = 30.0


def programs() -> Path | None:
    """The folder of PostgreSQL's own programs: those on the PATH, else the newest that Debian installed; None without."""
    found = shutil.which("initdb")
    places = [Path(found).resolve().parent] if found else []
    if Path(DEBIAN).is_dir():
        places += sorted(Path(DEBIAN).glob("*/bin"), key=lambda place: float(place.parent.name), reverse=True)
    return next((place for place in places if all((place / name).exists() for name in PROGRAMS)), None)


class Server:
    """A server that runs, until `close`; each database of it is made by `create`."""

    def __init__(self, binaries: Path) -> None:
        self._numbers = itertools.count(1)
        self.folder = Path(tempfile.mkdtemp(prefix="moodscore-pg-"))
        # The server refuses to be root's.
        self._who = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self._who = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
        data, log = self.folder / "data", self.folder / "log"
        make = [binaries / "initdb", "-D", data, "-U", "studio", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        subprocess.run(make, check=True, stdout=subprocess.DEVNULL, cwd=self.folder, **self._who)
        given = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
        with log.open("wb") as said:
            self.process = subprocess.Popen(
                [binaries / "postgres", "-D", data, "-k", self.folder, *given],
                stdout=said,
                stderr=said,
                cwd=self.folder,
                preexec_fn=_end_with_parent,
                **self._who,
            )
        self._wait(log)

    def _wait(self, log: Path) -> None:
        end = time.monotonic() + PATIENCE_S
        while not (self.folder / ".s.PGSQL.5432").exists() or not self._answers():
            assert self.process.poll() is None, log.read_text("utf-8", "replace")
            assert time.monotonic() < end, log.read_text("utf-8", "replace")
            time.sleep(0.02)

    def _answers(self) -> bool:
        import psycopg

        try:
            psycopg.connect(self._place("postgres")).close()
        except psycopg.OperationalError:
            return False
        return True

    def _place(self, name: str) -> str:
        return f"host={self.folder} user=studio dbname={name}"

    def url(self, name: str) -> str:
        """The address of a database, as the studio's settings take it."""
        return f"postgresql+psycopg://studio@/{name}?host={self.folder}"

    def say(self, sql: str, name: str = "postgres") -> None:
        """Have the server do something in one of its databases."""
        import psycopg

        with psycopg.connect(self._place(name), autocommit=True) as connection:
            connection.execute(sql)

    def create(self, template: str = "template0", how: str = "") -> str:
        """Make a database as another one is, and give its name."""
        name = f"studio_{next(self._numbers)}"
        self.say(f"create database {name} template {template} {how}")
        return name

    def drop(self, name: str) -> None:
        """Remove a database whoever is in it."""
        self.say(f"drop database {name} with (force)")

    def close(self) -> None:
        """End the server and remove everything of it."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(PATIENCE_S)
        shutil.rmtree(self.folder)


def _end_with_parent() -> None:
    """Before the server begins: Linux is to end it when the tests are killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGINT)
