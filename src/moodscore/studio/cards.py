"""Cards: what feeds show of a post, drawn once and shown to whoever would see the same, while nothing about it changes."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import Any

from markupsafe import Markup

from moodscore.studio.feed import Item
from moodscore.studio.here import Here
from moodscore.studio.permissions import Viewer
from moodscore.studio.settings import Settings

MOST = 3000
# Cards say how long ago a post was made; after this long they say it anew.
OLDEST_S = 60.0
# What stands in a drawn card for the token of forms, which is each browser's own: nobody can guess it and write it.
TOKEN = secrets.token_urlsafe(16)


@dataclass(frozen=True, slots=True)
class Plain:
    """What a card may know of the request it is drawn for: all of this is the same for many, or replaced."""

    viewer: Viewer
    settings: Settings
    csrf: str = TOKEN


class Cards:
    """The cards drawn last, at most `most` of them."""

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self._lock = Lock()
        self._drawn: OrderedDict[tuple[Any, ...], tuple[tuple[Any, ...], float, Markup]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._drawn)

    def plain(self, here: Here) -> Plain:
        """What a card that will be kept is drawn with instead of `here`."""
        return Plain(here.viewer, here.settings)

    def ready(self, item: Item, here: Here, eager: bool) -> Markup | None:
        """The card of an item as it was drawn before, with the token of this browser, or None."""
        key = _key(item, here, eager)
        with self._lock:
            version, drawn_s, card = self._drawn.get(key, ((), 0.0, Markup("")))
            if version != _version(item) or time.monotonic() - drawn_s > OLDEST_S:
                return None
            self._drawn.move_to_end(key)
        return card.replace(TOKEN, here.csrf)

    def keep(self, item: Item, here: Here, eager: bool, card: Markup) -> Markup:
        """Keep a card that was drawn, and give it back with the token of this browser."""
        with self._lock:
            self._drawn[_key(item, here, eager)] = (_version(item), time.monotonic(), card)
            while len(self._drawn) > self.most:
                self._drawn.popitem(last=False)
        return card.replace(TOKEN, here.csrf)


def _key(item: Item, here: Here, eager: bool) -> tuple[Any, ...]:
    return item.post.id, here.language, eager, here.viewer.user is not None, item.liked, item.kept


def _version(item: Item) -> tuple[Any, ...]:
    """Everything about a post that can change and that its card shows."""
    post, author, tune, answers, asked = item.post, item.author, item.tune, item.answers, item.answers_author
    return (
        *(post.likes, post.comments, post.caption, post.alt, post.visibility, post.tune_id, post.mood, post.hue),
        *(author.handle, author.name, author.avatar),
        *((tune.title, *tune.files) if tune else ()),
        *((answers.id, asked.handle, asked.name) if answers and asked else ()),
    )
