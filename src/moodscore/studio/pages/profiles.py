"""Profiles: bio, posts, plane, followers, follow, block, mute."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import FileResponse, Response

from moodscore.studio import feed, follows, profiles, rates
from moodscore.studio.accounts import User
from moodscore.studio.here import Here, Present
from moodscore.studio.media_files import MediaFile, path_of
from moodscore.studio.pages.feeds import Before, Part, show
from moodscore.studio.permissions import account_of, person_for
from moodscore.studio.refusals import not_found

router = APIRouter()


@router.get("/@{handle}")
def profile(here: Present, handle: str, before: Before = "", part: Part = False) -> Response:
    """Somebody's page: who they are, where their posts lie on the plane, and the posts."""
    blocked = profiles.blocked_by(here.session, here.viewer, handle)
    if blocked is not None:
        return here.page("profile/blocked.html", person=blocked)
    person = person_for(here.session, here.viewer, handle)
    page = feed.of_person(here.session, here.viewer, person, before)
    if part:
        return show(here, "", page, f"/@{person.handle}", part, tiles=True)
    told = profiles.profile(here.session, here.viewer, person)
    return show(here, "profile/profile.html", page, f"/@{person.handle}", part, profile=told, person=person, tiles=True)


@router.get("/@{handle}/followers")
def followers(here: Present, handle: str, before: Before = "") -> Response:
    """Who follows somebody, for those who may see it; for oneself also who asks to."""
    return _people(here, handle, True, before)


@router.get("/@{handle}/following")
def following(here: Present, handle: str, before: Before = "") -> Response:
    """Whom somebody follows, for those who may see it."""
    return _people(here, handle, False, before)


def _people(here: Here, handle: str, of_followers: bool, before: str) -> Response:
    person = person_for(here.session, here.viewer, handle)
    if not profiles.shows_people(here.viewer, person, follows.standing(here.session, here.viewer.user, person)):
        raise not_found()
    shown, after = profiles.people(here.session, here.viewer, person, of_followers, before)
    asking: list[User] = []
    if person.id == here.viewer.id and of_followers and not before:
        asking, _ = profiles.people(here.session, here.viewer, person, True, accepted=False)
    return here.page(
        "profile/people.html", person=person, followers=of_followers, people=shown, next=after, asking=asking
    )


@router.post("/@{handle}/follow")
def follow(here: Present, handle: str) -> Response:
    """Follow somebody, or ask to be let in."""
    me, other = _two(here, handle)
    rates.check(here, "follow")
    follows.follow(here.session, me, other)
    return _stands(here, me, other)


@router.post("/@{handle}/unfollow")
def unfollow(here: Present, handle: str) -> Response:
    """Follow somebody no longer, or take back a request."""
    me, other = _two(here, handle)
    follows.unfollow(here.session, me, other)
    return _stands(here, me, other)


@router.post("/@{handle}/mute")
def mute(here: Present, handle: str) -> Response:
    """Keep somebody's posts out of one's feeds; they are not told."""
    me, other = _two(here, handle)
    profiles.mute(here.session, me, other)
    return _stands(here, me, other)


@router.post("/@{handle}/unmute")
def unmute(here: Present, handle: str) -> Response:
    """Let somebody's posts into one's feeds again."""
    me, other = _two(here, handle)
    profiles.unmute(here.session, me, other)
    return _stands(here, me, other)


@router.post("/@{handle}/block")
def block(here: Present, handle: str) -> Response:
    """Neither sees the other any more."""
    me, other = _two(here, handle)
    profiles.block(here.session, me, other)
    here.session.commit()
    return here.done(f"/@{other.handle}", blocked=True)


@router.post("/@{handle}/unblock")
def unblock(here: Present, handle: str) -> Response:
    """Take back a block of one's own."""
    me = account_of(here.viewer)
    other = profiles.blocked_by(here.session, here.viewer, handle)
    if other is None:
        raise not_found()
    profiles.unblock(here.session, me, other)
    here.session.commit()
    return here.done(f"/@{other.handle}", blocked=False)


@router.post("/requests/{handle}/accept")
def accept(here: Present, handle: str) -> Response:
    """Let somebody follow oneself who asked for it."""
    me, other = _two(here, handle)
    if not follows.accept(here.session, me, other):
        raise not_found()
    return _stands(here, me, other, "/notifications")


@router.post("/requests/{handle}/refuse")
def refuse(here: Present, handle: str) -> Response:
    """Do not let somebody in, or let them follow oneself no longer; they are not told."""
    me, other = _two(here, handle)
    follows.refuse(here.session, me, other)
    return _stands(here, me, other, "/notifications")


def _two(here: Here, handle: str) -> tuple[User, User]:
    """The person looking and another one; raises Refused: 401 for a visitor, 404 for nobody and for oneself."""
    me = account_of(here.viewer)
    other = person_for(here.session, here.viewer, handle)
    if me.id == other.id:
        raise not_found()
    return me, other


def _stands(here: Here, me: User, other: User, otherwise: str = "") -> Response:
    here.session.commit()
    stands = follows.standing(here.session, me, other)
    count, _ = follows.counts(here.session, other)
    return here.back(otherwise or f"/@{other.handle}", on=stands.follows, asked=stands.asked, count=count)


@router.get("/avatar/{handle}")
def avatar(here: Present, handle: str) -> Response:
    """Somebody's picture; one is drawn for those who have none."""
    person = person_for(here.session, here.viewer, handle)
    file = here.session.get(MediaFile, person.avatar) if person.avatar else None
    path = path_of(here.settings.media, file.id) if file else None
    caching = {"cache-control": "private, max-age=300"}
    if file is None or path is None or not path.exists():
        return Response(profiles.drawn_avatar(person), media_type="image/svg+xml", headers=caching)
    if not file.media_type.startswith("image/") or "svg" in file.media_type:
        raise not_found()
    return FileResponse(path, media_type=file.media_type, headers=caching)
