"""Signing up, logging in and out."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from moodscore.studio import accounts, cookies, familiar, rates, sessions, sign_up, uploads
from moodscore.studio.accounts import User
from moodscore.studio.here import Here, Present, own_path
from moodscore.studio.pages.refill import refill
from moodscore.studio.refusals import N_, Refused

router = APIRouter()
Text = Annotated[str, Form(max_length=1000)]
COOKIE_DAYS = 400.0  # as long as browsers keep one; the server decides when a session is over
WRONG = N_("This handle and this password do not belong together.")


@router.get("/sign-up")
def sign_up_form(here: Present, invite: str = "", next: str = "/") -> Response:
    """The form to make an account with."""
    if here.viewer.user is not None:
        return here.done(own_path(next))
    return here.page("accounts/sign_up.html", 200, wrong={}, **_sign_up_context(here, next, invite=invite))


def _sign_up_context(here: Here, next: str, **filled: str) -> dict[str, object]:
    blank = {"handle": "", "name": "", "invite": ""}
    first = sign_up.is_first(here.session)
    return {"next": own_path(next), "first": first, "filled": {**blank, **filled}}


@router.post("/sign-up")
def make_account(
    here: Present, handle: Text = "", password: Text = "", name: Text = "", invite: Text = "", next: Text = "/"
) -> Response:
    """Make an account and log in; drafts made before come along."""
    rates.check(here, "sign_up")
    wanted = sign_up.Wanted(handle, password, name, invite, here.language)
    try:
        user = sign_up.sign_up(here.session, here.settings, wanted)
    except Refused as refused:
        here.session.rollback()
        context = _sign_up_context(here, next, handle=handle, name=name, invite=invite)
        return refill(here, refused, "accounts/sign_up.html", **context)
    return _let_in(here, user, next)


@router.get("/log-in")
def log_in_form(here: Present, next: str = "/") -> Response:
    """The form to log in with."""
    if here.viewer.user is not None:
        return here.done(own_path(next))
    return here.page("accounts/log_in.html", wrong={}, next=own_path(next), handle="")


@router.post("/log-in")
def log_in(here: Present, handle: Text = "", password: Text = "", next: Text = "/") -> Response:
    """Log in, under a new session whatever cookie came along."""
    name = accounts.clean_handle(handle)
    rates.check(here, "log_in", familiar.bucket(here, name) or name)
    try:
        user = sessions.who(here.session, name, password)
        if user is None:
            raise Refused(401, WRONG, "handle")
    except Refused as refused:
        return refill(here, refused, "accounts/log_in.html", next=own_path(next), handle=handle)
    return _let_in(here, user, next)


def _let_in(here: Here, user: User, next: str) -> Response:
    """Log a person in who was recognised, or tell one who waits for an admin that they wait."""
    uploads.adopt(here.session, here.viewer.visitor, user)
    if user.state == "pending":
        here.session.commit()
        return here.done("/waiting", waiting=True)
    if here.viewer.user is not None:
        sessions.end(here.session, here.viewer.user, cookies.digest(here.token))
    agent = here.request.headers.get("user-agent", "")
    token = sessions.start(here.session, user, agent, here.settings.session_days)
    here.session.commit()
    response = here.done(own_path(next))
    cookies.give(response, here.settings, cookies.SESSION, token, COOKIE_DAYS * 86400)
    cookies.give(response, here.settings, cookies.VISITOR, "", 0)
    familiar.remember(here, response, user)
    return response


@router.get("/waiting")
def waiting(here: Present) -> Response:
    """That an admin has to let somebody in first; it says the same to everybody."""
    return here.page("accounts/waiting.html")


@router.post("/log-out")
def log_out(here: Present) -> Response:
    """End this session; nothing private stays in the browser's cache."""
    if here.viewer.user is not None:
        sessions.end(here.session, here.viewer.user, cookies.digest(here.token))
        here.session.commit()
    response = here.done("/")
    cookies.give(response, here.settings, cookies.SESSION, "", 0)
    response.headers["clear-site-data"] = '"cache"'
    return response


def log_in_first(request: Request) -> str:
    """Where to log in to come back to the page that was asked for."""
    query = f"?{request.url.query}" if request.url.query else ""
    return f"/log-in?next={quote(request.url.path + query, safe='/@')}"
