import numpy as np
import pytest

from moodscore.affect import Affect, Spread
from moodscore.media import Photo
from moodscore.reading import Reading
from moodscore.schemes import mood_labels
from moodscore.see import explain, people


def photo(pixels: np.ndarray) -> Photo:
    return Photo(pixels, "a.png", (pixels.shape[1], pixels.shape[0]))


def redness(seen: Photo) -> Affect:
    """A feeling that is known exactly: valence is how red the picture is on average, arousal nothing."""
    mean = seen.pixels.reshape(-1, 3).mean(0)
    return Affect.clipped(float(mean[0] - mean[1]) / 32, 0.0)


@pytest.fixture
def red_corner() -> Photo:
    pixels = np.full((200, 300, 3), 100, np.uint8)
    pixels[20:90, 30:110] = (250, 60, 60)
    return photo(pixels)


def test_the_region_that_makes_the_feeling_is_where_the_push_is(red_corner):
    push = explain.occlusion(red_corner, redness)
    assert push.dtype == np.float32
    assert push.shape[2] == 2
    y, x = np.unravel_index(int(push[..., 0].argmax()), push.shape[:2])
    assert 0.10 < y / push.shape[0] < 0.45
    assert 0.10 < x / push.shape[1] < 0.37
    assert push[..., 0].max() > 5 * abs(push[-40:, -60:, 0]).max()
    assert not push[..., 1].any()


def test_a_plain_picture_pushes_nothing():
    push = explain.occlusion(photo(np.full((40, 30, 3), 77, np.uint8)), redness)
    assert not push.any()


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (700, 3)])
def test_pictures_of_any_shape_are_explained(size):
    push = explain.occlusion(photo(np.full((*size, 3), 77, np.uint8)), redness, windows=(3,))
    assert max(push.shape[:2]) <= explain.SIDE
    assert np.isfinite(push).all()


def test_an_explanation_says_what_the_whole_photo_said_and_what_moved_it():
    rng = np.random.default_rng(3)
    one = photo(rng.integers(0, 255, (64, 96, 3), np.uint8))
    why = explain.explain(one)
    assert why.reading == people.perceive(one)
    assert why.scene.source.startswith("photo-affect@")
    assert why.push.any()


def test_without_parts_the_scene_is_the_reading_itself():
    affect = Affect(0.1, 0.2)
    reading = Reading(affect, mood_labels(affect, 0.3, 0.3), 0.5, "photo-affect@1", Spread(0.3, 0.3))
    assert explain.Explanation(reading, (), np.zeros((2, 2, 2), np.float32)).scene is reading
