import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from moodscore.learn.data.film_like import film_like


@settings(max_examples=60, deadline=None)
@given(st.integers(20, 300), st.integers(20, 300), st.integers(0, 2**31))
def test_any_picture_becomes_a_frame_in_a_films_shape(height, width, seed):
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    frame = film_like(pixels, np.random.default_rng(seed))
    assert frame.dtype == np.uint8
    assert frame.ndim == 3
    assert frame.shape[2] == 3
    assert 1.0 <= frame.shape[1] / frame.shape[0] <= 2.7 or min(frame.shape[:2]) <= 12


def test_the_same_seed_gives_the_same_frame_and_another_seed_another():
    pixels = np.random.default_rng(1).integers(0, 256, (90, 60, 3), np.uint8)
    one, same, other = (film_like(pixels, np.random.default_rng(s)) for s in (4, 4, 5))
    assert np.array_equal(one, same)
    assert one.shape != other.shape or not np.array_equal(one, other)


def test_the_picture_given_is_left_as_it_was():
    pixels = np.random.default_rng(2).integers(0, 256, (60, 90, 3), np.uint8)
    kept = pixels.copy()
    for seed in range(12):
        film_like(pixels, np.random.default_rng(seed))
    assert np.array_equal(pixels, kept)
