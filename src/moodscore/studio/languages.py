"""Languages: the catalogues of the studio, and which one a person gets."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from moodscore.studio.settings import LANGUAGES

FOLDER = Path(__file__).parent / "locales"
NAMES = {"en": "English", "ko": "한국어"}


@cache
def translations(language: str) -> NullTranslations:
    """The catalogue of a language; English is the language of the sources."""
    path = FOLDER / language / "LC_MESSAGES" / "studio.po"
    if language == "en" or not path.exists():
        return NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def preferred(accepted: str, default: str) -> str:
    """The language of an Accept-Language header that the studio speaks best, or the default."""
    weighed: list[tuple[float, str]] = []
    for part in accepted.split(",")[:20]:
        name, _, weight = part.strip().partition(";q=")
        language = name.split("-")[0].strip().lower()
        try:
            weighed.append((float(weight or 1), language))
        except ValueError:
            continue
    return first_known([language for _, language in sorted(weighed, key=lambda w: -w[0])], default)


def first_known(languages: Sequence[str], default: str) -> str:
    """The first language the studio speaks, or the default."""
    return next((language for language in languages if language in LANGUAGES), default)
