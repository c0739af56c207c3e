"""Catalogues: whoever reads the studio in another language reads all of it."""

import pytest
from babel.messages.catalog import Catalog

from moodscore.studio import catalogues, languages
from moodscore.studio.settings import LANGUAGES

OTHERS = [language for language in LANGUAGES if language != "en"]


@pytest.fixture(scope="module")
def said():
    return catalogues.sentences()


def test_sentences_are_found_in_templates_and_sources(said):
    found = {catalogues._key(m) for m in said}
    assert "Skip to the content" in found
    assert "Please log in first." in found
    assert "%(num)s comment" in found
    assert len(found) > 300


@pytest.mark.parametrize("language", OTHERS)
def test_no_sentence_is_missing_or_left_over(language, said):
    assert catalogues.problems(language, said) == []


@pytest.mark.parametrize("language", OTHERS)
def test_languages_are_shown_as_written(language):
    assert languages.translations(language).gettext("Search") != "Search"
    assert languages.translations("en").gettext("Search") == "Search"


def test_what_is_wrong_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(languages, "FOLDER", tmp_path)
    said = Catalog()
    for sentence in ("One %(a)s", "Two", "Three"):
        said.add(sentence)
    folder = tmp_path / "ko" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "studio.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        'msgid "One %(a)s"\nmsgstr "하나 %(b)s"\n\n#, fuzzy\nmsgid "Two"\nmsgstr "둘"\n\nmsgid "Gone"\nmsgstr "간"\n',
        encoding="utf-8",
    )
    assert set(catalogues.problems("ko", said)) == {
        "other places for values: One %(a)s",
        "unsure: Two",
        "missing: Three",
        "not said any more: Gone",
    }
    catalogues.update("ko", said)
    assert {p.split(":")[0] for p in catalogues.problems("ko", said)} == {"missing", "other places for values"}
