"""Film affect: figures in the units of the set, beside the mean of the training part."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodscore.affect import Affect
from moodscore.errors import BadValue
from moodscore.measure import film_affect as measure

axis = st.floats(-1, 1)
affects = st.lists(st.builds(Affect, axis, axis), min_size=2, max_size=20)


def test_squares_are_counted_on_the_scale_of_the_set():
    truth, said = [Affect(0.0, 0.5), Affect(0.5, -0.5)], [Affect(0.25, 0.5), Affect(0.25, 0.0)]
    assert measure.mse(truth, said) == pytest.approx((0.0625, 0.125))
    assert measure.mse(truth, said, 2.0) == pytest.approx((0.25, 0.5))


@given(affects)
def test_saying_the_truth_is_without_error(truth):
    table = measure.evaluate(truth, truth, Affect(0, 0), 2.0)["model"]
    assert table["mse_valence"] == table["mse_arousal"] == 0


@given(affects, st.builds(Affect, axis, axis))
def test_the_mean_predictor_knows_nothing_of_the_clips(truth, guess):
    table = measure.evaluate(truth, truth, guess, 2.0)["mean_predictor"]
    assert table["r_valence"] == table["r_arousal"] == 0
    expected = 4 * np.mean([(a.valence - guess.valence) ** 2 for a in truth])
    assert table["mse_valence"] == pytest.approx(expected, abs=1e-3)


def test_feelings_that_hardly_differ_have_no_correlation_but_no_error_either():
    truth = [Affect(0.0, 0.0), Affect(2.2e-311, 1e-200)]
    assert measure.evaluate(truth, truth, Affect(0, 0))["model"]["r_valence"] == 0


def test_lists_of_other_lengths_are_refused():
    with pytest.raises(BadValue, match="same length"):
        measure.mse([Affect(0, 0)] * 3, [Affect(0, 0)] * 2)
