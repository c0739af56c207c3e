import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodscore.affect import Affect, Spread
from moodscore.errors import BadValue, MoodscoreError

axis = st.floats(-1, 1)
affects = st.builds(Affect, axis, axis)


@given(axis, axis)
def test_keeps_the_values_it_was_given(valence, arousal):
    point = Affect(valence, arousal)
    assert (point.valence, point.arousal) == (valence, arousal)


@given(
    st.one_of(st.floats(max_value=-1, exclude_max=True), st.floats(min_value=1, exclude_min=True), st.just(math.nan))
)
def test_refuses_what_is_not_on_the_plane_and_says_what_it_got(value):
    with pytest.raises(BadValue, match="arousal: expected a number in") as caught:
        Affect(0, value)
    assert repr(value) in str(caught.value)
    assert isinstance(caught.value, MoodscoreError)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("value", [None, "happy", [0.1, 0.2]])
def test_refuses_what_is_not_a_number(value):
    with pytest.raises(BadValue, match="valence"):
        Affect(value, 0)


def test_cannot_be_changed():
    with pytest.raises(AttributeError):
        Affect(0, 0).valence = 1


@given(st.floats(0, 359.9), st.floats(0.01, 1))
def test_polar_and_back(angle, radius):
    point = Affect.polar(angle, radius)
    assert point.radius == pytest.approx(radius)
    assert abs((point.angle_deg - angle + 180) % 360 - 180) < 1e-6


@given(affects)
def test_angle_is_in_range(point):
    assert 0 <= point.angle_deg < 360


@given(affects, affects, st.floats(0, 1))
def test_the_way_between_two_feelings_stays_between_them(one, other, share):
    between = one.toward(other, share)
    assert one.distance(between) + between.distance(other) == pytest.approx(one.distance(other), abs=1e-9)


@given(st.floats(allow_nan=False), st.floats(allow_nan=False))
def test_clipping_always_lands_on_the_plane(valence, arousal):
    point = Affect.clipped(valence, arousal)
    assert point.valence == min(1, max(-1, valence))
    assert point.arousal == min(1, max(-1, arousal))


def test_clipping_does_not_hide_nan():
    with pytest.raises(BadValue):
        Affect.clipped(math.nan, 0)


@pytest.mark.parametrize("value", [-0.1, math.nan, math.inf])
def test_spread_refuses_what_is_no_standard_deviation(value):
    with pytest.raises(BadValue, match="spread of valence"):
        Spread(value, 0)
