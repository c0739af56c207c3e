import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodscore.affect import Affect
from moodscore.errors import BadValue
from moodscore.measure.music import concordance, evaluate, pearson, quadrant_accuracy, rmse

GRID = [Affect(v, a) for v in (-0.8, 0.0, 0.8) for a in (-0.8, 0.0, 0.8)]


def test_a_perfect_composer_scores_perfectly():
    found = evaluate(GRID, GRID)
    assert found["valence_r"] == pytest.approx(1)
    assert found["arousal_ccc"] == pytest.approx(1)
    assert found["valence_rmse"] == 0
    assert found["quadrant_accuracy"] == 1


def test_a_constant_answer_is_worth_the_mean_predictor():
    found = evaluate(GRID, [Affect(0, 0)] * 9)
    assert found["valence_r"] == 0
    assert found["valence_ccc"] == 0
    assert found["arousal_rmse"] == pytest.approx(found["arousal_rmse_mean"])


def test_concordance_punishes_a_shift_that_correlation_forgives():
    one = np.array([-0.5, 0.0, 0.5])
    assert pearson(one, one + 0.4) == pytest.approx(1)
    assert concordance(one, one + 0.4) == pytest.approx(2 / 3 / 6 * 1 / (1 / 3 + 0.16) * 3, rel=0.05)
    assert rmse(one, one + 0.4) == pytest.approx(0.4)


def test_quadrants_count_only_targets_off_the_axes():
    targets = [Affect(0.5, 0.5), Affect(-0.5, 0.5), Affect(0, 0.5)]
    heard = [Affect(0.1, 0.1), Affect(0.1, 0.1), Affect(-1, -1)]
    assert quadrant_accuracy(targets, heard) == 0.5
    assert np.isnan(quadrant_accuracy(targets[2:], heard[2:]))


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=2, max_size=30))
def test_metrics_stay_in_range(points):
    said = [Affect(v, a) for v, a in points]
    found = evaluate(said, said[::-1])
    for name, value in found.items():
        if not np.isnan(value):
            assert -1 - 1e-9 <= value <= 2 + 1e-9, name


@pytest.mark.parametrize(("targets", "heard"), [([], []), (GRID[:1], GRID[:1]), (GRID, GRID[:3])])
def test_mismatched_lists_are_refused(targets, heard):
    with pytest.raises(BadValue, match="expected two or more"):
        evaluate(targets, heard)
