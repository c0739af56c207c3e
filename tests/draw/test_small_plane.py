import importlib.util
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from moodscore.affect import Affect
from moodscore.draw.small_plane import SCALE, Dot, colour_of, small_plane
from moodscore.schemes import EXPRESSIONS

DOCS = Path(__file__).parents[2] / "docs"
axis = st.floats(-0.9, 0.9)


@settings(max_examples=10, deadline=None)
@given(axis, axis)
def test_a_dot_lies_where_its_feeling_is(valence, arousal):
    affect = Affect(valence, arousal)
    plane = np.asarray(small_plane(200, [Dot(affect, radius=8, colour=(0, 0, 0))]).reduce(SCALE), int)
    down, across = np.nonzero(plane.sum(2) < 60)
    assert abs(across.mean() / 200 - (0.07 + 0.86 * (valence + 1) / 2)) < 0.02
    assert abs(down.mean() / 200 - (0.07 + 0.86 * (1 - arousal) / 2)) < 0.02


def test_opposite_feelings_have_different_colours_and_the_centre_has_none():
    assert colour_of(Affect(0.8, 0)) != colour_of(Affect(-0.8, 0))
    assert np.ptp(colour_of(Affect(0, 0))) <= 2


def test_the_picture_in_the_documentation_shows_the_places_as_they_are_now():
    spec = importlib.util.spec_from_file_location("draw_expressions", DOCS / "draw_expressions.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    with Image.open(script.OUT) as picture:
        kept = np.asarray(picture.convert("RGB"), int)
    drawn = np.asarray(script.picture(), int)
    assert kept.shape == drawn.shape
    for label in EXPRESSIONS.labels:
        x = round(script.SIDE * (0.07 + 0.86 * (label.place.valence + 1) / 2))
        y = round(script.SIDE * (0.07 + 0.86 * (1 - label.place.arousal) / 2))
        here = np.s_[y - 4 : y + 5, x - 4 : x + 5]
        assert np.abs(kept[here] - drawn[here]).max() <= 8, "run  python docs/draw_expressions.py"
