"""Headers: what every answer tells browsers about what it may do, and how large a request may be."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FORM_BYTES = 1024 * 1024


def policy(nonce: str, framed: bool) -> str:
    """The content security policy of a page: our own scripts and styles, inline only with this answer's number."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'nonce-{nonce}'",
            f"style-src 'self' 'nonce-{nonce}'",
            "img-src 'self' data: blob:",
            "media-src 'self' blob:",
            "font-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            "worker-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors *" if framed else "frame-ancestors 'none'",
        )
    )


class Headers:
    """ASGI: gives each request a nonce and each answer its headers; `/embed/` may be framed by other sites."""

    def __init__(self, app: ASGIApp, secure: bool) -> None:
        self.app, self.secure = app, secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        nonce = scope["nonce"] = secrets.token_urlsafe(12)
        framed = scope["path"].startswith("/embed/")

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("content-security-policy", policy(nonce, framed))
                headers["x-content-type-options"] = "nosniff"
                headers.setdefault("referrer-policy", "same-origin")
                headers.setdefault("cache-control", "private, no-cache")
                headers["cross-origin-opener-policy"] = "same-origin"
                headers["permissions-policy"] = "camera=(self), microphone=(), geolocation=(), interest-cohort=()"
                if not framed:
                    headers["x-frame-options"] = "DENY"
                if self.secure:
                    headers["strict-transport-security"] = "max-age=31536000"
            await send(message)

        await self.app(scope, receive, with_headers)


class BodyLimit:
    """ASGI: refuses a request body beyond what its path may have, before it fills the disk. `paths` are (prefix, bytes)."""

    def __init__(self, app: ASGIApp, paths: Sequence[tuple[str, int]], otherwise: int = FORM_BYTES) -> None:
        self.app, self.paths, self.otherwise = app, tuple(paths), otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = next((size for prefix, size in self.paths if scope["path"].startswith(prefix)), self.otherwise)
        told = dict(scope["headers"]).get(b"content-length", b"0")
        too_large = JSONResponse({"error": f"expected at most {most} bytes"}, 413)
        if not told.isdigit() or int(told) > most:
            await too_large(scope, receive, send)
            return
        got = 0

        async def counted() -> Message:
            nonlocal got
            message = await receive()
            got += len(message.get("body", b""))
            if got > most:
                return {"type": "http.disconnect"}
            return message

        async def answered(message: Message) -> None:
            if got <= most:
                await send(message)
            elif message["type"] == "http.response.start":
                await too_large(scope, receive, send)

        await self.app(scope, counted, answered)
