"""The feed cache: pages that every visitor sees alike are rendered once and then answered as ready bytes."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from moodscore.schemes import MOODS
from moodscore.studio import cookies, languages
from moodscore.studio.refusals import Refused
from moodscore.studio.settings import Settings
from moodscore.studio.shelf import Shelf

LOG = logging.getLogger("moodscore.studio")
# The paths of the public feeds, and the mood that each is of.
PATHS = {"/": "", "/public": ""} | {f"/mood/{mood}": mood for mood in MOODS.names}
QUERY = re.compile(rb"(?:part=(1)(?:&|$))?(?:before=([0-9a-z.~]{1,64}))?(?:&part=(1))?")
MOST = 250
# Pages say how long ago something was posted; after this long they say it anew.
DRAWN_S = 60.0
# What stands in a page for the two things that are each visitor's own: nobody can guess it, and so nobody can write it.
NONCE = secrets.token_urlsafe(16)
VISITOR = cookies.new_token()


@dataclass(frozen=True, slots=True)
class Asked:
    """Which page is asked for."""

    path: str
    before: str
    part: bool
    language: str

    @property
    def query(self) -> bytes:
        """The query that asks for it."""
        told = [f"before={self.before}" if self.before else "", "part=1" if self.part else ""]
        return "&".join(part for part in told if part).encode()


@dataclass(slots=True)
class Ready:
    """A page in pieces: between two of them stands a nonce (`True`) or a token of forms (`False`).

    `seen` is what the database said of its posts when it was drawn; `checked_s` when, in which `round`, it last said so.
    """

    pieces: tuple[bytes, ...]
    nonces: tuple[bool, ...]
    seen: object
    drawn_s: float
    checked_s: float
    round: int

    def filled(self, nonce: bytes, token: bytes) -> bytes:
        """The page of one visitor."""
        parts = [self.pieces[0]]
        for is_nonce, piece in zip(self.nonces, self.pieces[1:], strict=True):
            parts += (nonce if is_nonce else token, piece)
        return b"".join(parts)


class FeedCache:
    """ASGI: answers the public feeds to visitors, who are not logged in, from memory.

    A page is rendered through the application itself, as for a visitor whose cookie and nonce are placeholders, and drawn
    again only when one small query says that something in it changed. For as long as the settings say (`feed_seconds`) not
    even that is asked, unless something was changed through this process; from half of that time on it is asked beside.
    Whoever is logged in, and everything else, goes through.
    """

    def __init__(self, app: ASGIApp, settings: Settings, key: bytes) -> None:
        self.app, self.settings, self.key = app, settings, key
        self.oldest_s = settings.feed_seconds
        names = (cookies.SESSION, cookies.VISITOR, cookies.LANGUAGE)
        self._session, self._visitor, self._language = (cookies.cookie_name(settings, name) for name in names)
        self._token = cookies.csrf_token(key, VISITOR).encode()
        self._ready: OrderedDict[Asked, Ready] = OrderedDict()
        self._drawing: dict[tuple[Asked, int], asyncio.Task[Ready | None]] = {}
        self._checking: dict[Asked, asyncio.Task[Ready | None]] = {}
        self._round = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] in ("HEAD", "OPTIONS"):
            await self.app(scope, receive, send)
        elif scope["method"] != "GET":
            await self.app(scope, receive, self._forgetting(send))
        elif scope["path"] not in PATHS or not await self._answer(scope, send):
            await self.app(scope, receive, send)

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
        query = QUERY.fullmatch(scope["query_string"])
        if query is None or self._session in told or b"json" in headers.get(b"accept", b""):
            return False
        preferred = languages.preferred(headers.get(b"accept-language", b"").decode("latin-1"), self.settings.language)
        language = languages.first_known([told.get(self._language, "")], preferred)
        asked = Asked(scope["path"], (query[2] or b"").decode(), bool(query[1] or query[3]), language)
        page = await self._page(scope, asked)
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

    async def _page(self, scope: Scope, asked: Asked) -> Ready | None:
        page, now_s = self._ready.get(asked), _now_s()
        if page is None or page.round != self._round or now_s - page.checked_s >= self.oldest_s:
            return await self._checked(scope, asked)
        if now_s - page.checked_s > self.oldest_s / 2 and asked not in self._checking:
            task = asyncio.get_running_loop().create_task(self._checked(scope, asked))
            self._checking[asked] = task
            task.add_done_callback(lambda done: _told(asked, done, self._checking.pop(asked, None)))
        return page

    async def _checked(self, scope: Scope, asked: Asked) -> Ready | None:
        """A page of which the database says now that it is still so; None for what is not a page of a feed."""
        this_round, checked_s = self._round, _now_s()
        seen = await run_in_threadpool(_look, scope["app"], asked)
        if seen is None:
            return None
        page = self._ready.get(asked)
        if page is not None and page.seen == seen and checked_s - page.drawn_s < DRAWN_S:
            page.checked_s, page.round = checked_s, this_round
            self._ready.move_to_end(asked)
            return page
        key = (asked, this_round)
        if key not in self._drawing:
            task = asyncio.get_running_loop().create_task(self._draw(scope, asked, seen, this_round))
            self._drawing[key] = task
            task.add_done_callback(lambda done: _told(asked, done, self._drawing.pop(key, None)))
        return await asyncio.shield(self._drawing[key])

    async def _draw(self, scope: Scope, asked: Asked, seen: object, this_round: int) -> Ready | None:
        drawn_s = _now_s()
        messages: list[Message] = []

        async def nothing() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def keep(message: Message) -> None:
            messages.append(message)

        await self.app(self._of_a_visitor(scope, asked), nothing, keep)
        headers = dict(messages[0]["headers"])
        html = headers.get(b"content-type", b"").startswith(b"text/html")
        if messages[0]["status"] != 200 or not html or b"set-cookie" in headers:
            return None
        body = b"".join(message.get("body", b"") for message in messages[1:])
        parts = re.split(b"(%b|%b)" % (re.escape(NONCE.encode()), re.escape(self._token)), body)
        nonces = tuple(part == NONCE.encode() for part in parts[1::2])
        page = Ready(tuple(parts[::2]), nonces, seen, drawn_s, drawn_s, this_round)
        self._ready[asked] = page
        while len(self._ready) > MOST:
            self._ready.popitem(last=False)
        return page

    def _of_a_visitor(self, scope: Scope, asked: Asked) -> Scope:
        headers = [
            (b"host", urlsplit(self.settings.base_url).netloc.encode()),
            (b"accept", b"text/html"),
            (b"accept-language", asked.language.encode()),
            (b"cookie", f"{self._visitor}={VISITOR}".encode()),
        ]
        taken = ("type", "asgi", "http_version", "server", "client", "scheme", "root_path", "path", "raw_path", "app")
        same = {name: scope[name] for name in taken if name in scope}
        return {**same, "method": "GET", "query_string": asked.query, "headers": headers, "nonce": NONCE, "state": {}}


def _now_s() -> float:
    return asyncio.get_running_loop().time()


def _look(app: FastAPI, asked: Asked) -> object | None:
    """What the database says of the posts of a page, or None for a cursor that is none."""
    try:
        with app.state.database.session() as session:
            shelf: Shelf = app.state.shelf
            return shelf.look(session, PATHS[asked.path], asked.before)
    except Refused:
        return None


def _told(asked: Asked, task: asyncio.Task[Ready | None], taken_out: object) -> None:
    """Say what went wrong in a task that nobody may be waiting for."""
    del taken_out
    if not task.cancelled() and task.exception() is not None:
        LOG.warning("%s could not be made ready: %r", asked.path, task.exception())


def _cookies_of(header: bytes) -> dict[str, str]:
    """The cookies of a request; what cannot be read is left out, as starlette does."""
    pairs = (part.strip().partition("=") for part in header.decode("latin-1").split(";"))
    return {name: value for name, found, value in pairs if found}
