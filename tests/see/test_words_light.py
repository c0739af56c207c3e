"""Light, colours and sharpness are measured, not guessed."""

import numpy as np
import pytest

from moodscore.media import Box, Photo
from moodscore.see import words_light as light


def photo(pixels):
    pixels = np.asarray(pixels, np.uint8)
    return Photo(pixels, "x.png", pixels.shape[1::-1])


def plain(rgb, height=60, width=90):
    return photo(np.broadcast_to(np.array(rgb, np.uint8), (height, width, 3)).copy())


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ((200, 30, 30), "red"),
        ((240, 140, 20), "orange"),
        ((110, 65, 25), "brown"),
        ((245, 225, 40), "yellow"),
        ((40, 150, 50), "green"),
        ((40, 190, 200), "turquoise"),
        ((30, 60, 200), "purple"),
        ((60, 130, 200), "blue"),
        ((240, 120, 170), "pink"),
        ((5, 5, 5), "black"),
        ((128, 128, 128), "grey"),
        ((250, 250, 250), "white"),
    ],
)
def test_a_plain_colour_has_its_name(rgb, name):
    found = light.measure(plain(rgb)).mostly
    assert found == (name,) or (name == "purple" and found[0] in ("blue", "purple"))


def test_dark_and_bright_warm_cold_and_grey():
    assert light.measure(plain((10, 10, 10))).level == "dark"
    assert light.measure(plain((240, 240, 240))).level == "bright"
    assert light.measure(plain((120, 120, 120))).level == ""
    assert light.measure(plain((200, 120, 40))).colours == "warm"
    assert light.measure(plain((60, 120, 200))).colours == "cold"
    assert light.measure(plain((120, 120, 120))).colours == "grey"


def test_a_part_is_named_by_what_sets_it_off():
    pixels = np.full((60, 90, 3), 10, np.uint8)
    pixels[20:40, 60:80] = (240, 140, 20)
    box = Box(60 / 90, 1 / 3, 80 / 90, 2 / 3)
    assert light.colour_at(photo(pixels), box) == "orange"
    inside, outside = light.lightness_in_and_out(photo(pixels), box)
    assert inside > outside + 40
    assert light.brightest_side(photo(pixels)) == "right"
    assert light.brightest_side(plain((90, 90, 90))) == ""


def test_a_sharp_thing_before_a_soft_background_is_noticed():
    rng = np.random.default_rng(0)
    pixels = np.full((240, 240, 3), 120, np.uint8)
    pixels[80:160, 80:160] = rng.integers(0, 255, (80, 80, 3))
    assert light.measure(photo(pixels)).soft_surround
    assert not light.measure(photo(rng.integers(0, 255, (240, 240, 3)))).soft_surround
    assert not light.measure(plain((120, 120, 120))).soft_surround
