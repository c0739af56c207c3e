"""Rendering: templates in the viewer's language, and the few filters they need."""

from __future__ import annotations

import datetime
import hashlib
from pathlib import Path

from babel.dates import format_datetime, format_timedelta
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from moodscore.schemes import MOODS
from moodscore.studio import languages
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
        )
        environment.install_gettext_translations(languages.translations(language), newstyle=True)  # type: ignore[attr-defined]
        environment.globals |= {
            "language": language,
            "languages": languages.NAMES,
            "static": lambda name: f"/static/{name}?v={self.version}",
            "moods": MOODS,
            "icon": icon,
        }
        environment.filters |= {
            "ago": lambda time_s: ago(time_s, language),
            "date": lambda time_s: format_datetime(_moment(time_s), "medium", locale=language),
            "iso": lambda time_s: _moment(time_s).isoformat(),
            "clock": clock,
        }
        return environment

    def render(self, name: str, language: str, **context: object) -> str:
        """A template as text."""
        return self._by_language[language].get_template(name).render(**context)


def static_version() -> str:
    """A few letters that change when any static file does, so that browsers may keep them for ever."""
    found = hashlib.sha256()
    for path in sorted(p for p in STATIC.rglob("*") if p.is_file()):
        found.update(path.read_bytes())
    return found.hexdigest()[:10]


def icon(name: str) -> Markup:
    """An icon of the sprite in static/icons.svg; what it means must be said in words beside it or in a label."""
    return Markup('<svg class="icon" aria-hidden="true"><use href="/static/icons.svg#{}"></use></svg>').format(name)


def ago(time_s: float, language: str) -> str:
    """How long ago something was, in words."""
    return format_timedelta(
        datetime.timedelta(seconds=time_s - now()), add_direction=True, locale=language, threshold=1.1
    )


def clock(seconds: float) -> str:
    """Seconds as minutes and seconds: 1:05."""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def _moment(time_s: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(time_s, datetime.UTC)
