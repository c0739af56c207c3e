import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from moodscore.errors import BadValue
from moodscore.measure import labels

PROBS = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.5, 0.3, 0.2], [0.2, 0.2, 0.6]])
TRUTH = np.array([0, 1, 1, 2])


def test_accuracy_and_recall_of_each_class_count_rows():
    assert labels.accuracy(PROBS, TRUTH) == 0.75
    assert labels.recall_by_class(PROBS, TRUTH) == (1.0, 0.5, 1.0)


def test_confusion_has_a_row_per_true_class():
    assert labels.confusion(PROBS, TRUTH).tolist() == [[1, 0, 0], [1, 1, 0], [0, 0, 1]]


def test_a_class_without_rows_has_no_recall():
    assert math.isnan(labels.recall_by_class(PROBS[:2], TRUTH[:2])[2])


def test_calibration_error_is_nothing_when_confidence_is_accuracy():
    sure = np.array([[0.75, 0.25]] * 4)
    assert labels.calibration_error(sure, np.array([0, 0, 0, 1])) == pytest.approx(0)
    assert labels.calibration_error(sure, np.array([1, 1, 1, 1])) == pytest.approx(0.75)


def test_log_loss_of_a_sure_and_right_guess_is_nothing():
    assert labels.log_loss(np.array([[1.0, 0.0]]), np.array([0])) == pytest.approx(0)
    assert labels.log_loss(np.array([[0.5, 0.5]]), np.array([0])) == pytest.approx(math.log(2))


@given(arrays(np.float64, (5, 4), elements=st.floats(0.01, 1)), st.floats(0.2, 5))
def test_temperature_changes_sureness_but_not_the_order(weights, temperature):
    probs = weights / weights.sum(1, keepdims=True)
    out = labels.tempered(probs, temperature)
    assert np.allclose(out.sum(1), 1)
    assert np.allclose(labels.tempered(out, 1 / temperature), probs, atol=1e-6)
    if temperature > 1:
        assert (out.max(1) <= probs.max(1) + 1e-9).all()


def test_evaluate_gives_every_figure_by_name():
    figures = labels.evaluate(PROBS, TRUTH, ("a", "b", "c"))
    assert figures["accuracy"] == 0.75
    assert figures["per_class"] == {"a": 1.0, "b": 0.5, "c": 1.0}
    assert sum(map(sum, figures["confusion"])) == figures["rows"] == 4


@pytest.mark.parametrize(
    ("probs", "truth"),
    [(PROBS[:2], TRUTH), (PROBS * 2, TRUTH), (PROBS, TRUTH + 1), (PROBS[:0], TRUTH[:0])],
    ids=["lengths", "sums", "classes", "empty"],
)
def test_what_is_no_set_of_guesses_is_refused(probs, truth):
    with pytest.raises(BadValue):
        labels.evaluate(probs, truth, ("a", "b", "c"))
