"""Catalogues: which sentences the studio says, and whether every language has them.

    python -m moodscore.studio.catalogues          brings locales/*/LC_MESSAGES/studio.po up to date; says what lacks words

A sentence that is new is added without words, one that is gone is removed, and what was translated stays.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from moodscore.studio import languages
from moodscore.studio.settings import LANGUAGES

HERE = Path(__file__).parent
METHODS = [("templates/**.html", "jinja2.ext:babel_extract"), ("**.py", "python")]
OPTIONS = {"templates/**.html": {"extensions": "jinja2.ext.i18n", "trim_blocks": "true", "silent": "false"}}
KEYWORDS: dict[str, tuple[int, ...] | None] = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
_PLACE = re.compile(r"%\((\w+)\)[sd]|%%|\{\w+\}")


def sentences() -> Catalog:
    """Every sentence of templates and sources, with the files that say it."""
    catalog = Catalog(project="moodscore studio", charset="utf-8")
    for file, _, message, comments, _ in extract_from_dir(HERE, METHODS, OPTIONS, KEYWORDS):
        catalog.add(message, locations=[(file.replace("\\", "/"), 0)], auto_comments=comments)
    return catalog


def path_of(language: str) -> Path:
    """Where the words of a language are kept."""
    return languages.FOLDER / language / "LC_MESSAGES" / "studio.po"


def words_of(language: str) -> Catalog:
    """The words of a language as they stand; an empty catalogue where there is no file yet."""
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def problems(language: str, said: Catalog | None = None) -> list[str]:
    """What is wrong with a language, one line for each sentence: missing, unsure, left over, or other places for values."""
    said, words = said or sentences(), words_of(language)
    known = {_key(m): m for m in words if m.id}
    wanted = {_key(m) for m in said if m.id}
    found = [f"not said any more: {key}" for key in known if key not in wanted]
    found += [f"not said any more: {_key(m)}" for m in words.obsolete.values()]
    for key in sorted(wanted):
        message = known.get(key)
        if message is None or not all(_forms(message.string)):
            found.append(f"missing: {key}")
        elif message.fuzzy:
            found.append(f"unsure: {key}")
        elif any(_places(form) != _places(key) for form in _forms(message.string)):
            found.append(f"other places for values: {key}")
    return found


def update(language: str, said: Catalog | None = None) -> Catalog:
    """Bring the file of a language up to date and give its words."""
    said, words = said or sentences(), words_of(language)
    known = {_key(m): m.string for m in words if m.id and not m.fuzzy}
    fresh = Catalog(locale=language, project="moodscore studio", charset="utf-8", header_comment=_HEADER, fuzzy=False)
    fresh.creation_date = fresh.revision_date = words.creation_date
    for message in sorted((m for m in said if m.id), key=_key):
        fresh.add(message.id, known.get(_key(message), ""), locations=sorted(set(message.locations)))
    path_of(language).parent.mkdir(parents=True, exist_ok=True)
    with path_of(language).open("wb") as file:
        write_po(file, fresh, width=120, include_lineno=False)
    return fresh


_HEADER = "# The studio's sentences. Kept up to date by: python -m moodscore.studio.catalogues"


def _key(message: Message) -> str:
    return str(message.id[0] if isinstance(message.id, tuple | list) else message.id)


def _forms(string: object) -> list[str]:
    return [str(form) for form in string] if isinstance(string, tuple | list) else [str(string or "")]


def _places(text: str) -> list[str]:
    return sorted(_PLACE.findall(text) and [found[0] for found in _PLACE.finditer(text)])


def main() -> None:
    """Update every catalogue; fails while a language lacks words."""
    said = sentences()
    lacking = []
    for language in LANGUAGES:
        if language != "en":
            update(language, said)
            lacking += [f"{language}: {problem}" for problem in problems(language, said)]
    sys.stdout.write("\n".join([*lacking, f"{len(lacking)} to mend"]) + "\n")
    sys.exit(bool(lacking))


if __name__ == "__main__":
    main()
