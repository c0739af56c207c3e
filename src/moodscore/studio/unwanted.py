"""Unwanted words: what somebody filters out of what they read."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from moodscore.studio.blocks import FilteredWord
from moodscore.studio.permissions import Viewer


def unwanted_words(session: Session, viewer: Viewer) -> re.Pattern[str] | None:
    """A pattern that is found in texts the viewer does not want to read, or None when they filter nothing.

    A word of Latin letters or digits must stand alone; others, as Korean ones that carry particles, may be part of a word.
    """
    if viewer.user is None:
        return None
    words = session.scalars(select(FilteredWord.word).where(FilteredWord.user_id == viewer.user.id)).all()
    return pattern_of(words)


def pattern_of(words: Sequence[str]) -> re.Pattern[str] | None:
    """A pattern that is found in texts with one of the words, or None without words."""
    return re.compile("|".join(_pattern(word) for word in words), re.IGNORECASE) if words else None


def _pattern(word: str) -> str:
    stands_alone = re.escape(word)
    if re.match(r"[a-z0-9]", word, re.IGNORECASE):
        stands_alone = r"(?<![a-z0-9])" + stands_alone
    if re.search(r"[a-z0-9]$", word, re.IGNORECASE):
        stands_alone += r"(?![a-z0-9])"
    return stands_alone
