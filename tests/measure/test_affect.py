"""The metrics of feelings, against hand-computed values and their own laws."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodscore.affect import Affect, Spread
from moodscore.errors import BadValue
from moodscore.measure import affect as measure

axis = st.integers(-100, 100).map(lambda n: n / 100)
feelings = st.lists(st.builds(Affect, axis, axis), min_size=2, max_size=30)
A, B, C = Affect(-0.5, 0.0), Affect(0.0, 0.5), Affect(0.5, 0.1)


def test_pearson_by_hand():
    # valence rises by equal steps in both: r = 1. Arousal 0, .5, .1 against .1, 0, .5: deviations (-.2, .3, -.1) and
    # (-.1, -.2, .3) -> (.02 - .06 - .03) / .14 = -.5.
    r = measure.pearson([A, B, C], [Affect(-0.2, 0.1), Affect(0.0, 0.0), Affect(0.2, 0.5)])
    assert r == pytest.approx((1.0, -0.5))


def test_rmse_by_hand():
    assert measure.rmse([A, B], [Affect(-0.5, 0.3), Affect(0.4, 0.5)]) == pytest.approx(
        (math.sqrt(0.16 / 2), math.sqrt(0.09 / 2))
    )


def test_ccc_by_hand():
    # Valence: said is half the truth; variances 1/6 and 1/24, covariance 1/12, equal means: 2/12 / (5/24) = .8.
    said = [Affect(-0.25, 0.0), Affect(0.0, 0.5), Affect(0.25, 0.1)]
    assert measure.ccc([A, B, C], said) == pytest.approx((0.8, 1.0))


def test_moods_by_hand():
    truth = [Affect(0.5, 0.0), Affect(0.0, 0.5), Affect(-0.5, 0.0), Affect(0.4, -0.4)]
    said = [Affect(0.5, 0.01), Affect(0.4, 0.4), Affect(0.5, 0.0), Affect(0.4, 0.0)]  # same, 1 apart, 4 apart, 1 apart
    assert measure.mood_accuracy(truth, said) == 0.25
    assert measure.mood_accuracy(truth, said, 1) == 0.75
    assert measure.mood_accuracy(truth, said, 4) == 1.0


def test_coverage_and_surprise_by_hand():
    truth, said = [Affect(0.0, 0.0), Affect(0.0, 0.0)], [Affect(0.1, 0.3), Affect(0.3, 0.0)]
    spreads = [Spread(0.2, 0.2)] * 2
    assert measure.coverage(truth, said, spreads) == (0.5, 0.5)
    assert measure.coverage(truth, said, spreads, 2.0) == (1.0, 1.0)
    density = math.log(0.2) + 0.5 * math.log(2 * math.pi)
    assert measure.surprise(truth, said, spreads)[0] == pytest.approx(density + 0.5 * (0.25 + 2.25) / 2)


@given(feelings)
def test_the_truth_itself_scores_full_marks(truth):
    table = measure.evaluate(truth, truth)["model"]
    assert table["rmse_valence"] == table["rmse_arousal"] == 0
    assert table["mood_top1"] == table["mood_within_one"] == 1
    for name, r in zip(measure.AXES, measure.pearson(truth, truth), strict=True):
        moves = len({getattr(a, name) for a in truth}) > 1
        assert r == pytest.approx(1.0 if moves else 0.0)


@given(st.data(), feelings)
def test_concordance_never_beats_correlation_and_both_are_symmetric(data, truth):
    said = data.draw(st.lists(st.builds(Affect, axis, axis), min_size=len(truth), max_size=len(truth)))
    for c, r in zip(measure.ccc(truth, said), measure.pearson(truth, said), strict=True):
        assert abs(c) <= abs(r) + 1e-9
    assert measure.ccc(truth, said) == pytest.approx(measure.ccc(said, truth))
    assert measure.pearson(truth, said) == pytest.approx(measure.pearson(said, truth))
    assert measure.mood_accuracy(truth, said) <= measure.mood_accuracy(truth, said, 1)


def test_the_mean_predictor_stands_beside():
    table = measure.evaluate([A, B, C], [A, B, C])
    assert table["mean_predictor"]["r_valence"] == 0
    assert table["mean_predictor"]["rmse_valence"] == pytest.approx(math.sqrt(1 / 6), abs=1e-4)
    other = measure.evaluate([A, B, C], [A, B, C], [C, B, A])
    assert other["mean_predictor"]["r_valence"] == -1


@pytest.mark.parametrize(("truth", "said"), [([A, B], [A]), ([A], [A]), ([], [])])
def test_lists_that_do_not_match_are_refused(truth, said):
    with pytest.raises(BadValue, match="same length"):
        measure.evaluate(truth, said)


def test_spreads_that_do_not_match_are_refused():
    with pytest.raises(BadValue, match="one for each of 2"):
        measure.coverage([A, B], [A, B], [Spread(0.1, 0.1)])
