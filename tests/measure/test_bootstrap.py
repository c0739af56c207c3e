import numpy as np
import pytest

from moodscore.errors import BadValue
from moodscore.measure import bootstrap
from moodscore.measure.music import concordance, pearson

RNG = np.random.default_rng(2)
ONE = RNG.normal(0, 0.5, 60)
OTHER = 0.6 * ONE + RNG.normal(0.1, 0.3, 60)


def test_the_intervals_are_those_of_a_plain_bootstrap():
    draws = RNG.integers(60, size=(1200, 60))
    fast = bootstrap.correlations(ONE, OTHER, range(60), 1200)
    for name, metric in (("r", pearson), ("ccc", concordance)):
        slow = bootstrap.middle(np.array([metric(ONE[k], OTHER[k]) for k in draws]))
        assert fast[name] == pytest.approx(slow, abs=0.03)


def test_groups_that_say_one_thing_are_drawn_as_one():
    twice = bootstrap.correlations(np.tile(ONE, 5), np.tile(OTHER, 5), [*range(60)] * 5, 2000)
    once = bootstrap.correlations(ONE, OTHER, range(60), 2000)
    assert twice["r"] == pytest.approx(once["r"], abs=1e-9)


def test_what_does_not_vary_has_no_correlation():
    assert bootstrap.correlations(np.ones(5), np.arange(5.0), range(5), 100)["r"] == (0, 0)


def test_shares_and_mismatches():
    low, high = bootstrap.share([1, 0] * 50, 2000)
    assert low == pytest.approx(0.4, abs=0.03)
    assert high == pytest.approx(0.6, abs=0.03)
    assert all(np.isnan(bootstrap.share([], 10)))
    with pytest.raises(BadValue, match="as many groups"):
        bootstrap.correlations(ONE, OTHER, [1], 10)
