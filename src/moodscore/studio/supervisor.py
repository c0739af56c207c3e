"""The supervisor: keeps the web process and the worker of one studio running, and ends them together."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType

LOG = logging.getLogger("moodscore.studio")
PARENT = "MOODSCORE_SUPERVISED_BY"
LONGEST_PAUSE_S = 60.0
SETTLED_S = 60.0


@dataclass
class Part:
    """A process that is kept running. It is started again after a pause that doubles each time it dies young."""

    name: str
    command: Sequence[str]
    pause_s: float = 1.0
    process: subprocess.Popen[bytes] | None = None
    started_s: float = 0.0
    again_s: float | None = 0.0  # when to start it; None while it runs

    def start(self) -> None:
        """Start the process, in a group of its own so that Ctrl-C reaches it once, through us."""
        environment = {**os.environ, PARENT: str(os.getpid())}
        self.process = subprocess.Popen(self.command, env=environment, start_new_session=True)
        self.started_s, self.again_s = time.monotonic(), None
        LOG.info("%s started (process %d)", self.name, self.process.pid)

    def look(self) -> None:
        """Start the process when it is due; see whether it died."""
        now_s = time.monotonic()
        if self.again_s is not None:
            if now_s >= self.again_s:
                self.start()
            return
        assert self.process is not None
        code = self.process.poll()
        if code is None:
            return
        if now_s - self.started_s > SETTLED_S:
            self.pause_s = 1.0
        LOG.warning("%s ended with %s; it starts again in %.0f s", self.name, _said(code), self.pause_s)
        self.again_s = now_s + self.pause_s
        self.pause_s = min(LONGEST_PAUSE_S, self.pause_s * 2)

    def send(self, number: int) -> None:
        """Send a signal to the process, if it runs."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)


def _said(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


@dataclass
class Supervisor:
    """Runs the web process, and the others once it listens; `run` gives the exit code when all have ended."""

    web: Part
    others: Sequence[Part]
    listens: Callable[[], bool]
    ready: Callable[[], None] = lambda: None
    patience_s: float = 15.0
    _asked: list[int] = field(default_factory=list)

    def run(self) -> int:
        """Keep everything running until SIGINT or SIGTERM (0), or until the web process cannot start at all (1)."""
        before = {number: signal.signal(number, self._ask) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            began = self._begin()
            while began and not self._asked:
                for part in (self.web, *self.others):
                    part.look()
                time.sleep(0.2)
            return 0 if began or self._asked else 1
        finally:
            self._end()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        del frame
        self._asked.append(number)

    def _begin(self) -> bool:
        self.web.start()
        assert self.web.process is not None
        while not self._asked:
            if self.web.process.poll() is not None:
                LOG.error("web could not start; what it said is above")
                return False
            if self.listens():
                self.ready()
                return True
            time.sleep(0.1)
        return False

    def _end(self) -> None:
        """Ask every process to end; whoever has not after a while, or at the second Ctrl-C, is ended."""
        parts = (*self.others, self.web)
        LOG.info("ending")
        for part in parts:
            part.send(signal.SIGTERM)
        until_s = time.monotonic() + self.patience_s
        while any(part.process is not None and part.process.poll() is None for part in parts):
            if time.monotonic() > until_s or len(self._asked) > 1:
                for part in parts:
                    part.send(signal.SIGKILL)
            time.sleep(0.05)


def listens(host: str, port: int) -> bool:
    """Whether somebody answers at an address; a host that means every address is asked at this machine's own."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def end_with_parent(environ: Mapping[str, str] = os.environ, every_s: float = 1.0) -> None:
    """In a process of a supervisor: end when the supervisor is gone, even if it could not say so (kill -9)."""
    parent = environ.get(PARENT, "")
    if not parent.isdigit():
        return

    def watch() -> None:
        while os.getppid() == int(parent):
            time.sleep(every_s)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="supervisor", daemon=True).start()
