import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodscore.errors import BadValue
from moodscore.measure import cuts

TIMES = st.lists(st.floats(0, 100), min_size=1, max_size=20)


@given(TIMES, TIMES)
def test_the_error_is_the_distance_to_the_nearest_beat(cut, beats):
    by_hand = [min(abs(c - b) for b in beats) for c in cut]
    assert cuts.errors_s(cut, beats) == pytest.approx(by_hand)


def test_hits_are_counted_within_eighty_milliseconds():
    assert cuts.hit_rate([1.0, 2.0, 3.0], [1.079, 2.081, 3.0]) == pytest.approx(2 / 3)


def test_music_made_for_the_cuts_beats_music_at_a_fixed_pace():
    where = [1.13, 4.37, 7.9]
    found = cuts.evaluate(where, [*where, 9.0], [where[0], where[2]], 10.0)
    assert found["beat_hit_rate"] == 1.0
    assert found["bar_hit_rate"] == pytest.approx(2 / 3)
    assert found["fixed_120_beat_hit_rate"] == 0.0


def test_fixed_beats_and_bars():
    assert cuts.fixed_beats(2.1) == pytest.approx([0, 0.5, 1.0, 1.5, 2.0])
    assert cuts.fixed_beats(4.1, every=4) == pytest.approx([0, 2.0, 4.0])
    assert np.isclose(cuts.WITHIN_S, 0.08)


def test_without_cuts_there_is_nothing_to_measure():
    with pytest.raises(BadValue, match="cuts"):
        cuts.hit_rate([], [1.0])
