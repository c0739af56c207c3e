"""Cookies and forged requests: who is asking, and whether they asked from our own pages."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from moodscore.errors import BadValue
from moodscore.studio.refusals import STALE, Refused
from moodscore.studio.settings import Settings

SAFE = ("GET", "HEAD", "OPTIONS")
SESSION = "session"
VISITOR = "visitor"
LANGUAGE = "language"
KEY_BYTES = 32
MOST_FIELDS = 64


def new_token() -> str:
    """A secret of 128 random bits."""
    return secrets.token_urlsafe(16)


def digest(token: str) -> str:
    """The SHA-256 of a secret: what is stored instead of it."""
    return hashlib.sha256(token.encode()).hexdigest()


def secret_key(folder: Path) -> bytes:
    """The studio's own 256-bit key, made the first time, readable by its owner only; it is there whole or not at all.

    Raises BadValue for a file that is no key: with an empty one anybody could make the tokens of our forms.
    """
    path = folder / "secret.key"
    if not path.exists():
        fresh = folder / f".secret.key-{secrets.token_hex(4)}"
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)  # never over the key that another process made meanwhile
        except FileExistsError:
            pass
        except OSError:  # no links on this disk
            fresh.replace(path)
        fresh.unlink(missing_ok=True)
    key = path.read_bytes()
    if len(key) < KEY_BYTES:
        raise BadValue(f"{path}: expected a key of {KEY_BYTES} bytes, got {len(key)}; remove it, and a new one is made")
    return key


def cookie_name(settings: Settings, name: str) -> str:
    """`__Host-` where people come by https, so that no other host or path can set it; browsers refuse that on http."""
    return f"__Host-{name}" if settings.secure else f"moodscore-{name}"


def read(request: Request, settings: Settings, name: str) -> str:
    """A cookie's value, or ""."""
    return request.cookies.get(cookie_name(settings, name), "")


def give(response: Response, settings: Settings, name: str, value: str, age_s: float) -> None:
    """Set a cookie that scripts and other sites cannot read; an `age_s` of 0 takes it away."""
    site: Literal["lax"] = "lax"
    name, age = cookie_name(settings, name), int(age_s)
    response.set_cookie(name, value, max_age=age, path="/", secure=settings.secure, httponly=True, samesite=site)


def csrf_token(key: bytes, bound_to: str) -> str:
    """The token forms carry: bound to the session or visitor cookie, so it changes at log-in."""
    return hmac.new(key, b"csrf:" + bound_to.encode(), hashlib.sha256).hexdigest()[:32]


async def refuse_forged(request: Request, key: bytes, settings: Settings) -> None:
    """Refuse a changing request that does not come from our own pages; raises Refused (403).

    The browser's word on where it comes from must not be another site, and the token of the form (`csrf`) or of the header
    X-CSRF-Token must be the one bound to its cookie.
    """
    if request.method in SAFE:
        return
    origin = request.headers.get("origin")
    hosts = (urlsplit(settings.base_url).netloc, request.headers.get("host", ""))
    if request.headers.get("sec-fetch-site") == "cross-site" or (origin and host_of(origin) not in hosts):
        raise Refused(403, STALE)
    kind = request.headers.get("content-type", "").lower()
    if kind.startswith("multipart/") and "charset=" in kind and not re.search(r'charset="?utf-?8', kind):
        raise HTTPException(415)  # whoever names the codec could write letters that no database takes
    bound_to = read(request, settings, SESSION) or read(request, settings, VISITOR)
    if not bound_to:  # said before a large body is read
        raise Refused(403, STALE)
    told = request.headers.get("x-csrf-token") or ""
    if not told and kind.startswith(("multipart/form-data", "application/x-www-form-urlencoded")):
        told = str((await form_of(request, settings)).get("csrf", ""))
    if not hmac.compare_digest(told.encode(), csrf_token(key, bound_to).encode()):
        raise Refused(403, STALE)


async def form_of(request: Request, settings: Settings) -> FormData:
    """The form of a request, of as many files as a film may have: each waits in memory until it is large."""
    return await request.form(max_files=settings.film_photos + 1, max_fields=MOST_FIELDS)


def host_of(address: str) -> str:
    """The host and port of a web address, "" for what is none."""
    try:
        return urlsplit(address).netloc
    except ValueError:
        return ""
