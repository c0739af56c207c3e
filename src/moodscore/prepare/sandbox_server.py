"""The fork server: a small process that has every decoder loaded and forks one locked-up child for each file.

It never looks into a file itself. It is started by `sandbox_keeper` as a fresh process, so it holds nothing of the program
that started it: no open files, no data, no secrets. It ends when that program ends, and takes its children along.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import resource
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from moodscore.errors import BadMedia
from moodscore.prepare.sandbox_line import FACTS, HEADER, LENGTH, READY, REFUSED, TAKEN, Allowance
from moodscore.prepare.sandbox_lock import die_with_parent, lock, prepare
from moodscore.prepare.sandbox_picture import HeldFile

_MOST_ASKED_BYTES = 1 << 16

Task = Callable[[HeldFile, dict[str, Any], "Channel"], None]


class Channel:
    """The child's end of the line: what it found goes home in parts, each with a tag and a length."""

    def __init__(self, line: int) -> None:
        self._line = line

    def facts(self, **facts: Any) -> None:  # noqa: ANN401 - JSON
        """Send a few numbers and words."""
        self.numbers(FACTS, json.dumps(facts).encode())

    def numbers(self, tag: bytes, *parts: bytes | memoryview) -> None:
        """Send pixels, samples or text under a tag of one byte."""
        self._write(HEADER.pack(tag, sum(len(part) for part in parts)))
        for part in parts:
            self._write(part)

    def _write(self, data: bytes | memoryview) -> None:
        left = memoryview(data)
        while left:
            left = left[os.write(self._line, left) :]


@dataclass(slots=True)
class _Child:
    """A child at work; `end` is the pipe on which the server, and nobody else, says how it ended."""

    pid: int
    end: int
    deadline_s: float
    memory_bytes: int
    why: str = ""


class _Server:
    """One thread: takes requests, forks, waits, and tells how each child ended."""

    def __init__(self, control: socket.socket, tasks: dict[str, Task]) -> None:
        self._control, self._tasks = control, tasks
        self._children: dict[int, _Child] = {}
        self._poll = select.poll()
        self._woken, waker = os.pipe()
        for end in (self._woken, waker):
            os.set_blocking(end, False)
        self._waker = waker
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
        self._poll.register(control.fileno(), select.POLLIN)
        self._poll.register(self._woken, select.POLLIN)

    def serve(self) -> None:
        """Until the program at the other end is gone."""
        while True:
            for descriptor, event in self._poll.poll(self._wait_ms()):
                if descriptor == self._control.fileno():
                    if not self._take():
                        return self._end()
                elif descriptor == self._woken:
                    with contextlib.suppress(BlockingIOError):
                        os.read(self._woken, 4096)
                elif event & (select.POLLHUP | select.POLLERR):
                    self._kill(descriptor, "left")
            self._kill_late()
            self._reap()

    def _wait_ms(self) -> float | None:
        if not self._children:
            return None
        first = min(child.deadline_s for child in self._children.values())
        return max(0.0, first - time.monotonic()) * 1000 + 1

    def _take(self) -> bool:
        """Fork a child for the next request; False when there will be none any more."""
        data, descriptors, _, _ = socket.recv_fds(self._control, LENGTH.size, 3)
        if len(data) < LENGTH.size:
            return False
        asked = json.loads(_exactly(self._control, LENGTH.unpack(data)[0]))
        file, line, end = descriptors
        allowance = Allowance(int(asked["memory_bytes"]), float(asked["seconds"]))
        pid = os.fork()
        if pid == 0:
            os.close(end)
            self._become_child(file, line, asked, allowance)
        os.close(file)
        os.close(line)
        deadline_s = time.monotonic() + allowance.seconds
        self._children[end] = _Child(pid, end, deadline_s, allowance.memory_bytes)
        self._poll.register(end, 0)  # nothing but that nobody listens any more
        self._control.sendall(TAKEN)
        return True

    def _become_child(self, file: int, line: int, asked: dict[str, Any], allowance: Allowance) -> None:
        """Never returns. Everything that belongs to the server or to other files is closed before the file is touched."""
        status = 1
        try:
            die_with_parent()
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.dup2(0, 2)  # decoders' complaints quote the file; they do not belong in our log
            self._control.close()
            os.close(self._woken)
            os.close(self._waker)
            for other in self._children.values():
                os.close(other.end)
            status = _work(self._tasks[asked["task"]], file, line, asked, allowance)
        finally:
            os._exit(status)

    def _kill_late(self) -> None:
        now = time.monotonic()
        for descriptor, child in self._children.items():
            if now >= child.deadline_s and not child.why:
                self._kill(descriptor, "time")

    def _kill(self, descriptor: int, why: str) -> None:
        child = self._children.get(descriptor)
        if child is not None and not child.why:
            child.why = why
            self._poll.unregister(descriptor)
            os.kill(child.pid, signal.SIGKILL)

    def _reap(self) -> None:
        for descriptor, child in list(self._children.items()):
            pid, status, used = os.wait4(child.pid, os.WNOHANG)
            if pid == 0:
                continue
            with contextlib.suppress(KeyError):
                self._poll.unregister(descriptor)
            del self._children[descriptor]
            peak_bytes = used.ru_maxrss if sys.platform == "darwin" else used.ru_maxrss * 1024
            why = child.why or _why(status, peak_bytes, child.memory_bytes)
            with contextlib.suppress(OSError):
                os.write(child.end, json.dumps({"well": status == 0, "why": why}).encode())
            os.close(child.end)

    def _end(self) -> None:
        for child in self._children.values():
            os.kill(child.pid, signal.SIGKILL)


