"""Settings: who one is, password and sessions, what one does not want to see, and one's own data."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response, StreamingResponse

from moodscore.studio import agents, avatars, blocks, cookies, deletion, export, familiar, passwords, rates, sessions
from moodscore.studio.accounts import User
from moodscore.studio.db import now
from moodscore.studio.here import Here, Present
from moodscore.studio.pages.refill import refill
from moodscore.studio.permissions import account_of
from moodscore.studio.posts import VISIBILITIES
from moodscore.studio.prose import clean, name_of
from moodscore.studio.refusals import N_, Refused
from moodscore.studio.settings import LANGUAGES

router = APIRouter()
Text = Annotated[str, Form(max_length=5000)]
NAME, BIO = 60, 500
TOO_LONG = N_("There is room for %(most)s characters.")
WRONG_PASSWORD = N_("This is not your password.")
LAST_ADMIN = N_("You are the only one who looks after this studio. Make somebody else an admin first.")


@router.get("/settings")
def profile_form(here: Present) -> Response:
    """Name, bio, language, and who may see what."""
    me = account_of(here.viewer)
    filled = {"name": me.name, "bio": me.bio}
    return here.page("settings/profile.html", wrong={}, filled=filled, photos=avatars.choices(here.session, me))


@router.post("/settings")
def save_profile(
    here: Present,
    name: Text = "",
    bio: Text = "",
    language: Text = "",
    visibility: Text = "public",
    approves: Text = "",
) -> Response:
    """Keep what was filled in."""
    me = account_of(here.viewer)
    try:
        me.name, me.bio = _text(name_of(name), NAME, "name"), _text(bio, BIO, "bio")
    except Refused as refused:
        filled = {"name": name, "bio": bio}
        here.session.rollback()
        return refill(here, refused, "settings/profile.html", filled=filled, photos=avatars.choices(here.session, me))
    me.language = language if language in LANGUAGES else ""
    me.visibility = visibility if visibility in VISIBILITIES else me.visibility
    me.approves = bool(approves)
    here.session.commit()
    return here.done("/settings?saved=1")


def _text(text: str, most: int, field: str) -> str:
    text = clean(text)
    if len(text) > most:
        raise Refused(422, TOO_LONG, field, most=most)
    return text


@router.post("/settings/avatar")
def choose_avatar(here: Present, post: Annotated[str, Form(max_length=26)] = "") -> Response:
    """Have the photo of one of one's public posts as one's picture, or none."""
    avatars.choose(here.session, here.settings.media, account_of(here.viewer), post)
    here.session.commit()
    return here.done("/settings?saved=1")


@router.get("/settings/security")
def security(here: Present) -> Response:
    """Password and sessions."""
    return here.page("settings/security.html", 200, wrong={}, **_sessions(here, account_of(here.viewer)))


def _sessions(here: Here, me: User) -> dict[str, object]:
    found = sessions.of(here.session, me, here.settings.session_days)
    return {"sessions": [(one, agents.in_words(one.agent)) for one in found], "this": cookies.digest(here.token)}


@router.post("/settings/password")
def change_password(here: Present, old: Text = "", password: Text = "") -> Response:
    """Change the password; every other session ends."""
    me = account_of(here.viewer)
    rates.check(here, "password")
    here.session.commit()
    try:
        passwords.check(password, me.handle, here.settings.name)
        _confirm(me, old, "old")
        sessions.set_password(here.session, me, password, but=cookies.digest(here.token))
    except Refused as refused:
        return refill(here, refused, "settings/security.html", **_sessions(here, me))
    here.session.commit()
    return here.done("/settings/security?saved=1")


def _confirm(me: User, password: str, field: str = "password") -> None:
    """Be sure that it is really this person; raises Refused (422)."""
    if not passwords.matches(password, me.password_hash):
        raise Refused(422, WRONG_PASSWORD, field)


@router.post("/settings/sessions/end")
def end_session(here: Present, session: Annotated[str, Form(max_length=64)] = "") -> Response:
    """Log out somewhere else, or, when none is named, everywhere else."""
    me = account_of(here.viewer)
    if session:
        sessions.end(here.session, me, session)
    else:
        sessions.end_all(here.session, me, but=cookies.digest(here.token))
    here.session.commit()
    return here.done("/settings/security")


@router.get("/settings/hidden")
def hidden(here: Present) -> Response:
    """Words, muted and blocked people."""
    return here.page("settings/hidden.html", 200, wrong={}, word="", **_hidden(here, account_of(here.viewer)))


def _hidden(here: Here, me: User) -> dict[str, object]:
    return {
        "words": blocks.words_of(here.session, me),
        "muted": blocks.muted_by(here.session, me),
        "blocked": blocks.blocked_by(here.session, me),
    }


@router.post("/settings/words")
def hide_word(here: Present, word: Text = "") -> Response:
    """Do not show posts and comments with a word."""
    me = account_of(here.viewer)
    try:
        blocks.filter_word(here.session, me, word)
    except Refused as refused:
        return refill(here, refused, "settings/hidden.html", word=word, **_hidden(here, me))
    here.session.commit()
    return here.done("/settings/hidden")


@router.post("/settings/words/remove")
def show_word(here: Present, word: Text = "") -> Response:
    """Show posts and comments with a word again."""
    blocks.show_word(here.session, account_of(here.viewer), word)
    here.session.commit()
    return here.done("/settings/hidden")


@router.get("/settings/data")
def data(here: Present) -> Response:
    """Taking everything along, or away."""
    account_of(here.viewer)
    return here.page("settings/data.html", wrong={})


@router.post("/settings/export")
def take_along(here: Present) -> Response:
    """Everything that is one's own, as a ZIP archive."""
    me = account_of(here.viewer)
    rates.check(here, "export")
    what = export.gather(here.session, here.settings.media, me, here.settings.name, now())
    name = f'attachment; filename="moodscore-{me.handle}.zip"'
    headers = {"content-disposition": name, "cache-control": "no-store"}
    return StreamingResponse(export.packed(what), media_type="application/zip", headers=headers)


@router.post("/settings/delete")
def delete_account(here: Present, password: Text = "") -> Response:
    """Delete the account and everything in it, at once and for good."""
    me = account_of(here.viewer)
    rates.check(here, "password")
    here.session.commit()
    try:
        _confirm(me, password)
        if deletion.leaves_nobody_in_charge(here.session, me):
            raise Refused(409, LAST_ADMIN)
    except Refused as refused:
        return refill(here, refused, "settings/data.html")
    deletion.delete_account(here.session, here.settings.media, me)
    here.session.commit()
    response = here.done("/")
    for name in (cookies.SESSION, familiar.FAMILIAR):
        cookies.give(response, here.settings, name, "", 0)
    response.headers["clear-site-data"] = '"cache", "storage"'
    return response
