"""Colours of feelings: the angle is the hue, the centre is grey, and colours of one lightness are equally light."""

import colorsys
import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from moodscore.affect import Affect
from moodscore.draw.colour import even_rgb, hex_of, mixed, mood_rgb
from moodscore.schemes import MOODS


def luminance(rgb):
    v = np.asarray(rgb) / 255
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]


def test_the_centre_is_grey_and_colour_grows_from_it():
    assert len(set(mood_rgb(Affect(0, 0)))) == 1
    reach = [max(c) - min(c) for c in (mood_rgb(Affect.polar(200, r)) for r in (0.0, 0.1, 0.2, 0.3))]
    assert reach == sorted(reach)
    assert reach[-1] > 60


def test_moods_have_their_hue():
    for mood in MOODS.labels:
        red, green, blue = (v / 255 for v in mood_rgb(mood.place))
        hue = 360 * colorsys.rgb_to_hls(red, green, blue)[0]
        assert abs((hue - mood.hue + 180) % 360 - 180) < 35, mood.name


def test_moods_can_be_told_apart():
    colours = [np.array(mood_rgb(m.place), float) for m in MOODS.labels]
    assert min(math.dist(a, b) for k, a in enumerate(colours) for b in colours[:k]) > 35


def test_colours_of_one_lightness_are_equally_light():
    light = luminance(even_rgb(np.arange(360), 0.9, 0.06))
    assert light.max() / light.min() < 1.15


@given(st.floats(0, 360), st.floats(0.05, 0.98), st.floats(0, 0.4))
def test_any_hue_lightness_and_chroma_is_a_colour(hue, lightness, chroma):
    rgb = even_rgb(hue, lightness, chroma)
    assert rgb.shape == (3,)
    assert rgb.dtype == np.uint8


def test_the_wheel_has_no_seam():
    wheel = even_rgb(np.arange(0, 360.25, 0.25), 0.8, 0.12).astype(int)
    assert np.abs(np.diff(wheel, axis=0)).max() <= 6
    assert (wheel[0] == wheel[-1]).all()


def test_hex_and_mixing():
    assert hex_of((0, 128, 255)) == "#0080ff"
    assert mixed((0, 0, 0), (100, 200, 50), 0.5) == (50, 100, 25)
