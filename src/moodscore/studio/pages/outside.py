"""For other sites and readers: embed, oEmbed, Atom."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Query
from markupsafe import Markup
from starlette.responses import JSONResponse, Response

from moodscore.studio import atom, feed
from moodscore.studio.feed import Item
from moodscore.studio.here import Here, Present
from moodscore.studio.permissions import Viewer, person_for, post_for
from moodscore.studio.posts import Post
from moodscore.studio.refusals import N_, Refused, not_found

router = APIRouter()
# Whatever somebody may see themselves, what other sites show of it is what everybody may see.
ANYBODY = Viewer()
WIDTH, HEIGHT, LEAST, BESIDE = 480, 640, 240, 180
THUMBNAIL = 640
ONLY_JSON = N_("This address is answered as JSON only.")


@router.get("/embed/{post_id}")
def embed(here: Present, post_id: str) -> Response:
    """A public post for the pages of other sites: nothing is loaded of its music, and nothing sounds, until a tap."""
    return here.page("outside/embed.html", item=_public(here, post_id))


@router.get("/oembed")
def oembed(
    here: Present,
    url: Annotated[str, Query(max_length=500)],
    maxwidth: Annotated[int, Query(ge=1, le=10_000)] = WIDTH,
    maxheight: Annotated[int, Query(ge=1, le=10_000)] = HEIGHT,
    format: Annotated[str, Query(max_length=10)] = "json",
) -> Response:
    """How another site shows a public post, as oEmbed 1.0 has it, for the address of its page."""
    if format != "json":
        raise Refused(501, ONLY_JSON)
    try:
        asked, ours = urlsplit(url), urlsplit(here.settings.origin)
    except ValueError:
        raise not_found() from None
    found = re.fullmatch(r"/(?:p|embed)/([0-9a-z]{26})/?", asked.path)
    if found is None or asked.netloc not in (ours.netloc, here.request.headers.get("host", "")):
        raise not_found()
    item = _public(here, found[1])
    width = max(LEAST, min(maxwidth, WIDTH))
    height = max(LEAST, min(maxheight, HEIGHT, _height(item.post, width)))
    return JSONResponse(_rich(here, item, width, height), headers={"access-control-allow-origin": "*"})


def _height(post: Post, width: int) -> int:
    """How high a post is shown at a width, in pixels: its picture, the player and a few lines."""
    return round(width * post.height / post.width) + BESIDE if post.width and post.height else HEIGHT


def _rich(here: Here, item: Item, width: int, height: int) -> dict[str, object]:
    origin, post = here.settings.origin, item.post
    frame = Markup(
        '<iframe src="{}/embed/{}" width="{}" height="{}" title="{}" loading="lazy" allow="autoplay" '
        'sandbox="allow-scripts allow-same-origin allow-popups" frameborder="0"></iframe>'
    )
    told: dict[str, object] = {
        "version": "1.0",
        "type": "rich",
        "title": post.caption[:200] or item.author.shown,
        "author_name": item.author.shown,
        "author_url": f"{origin}/@{item.author.handle}",
        "provider_name": here.settings.name,
        "provider_url": origin,
        "cache_age": 3600,
        "width": width,
        "height": height,
        "html": str(frame.format(origin, post.id, width, height, post.caption[:80] or item.author.shown)),
    }
    if "photo-640" in post.renditions and post.width and post.height:
        scale = min(1.0, THUMBNAIL / max(post.width, post.height))
        told |= {
            "thumbnail_url": f"{origin}/m/{post.id}/photo-640",
            "thumbnail_width": round(post.width * scale),
            "thumbnail_height": round(post.height * scale),
        }
    return told


@router.get("/feed.xml")
def everybody(here: Present) -> Response:
    """The newest public posts for feed readers."""
    page = feed.public(here.session, ANYBODY)
    return _atom(here, page, here.settings.name, "/public", "/feed.xml")


@router.get("/@{handle}/feed.xml")
def of_person(here: Present, handle: str) -> Response:
    """The newest public posts of a person for feed readers."""
    person = person_for(here.session, ANYBODY, handle)
    page = feed.of_person(here.session, ANYBODY, person)
    return _atom(here, page, person.shown, f"/@{person.handle}", f"/@{person.handle}/feed.xml")


def _atom(here: Here, page: feed.Page, title: str, path: str, feed_path: str) -> Response:
    told = atom.write(page.items, title, here.settings.origin, path, feed_path)
    return Response(told, media_type=atom.MEDIA_TYPE, headers={"cache-control": "public, max-age=60"})


def _public(here: Here, post_id: str) -> Item:
    item = feed.item(here.session, ANYBODY, post_for(here.session, ANYBODY, post_id))
    if item is None:
        raise not_found()
    return item
