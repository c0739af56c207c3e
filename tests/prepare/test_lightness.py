"""Lightness is measured field by field, as the eye sees it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodscore.errors import BadValue
from moodscore.media import Photo
from moodscore.prepare import lightness


def photo(pixels):
    return Photo(np.asarray(pixels, np.uint8), "made.png", (pixels.shape[1], pixels.shape[0]))


def test_black_grey_and_white_are_0_about_54_and_100():
    bars = np.repeat(np.repeat(np.array([0, 128, 255])[None, :, None], 30, 0), 20, 1) * np.ones((1, 1, 3))
    mean, spread = lightness.grid(photo(bars), 2, 3)
    assert mean == pytest.approx(np.array([[0.0, 53.6, 100.0]] * 2), abs=0.2)
    assert spread == pytest.approx(np.zeros((2, 3)), abs=0.05)


def test_spread_tells_a_checkerboard_from_a_plain_grey():
    board = (np.indices((64, 64)).sum(0) % 2 * 255)[..., None] * np.ones((1, 1, 3))
    _, spread = lightness.grid(photo(board), 1, 4)
    assert (spread > 40).all()


@given(st.integers(1, 9), st.integers(1, 90), st.integers(1, 40), st.integers(1, 40))
def test_any_picture_fills_any_grid(rows, columns, height, width):
    pixels = np.random.default_rng(height * 41 + width).integers(0, 256, (height, width, 3))
    mean, spread = lightness.grid(photo(pixels), rows, columns)
    assert mean.shape == spread.shape == (rows, columns)
    assert mean.min() >= 0
    assert mean.max() <= 100
    assert (spread >= 0).all()


def test_a_grid_without_fields_is_refused():
    with pytest.raises(BadValue, match="at least 1 row"):
        lightness.grid(photo(np.zeros((4, 4, 3))), 0, 3)
