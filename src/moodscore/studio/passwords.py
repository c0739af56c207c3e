"""Passwords: which are taken, how they are stored (argon2id), and how many are worked on at once."""

from __future__ import annotations

import os
import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

from moodscore.studio.guessable import parts
from moodscore.studio.refusals import BUSY, N_, Refused

SHORTEST, LONGEST = 10, 200
FEWEST_PARTS = 6
WAIT_S = 3.0
TOO_SHORT = N_("A password needs %(n)s characters or more.")
TOO_LONG = N_("A password may have %(n)s characters at most.")
TOO_COMMON = N_(
    "Many people use a password like this, so it is easily guessed. Try a few words that do not belong together."
)

# OWASP's figures for argon2id: 19 MiB, two passes, one lane.
_HASHES = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1),))
_AT_ONCE = BoundedSemaphore(max(2, min(4, os.cpu_count() or 2)))


@contextmanager
def _turn() -> Iterator[None]:
    """Wait for a turn to hash, so that a crowd at the door fills neither memory nor cores; raises Refused (503)."""
    if not _AT_ONCE.acquire(timeout=WAIT_S):
        raise Refused(503, BUSY)
    try:
        yield
    finally:
        _AT_ONCE.release()


def _normal(password: str) -> str:
    """The same password from every keyboard: composed and decomposed Hangul are one."""
    return unicodedata.normalize("NFKC", password)


def check(password: str, *known: str, field: str = "password") -> None:
    """Refuse a password that is too short, too long, or easily guessed, also from what is `known` (handle, studio).

    Raises Refused (422) naming the form's `field`.
    """
    normal = _normal(password)
    if len(normal) < SHORTEST:
        raise Refused(422, TOO_SHORT, field, n=SHORTEST)
    if len(normal) > LONGEST:
        raise Refused(422, TOO_LONG, field, n=LONGEST)
    if parts(normal, known) < FEWEST_PARTS:
        raise Refused(422, TOO_COMMON, field)


def hashed(password: str) -> str:
    """What is stored of a password; raises Refused (503) when too many are hashed at once."""
    with _turn():
        return _HASHES.hash(_normal(password))


def matches(password: str, stored: str | None) -> bool:
    """Whether a password is the stored one. Without a stored one it takes as long and says no."""
    with _turn():
        try:
            return _HASHES.verify(_normal(password)[:LONGEST], stored or _nobodys()) and stored is not None
        except UnknownHashError:
            return False


@cache
def _nobodys() -> str:
    return _HASHES.hash(secrets.token_urlsafe(16))


def made_up() -> str:
    """A new password of 100 random bits, easy to read out: five groups of four letters."""
    letters = "abcdefghijkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(5))
