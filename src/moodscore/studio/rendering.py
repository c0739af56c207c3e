"""Rendering: templates in the viewer's language, and the few filters they need."""

from __future__ import annotations

import datetime
import hashlib
import math
from collections.abc import Callable
from functools import cache
from pathlib import Path

from babel.dates import format_skeleton, format_timedelta
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from moodscore.grammar.english import clock
from moodscore.grammar.music import in_korean
from moodscore.schemes import MOODS
from moodscore.studio import languages, prose
from moodscore.studio.db import now
from moodscore.studio.settings import LANGUAGES

HERE = Path(__file__).parent
STATIC = HERE / "static"


class Pages:
    """The templates of the studio, one environment for each language."""

    def __init__(self, names: tuple[str, ...] = LANGUAGES) -> None:
        self.version = static_version()
        self._by_language = {language: self._environment(language) for language in names}

    def _environment(self, language: str) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=select_autoescape(default=True),
            undefined=StrictUndefined,
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,  # a page is made of a dozen files, and asking whether each changed takes time
        )
        environment.install_gettext_translations(languages.translations(language), newstyle=True)  # type: ignore[attr-defined]
        environment.globals |= {
            "language": language,
            "languages": languages.NAMES,
            "static": lambda name: f"/static/{name}?v={self.version}",
            "moods": MOODS,
            "icon": cache(self._icon),
            "once": _once(),
            "modules": {"imports": {f"/static/{p.name}": f"/static/{p.name}?v={self.version}" for p in _modules()}},
            "angle_deg": angle_deg,
        }
        filters: dict[str, Callable[..., object]] = {
            "ago": lambda time_s: ago(time_s, language),
            "date": lambda time_s: day(time_s, language),
            "moment": lambda time_s: f"{day(time_s, language)}, {_moment(time_s):%H:%M} UTC",
            "iso": lambda time_s: _moment(time_s).isoformat(),
            "clock": clock,
            "played": in_korean if language == "ko" else str,
            "links": prose.marked,
        }
        environment.filters |= filters
        return environment

    def _icon(self, name: str) -> Markup:
        """An icon of the sprite in static/icons.svg; what it means must be said in words beside it or in a label."""
        use = '<svg class="icon" aria-hidden="true"><use href="/static/icons.svg?v={}#{}"></use></svg>'
        return Markup(use).format(self.version, name)

    def render(self, name: str, language: str, **context: object) -> str:
        """A template as text."""
        return self._by_language[language].get_template(name).render(**context)


def _once() -> Callable[[str, Callable[[], Markup]], Markup]:
    """What draws a part that is the same on every page of a language, by its name, once."""
    drawn: dict[str, Markup] = {}

    def once(name: str, draw: Callable[[], Markup]) -> Markup:
        if name not in drawn:
            drawn[name] = draw()
        return drawn[name]

    return once


def static_version() -> str:
    """A few letters that change when any static file does, so that browsers may keep them for ever."""
    found = hashlib.sha256()
    for path in sorted(p for p in STATIC.rglob("*") if p.is_file()):
        found.update(path.read_bytes())
    return found.hexdigest()[:10]


def _modules() -> list[Path]:
    return sorted(STATIC.glob("*.js"))


def angle_deg(valence: float, arousal: float) -> float:
    """The direction of a place on the plane in degrees, [0, 360): the hue it is drawn in."""
    return math.degrees(math.atan2(arousal, valence)) % 360.0


def ago(time_s: float, language: str) -> str:
    """How long ago something was, in words."""
    return format_timedelta(
        datetime.timedelta(seconds=time_s - now()), add_direction=True, locale=language, threshold=1.1
    )


def day(time_s: float, language: str) -> str:
    """The day of a moment, in words."""
    return format_skeleton("yMMMd", _moment(time_s), locale=language)


def _moment(time_s: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(time_s, datetime.UTC)
