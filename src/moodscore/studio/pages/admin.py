"""The admins' rooms: reports, what is held back, people, invitations, the audit log."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import FileResponse, Response

from moodscore.studio import accounts, holding, invitations, moderation, overview, reporting, reports, sign_up
from moodscore.studio.here import Here, Present
from moodscore.studio.media_files import MediaFile, path_of
from moodscore.studio.pages.media import POLICY
from moodscore.studio.pages.refill import refill
from moodscore.studio.permissions import admin_of
from moodscore.studio.refusals import Refused, not_found
from moodscore.studio.tunes import Tune

router = APIRouter()
Text = Annotated[str, Form(max_length=1000)]


@router.get("/admin")
def start(here: Present) -> Response:
    """How the studio is."""
    admin_of(here.viewer)
    return here.page("admin/start.html", numbers=overview.numbers(here.session))


@router.get("/admin/reports")
def reported(here: Present) -> Response:
    """What people reported and nobody decided about yet."""
    admin_of(here.viewer)
    cases = moderation.queue(here.session)
    return here.page("admin/cases.html", part="/admin/reports", cases=cases, reasons=reporting.REASONS)


@router.get("/admin/held")
def held(here: Present) -> Response:
    """What is held back for a word, and the words."""
    admin_of(here.viewer)
    return here.page("admin/held.html", 200, wrong={}, word="", **_held(here))


def _held(here: Here) -> dict[str, object]:
    words = holding.words(here.session)
    return {"cases": moderation.held(here.session), "reasons": reporting.REASONS, "words": words}


@router.post("/admin/cases/{kind}/{target}")
def decide(here: Present, kind: str, target: str, action: Text = "", note: Text = "") -> Response:
    """Decide about something that was reported or held back."""
    admin = admin_of(here.viewer)
    what = moderation.case(here.session, kind, target)
    moderation.decide(here.session, admin, what, action, note.strip(), here.settings.media)
    here.session.commit()
    return here.back("/admin/reports")


@router.post("/admin/words")
def add_word(here: Present, word: Text = "") -> Response:
    """Hold back what has a word in it."""
    admin = admin_of(here.viewer)
    try:
        holding.add_word(here.session, admin, word)
    except Refused as refused:
        return refill(here, refused, "admin/held.html", word=word, **_held(here))
    here.session.commit()
    return here.done("/admin/held")


@router.post("/admin/words/remove")
def remove_word(here: Present, word: Text = "") -> Response:
    """Hold back a word no longer."""
    holding.remove_word(here.session, admin_of(here.viewer), word)
    here.session.commit()
    return here.done("/admin/held")


@router.get("/admin/media/{post_id}/{name}")
def media(here: Present, post_id: str, name: str) -> Response:
    """A picture, film or tune of a post that waits for a decision, whoever it was meant for."""
    admin_of(here.viewer)
    what = moderation.case(here.session, "post", post_id)
    if what.post is None or what.post.state != "published" or not (what.reports or what.post.held):
        raise not_found()
    tune = here.session.get(Tune, what.post.tune_id) if name == "tune" and what.post.tune_id else None
    file_id = tune.files.get("audio") if tune else what.post.renditions.get(name)
    file = here.session.get(MediaFile, file_id) if file_id else None
    path = path_of(here.settings.media, file.id) if file else None
    if file is None or path is None or not path.exists():
        raise not_found()
    headers = {"cache-control": "private, no-store", "content-security-policy": POLICY}
    return FileResponse(path, media_type=file.media_type, headers=headers)


@router.get("/admin/people")
def people(here: Present, state: str = "", q: str = "") -> Response:
    """Who is here, who waits, who is suspended."""
    admin_of(here.viewer)
    found = moderation.people(here.session, state, q)
    return here.page("admin/people.html", people=found, state=state, q=q, fresh="", whose="")


@router.post("/admin/people/{handle}")
def act(here: Present, handle: str, action: Text = "", note: Text = "") -> Response:
    """Let somebody in or not, suspend, lift, make or unmake an admin."""
    admin = admin_of(here.viewer)
    person = accounts.by_handle(here.session, handle)
    if person is None:
        raise not_found()
    if action == "turn away":
        moderation.turn_away(here.session, admin, person, here.settings.media, note.strip())
    else:
        moderation.act(here.session, admin, person, action, note.strip())
    here.session.commit()
    return here.back("/admin/people")


@router.post("/admin/people/{handle}/password")
def new_password(here: Present, handle: str) -> Response:
    """Give somebody a new password; it is shown in this answer and never again."""
    admin = admin_of(here.viewer)
    person = accounts.by_handle(here.session, handle)
    if person is None:
        raise not_found()
    fresh = moderation.new_password(here.session, admin, person)
    here.session.commit()
    if here.wants_json:
        return here.done("/admin/people", password=fresh)
    return here.page("admin/people.html", people=[person], state="", q="", fresh=fresh, whose=person.handle)


@router.get("/admin/invites")
def invites(here: Present) -> Response:
    """Invitations that were made."""
    admin_of(here.viewer)
    return here.page("admin/invites.html", invites=invitations.all_of(here.session), fresh="")


@router.post("/admin/invites")
def invite(here: Present, note: Text = "", days: Annotated[int, Form(ge=1, le=365)] = 14) -> Response:
    """Make an invitation; its address is shown in this answer and never again."""
    admin = admin_of(here.viewer)
    code = sign_up.invite(here.session, admin.id, note, days)
    reports.log(here.session, admin.handle, "invite", note.strip()[:80], "")
    here.session.commit()
    address = f"{here.settings.origin}/sign-up?invite={code}"
    if here.wants_json:
        return here.done("/admin/invites", address=address)
    return here.page("admin/invites.html", invites=invitations.all_of(here.session), fresh=address)


@router.post("/admin/invites/revoke")
def revoke(here: Present, id: Annotated[str, Form(max_length=64)] = "") -> Response:
    """Take an invitation back that nobody used yet."""
    admin = admin_of(here.viewer)
    if invitations.revoke(here.session, id):
        reports.log(here.session, admin.handle, "revoke invite", "", "")
    here.session.commit()
    return here.done("/admin/invites")


@router.get("/admin/log")
def audit_log(here: Present, before: str = "") -> Response:
    """What admins did."""
    admin_of(here.viewer)
    entries, after = reports.entries(here.session, before)
    return here.page("admin/log.html", entries=entries, next=after, actions=moderation.ACTIONS)
