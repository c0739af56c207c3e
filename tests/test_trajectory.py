import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodscore.affect import Affect
from moodscore.errors import BadValue
from moodscore.trajectory import Trajectory

affects = st.builds(Affect, st.floats(-1, 1), st.floats(-1, 1))
points = st.lists(st.tuples(st.floats(0.01, 10), affects), min_size=1, max_size=8)


def build(steps):
    times = [0.0]
    for gap, _ in steps[1:]:
        times.append(times[-1] + gap)
    return Trajectory(tuple(times), tuple(a for _, a in steps), times[-1] + 1.0)


@given(affects, st.floats(0.1, 1000), st.floats(-10, 2000))
def test_a_held_feeling_stands_still(affect, duration, time):
    held = Trajectory.hold(affect, duration)
    assert held.at(time) == affect
    assert held.mean().distance(affect) < 1e-6


@given(points)
def test_passes_through_its_points(steps):
    path = build(steps)
    for time, affect in zip(path.times_s, path.affects, strict=True):
        assert path.at(time).distance(affect) < 1e-9


@given(points, st.floats(0, 100))
def test_never_leaves_the_range_of_its_points(steps, time):
    path = build(steps)
    seen = path.at(time).valence
    values = [a.valence for a in path.affects]
    assert min(values) - 1e-9 <= seen <= max(values) + 1e-9


def test_moves_in_a_straight_line():
    path = Trajectory.of([(0, Affect(0, 0)), (10, Affect(1, -1))], 12)
    assert path.at(5) == Affect(0.5, -0.5)
    assert path.at(11) == Affect(1, -1)
    assert path.mean(0, 10).distance(Affect(0.5, -0.5)) < 1e-9


@pytest.mark.parametrize(
    ("times", "count", "duration"),
    [
        ((), 0, 1),
        ((0.0,), 2, 1),
        ((1.0,), 1, 2),
        ((0.0, 0.0), 2, 1),
        ((0.0, math.nan), 2, 1),
        ((0.0,), 1, 0),
        ((0.0, 5.0), 2, 4),
    ],
)
def test_refuses_times_that_do_not_rise_from_zero(times, count, duration):
    with pytest.raises(BadValue, match="trajectory: expected"):
        Trajectory(times, (Affect(0, 0),) * count, duration)
