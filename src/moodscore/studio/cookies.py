"""Cookies and forged requests: who is asking, and whether they asked from our own pages."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from moodscore.studio.refusals import STALE, Refused
from moodscore.studio.settings import Settings

SAFE = ("GET", "HEAD", "OPTIONS")
SESSION = "session"
VISITOR = "visitor"
LANGUAGE = "language"


def new_token() -> str:
    """A secret of 128 random bits."""
    return secrets.token_urlsafe(16)


def digest(token: str) -> str:
    """The SHA-256 of a secret: what is stored instead of it."""
    return hashlib.sha256(token.encode()).hexdigest()


def secret_key(folder: Path) -> bytes:
    """The studio's own 256-bit key, made the first time, readable by its owner only."""
    path = folder / "secret.key"
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(32))
    except FileExistsError:
        pass
    return path.read_bytes()


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
    if request.headers.get("sec-fetch-site") == "cross-site" or (origin and urlsplit(origin).netloc not in hosts):
        raise Refused(403, STALE)
    bound_to = read(request, settings, SESSION) or read(request, settings, VISITOR)
    told = request.headers.get("x-csrf-token") or ""
    if not told and request.headers.get("content-type", "").startswith(
        ("multipart/form-data", "application/x-www-form-urlencoded")
    ):
        told = str((await request.form()).get("csrf", ""))
    if not bound_to or not hmac.compare_digest(told.encode(), csrf_token(key, bound_to).encode()):
        raise Refused(403, STALE)
