"""Signing up: who may have an account, under which handle, and invitations."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import CursorResult, exists, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from moodscore.studio import passwords
from moodscore.studio.accounts import Invite, User, clean_handle
from moodscore.studio.cookies import digest
from moodscore.studio.db import alone, now
from moodscore.studio.prose import name_of
from moodscore.studio.refusals import N_, Refused
from moodscore.studio.settings import Settings

HANDLE = re.compile(r"[a-z0-9_]{2,30}")
_RESERVED = """
    about abuse account accounts admin administrator all anonymous api avatar bookmarks clip contact deleted download
    edit embed everyone export feed feeds film help here home info invite legal log_in log_out login logout m make me media
    member members mod moderator moodscore mood moods nobody none notifications null oembed offline official owner p page
    post posts privacy public register report reports root rules safety search security self settings sign_in sign_up
    signup staff static studio support sys system tag tags team terms tune tunes undefined upload user users webmaster
    www you
"""
RESERVED = frozenset(_RESERVED.split())
BAD_HANDLE = N_("A handle has 2 to 30 of the letters a to z, digits and _.")
TAKEN = N_("This handle is taken. Please choose another.")
NEEDS_INVITE = N_("This studio takes people by invitation. Please enter the code you were given.")
BAD_INVITE = N_("This invitation is not valid, was used already, or has expired.")
INVITE_DAYS = 14.0
ONE_AT_A_TIME = 8422


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody who signs up filled in."""

    handle: str
    password: str
    name: str = ""
    invite: str = ""
    language: str = ""


def is_first(session: Session) -> bool:
    """Whether nobody has an account yet; whoever signs up then looks after the studio."""
    return not session.scalar(select(exists().where(User.id != "")))


def sign_up(session: Session, settings: Settings, wanted: Wanted) -> User:
    """Make an account; the first is an admin's. The caller commits. Raises Refused (422, 503) naming the field."""
    handle = handle_of(wanted.handle)
    session.commit()  # nobody waits while a password is hashed
    passwords.check(wanted.password, handle, *re.split(r"\W+", f"{wanted.name} {settings.name}"))
    stored = passwords.hashed(wanted.password)
    alone(session, ONE_AT_A_TIME)  # or two might be the first, or have one handle
    first = is_first(session)
    if session.scalar(select(exists().where(User.handle == handle))):
        raise Refused(422, TAKEN, "handle")
    invite = _invite_for(session, settings, wanted.invite, first)
    waits = settings.sign_up == "approval" and not first and invite is None
    user = User(
        handle=handle,
        name=name_of(name_of(wanted.name)[:60]),
        password_hash=stored,
        role="admin" if first else "member",
        state="pending" if waits else "active",
        language=wanted.language,
    )
    session.add(user)
    try:
        session.flush()
    except IntegrityError:  # somebody took the handle a moment ago
        raise Refused(422, TAKEN, "handle") from None
    if invite is not None and not _use(session, invite, user):
        raise Refused(422, BAD_INVITE, "invite")
    return user


def handle_of(text: str) -> str:
    """A handle as it is stored; raises Refused (422)."""
    handle = clean_handle(text)
    if not HANDLE.fullmatch(handle):
        raise Refused(422, BAD_HANDLE, "handle")
    if handle in RESERVED:
        raise Refused(422, TAKEN, "handle")
    return handle


def _invite_for(session: Session, settings: Settings, code: str, first: bool) -> Invite | None:
    """The invitation that is used up, if one is needed or was given; raises Refused (422)."""
    code = code.strip()
    if not code:
        if settings.sign_up == "invite" and not first:
            raise Refused(422, NEEDS_INVITE, "invite")
        return None
    found = session.get(Invite, digest(code))
    if found is None or found.used_at is not None or found.expires_at < now():
        raise Refused(422, BAD_INVITE, "invite")
    return found


def _use(session: Session, invite: Invite, user: User) -> bool:
    """Use an invitation up; whether it was still there to be used."""
    unused = update(Invite).where(Invite.id == invite.id, Invite.used_at.is_(None))
    done = session.execute(unused.values(used_by=user.id, used_at=now()))
    return cast(CursorResult[Any], done).rowcount == 1


def invite(session: Session, made_by: str | None, note: str = "", days: float = INVITE_DAYS) -> str:
    """Make an invitation and give its code, which is stored nowhere; it opens the studio once. The caller commits."""
    code = secrets.token_urlsafe(12)
    session.add(Invite(id=digest(code), made_by=made_by, note=note.strip()[:100], expires_at=now() + days * 86400))
    return code
