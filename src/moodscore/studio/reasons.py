"""Reasons: what a worker wrote down when a file could not be read, said in the language of whoever looks.

A worker does not know who will look, so it writes English down; here it is told again by what sentence it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache

from moodscore.studio.refusals import N_

# What moodscore.jobs.receiving and making_films say about a stranger's file, more particular ones first.
SENTENCES = (
    N_("%(file)s: expected a clip of %(n)s s or longer, got %(got)s s; choose a longer one"),
    N_(
        "%(file)s: expected a file that opens within %(n)s s, got one that takes longer; save it again in a smaller size"
    ),
    N_("%(file)s: expected a file that opens within %(n)s MB of memory, got one that needs more; scale it down"),
    N_(
        "%(file)s: expected a whole file that opens within %(n)s MB of memory, got one that is damaged or needs more; "
        "save it again in a smaller size"
    ),
    N_("%(file)s: expected a whole file, got a damaged one; copy it or save it again"),
    N_("%(file)s: expected a whole %(kind)s picture, got a broken one (%(why)s); copy it again"),
    N_("%(file)s: expected a file, got a folder, pipe or device; choose a file"),
    N_("%(file)s: expected a file that can be read, got '%(why)s'; send it again"),
    N_("%(file)s: expected at most %(n)s MB, got %(got)s MB; save it in a smaller size"),
    N_("%(file)s: expected at most %(n)s minutes, got nothing to see or hear; cut it first"),
    N_("%(file)s: expected at most %(n)s minutes, got %(got)s minutes or more; cut it first"),
    N_("%(file)s: expected at most %(n)s megapixels and %(side)s pixels a side, got %(got)s; scale it down first"),
    N_("%(file)s: expected time to open it, got interrupted twice; try again"),
    N_("%(file)s: expected a film, got one without a readable frame; copy or convert it again"),
    N_("%(file)s: expected a film, got a file without a moving picture; give an MP4, MOV or WebM film"),
    N_("%(file)s: expected a film in a known format, got another; convert it to H.264 in MP4"),
    N_("%(file)s: expected sound, got a file without a sound track we read; choose another one"),
    N_("%(file)s: expected %(kinds)s, got an empty file; choose another file"),
    N_("%(file)s: expected %(kinds)s, got another kind of file; choose another file"),
    N_("%(file)s: expected %(kinds)s, got %(got)s; choose another file"),
)
_VALUE = re.compile(r"%\\\((\w+)\\\)s")


def _pattern(sentence: str) -> re.Pattern[str]:
    return re.compile(_VALUE.sub(r"(?P<\1>.+?)", re.escape(sentence)), re.DOTALL)


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((sentence, _pattern(sentence)) for sentence in SENTENCES)


def left_out(originals: Iterable[Mapping[str, str]], translate: Callable[[str], str]) -> list[str]:
    """Why photos were left out of a film, one sentence for each that was."""
    return [said(why, translate) for why in (one.get("why", "") for one in originals) if why]


def said(reason: str, translate: Callable[[str], str]) -> str:
    """A reason in the language of `translate`; as it stands where no sentence fits."""
    if not reason:
        return ""
    for sentence, pattern in _patterns():
        if fitting := pattern.fullmatch(reason):
            return translate(sentence) % fitting.groupdict()
    return translate(reason)
