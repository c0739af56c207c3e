"""The camera's focus: the thing that stands out lies inside the box, faces come first, plain pictures have none."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from moodscore.media import Box, Face, Photo
from moodscore.see import focus

GROUND = (110, 120, 110)


def scene(box, colour=(230, 60, 40), ground=GROUND, size=(320, 240), noise=4.0):
    """A photo of a plain, slightly noisy ground with one coloured box on it."""
    width, height = size
    pixels = np.full((height, width, 3), ground, np.float64)
    left, right = round(box.left * width), round(box.right * width)
    pixels[round(box.top * height) : round(box.bottom * height), left:right] = colour
    pixels += np.random.default_rng(3).normal(0, noise, pixels.shape)
    return Photo(np.clip(pixels, 0, 255).astype(np.uint8), "scene", size)


def share_inside(inner, outer):
    wide = min(inner.right, outer.right) - max(inner.left, outer.left)
    high = min(inner.bottom, outer.bottom) - max(inner.top, outer.top)
    return max(0.0, wide) * max(0.0, high) / inner.area


@settings(max_examples=40, deadline=None)
@given(
    x=st.floats(0.06, 0.7),
    y=st.floats(0.06, 0.7),
    side=st.floats(0.12, 0.24),
    colour=st.sampled_from([(230, 60, 40), (250, 250, 250), (10, 10, 10), (40, 90, 240)]),
    size=st.sampled_from([(320, 240), (240, 320), (300, 300), (640, 240)]),
)
def test_a_thing_on_plain_ground_is_in_the_box_and_the_box_is_no_larger_than_needed(x, y, side, colour, size):
    thing = Box(x, y, x + side, y + side)
    (found,) = focus.regions(scene(thing, colour, size=size))
    assert share_inside(thing, found) > 0.8
    assert found.area < 4 * thing.area + 0.05


def test_of_a_strange_colour_and_a_tame_one_the_strange_one_wins():
    photo = scene(Box(0.1, 0.3, 0.35, 0.7), (120, 128, 122))
    pixels = photo.pixels.copy()
    pixels[80:160, 220:290] = 240, 200, 20
    (found,) = focus.regions(Photo(pixels, "two", (320, 240)))
    assert share_inside(Box(220 / 320, 80 / 240, 290 / 320, 160 / 240), found) > 0.8
    assert found.left > 0.4


def test_plain_and_evenly_patterned_pictures_have_nothing_to_keep():
    plain = Photo(np.full((100, 150, 3), 90, np.uint8), "plain", (150, 100))
    noise = Photo(np.random.default_rng(1).integers(0, 256, (240, 320, 3), np.uint8), "noise", (320, 240))
    assert focus.regions(plain) == ()
    assert focus.regions(noise) == ()
    assert not focus.saliency(plain).any()


def test_faces_come_first_with_room_around_and_the_largest_leads():
    small = Face(Box(0.1, 0.4, 0.16, 0.48), 0.9)
    large = Face(Box(0.5, 0.3, 0.7, 0.6), 0.9)
    passer_by = Face(Box(0.9, 0.9, 0.92, 0.92), 0.99)
    photo = scene(Box(0.5, 0.3, 0.7, 0.6))
    found = focus.regions(photo, [small, passer_by, large])
    assert len(found) == 3
    for face, box in zip((large, small), found, strict=False):
        assert share_inside(face.box, box) == 1.0
        assert box.top < face.box.top
        assert box.bottom > face.box.bottom
    assert found[2:] == focus.regions(photo)


@settings(max_examples=25, deadline=None)
@given(width=st.integers(1, 400), height=st.integers(1, 400), seed=st.integers(0, 5))
def test_any_picture_gets_boxes_inside_it_and_the_same_ones_again(width, height, seed):
    rng = np.random.default_rng(seed)
    photo = Photo(rng.integers(0, 256, (height, width, 3), np.uint8), "a", (width, height))
    found = focus.regions(photo)
    assert found == focus.regions(photo)
    assert all(0 < box.area <= 0.7 for box in found)
    salience = focus.saliency(photo)
    assert max(salience.shape) <= focus.SIDE
    assert 0 <= salience.min() <= salience.max() <= 1


def test_a_large_photo_and_its_small_copy_have_the_same_focus():
    big = scene(Box(0.55, 0.2, 0.8, 0.6), size=(1600, 1200))
    little = scene(Box(0.55, 0.2, 0.8, 0.6), size=(320, 240))
    (one,), (other,) = focus.regions(big), focus.regions(little)
    assert share_inside(one, other) > 0.8
