"""Feeds: home, everybody, a place on the plane, a tag, bookmarks."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from moodscore.affect import Affect
from moodscore.schemes import MOODS
from moodscore.studio import feed, profiles
from moodscore.studio.here import Here, Present
from moodscore.studio.permissions import post_for
from moodscore.studio.prose import tag_name
from moodscore.studio.shelf import Shelf

router = APIRouter()

Before = Annotated[str, Query(max_length=64)]
Part = Annotated[bool, Query()]
Place = Annotated[float, Query(ge=-1, le=1, allow_inf_nan=False)]
Mood = Literal["joyful", "exciting", "intense", "tense", "gloomy", "sad", "quiet", "peaceful"]


def show(here: Here, template: str, page: feed.Page, path: str, part: bool, **context: object) -> Response:
    """A page of posts: all of it, or with `part` only its cards, for a feed that goes on while it is scrolled.

    `path` is the page's address without a cursor.
    """
    more = f"{path}{'&' if '?' in path else '?'}before={page.next}" if page.next else ""
    answer = here.page("feeds/cards.html" if part else template, 200, page=page, more=more, **context)
    return here.unkept(answer, (item.post for item in page.items))


@router.get("/")
def home(here: Present, before: Before = "", part: Part = False) -> Response:
    """The posts of the people one follows; for visitors, what this is, and what others made with it."""
    if here.viewer.user is None:
        return here.page("feeds/landing.html", page=_public(here))
    page = feed.home(here.session, here.viewer, before)
    return show(here, "feeds/home.html", page, "/", part, first=not before)


@router.get("/public")
def public(here: Present, before: Before = "", part: Part = False) -> Response:
    """Everybody's public posts, newest first."""
    return show(here, "feeds/public.html", _public(here, before=before), "/public", part)


@router.get("/mood/{name}")
def mood(here: Present, name: Mood, before: Before = "", part: Part = False) -> Response:
    """Public posts of a mood."""
    page = _public(here, name, before)
    return show(here, "feeds/mood.html", page, f"/mood/{name}", part, mood=MOODS[name])


def _public(here: Here, mood: str = "", before: str = "") -> feed.Page:
    """Everybody's public posts, or those of a mood; visitors get what is on the shelf."""
    if here.viewer.user is None:
        shelf: Shelf = here.request.app.state.shelf
        return shelf.page(here.session, mood, before)
    if mood:
        return feed.of_mood(here.session, here.viewer, mood, before)
    return feed.public(here.session, here.viewer, before)


@router.get("/feed")
def near(
    here: Present, valence: Place = 0.0, arousal: Place = 0.0, before: Before = "", part: Part = False
) -> Response:
    """Public posts near a place on the plane."""
    page = feed.near(here.session, here.viewer, Affect(valence, arousal), before)
    path = "/feed?" + urlencode({"valence": f"{valence:g}", "arousal": f"{arousal:g}"})
    dots = profiles.dots_of(item.post for item in page.items)
    return show(here, "feeds/near.html", page, path, part, valence=valence, arousal=arousal, dots=dots)


@router.get("/tag/{tag}")
def tagged(
    here: Present, tag: Annotated[str, Path(max_length=200)], before: Before = "", part: Part = False
) -> Response:
    """Posts with a hashtag."""
    name = tag_name(tag)
    page = feed.tagged(here.session, here.viewer, name, before)
    return show(here, "feeds/tag.html", page, f"/tag/{quote(name, safe='')}", part, tag=name)


@router.get("/bookmarks")
def bookmarks(here: Present, before: Before = "", part: Part = False) -> Response:
    """What one keeps, the last kept first."""
    page = feed.kept(here.session, here.viewer, before)
    return show(here, "feeds/bookmarks.html", page, "/bookmarks", part)


@router.get("/p/{post_id}/remixes")
def remixes(here: Present, post_id: str, before: Before = "", part: Part = False) -> Response:
    """The posts that answer a post."""
    post = post_for(here.session, here.viewer, post_id)
    page = feed.remixes(here.session, here.viewer, post, before)
    return show(here, "feeds/remixes.html", page, f"/p/{post.id}/remixes", part, post=post)
