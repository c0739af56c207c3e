import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodscore.music.form import labels, lengths, phrases


@given(st.integers(1, 400), st.booleans())
def test_a_form_uses_every_bar_and_ends_with_a_close(bars, dark):
    form = phrases(bars, [0.0] * bars, dark)
    assert sum(p.bars for p in form) == bars
    assert all(1 <= p.bars <= 8 for p in form)
    assert form[-1].cadence == "final"
    if len(form) > 1:
        assert form[-2].cadence == "open"


def test_a_short_piece_is_a_song_form():
    assert [p.label for p in phrases(19, [0.0] * 19, False)] == ["intro", "A", "A'", "B", "A''", "coda"]


def test_a_long_piece_brings_new_themes_and_comes_home():
    heard = [label for label, _ in labels(24)]
    assert {"A", "B", "C", "D"} <= set(heard)
    assert heard[-1] == "A''"


@pytest.mark.parametrize("bars", [16, 24, 32])
def test_phrases_have_four_bars_when_they_can(bars):
    assert set(lengths(bars, [0.0] * bars)) == {4}


def test_a_wanted_border_is_met():
    pull = [0.0] * 17
    pull[7] = 3.0
    found = lengths(17, pull)
    assert 7 in {sum(found[:k]) for k in range(len(found))}


def test_dark_contrasts_may_deceive():
    assert [p.cadence for p in phrases(19, [0.0] * 19, True) if p.label == "B"] == ["deceptive"]
