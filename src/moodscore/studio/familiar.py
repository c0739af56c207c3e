"""Familiar browsers: one from which somebody logged in before has its own count of tries.

Without this, whoever guesses at a person's password would use up that person's tries and lock them out.
"""

from __future__ import annotations

import hashlib
import hmac

from starlette.responses import Response

from moodscore.studio import cookies
from moodscore.studio.accounts import User
from moodscore.studio.here import Here

FAMILIAR = "familiar"
DAYS = 400.0


def _signed(here: Here, token: str, handle: str) -> str:
    key: bytes = here.request.app.state.key
    return hmac.new(key, f"familiar:{token}:{handle}".encode(), hashlib.sha256).hexdigest()[:32]


def bucket(here: Here, handle: str) -> str:
    """The name under which this browser's tries for a handle are counted, or "" when it is not known for that handle."""
    token, _, signature = cookies.read(here.request, here.settings, FAMILIAR).partition(".")
    known = token and hmac.compare_digest(signature.encode(), _signed(here, token, handle).encode())
    return f"{handle} {token}" if known else ""


def remember(here: Here, response: Response, user: User) -> None:
    """Let the browser be known for a person who just logged in."""
    token = cookies.new_token()
    value = f"{token}.{_signed(here, token, user.handle)}"
    cookies.give(response, here.settings, FAMILIAR, value, DAYS * 86400)
