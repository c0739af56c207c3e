"""Here: what a page knows about the request it answers; who looks, in which language, and how to answer."""

from __future__ import annotations

from asyncio import AbstractEventLoop, Semaphore, get_running_loop
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from typing import Annotated
from weakref import WeakKeyDictionary

from fastapi import Depends
from fastapi.concurrency import contextmanager_in_threadpool
from sqlalchemy import update
from sqlalchemy.orm import Session
from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from moodscore.studio import cookies, languages
from moodscore.studio.accounts import LoginSession, User
from moodscore.studio.db import now
from moodscore.studio.notifications import unread
from moodscore.studio.permissions import Viewer
from moodscore.studio.posts import Post
from moodscore.studio.rendering import Pages
from moodscore.studio.settings import Settings

# Requests that hold a connection: together fewer than the connections of the pool (15) and the threads (40). A page is
# computing, which more threads at a time only make slower; a change may wait for a lock or a password's hash meanwhile.
READING, CHANGING = 2, 6


class Here:
    """One request: its database session, viewer, settings and language. Pages say what they answer through it."""

    def __init__(self, request: Request, session: Session) -> None:
        self.request, self.session = request, session
        self.settings: Settings = request.app.state.settings
        self._pages: Pages = request.app.state.pages
        self.token = cookies.read(request, self.settings, cookies.SESSION)
        visitor = cookies.read(request, self.settings, cookies.VISITOR)
        user = self._user()
        self.new_visitor = "" if user or visitor else cookies.new_token()  # also for a session that is over
        self._bound_to = self.token or visitor or self.new_visitor
        self.viewer = Viewer(user, cookies.digest(visitor) if visitor else "")
        chosen = [user.language if user else "", cookies.read(request, self.settings, cookies.LANGUAGE)]
        self.language = languages.first_known(
            chosen, languages.preferred(request.headers.get("accept-language", ""), self.settings.language)
        )

    def _user(self) -> User | None:
        if not self.token:
            return None
        found = self.session.get(LoginSession, cookies.digest(self.token))
        if found is None or now() - found.seen_at > self.settings.session_days * 86400:
            return None
        user = self.session.get(User, found.user_id)
        if user is None or user.state != "active":
            return None
        if now() - found.seen_at > 3600:
            self.session.commit()  # a reader that becomes a writer is refused when somebody wrote meanwhile
            self.session.execute(update(LoginSession).where(LoginSession.id == found.id).values(seen_at=now()))
            self.session.commit()
        return user

    @property
    def address(self) -> str:
        """The address the request came from; uvicorn minds trusted proxies."""
        return self.request.client.host if self.request.client else ""

    @property
    def unread(self) -> int:
        """How many notifications the viewer has not seen."""
        return unread(self.session, self.viewer.user)

    @property
    def csrf(self) -> str:
        """The token that forms of this browser must carry."""
        return cookies.csrf_token(self.request.app.state.key, self._bound_to)

    @property
    def nonce(self) -> str:
        """The number, used once, of the scripts and styles of this answer."""
        return str(self.request.scope.get("nonce", ""))

    @property
    def wants_json(self) -> bool:
        """Whether a script asks, and not a person's browser for a page."""
        return "application/json" in self.request.headers.get("accept", "")

    def _(self, sentence: str, **values: object) -> str:
        """A sentence in the viewer's language, with values put in by name."""
        said = languages.translations(self.language).gettext(sentence)
        return said % values if values else said

    def page(self, name: str, code: int = 200, **context: object) -> Response:
        """A page from a template; it knows `here`, `me` (User or None) and `settings` beside its context."""
        html = self._pages.render(
            name, self.language, here=self, me=self.viewer.user, settings=self.settings, **context
        )
        response = HTMLResponse(html, code)
        if self.new_visitor:
            cookies.give(response, self.settings, cookies.VISITOR, self.new_visitor, self.settings.visitor_hours * 3600)
        return response

    def unkept(self, answer: Response, posts: Iterable[Post]) -> Response:
        """A page with posts, which no browser keeps where not everybody may see one of them: the viewer may be somebody
        else, or shut out, when it is looked at again.
        """
        if any(post.visibility != "public" or post.held for post in posts):
            answer.headers["cache-control"] = "private, no-store"
        return answer

    def done(self, to: str, **values: object) -> Response:
        """After a change: JSON for a script, else on to the page `to` (a path of ours)."""
        if self.wants_json:
            return JSONResponse({"to": to, **values})
        return RedirectResponse(own_path(to), 303)

    def back(self, otherwise: str = "/", **values: object) -> Response:
        """As `done`, to the page of ours that the request came from."""
        referer = self.request.headers.get("referer", "")
        host = cookies.host_of(referer)
        ours = bool(host) and host in (self.request.headers.get("host"), cookies.host_of(self.settings.base_url))
        came_from = URL(referer if ours else "")
        path = came_from.path + (f"?{came_from.query}" if came_from.query else "")
        return self.done(path if ours and came_from.path else otherwise, **values)


def own_path(path: str) -> str:
    """A path of ours to go on to, or "/" for anything that could lead elsewhere."""
    leads_away = not path.startswith("/") or path.startswith(("//", "/\\")) or any(ord(c) < 33 for c in path)
    return "/" if leads_away or len(path) > 1000 else path


class Turns:
    """Lets so many requests at a time be answered; the others wait without a thread or a connection to the database.

    FastAPI gives each part of an answer a thread anew. Without turns those who hold a connection would wait for the threads
    of those who wait for a connection.
    """

    def __init__(self) -> None:
        self._of: WeakKeyDictionary[AbstractEventLoop, tuple[Semaphore, Semaphore]] = WeakKeyDictionary()

    def of(self, request: Request) -> Semaphore:
        """The turns of a request's kind, in the event loop that asks."""
        reading, changing = self._of.setdefault(get_running_loop(), (Semaphore(READING), Semaphore(CHANGING)))
        return reading if request.method in cookies.SAFE else changing


async def _here(request: Request) -> AsyncIterator[Here]:
    async with request.app.state.turns.of(request), contextmanager_in_threadpool(_opened(request)) as here:
        yield here


@contextmanager
def _opened(request: Request) -> Iterator[Here]:
    with request.app.state.database.session(changing=request.method not in cookies.SAFE) as session:
        yield Here(request, session)


# The session ends when the page function does: a slow reader of a large answer must not keep a connection.
Present = Annotated[Here, Depends(_here, scope="function")]
"""What a page function takes to know where it is: `def show(here: Present) -> Response`."""
