"""The keeper: starts the fork server when it is needed, hands it files, listens, and starts another when it is gone."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from moodscore.errors import BadMedia
from moodscore.prepare.sandbox_line import FACTS, HEADER, LENGTH, READY, REFUSED, TAKEN, Allowance

TASKS = {
    "photo": "moodscore.prepare.sandbox_picture:task",
    "clip": "moodscore.prepare.sandbox_film:film",
    "sound": "moodscore.prepare.sandbox_film:music",
    "probe": "moodscore.prepare.sandbox_probe:task",
}
_START_S, _TAKE_S, _GRACE_S = 60.0, 30.0, 3.0
_END_S = 10.0  # a child that said all it has to say ends at once; giving back its memory takes a moment
_MOST_FACTS, _MOST_WORDS = 1 << 16, 400
_KEPT_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR", "HOME")
_BOOT = (
    "import sys; sys.path[:] = sys.argv[3:]; from moodscore.prepare.sandbox_server import main; "
    "main(int(sys.argv[1]), sys.argv[2].split())"
)


class ServerGone(Exception):
    """The fork server ended before it said how a file fared; the file may be tried again."""


class Conversation:
    """What a child says about one file: its parts in order, each checked against what it may be."""

    def __init__(self, name: str, line: socket.socket, end: int, allowance: Allowance) -> None:
        self._name, self._line, self._end, self._allowance = name, line, end, allowance
        self._seconds, self._deadline_s = allowance.seconds, time.monotonic() + allowance.seconds + _GRACE_S

    def parts(self, most: Mapping[bytes, int]) -> Iterator[tuple[bytes, bytes]]:
        """(tag, bytes) of each part until the child ends well; `most` says which tags may come and how long at most.

        Raises BadMedia when the child refuses the file, is ended, or says what it should not; ServerGone when the server
        ended.
        """
        limits = {FACTS: _MOST_FACTS, REFUSED: _MOST_WORDS * 4, **most}
        while header := self._read(HEADER.size, may_end=True):
            tag, count = HEADER.unpack(header)
            if count > limits.get(tag, -1):
                raise self.refusal("broken")
            data = self._read(count)
            if tag == REFUSED:
                raise self.refusal(data.decode("utf-8", "replace"))
            yield tag, data
        said = self._ending()
        if not said.get("well"):
            raise self.refusal(str(said.get("why") or "broken"))

    def until(self, seconds: float) -> None:
        """Allow this many seconds from now on."""
        self._seconds, self._deadline_s = seconds, time.monotonic() + seconds

    def refusal(self, why: str) -> BadMedia:
        """The error for a word of the server's or a child's sentence, of which only printable letters are believed."""
        megabytes = self._allowance.memory_bytes >> 20
        sentences = {
            "time": f"expected a file that opens within {self._seconds:.0f} s, got one that takes longer; "
            "save it again in a smaller size",
            "memory": f"expected a file that opens within {megabytes} MB of memory, got one that needs more; scale it down",
            "broken": "expected a whole file, got a damaged one; copy it or save it again",
            "heavy": f"expected a whole file that opens within {megabytes} MB of memory, got one that is damaged or needs "
            "more; save it again in a smaller size",
        }
        if why in sentences:
            return BadMedia(f"{self._name}: {sentences[why]}")
        text = "".join(letter if letter.isprintable() else " " for letter in why[:_MOST_WORDS])
        return BadMedia(text if text.startswith(f"{self._name}: ") else f"{self._name}: {text}")

    def _read(self, count: int, *, may_end: bool = False) -> bytes:
        data, at = bytearray(count), 0
        view = memoryview(data)
        while at < count:
            self._line.settimeout(max(0.01, self._deadline_s - time.monotonic()))
            try:
                got = self._line.recv_into(view[at:])
            except TimeoutError:
                raise self.refusal("time") from None
            except OSError:
                got = 0
            if not got:
                if may_end and not at:
                    return b""
                raise self.refusal(str(self._ending().get("why") or "broken"))
            at += got
        return bytes(data)

    def _ending(self) -> dict[str, Any]:
        """What the server says about how the child ended; raises BadMedia when it lives on though its line is closed."""
        said, until_s = b"", min(self._deadline_s + _GRACE_S, time.monotonic() + _END_S)
        waiting = select.poll()
        waiting.register(self._end, select.POLLIN)
        while True:
            if not waiting.poll(max(0.0, until_s - time.monotonic()) * 1000):
                raise self.refusal("broken")
            if not (part := os.read(self._end, 4096)):
                break
            said += part
        if not said:
            raise ServerGone(self._name)
        answer = json.loads(said)
        return answer if isinstance(answer, dict) else {}


class Keeper:
    """One fork server, shared by all threads of this process; `tasks` are its abilities as name -> "module:function"."""

    def __init__(self, tasks: Mapping[str, str] = TASKS, most_at_once: int | None = None) -> None:
        self._tasks = dict(tasks)
        self._most = most_at_once or max(2, os.cpu_count() or 1)
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._fresh()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._forget)
        atexit.register(self.close)

    def _fresh(self) -> None:
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(self._most)

    def _forget(self) -> None:
        """In a fork of this process: the server is the other one's; keeping its line open would keep it alive too long."""
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            self._process.returncode = 0  # not ours to wait for
        self._control, self._process = None, None
        self._fresh()

    @property
    def pid(self) -> int | None:
        """The server's process id, None while there is none."""
        return self._process.pid if self._process else None

    def warm(self) -> None:
        """Start the server now, so that the first file need not wait for it."""
        with self._lock:
            self._running()

    def close(self) -> None:
        """End the server and all its children; the next file starts another."""
        with self._lock:
            self._stop()

    @contextlib.contextmanager
    def conversation(
        self, task: str, file: int, asked: Mapping[str, Any], allowance: Allowance
    ) -> Iterator[Conversation]:
        """Have a child do a task on the open file; waits while as many are at work as there are cores (at least two).

        `asked` has the `name` that errors use. Leaving the context ends the child if it is still at work.
        """
        with self._places:
            line, end = self._submit(file, {**asked, "task": task, **asdict(allowance)})
            try:
                yield Conversation(str(asked["name"]), line, end, allowance)
            finally:
                line.close()
                os.close(end)

    def _submit(self, file: int, asked: dict[str, Any]) -> tuple[socket.socket, int]:
        for last in (False, True):
            line, other = socket.socketpair()
            ends = os.pipe()
            try:
                with self._lock:
                    self._hand_over(json.dumps(asked).encode(), [file, other.fileno(), ends[1]])
                return line, ends[0]
            except (OSError, EOFError) as error:
                line.close()
                os.close(ends[0])
                if last:
                    raise ServerGone(str(asked["name"])) from error
            finally:
                other.close()
                os.close(ends[1])
        raise AssertionError("unreachable")

    def _hand_over(self, request: bytes, descriptors: list[int]) -> None:
        control = self._running()
        try:
            control.settimeout(_TAKE_S)
            socket.send_fds(control, [LENGTH.pack(len(request))], descriptors)
            control.sendall(request)
            if control.recv(1) != TAKEN:
                raise EOFError
        except (OSError, EOFError):
            self._stop()
            raise

    def _running(self) -> socket.socket:
        """The line to a server that runs; starts one when there is none."""
        if not hasattr(os, "fork"):
            raise BadMedia(
                "strangers' files: expected a system that can fork (Linux or macOS), got one that cannot; "
                "run this part in a Linux container"
            )
        if self._process is not None and self._process.poll() is not None:
            self._stop()
        if self._control is None:
            self._start()
        assert self._control is not None
        return self._control

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        names = " ".join(f"{word}={place}" for word, place in self._tasks.items())
        environment = {key: os.environ[key] for key in _KEPT_ENVIRONMENT if key in os.environ}
        fixed = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
        fixed["GLIBC_TUNABLES"] = "glibc.malloc.hugetlb=1"  # a child's memory is all new: large pages are filled sooner
        paths = [str(Path(path).resolve()) for path in sys.path]
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-c", _BOOT, str(theirs.fileno()), names, *paths],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env={**environment, **fixed},
                cwd="/",
            )
        self._control = ours
        ours.settimeout(_START_S)
        try:
            if ours.recv(1) != READY:
                raise EOFError("the process for untrusted files did not start")
        except OSError:
            self._stop()
            raise

    def _stop(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(2)
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait()
        self._control, self._process = None, None
