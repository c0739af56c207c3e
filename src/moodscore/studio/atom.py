"""Atom: posts for feed readers, as RFC 4287 has it."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from xml.etree import ElementTree

from markupsafe import Markup

from moodscore.studio.feed import Item
from moodscore.studio.prose import marked, printable

ATOM = "http://www.w3.org/2005/Atom"
MEDIA_TYPE = "application/atom+xml"
ElementTree.register_namespace("", ATOM)


def write(items: Sequence[Item], title: str, origin: str, path: str, feed_path: str) -> bytes:
    """An Atom feed of posts, newest first: what each says, its picture, and its tune as an enclosure.

    `origin` is scheme and host of the studio, `path` the page the feed is of, `feed_path` the feed's own.
    """
    feed = ElementTree.Element(f"{{{ATOM}}}feed")
    _put(feed, "title", title)
    _put(feed, "id", origin + path)
    _put(feed, "updated", _time(max((_changed(item) for item in items), default=0.0)))
    _put(feed, "link", rel="alternate", type="text/html", href=origin + path)
    _put(feed, "link", rel="self", type=MEDIA_TYPE, href=origin + feed_path)
    for item in items:
        _entry(_put(feed, "entry"), item, origin)
    return bytes(ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True))


def _entry(entry: ElementTree.Element, item: Item, origin: str) -> None:
    post, page = item.post, f"{origin}/p/{item.post.id}"
    _put(entry, "title", post.caption.split("\n")[0][:120] or item.author.shown)
    _put(entry, "id", page)
    _put(entry, "published", _time(post.published_at))
    _put(entry, "updated", _time(_changed(item)))
    author = _put(entry, "author")
    _put(author, "name", item.author.shown)
    _put(author, "uri", f"{origin}/@{item.author.handle}")
    _put(entry, "link", rel="alternate", type="text/html", href=page)
    if item.tune and "audio" in item.tune.files:
        tune = f"{origin}/m/{post.id}/tune/{item.tune.id}.m4a"
        _put(entry, "link", rel="enclosure", type="audio/mp4", href=tune)
    if post.mood:
        _put(entry, "category", term=post.mood)
    _put(entry, "content", content(item, origin), type="html")


def _changed(item: Item) -> float:
    return max(item.post.published_at or 0.0, item.post.edited_at or 0.0)


def content(item: Item, origin: str) -> str:
    """What a post shows as HTML for readers elsewhere: its picture, described, and its caption with full addresses."""
    post = item.post
    name = "poster" if post.kind != "photo" and "poster" in post.renditions else "photo-640"
    picture = Markup("")
    if name in post.renditions:
        picture = Markup('<p><img src="{}" alt="{}"></p>').format(f"{origin}/m/{post.id}/{name}", post.alt)
    caption = str(marked(post.caption)).replace('<a href="/', f'<a href="{origin}/')
    return f"{picture}<p>{caption}</p>"


def _put(parent: ElementTree.Element, name: str, text: str = "", **attributes: str) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    if text:
        element.text = printable(text)
    return element


def _time(time_s: float | None) -> str:
    moment = datetime.datetime.fromtimestamp(time_s or 0.0, datetime.UTC)
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
