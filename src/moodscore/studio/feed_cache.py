"""The feed cache: pages that every visitor sees alike are rendered once and then answered as ready bytes."""

from __future__ import annotations

import asyncio
import logging
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from moodscore.schemes import MOODS
from moodscore.studio import cookies, languages
from moodscore.studio.settings import Settings

LOG = logging.getLogger("moodscore.studio")
PATHS = frozenset({"/", "/public", *(f"/mood/{mood}" for mood in MOODS.names)})
# What stands in a page for the two things that are each visitor's own. Both are too long to be met by chance.
NONCE = "nonce0of0whoever0looks"
VISITOR = "visitor0of0whoever0looks"


@dataclass(frozen=True, slots=True)
class Ready:
    """A page in pieces: between two of them stands a nonce (`True`) or a token of forms (`False`)."""

    pieces: tuple[bytes, ...]
    nonces: tuple[bool, ...]
    made_s: float
    round: int

    def filled(self, nonce: bytes, token: bytes) -> bytes:
        """The page of one visitor."""
        parts = [self.pieces[0]]
        for is_nonce, piece in zip(self.nonces, self.pieces[1:], strict=True):
            parts += (nonce if is_nonce else token, piece)
        return b"".join(parts)


class FeedCache:
    """ASGI: answers feeds to visitors, who are not logged in and ask without a query, from memory.

    A page is rendered through the application itself, as for a visitor whose cookie and nonce are placeholders, once for
    each language. It is thrown away when it is as old as the settings say, and whenever something was changed through this
    process; from half of that age on the next is made beside it. Whoever is logged in, and everything else, goes through.
    """

    def __init__(self, app: ASGIApp, settings: Settings, key: bytes) -> None:
        self.app, self.settings, self.key = app, settings, key
        self.oldest_s = settings.feed_seconds
        names = (cookies.SESSION, cookies.VISITOR, cookies.LANGUAGE)
        self._session, self._visitor, self._language = (cookies.cookie_name(settings, name) for name in names)
        self._token = cookies.csrf_token(key, VISITOR).encode()
        self._ready: dict[tuple[str, str], Ready] = {}
        self._making: dict[tuple[str, str, int], asyncio.Task[Ready | None]] = {}
        self._round = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] in ("HEAD", "OPTIONS"):
            await self.app(scope, receive, send)
        elif scope["method"] != "GET":
            await self.app(scope, receive, self._forgetting(send))
        elif not self._is_kept(scope) or not await self._answer(scope, send):
            await self.app(scope, receive, send)

    def _is_kept(self, scope: Scope) -> bool:
        return self.oldest_s > 0 and scope["path"] in PATHS and not scope["query_string"]

    def _forgetting(self, send: Send) -> Send:
        """As `send`, but forgets every page once a change was carried out."""

        async def then_forget(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 400:
                self._round += 1
            await send(message)

        return then_forget

    async def _answer(self, scope: Scope, send: Send) -> bool:
        headers = dict(scope["headers"])
        told = _cookies_of(headers.get(b"cookie", b""))
        if self._session in told or b"json" in headers.get(b"accept", b""):
            return False
        preferred = languages.preferred(headers.get(b"accept-language", b"").decode("latin-1"), self.settings.language)
        language = languages.first_known([told.get(self._language, "")], preferred)
        page = await self._page(scope, language)
        if page is None:
            return False
        visitor = told.get(self._visitor) or cookies.new_token()
        body = page.filled(scope["nonce"].encode(), cookies.csrf_token(self.key, visitor).encode())
        answered = [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"private, no-cache"),
            (b"vary", b"cookie, accept-language"),
        ]
        if self._visitor not in told:
            answered.append((b"set-cookie", self._give(visitor)))
        await send({"type": "http.response.start", "status": 200, "headers": answered})
        await send({"type": "http.response.body", "body": body})
        return True

    def _give(self, visitor: str) -> bytes:
        """The header that gives a visitor the cookie that `Here.page` would give them."""
        age, secure = int(self.settings.visitor_hours * 3600), "; Secure" if self.settings.secure else ""
        return f"{self._visitor}={visitor}; HttpOnly; Max-Age={age}; Path=/; SameSite=lax{secure}".encode()

    async def _page(self, scope: Scope, language: str) -> Ready | None:
        key, now_s = (scope["path"], language), asyncio.get_running_loop().time()
        page = self._ready.get(key)
        if page is not None and page.round == self._round and now_s - page.made_s < self.oldest_s:
            if now_s - page.made_s > self.oldest_s / 2:
                self._make(scope, language)
            return page
        return await asyncio.shield(self._make(scope, language))

    def _make(self, scope: Scope, language: str) -> asyncio.Task[Ready | None]:
        """The one task that renders this page now; whoever else wants it waits for the same."""
        key = (scope["path"], language, self._round)
        if key not in self._making:
            task = asyncio.get_running_loop().create_task(self._render(scope, language, self._round))
            self._making[key] = task
            task.add_done_callback(lambda done: self._made(key, done))
        return self._making[key]

    def _made(self, key: tuple[str, str, int], task: asyncio.Task[Ready | None]) -> None:
        self._making.pop(key, None)
        if not task.cancelled() and task.exception() is not None:
            LOG.warning("%s could not be made ready: %r", key[0], task.exception())

    async def _render(self, scope: Scope, language: str, this_round: int) -> Ready | None:
        made_s = asyncio.get_running_loop().time()
        messages: list[Message] = []

        async def nothing() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def keep(message: Message) -> None:
            messages.append(message)

        await self.app(self._of_a_visitor(scope, language), nothing, keep)
        headers = dict(messages[0]["headers"])
        html = headers.get(b"content-type", b"").startswith(b"text/html")
        if messages[0]["status"] != 200 or not html or b"set-cookie" in headers:
            return None
        body = b"".join(message.get("body", b"") for message in messages[1:])
        parts = re.split(b"(%b|%b)" % (re.escape(NONCE.encode()), re.escape(self._token)), body)
        nonces = tuple(part == NONCE.encode() for part in parts[1::2])
        page = Ready(tuple(parts[::2]), nonces, made_s, this_round)
        self._ready[scope["path"], language] = page
        return page

    def _of_a_visitor(self, scope: Scope, language: str) -> Scope:
        headers = [
            (b"host", urlsplit(self.settings.base_url).netloc.encode()),
            (b"accept", b"text/html"),
            (b"accept-language", language.encode()),
            (b"cookie", f"{self._visitor}={VISITOR}".encode()),
        ]
        taken = ("type", "asgi", "http_version", "server", "client", "scheme", "root_path", "path", "raw_path", "app")
        asked = {name: scope[name] for name in taken if name in scope}
        return {**asked, "method": "GET", "query_string": b"", "headers": headers, "nonce": NONCE, "state": {}}


def _cookies_of(header: bytes) -> dict[str, str]:
    """The cookies of a request; what cannot be read is left out, as starlette does."""
    pairs = (part.strip().partition("=") for part in header.decode("latin-1").split(";"))
    return {name: value for name, found, value in pairs if found}
