"""Pages that are one file: style, script, pictures and sound are in them, and they ask the network for nothing."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from importlib import resources


def read(name: str) -> str:
    """A template, style or script of this room."""
    return resources.files("moodscore.draw").joinpath(name).read_text("utf-8")


def filled(template: str, parts: Mapping[str, str]) -> str:
    """A template with {{name}} put in place of the first mark of each name, in the order of `parts`."""
    for name, value in parts.items():
        before, found, after = template.partition("{{" + name + "}}")
        template = before + value + after if found else template
    return template


def data_url(kind: str, content: bytes) -> str:
    """Bytes of a media type as an address that needs no file."""
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


def policy_hash(text: str) -> str:
    """What a content security policy calls the only script or style that may run."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}"
