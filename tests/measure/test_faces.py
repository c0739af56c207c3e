import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodscore.errors import BadValue
from moodscore.measure import faces
from moodscore.media import Box, Face


@st.composite
def boxes(draw):
    left, top = draw(st.floats(0, 0.9)), draw(st.floats(0, 0.9))
    return Box(left, top, draw(st.floats(left + 0.01, 1)), draw(st.floats(top + 0.01, 1)))


@given(boxes(), boxes())
def test_overlap_is_symmetric_between_nothing_and_the_same_box(one, other):
    assert faces.overlap(one, one) == pytest.approx(1)
    assert faces.overlap(one, other) == pytest.approx(faces.overlap(other, one))
    assert 0 <= faces.overlap(one, other) <= 1 + 1e-9


def test_overlap_of_half_covered_boxes_is_a_third():
    assert faces.overlap(Box(0, 0, 0.4, 0.4), Box(0.2, 0, 0.6, 0.4)) == pytest.approx(1 / 3)


def test_each_reference_is_found_once_and_the_second_hit_is_false():
    truth = Box(0.1, 0.1, 0.5, 0.5)
    result = faces.evaluate([[truth]], [[]], [[Face(truth, 0.9), Face(truth, 0.8)]])
    assert (result.found, result.missed, result.false) == (1, 0, 1)
    assert (result.recall, result.precision) == (1.0, 0.5)


def test_the_better_scored_face_takes_the_reference_it_overlaps_most():
    near, far = Box(0.1, 0.1, 0.5, 0.5), Box(0.14, 0.1, 0.54, 0.5)
    result = faces.matched([near, far], [], [Face(far, 0.9), Face(near, 0.7)])
    assert (result.found, result.missed, result.false) == (2, 0, 0)


def test_a_face_on_a_box_of_unknown_worth_counts_neither_way():
    unknown = Box(0.6, 0.6, 0.8, 0.8)
    result = faces.evaluate([[Box(0, 0, 0.2, 0.2)]], [[unknown]], [[Face(unknown, 0.9)]])
    assert (result.found, result.missed, result.false) == (0, 1, 0)
    assert (result.recall, result.precision) == (0.0, 1.0)


def test_pictures_that_do_not_pair_up_are_refused():
    with pytest.raises(BadValue, match="one entry per picture"):
        faces.evaluate([[]], [[]], [[], []])
