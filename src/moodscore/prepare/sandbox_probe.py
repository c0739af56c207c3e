"""The probe: a locked-up child tries what it must not be able to do, so that protection is known and not assumed."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from typing import Any

from moodscore.prepare.sandbox_picture import HeldFile, Reply


def task(file: HeldFile, asked: dict[str, Any], reply: Reply) -> None:
    """Tell which of files, network, programs, processes and memory are out of reach, as name -> bool."""
    attempts: dict[str, Callable[[], object]] = {
        "files": lambda: os.open(os.devnull, os.O_RDONLY),
        "network": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
        "programs": _run_nothing,
        "processes": _fork_nothing,
        "memory": lambda: bytearray(2 * int(asked["memory_bytes"])),
    }
    reply.facts(**{name: _refused(attempt) for name, attempt in attempts.items()})


def _refused(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except (OSError, MemoryError):
        return True
    return False


def _run_nothing() -> None:
    """Ask for a program that is not there: a system that would run one says so."""
    try:
        os.execv("/nowhere/moodscore", ["moodscore"])
    except FileNotFoundError:
        return


def _fork_nothing() -> None:
    if os.fork() == 0:
        os._exit(0)
