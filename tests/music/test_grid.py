import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodscore.music.grid import kept_changes, lay


def beats(bars):
    return [t for bar in bars for t in bar.beats_s[:-1]] + [bars[-1].end_s]


lengths = st.lists(st.floats(0.5, 20.0), min_size=1, max_size=40)


@settings(deadline=None, max_examples=60)
@given(lengths, st.floats(50, 165), st.sampled_from((3, 4)))
def test_every_change_is_on_a_beat_and_marked(stretches, bpm, metre):
    changes = list(itertools.accumulate(stretches))
    duration = changes.pop()
    bars = lay(duration, changes, lambda _: bpm, metre)
    assert bars[0].start_s == 0.0
    assert bars[-1].end_s == duration
    assert all(a.end_s == b.start_s for a, b in itertools.pairwise(bars))
    times = beats(bars)
    assert all(a < b for a, b in itertools.pairwise(times))
    marked = [bar.beats_s[h] for bar in bars for h in bar.hits]
    assert marked == pytest.approx(changes, abs=1e-9)


def test_equal_photos_keep_an_equal_tempo():
    bars = lay(96.0, [3.0 * k for k in range(1, 32)], lambda _: 95.0, 4)
    steps = {round(b - a, 6) for a, b in itertools.pairwise(beats(bars)[:-12])}
    assert len(steps) == 1
    assert 0.5 <= steps.pop() <= 0.85


def test_without_changes_every_bar_is_whole():
    bars = lay(30.0, [], lambda _: 92.0, 4)
    assert {bar.beats for bar in bars} == {4}


@settings(deadline=None, max_examples=40)
@given(st.floats(10, 600), st.floats(55, 160))
def test_tempo_stays_near_the_wanted_one(duration, bpm):
    bars = lay(duration, [], lambda _: bpm, 4)
    first = bars[0]
    assert 0.75 <= 60 * first.beats / (first.end_s - first.start_s) / bpm <= 1.34


def test_the_end_slows_down():
    bars = lay(40.0, [], lambda _: 100.0, 4)
    spans = [bar.end_s - bar.start_s for bar in bars]
    assert spans[-1] > spans[-2] > spans[0]


def test_changes_too_close_to_meet_are_passed_over():
    assert kept_changes([5.0, 0.1, 5.1, 9.9, float("nan"), 7.0, -1.0, 12.0], 10.0) == (5.0, 7.0)
