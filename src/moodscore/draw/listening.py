"""The page of a listening test: one self-contained HTML file that asks the network for nothing and tells no clip's secret.

A clip is in the page as sound and an id that says nothing; what each was meant to express is not in it at all, because
whoever can open a page can read it. The page shuffles the clips for each participant by a seed kept with the answers.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from importlib import resources

from moodscore.draw.colour import RED_DEG
from moodscore.draw.listening_words import WORDS
from moodscore.errors import BadValue
from moodscore.schemes import MOODS

LANGUAGES = tuple(WORDS)


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
        "check": _data_url(check),
        "moods": [
            {"en": mood.name, "ko": mood.korean, "hue": round((mood.hue + RED_DEG) % 360.0, 1)} for mood in MOODS.labels
        ],
        "words": WORDS,
        "clips": [{"id": name, "sound": _data_url(sound)} for name, sound in sorted(clips)],
    }
    style, script = (_read(f"listening.{kind}") for kind in ("css", "js"))
    parts = {
        "lang": language,
        "style": style,
        "style_hash": _hash(style),
        "script": script,
        "script_hash": _hash(script),
        "data": json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"),
    }
    text = _read("listening.html")
    for name, value in parts.items():
        before, _, after = text.partition("{{" + name + "}}")
        text = before + value + after
    return text


def _read(name: str) -> str:
    return resources.files("moodscore.draw").joinpath(name).read_text("utf-8")


def _data_url(sound: bytes) -> str:
    return f"data:audio/mpeg;base64,{base64.b64encode(sound).decode('ascii')}"


def _hash(text: str) -> str:
    """What a content security policy calls the only script or style that may run."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}"
