"""The page of a listening test: one self-contained HTML file that asks the network for nothing and tells no clip's secret.

A clip is in the page as sound and an id that says nothing; what each was meant to express is not in it at all, because
whoever can open a page can read it. The page shuffles the clips for each participant by a seed kept with the answers.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from moodscore.draw.colour import RED_DEG
from moodscore.draw.listening_words import WORDS
from moodscore.draw.one_file import data_url, filled, policy_hash, read
from moodscore.errors import BadValue
from moodscore.schemes import MOODS

LANGUAGES = tuple(WORDS)
MP3 = "audio/mpeg"


def page(test: str, clips: Sequence[tuple[str, bytes]], check: bytes, seconds: float, language: str = "en") -> str:
    """The HTML page of the test called `test`: `clips` are (id, MP3), `check` is an MP3 to set the volume by.

    `seconds` is the length of a clip. Clips are written in the order of their ids, whatever order they come in. Raises
    BadValue for a language that is not en or ko, for no clips, and for ids that repeat.
    """
    if language not in WORDS:
        raise BadValue(f"language: expected one of {', '.join(WORDS)}, got {language!r}")
    if not clips or len({name for name, _ in clips}) != len(clips):
        raise BadValue(f"clips: expected one or more, each with an id of its own, got {[name for name, _ in clips]}")
    data = {
        "test": test,
        "language": language,
        "seconds": seconds,
        "check": data_url(MP3, check),
        "moods": [
            {"en": mood.name, "ko": mood.korean, "hue": round((mood.hue + RED_DEG) % 360.0, 1)} for mood in MOODS.labels
        ],
        "words": WORDS,
        "clips": [{"id": name, "sound": data_url(MP3, sound)} for name, sound in sorted(clips)],
    }
    style, script = (read(f"listening.{kind}") for kind in ("css", "js"))
    parts = {
        "lang": language,
        "style": style,
        "style_hash": policy_hash(style),
        "script": script,
        "script_hash": policy_hash(script),
        "data": json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"),
    }
    return filled(read("listening.html"), parts)
