import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodscore.affect import Affect
from moodscore.errors import BadValue
from moodscore.schemes import EXPRESSIONS, GENRES, MOODS, MUSIC5, SCHEMES, Labels, mood_labels, mood_of, mood_steps

axis = st.floats(-1, 1)
affects = st.builds(Affect, axis, axis)
weights = st.sampled_from(sorted(SCHEMES)).flatmap(
    lambda name: st.tuples(
        st.just(name),
        st.lists(st.floats(0, 1e6), min_size=len(SCHEMES[name].labels), max_size=len(SCHEMES[name].labels)),
    )
)


def test_the_moods_are_the_octants_in_order_of_their_angle():
    assert [round(mood.hue) for mood in MOODS.labels] == [0, 45, 90, 135, 180, 225, 270, 315]
    assert MOODS["즐거운"] is MOODS["joyful"]


def test_each_scheme_has_the_labels_of_its_source():
    assert [len(s.labels) for s in (MOODS, EXPRESSIONS, GENRES, SCHEMES["quadrant"], MUSIC5)] == [8, 7, 6, 4, 5]
    assert all(len(set(s.names)) == len(s.names) for s in SCHEMES.values())


@given(affects)
def test_every_feeling_has_the_mood_within_half_an_octant(affect):
    mood = mood_of(affect)
    if affect.radius > 1e-6:
        apart = abs((mood.hue - affect.angle_deg + 180) % 360 - 180)
        assert apart <= 22.5 + 1e-6
    assert mood_of(mood.place) is mood


@given(st.sampled_from(MOODS.labels), st.sampled_from(MOODS.labels))
def test_steps_on_the_ring_are_symmetric_and_at_most_four(one, other):
    assert mood_steps(one, other) == mood_steps(other, one) <= 4
    assert (mood_steps(one, other) == 0) == (one is other)


def test_an_unknown_label_is_answered_with_the_known_ones():
    with pytest.raises(BadValue, match=r"joyful, exciting.*got 'merry'"):
        MOODS["merry"]


@given(weights)
def test_labels_of_any_weights_are_a_distribution(pair):
    labels = Labels.of(*pair)
    assert math.isclose(sum(labels.probs), 1, abs_tol=1e-6)
    assert 0 <= labels.entropy <= math.log2(len(labels.probs)) + 1e-6
    assert labels[labels.top.name] == max(labels.probs)
    assert labels.expectation.radius <= math.sqrt(2)


@pytest.mark.parametrize(
    ("scheme", "probs", "says"),
    [
        ("mood", (1.0,), "expected 8 probabilities, got 1"),
        ("quadrant", (0.5, 0.5, 0.5, -0.5), "sum to 1"),
        ("quadrant", (math.nan, 0, 0, 1), "sum to 1"),
        ("quadrant", (0.3, 0.3, 0.3, 0.3), "sum to 1"),
        ("humour", (1.0,), "expected one of mood"),
    ],
)
def test_labels_refuse_what_is_no_distribution(scheme, probs, says):
    with pytest.raises(BadValue, match=says):
        Labels(scheme, probs)


@given(affects, st.floats(0, 1), st.floats(0, 1))
def test_mood_labels_agree_with_the_mood_of_the_mean(affect, spread_valence, spread_arousal):
    labels = mood_labels(affect, spread_valence, spread_arousal)
    assert labels.top is mood_of(affect)


def test_more_uncertainty_spreads_over_more_moods():
    entropies = [mood_labels(Affect(0.4, 0.4), s, s).entropy for s in (0.02, 0.2, 0.6)]
    assert entropies == sorted(entropies)
    assert entropies[0] < entropies[2]


def test_a_frightened_face_is_not_calm_and_not_pleasant():
    place = EXPRESSIONS["fear"].place
    assert place.arousal > 0.2
    assert place.valence < -0.3
