"""The web application: everything a browser asks the studio for. It never opens media and never runs jobs."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakKeyDictionary

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, RedirectResponse, Response

from moodscore.studio import cookies
from moodscore.studio.cards import Cards
from moodscore.studio.feed_cache import FeedCache
from moodscore.studio.headers import FORM_BYTES, BodyLimit, Headers
from moodscore.studio.here import Here, Turns
from moodscore.studio.pages import ROUTERS
from moodscore.studio.pages.accounts import log_in_first
from moodscore.studio.rates import Buckets
from moodscore.studio.refusals import BUSY, N_, NOT_FOUND, Refused
from moodscore.studio.rendering import STATIC, Pages
from moodscore.studio.settings import Settings
from moodscore.studio.shelf import Shelf
from moodscore.studio.static_files import Static
from moodscore.studio.tables import open_database

LOG = logging.getLogger("moodscore.studio")
# PostgreSQL's SQLSTATE: what a row speaks of is not there; it is there already; two waited for one another.
GONE, MEANWHILE = "23503", ("23505", "40001", "40P01")
WRONG_FORM = N_("Something in this form is missing or not as expected: %(fields)s.")
BROKEN = N_("Something broke on our side. It was written down; please try again.")


def create_app(settings: Settings) -> FastAPI:
    """The studio as an ASGI application; opens (and makes) its database. Raises BadValue for settings that make no sense."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        app.state.database.close()

    app = FastAPI(
        title=settings.name,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        dependencies=[Depends(_from_our_pages)],
    )
    app.state.settings = settings
    app.state.database = open_database(settings)
    app.state.key = cookies.secret_key(settings.folder)
    app.state.pages = Pages()
    app.state.buckets = Buckets()
    app.state.turns = Turns()
    app.state.watching = WeakKeyDictionary()
    app.state.shelf = Shelf()
    app.state.cards = Cards()
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/static", Static(directory=STATIC), name="static")
    app.add_exception_handler(Refused, _refused)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, _http)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, _invalid)  # type: ignore[arg-type]
    app.add_exception_handler(ClientDisconnect, _left)
    app.add_exception_handler(DataError, _no_value)
    for crossing in (IntegrityError, OperationalError):
        app.add_exception_handler(crossing, _crossed)  # type: ignore[arg-type]
    app.add_exception_handler(Exception, _broken)
    largest = settings.clip_bytes + settings.film_photos * 2 * FORM_BYTES
    app.add_middleware(BodyLimit, paths=[("/upload", max(largest, settings.photo_bytes + FORM_BYTES))])
    app.add_middleware(FeedCache, settings=settings, key=app.state.key)
    app.add_middleware(Headers, secure=settings.secure)
    return app


async def _from_our_pages(request: Request) -> None:
    await cookies.refuse_forged(request, request.app.state.key, request.app.state.settings)


def _refused(request: Request, refused: Refused) -> Response:
    asks_for_a_page = request.method == "GET" and "application/json" not in request.headers.get("accept", "")
    if refused.status == 401 and asks_for_a_page:
        return RedirectResponse(log_in_first(request), 303)
    answer = _sorry(request, refused.status, refused.sentence, refused.values, refused.field)
    if refused.status == 429:
        answer.headers["retry-after"] = str(refused.values["seconds"])
    return answer


def _http(request: Request, error: HTTPException) -> Response:
    return _sorry(request, error.status_code, NOT_FOUND if error.status_code in (404, 405) else str(error.detail), {})


def _invalid(request: Request, error: RequestValidationError) -> Response:
    fields = ", ".join(dict.fromkeys(str(e["loc"][-1]) for e in error.errors()))
    return _sorry(request, 422, WRONG_FORM, {"fields": fields}, fields)


def _no_value(request: Request, error: Exception) -> Response:
    """What no database can hold, as a letter without a shape in an address, is nowhere."""
    LOG.warning("%s %s: %s", request.method, request.scope["path"], error)
    return _sorry(request, 404, NOT_FOUND, {})


def _crossed(request: Request, error: DBAPIError) -> Response:
    """What two people did at the same moment: on PostgreSQL the second may find a thing gone or done when it is too late."""
    code = getattr(error.orig, "sqlstate", None)
    if code not in (GONE, *MEANWHILE):
        raise error
    LOG.warning("%s %s: %s", request.method, request.scope["path"], error.orig)
    return _sorry(request, 404, NOT_FOUND, {}) if code == GONE else _sorry(request, 409, BUSY, {})


def _left(request: Request, error: Exception) -> Response:
    """Whoever broke off an upload hears nothing of it any more, and nothing broke on our side."""
    del request, error
    return Response(status_code=400)


def _broken(request: Request, error: Exception) -> Response:
    LOG.exception("%s %s", request.method, request.url.path, exc_info=error)
    return _sorry(request, 500, BROKEN, {})


def _sorry(request: Request, status: int, sentence: str, values: dict[str, object], field: str = "") -> Response:
    """A refusal as a page in the viewer's language, or as JSON for a script."""
    with request.app.state.database.session() as session:
        here = Here(request, session)
        said = here._(sentence, **values)
        if here.wants_json or request.url.path.startswith(("/api/", "/static/")):
            return JSONResponse({"error": said, "field": field}, status)
        return here.page("sorry.html", code=status, sentence=said, status=status)
