import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodscore.affect import Affect, Spread
from moodscore.errors import BadValue
from moodscore.schemes import (
    EXPRESSIONS,
    GENRES,
    MOODS,
    MUSIC5,
    SCHEMES,
    Labels,
    mood_labels,
    mood_of,
    mood_steps,
    music5_labels,
    music5_of,
)

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


@pytest.mark.parametrize(
    ("energy", "valence", "label"),
    [
        (0.5, 0.5, "surprise"),
        (0.5, 0.51, "happiness"),
        (0.8, 0.8, "surprise"),
        (0.799, 0.8, "happiness"),
        (1.0, 0.5, "surprise"),
        (0.5, 0.499, "anger"),
        (1.0, 0.0, "anger"),
        (0.499, 0.499, "sadness"),
        (0.0, 0.0, "sadness"),
        (0.499, 0.5, "others"),
        (0.0, 1.0, "others"),
    ],
)
def test_music_is_labelled_by_the_published_thresholds(energy, valence, label):
    assert music5_of(energy, valence).name == label


@given(st.sampled_from(MUSIC5.labels))
def test_the_place_of_a_music_label_lies_in_its_own_region(label):
    assert music5_of((label.place.arousal + 1) / 2, (label.place.valence + 1) / 2) is label


@pytest.mark.parametrize(("energy", "valence"), [(math.nan, 0.5), (0.5, 1.2), (-0.1, 0.5)])
def test_energy_and_valence_off_the_scale_are_refused(energy, valence):
    with pytest.raises(BadValue, match=r"expected a number in \[0, 1\]"):
        music5_of(energy, valence)


@given(st.lists(st.floats(0, 1), min_size=7, max_size=7))
def test_expressions_join_into_the_five_music_labels(weights):
    expression = Labels.of("expression", weights)
    music = music5_labels(expression)
    assert math.isclose(music["happiness"], expression["happy"], abs_tol=1e-9)
    others = expression["disgust"] + expression["fear"] + expression["neutral"]
    assert math.isclose(music["others"], others, abs_tol=1e-9)
    with pytest.raises(BadValue, match="expected a distribution over 'expression'"):
        music5_labels(music)


def test_the_spread_of_labels_is_how_far_their_places_scatter():
    sure = Labels("expression", (0, 0, 0, 1, 0, 0, 0))
    torn = Labels("expression", (0, 0, 0, 0.5, 0.5, 0, 0))
    assert sure.spread == Spread(0, 0)
    assert math.isclose(torn.spread.valence, 0.825)
    assert math.isclose(torn.spread.arousal, 0.295)
