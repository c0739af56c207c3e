"""The page of a listening test: blind, closed to the network, whole in both languages."""

import json
import re

import pytest

from moodscore.draw import listening, one_file
from moodscore.draw.heard import heard_png
from moodscore.draw.listening_words import WORDS
from moodscore.errors import BadValue
from moodscore.schemes import MOODS

CLIPS = [("bb", b"second"), ("aa", b"first")]


def data_of(page):
    return json.loads(re.search(r'id="test">(.*?)</script>', page, re.S)[1])


def test_nothing_in_the_page_tells_which_clip_is_which():
    page = listening.page("t1", CLIPS, b"check", 12.0)
    data = data_of(page)
    assert [clip["id"] for clip in data["clips"]] == ["aa", "bb"]  # not in the order they were made in
    assert all(set(clip) == {"id", "sound"} for clip in data["clips"])
    assert listening.page("t1", CLIPS[::-1], b"check", 12.0) == page
    assert set(data) == {"test", "language", "seconds", "check", "moods", "words", "clips"}


def test_the_page_asks_nobody_for_anything():
    page = listening.page("t1", CLIPS, b"check", 12.0, "ko")
    assert "default-src 'none'" in page
    assert "unsafe-inline" not in page
    assert not re.search(r"(src|href)=[\"']?(https?:)?//", page)
    assert '<html lang="ko">' in page
    assert "{{" not in page


def test_both_languages_say_everything_with_the_same_places_to_fill():
    english, korean = WORDS["en"], WORDS["ko"]
    assert english.keys() == korean.keys()
    for name, text in english.items():
        assert text.count("%") == korean[name].count("%"), name
    script = one_file.read("listening.js")
    asked = set(re.findall(r'say\("(\w+)"', script)) | set(
        re.findall(r'data-say="(\w+)"', one_file.read("listening.html"))
    )
    assert asked <= english.keys()


def test_what_cannot_be_a_test_is_refused():
    with pytest.raises(BadValue, match="language"):
        listening.page("t1", CLIPS, b"", 12.0, "fr")
    for clips in ([], [("a", b"1"), ("a", b"2")]):
        with pytest.raises(BadValue, match="clips: expected"):
            listening.page("t1", clips, b"", 12.0)


def test_the_picture_of_what_was_heard_is_drawn_with_any_answers():
    empty = heard_png([[0] * 8 for _ in range(8)], [])
    counts = [[3 if k == j else 0 for j in range(8)] for k in range(8)]
    full = heard_png(counts, [(mood.place, mood.place) for mood in MOODS.labels])
    assert empty.size == full.size == (1120, 560)
    assert empty.tobytes() != full.tobytes()
