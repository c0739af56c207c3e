"""The store: a model's name becomes its card and a checked, open session. The only place where weights are opened."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import hashlib
from functools import lru_cache
from pathlib import Path

from moodscore.errors import BadWeights, UnknownModel
from moodscore.weights.card import Card
from moodscore.weights.session import Session

_HERE = Path(__file__).parent
CARDS = _HERE / "cards"
FILES = _HERE / "files"


@lru_cache(maxsize=1)
def cards() -> dict[str, Card]:
    """All cards that ship, by name, in alphabetical order."""
    return {card.name: card for card in map(Card.read, sorted(CARDS.glob("*.json")))}


def card(name: str) -> Card:
    """The card called `name`; raises UnknownModel, listing the names there are."""
    known = cards()
    if name not in known:
        raise UnknownModel(f"model: expected one of {', '.join(known)}, got {name!r}")
    return known[name]


def checked_bytes(card: Card, folder: Path = FILES) -> bytes:
    """The bytes of a card's weights file, after its checksum was compared.

    Raises BadWeights when the file is missing or its SHA-256 differs from the card's.
    """
    path = folder / card.file
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadWeights(f"{path}: expected the weights of {card.source}, got {error.strerror}; reinstall") from error
    got = hashlib.sha256(data).hexdigest()
    if got != card.sha256:
        raise BadWeights(f"{path}: expected sha256 {card.sha256[:12]}…, got {got[:12]}…; reinstall moodscore")
    return data


@lru_cache(maxsize=16)
def session(name: str) -> Session:
    """The open session of the model called `name`, checked once and kept for the life of the process."""
    known = card(name)
    return Session(checked_bytes(known), known.source)


def release() -> None:
    """Close every open model and hand its memory back to the system; a model opens again when it is next asked for."""
    session.cache_clear()
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):  # only the GNU C library keeps freed memory and has this call
        ctypes.CDLL(None).malloc_trim(0)
