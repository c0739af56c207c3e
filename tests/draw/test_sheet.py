"""The contact sheet: every picture whole in its cell, captions under it, sizes that add up."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodscore.draw.colour import PAPER
from moodscore.draw.sheet import contact_sheet
from moodscore.errors import BadValue


def frame(colour, size=(90, 160)):
    return np.full((*size, 3), colour, np.uint8)


COLOURS = [(200, 20, 20), (20, 200, 20), (20, 20, 200), (200, 200, 20), (20, 200, 200)]


def test_pictures_stand_in_rows_in_their_order():
    sheet = np.asarray(contact_sheet([frame(c) for c in COLOURS], columns=3, width=96))
    assert sheet.shape == (2 * (54 + 4) + 4, 3 * (96 + 4) + 4, 3)
    for k, colour in enumerate(COLOURS):
        x, y = 4 + k % 3 * 100 + 48, 4 + k // 3 * 58 + 27
        assert (sheet[y, x] == colour).all()
    assert (sheet[-10, -10] == PAPER).all()


def test_a_picture_of_another_shape_is_fitted_in_whole():
    sheet = np.asarray(contact_sheet([frame(COLOURS[0]), frame(COLOURS[1], (160, 90))], columns=2, width=160))
    green = np.abs(sheet.astype(int) - COLOURS[1]).max(axis=2) < 5
    rows, columns = np.nonzero(green.any(axis=1))[0], np.nonzero(green.any(axis=0))[0]
    assert len(rows) == 90
    assert len(columns) == pytest.approx(90 * 90 / 160, abs=1)


def test_captions_and_marks_show_below():
    frames = [frame(c) for c in COLOURS[:2]]
    plain, told = contact_sheet(frames), contact_sheet(frames, ["조용한 아침", "a" * 300])
    assert told.size[0] == plain.size[0]
    assert told.size[1] > plain.size[1]
    marked = contact_sheet(frames, ["a", "b"], marks=[(250, 0, 250), (0, 250, 0)])
    assert (np.asarray(marked) == (250, 0, 250)).all(axis=2).any()
    assert told.tobytes() == contact_sheet(frames, ["조용한 아침", "a" * 300]).tobytes()


@settings(max_examples=25, deadline=None)
@given(count=st.integers(1, 9), columns=st.integers(1, 6), width=st.integers(16, 90), captions=st.booleans())
def test_any_grid_holds_all_its_pictures(count, columns, width, captions):
    sheet = contact_sheet([frame((1, 2, 3))] * count, ["x"] * count if captions else (), columns, width)
    seen = (np.asarray(sheet) == (1, 2, 3)).all(axis=2).sum()
    assert seen == count * width * max(1, round(width * 90 / 160))


@pytest.mark.parametrize(
    "wrong", [{"frames": []}, {"columns": 0}, {"width": 3}, {"captions": ["one"]}, {"marks": [(1, 2, 3)]}]
)
def test_impossible_sheets_are_refused(wrong):
    with pytest.raises(BadValue, match="expected"):
        contact_sheet(**({"frames": [frame((0, 0, 0))] * 2} | wrong))
