"""Uploading a photo, a clip or photos for a film, and the live progress of what a worker does with it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Annotated
from weakref import WeakKeyDictionary

from fastapi import APIRouter, Depends
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from moodscore.studio import cookies, permissions, progress, rates, uploads
from moodscore.studio.here import Here, Present
from moodscore.studio.refusals import TOO_OFTEN, Refused
from moodscore.studio.uploads import Sent, Wish

router = APIRouter()
LOOK_EVERY_S, BEAT_EVERY_S, LONGEST_WATCH_S = 0.25, 2.0, 900.0
MOST_WATCH, MOST_OF_ONE = 300, 20  # streams of progress at a time: altogether, and to one address


async def _form(request: Request) -> AsyncIterator[FormData]:
    form = await cookies.form_of(request, request.app.state.settings)
    try:
        yield form
    finally:
        await form.close()


Form = Annotated[FormData, Depends(_form)]


@router.get("/upload")
def ask(here: Present, remix_of: str = "") -> Response:
    """The page that asks for a photo, a clip or photos; `remix_of` is a post whose tune is answered."""
    answered = permissions.post_for(here.session, here.viewer, remix_of) if remix_of else None
    if answered is not None:
        permissions.may_remix(here.viewer, answered)
    drafts = [] if answered else uploads.drafts(here.session, here.viewer)
    return here.page("making/upload.html", answered=answered, drafts=drafts)


@router.post("/upload")
def upload(request: Request, form: Form) -> Response:
    """Write down what was sent and go on to the page where it is made; no connection is held while it is written."""
    database = request.app.state.database
    with database.session() as session:
        here = Here(request, session)
        rates.check_upload(here)
        uploads.check_in_hand(session, here.viewer)
        wish = _wish(form, here.language)
    files = [f for f in form.getlist("files") if isinstance(f, UploadFile)]
    settings = request.app.state.settings
    post, _ = uploads.write_down(settings, [Sent(f.filename or "", f.file) for f in files], wish)
    try:
        with database.session(changing=True) as session:
            here = Here(request, session)
            uploads.claim(session, here.viewer, post, wish)
            session.commit()
            return here.done(f"/p/{post.id}/make", id=post.id)
    except BaseException:
        uploads.forget(settings, post.id)
        raise


def _wish(form: FormData, language: str) -> Wish:
    place = _number(form, "valence"), _number(form, "arousal")
    return Wish(
        kind=_text(form, "kind"),
        place=(place[0], place[1]) if place[0] is not None and place[1] is not None else None,
        seconds=_number(form, "seconds"),
        remix_of=_text(form, "remix_of"),
        language=language,
        order=_text(form, "order") or "given",
    )


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value[:40] if isinstance(value, str) else ""


def _number(form: FormData, name: str) -> float | None:
    try:
        value = float(_text(form, name))
    except ValueError:
        return None
    return value if abs(value) < 1e6 else None


@router.get("/p/{post_id}/state")
def state(here: Present, post_id: str) -> Response:
    """How far a post is, for scripts that cannot be told as it happens."""
    return JSONResponse(_told(here, post_id), headers={"cache-control": "no-store"})


@router.get("/p/{post_id}/progress")
async def watch(request: Request, post_id: str) -> Response:
    """The same as it happens, as server-sent events; ends when there is nothing more to wait for."""
    first = await run_in_threadpool(_look, request, post_id)
    events = _events(request, post_id, first)
    _take_place(request, events)
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


def _take_place(request: Request, events: AsyncGenerator[str, None]) -> None:
    """Let no more watch at a time than the studio can tell; raises Refused (429), and scripts then ask now and then."""
    watching: WeakKeyDictionary[AsyncGenerator[str, None], str] = request.app.state.watching
    address = rates.network_of(request.client.host if request.client else "")
    now = [who for stream, who in list(watching.items()) if getattr(stream, "ag_frame", None)]
    if request.app.state.settings.rate_limits and (len(now) >= MOST_WATCH or now.count(address) >= MOST_OF_ONE):
        raise Refused(429, TOO_OFTEN, seconds=round(BEAT_EVERY_S))
    watching[events] = address


def _look(request: Request, post_id: str) -> dict[str, object]:
    """All there is to tell, by a connection that is given back at once; raises Refused."""
    with request.app.state.database.session() as session:
        return _told(Here(request, session), post_id)


def _told(here: Here, post_id: str) -> dict[str, object]:
    """All of it for its author; how far a film is for those who see the post; raises Refused (404) for the rest."""
    post = permissions.post_for(here.session, here.viewer, post_id)
    if permissions.owns(here.viewer, post):
        return progress.told(here.session, post, here)
    return progress.told_others(here.session, post)


def _mark(request: Request, post_id: str) -> tuple[object, ...] | None:
    with request.app.state.database.session() as session:
        return progress.mark(session, post_id)


async def _events(request: Request, post_id: str, told: dict[str, object]) -> AsyncGenerator[str, None]:
    """Events until there is nothing to wait for: all there is to tell when something changed, else now and then."""
    clock = asyncio.get_running_loop().time
    begun = said_at = clock()
    mark: object = None
    yield _event(told)
    while told["open"] and clock() - begun < LONGEST_WATCH_S and not await request.is_disconnected():
        await asyncio.sleep(LOOK_EVERY_S)
        seen = await run_in_threadpool(_mark, request, post_id)
        if seen is None:
            break
        if seen != mark or clock() - said_at > BEAT_EVERY_S:
            try:
                told = await run_in_threadpool(_look, request, post_id)
            except Refused:  # logged out meanwhile, or the draft went to an account
                break
            yield _event(told)
            mark, said_at = seen, clock()
    yield "event: end\ndata: {}\n\n"


def _event(told: dict[str, object]) -> str:
    return f"event: state\ndata: {json.dumps(told, ensure_ascii=False)}\n\n"
