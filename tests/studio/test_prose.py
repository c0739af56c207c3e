"""Prose: what people write becomes HTML in one place, and nothing they write becomes more than links and text."""

import unicodedata
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodscore.studio.prose import clean, handles_in, marked, printable, tags_in


class Reader(HTMLParser):
    """What a browser finds in HTML: the elements with their attributes, and the text."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.elements, self.text = [], ""

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def read(html):
    reader = Reader()
    reader.feed(str(html))
    reader.close()
    return reader


nasty = st.text(alphabet=st.sampled_from(list("<>&\"'/=#@ \n\\`;:()abcZ_19가é\u202e\u0000")), max_size=80)


@given(st.one_of(st.text(max_size=200), nasty))
def test_whatever_is_written_only_links_of_ours_and_line_breaks_come_out(text):
    found = read(marked(text))
    for name, attributes in found.elements:
        assert name in ("a", "br")
        if name == "a":
            assert set(attributes) == {"href"}
            assert attributes["href"].startswith(("/@", "/tag/"))
            assert not attributes["href"].startswith("//")
    assert "<script" not in str(marked(text)).lower()


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Co", "Cn")), max_size=100))
def test_no_word_is_lost(text):
    assert read(marked(text)).text == unicodedata.normalize("NFC", text)


def test_names_and_tags_are_linked():
    html = str(marked("With @Mina at the #Sea, #고요한_아침! mail@example.org #123 a#b"))
    assert '<a href="/@mina">@Mina</a>' in html
    assert '<a href="/tag/sea">#Sea</a>' in html
    assert "/tag/%EA%B3%A0%EC%9A%94%ED%95%9C_%EC%95%84%EC%B9%A8" in html
    assert html.count("<a ") == 3


def test_tags_are_found_once_in_lower_case_and_composed():
    assert tags_in("#Sea #sea #SEA! #café #cafe\u0301 #1 #a1 ##x") == ["sea", "café", "a1"]
    assert tags_in("#" + "a" * 60) == ["a" * 60]
    assert tags_in("#" + "a" * 61) == []


def test_handles_are_found_once():
    assert handles_in("@Mina, @mina and @joon_1; me@joon @x") == ["mina", "joon_1"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [("  a\r\nb\n\n\n\nc ", "a\nb\n\nc"), ("a\u202eb\u0000", "ab"), ("e\u0301", "é"), ("\u0007 \n", "")],
)
def test_text_is_stored_clean(text, kept):
    assert clean(text) == kept
    assert clean(clean(text)) == clean(text)


@given(st.text())
def test_printable_text_fits_into_xml(text):
    from xml.etree import ElementTree

    element = ElementTree.Element("a")
    element.text = printable(text)
    assert ElementTree.fromstring(ElementTree.tostring(element, encoding="utf-8")).tag == "a"
