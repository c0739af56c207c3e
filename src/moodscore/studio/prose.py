"""Prose: what people write, with its @names and #tags found and linked. The only place where their text becomes HTML."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from markupsafe import Markup, escape

LONGEST_TAG = 60
_MARK = re.compile(
    r"(?<![\w@#/&])(?:"
    r"#(?P<tag>(?=\w*[^\W\d_])\w{1,60}(?!\w))"
    r"|@(?P<handle>[a-zA-Z0-9_]{2,30}(?!\w)))"
)
# Marks that turn the direction of what follows, also outside of the text, and other characters without a shape.
_UNSEEN = re.compile("[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff]")

# Letters and symbols by their kind, but drawn as nothing.
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def clean(text: str) -> str:
    """Text as it is stored: composed letters, plain line ends, no control characters, no blanks around it."""
    composed = _composed(text.replace("\r\n", "\n").replace("\r", "\n"))
    return re.sub(r"\n{3,}", "\n\n", _UNSEEN.sub("", composed)).strip()


def name_of(text: str) -> str:
    """A name as it is stored: on one line, and "" where nothing of it would be seen, so that the handle is shown."""
    name = clean(" ".join(text.split()))
    seen = any(unicodedata.category(letter)[0] in "LNPS" and letter not in _BLANK for letter in name)
    return name if seen else ""


def printable(text: str) -> str:
    """Text without the characters that XML cannot hold, however it came to be stored."""
    return re.sub("[\ud800-\udfff\ufffe\uffff]", "", _UNSEEN.sub("", text))


def tag_name(word: str) -> str:
    """A tag as it is compared and stored: lower case, composed, without its sign."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", word).lower()).removeprefix("#")


def tags_in(text: str) -> list[str]:
    """The hashtags of a text, each once, in order; a tag holds a letter and is at most 60 characters long."""
    names = (tag_name(found["tag"]) for found in _MARK.finditer(_composed(text)) if found["tag"])
    return list(dict.fromkeys(name for name in names if len(name) <= LONGEST_TAG))


def handles_in(text: str) -> list[str]:
    """The handles that a text mentions, each once, in order, in lower case."""
    return list(dict.fromkeys(found["handle"].lower() for found in _MARK.finditer(text) if found["handle"]))


def marked(text: str) -> Markup:
    """Text as safe HTML: everything escaped, @handles and #tags linked, lines kept."""
    text = _composed(text)
    parts, done = [], 0
    for found in _MARK.finditer(text):
        parts.append(_plain(text[done : found.start()]))
        path = f"/tag/{quote(tag_name(found['tag']), safe='')}" if found["tag"] else f"/@{found['handle'].lower()}"
        parts.append(Markup('<a href="{}">{}</a>').format(path, found[0]))
        done = found.end()
    parts.append(_plain(text[done:]))
    return Markup("").join(parts)


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _plain(text: str) -> Markup:
    return Markup("<br>\n").join(escape(line) for line in _UNSEEN.sub("", text).split("\n"))