def _why(status: int, peak_bytes: int, most_bytes: int) -> str:
    """A word for how a child ended that said nothing: time, memory, broken, or "" when it ended well."""
    if status == 0:
        return ""
    ended_by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    if ended_by == signal.SIGXCPU:
        return "time"
    # The system kills for want of memory; a decoder that is refused some may also just fall over.
    return "memory" if ended_by == signal.SIGKILL or peak_bytes > 0.9 * most_bytes else "broken"


def _work(task: Task, file: int, line: int, asked: dict[str, Any], allowance: Allowance) -> int:
    """Lock up, do the task, and tell what came out of it; 0 when that was told whole."""
    channel = Channel(line)
    size, before = os.fstat(file).st_size, _peak_bytes()
    lock(allowance)
    try:
        task(HeldFile(file, size), asked, channel)
    except MemoryError:
        channel.numbers(REFUSED, b"memory")
    except BadMedia as error:
        channel.numbers(REFUSED, _reason(error, before, allowance) or str(error).encode("utf-8", "replace"))
    except Exception as error:  # whatever a broken file made a decoder raise
        channel.numbers(REFUSED, _reason(error, before, allowance) or b"broken")
    return 0


def _reason(error: Exception, before: int, allowance: Allowance) -> bytes:
    """A word when an error may have to do with memory: some decoders that are refused memory say that the file is broken."""
    if _of_memory(error):
        return b"memory"
    refused = getattr(error, "__cause__", None) is not None or not isinstance(error, BadMedia)
    return b"heavy" if refused and _peak_bytes() - before > allowance.memory_bytes / 2 else b""


def _peak_bytes() -> int:
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used if sys.platform == "darwin" else used * 1024


def _of_memory(error: BaseException | None) -> bool:
    """Whether an error, or one that led to it, says that there was not enough memory."""
    while error is not None:
        if isinstance(error, MemoryError) or "memory" in str(error).lower() or getattr(error, "errno", None) == 12:
            return True
        error = error.__cause__ or error.__context__
    return False


def _exactly(line: socket.socket, count: int) -> bytes:
    if count > _MOST_ASKED_BYTES:
        raise ValueError(f"request: expected at most {_MOST_ASKED_BYTES} bytes, got {count}")
    data = b""
    while len(data) < count:
        part = line.recv(count - len(data))
        if not part:
            raise EOFError("request: expected it whole, got a part")
        data += part
    return data


def main(descriptor: int, names: list[str]) -> None:
    """Serve on a socket that is open as `descriptor`; `names` are tasks as name=module:function."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program that started us; we end when it does
    control = socket.socket(fileno=descriptor)
    tasks = {}
    for name in names:
        word, _, place = name.partition("=")
        module, _, function = place.partition(":")
        tasks[word] = getattr(import_module(module), function)
    from moodscore.prepare import sandbox_warm

    sandbox_warm.warm()
    prepare()
    gc.collect()
    gc.freeze()  # what is shared with the children stays shared
    control.sendall(READY)
    with contextlib.suppress(ConnectionError):
        _Server(control, tasks).serve()
