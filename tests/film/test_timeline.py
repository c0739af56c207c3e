from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodscore.affect import Affect
from moodscore.errors import BadValue
from moodscore.film.effects import TRANSITIONS
from moodscore.film.timeline import Item, Options, Timeline, arrange
from moodscore.media import Box

PATHS = tuple(Path(f"{k:03d}.jpg") for k in range(320))

some_options = st.builds(
    Options,
    seconds_per_photo=st.floats(0.2, 8.0),
    fade_s=st.one_of(st.just(0.0), st.floats(0.01, 4.0)),
    transition=st.sampled_from(("crossfade", "dip", "cut")),
    floor=st.floats(0.0, 1.0),
    seed=st.integers(0, 99),
)
counts = st.one_of(st.integers(1, 7), st.just(320))


def looks(timeline: Timeline, count: int = 601) -> np.ndarray:
    return np.linspace(0.0, timeline.duration_s, count)


def totals(timeline: Timeline, times_s: np.ndarray) -> np.ndarray:
    return np.sum([item.visibility(times_s) for item in timeline.items], axis=0)


@given(counts, some_options)
def test_the_film_has_exactly_the_length_asked_for(count: int, options: Options) -> None:
    assert arrange(PATHS[:count], options).duration_s == pytest.approx(options.seconds_per_photo * count, abs=1e-9)


@given(counts, st.floats(1.0, 600.0))
def test_a_total_length_wins_over_the_length_per_photo(count: int, seconds: float) -> None:
    timeline = arrange(PATHS[:count], Options(seconds=seconds))
    assert timeline.duration_s == seconds
    assert timeline.items[-1].end_s == seconds


@given(counts, some_options)
def test_envelopes_stay_between_nothing_and_everything(count: int, options: Options) -> None:
    timeline = arrange(PATHS[:count], options)
    for item in timeline.items[:3] + timeline.items[-2:]:
        seen = item.visibility(np.linspace(item.start_s - 1, item.end_s + 1, 301))
        assert seen.min() >= 0.0
        assert seen.max() <= 1.0
        assert item.visibility(np.mean(item.full_s)) == pytest.approx(1.0)


@given(counts, some_options)
def test_a_photo_appears_and_vanishes_without_going_back(count: int, options: Options) -> None:
    for item in arrange(PATHS[:count], options).items[:4]:
        rising = item.visibility(np.linspace(item.start_s, item.full_s[0], 50))
        falling = item.visibility(np.linspace(item.full_s[1], item.end_s, 50))
        assert np.all(np.diff(rising) >= -1e-12)
        assert np.all(np.diff(falling) <= 1e-12)


@given(counts, some_options)
def test_between_first_and_last_fade_there_is_never_a_gap(count: int, options: Options) -> None:
    timeline = arrange(PATHS[:count], options)
    first, last = timeline.items[0].full_s[0], timeline.items[-1].full_s[1]
    times = looks(timeline)
    inside = times[(times >= first) & (times <= last) & (times < timeline.duration_s)]
    total = totals(timeline, inside)
    if options.transition == "dip":
        assert np.all(total <= 1.0 + 1e-9)
        assert all(a.end_s == b.start_s for a, b in itertools.pairwise(timeline.items))
    else:
        assert np.allclose(total, 1.0, atol=1e-9)


@given(st.integers(1, 7), some_options)
def test_the_renderer_is_told_of_every_visible_photo(count: int, options: Options) -> None:
    timeline = arrange(PATHS[:count], options)
    for time_s in looks(timeline, 97):
        seen = dict(timeline.visible(float(time_s)))
        for i in range(count):
            assert seen.get(i, 0.0) == timeline.visibility(i, float(time_s))
        assert len(seen) <= 2


@given(st.floats(0.3, 20.0), st.floats(0.0, 9.0))
def test_the_volume_of_one_photo_is_its_visibility(seconds: float, fade_s: float) -> None:
    timeline = arrange(PATHS[:1], Options(seconds=seconds, fade_s=fade_s))
    times = looks(timeline)[1:-1]
    assert np.array_equal(timeline.gain(times), timeline.items[0].visibility(times))


@given(counts, some_options)
def test_the_volume_follows_the_picture_above_a_floor(count: int, options: Options) -> None:
    timeline = arrange(PATHS[:count], options)
    times = looks(timeline)
    gain, presence = timeline.gain(times), timeline.presence(times)
    assert np.all((gain >= presence - 1e-12) & (gain <= 1.0 + 1e-12))
    if options.fade_s > 0.0:
        assert gain[0] == pytest.approx(0.0, abs=1e-12)
        assert gain[-1] == pytest.approx(0.0, abs=1e-12)
    start, end, floor = timeline.floored
    inside = (times >= start) & (times <= end)
    assert np.allclose(gain[inside], floor + (1.0 - floor) * presence[inside])
    assert np.array_equal(gain[~inside], presence[~inside])


def test_joins_are_never_silent_unless_a_dip_is_asked_for() -> None:
    cross, dip = (arrange(PATHS[:5], Options(transition=name)) for name in ("crossfade", "dip"))
    assert cross.gain(np.array(cross.changes_s)).min() == pytest.approx(0.75)
    assert dip.gain(np.array(dip.changes_s)).max() == pytest.approx(0.0, abs=1e-12)
    cut = arrange(PATHS[:5], Options(transition="cut"))
    assert cut.gain(np.linspace(1.0, cut.duration_s - 1.0, 999)).min() == 1.0


def test_the_volume_does_not_jump() -> None:
    timeline = arrange(PATHS[:6], Options(seconds_per_photo=3.0, floor=0.3))
    steps = np.abs(np.diff(timeline.gain(np.arange(0.0, timeline.duration_s, 1e-3))))
    assert steps.max() < 0.002


def test_changes_lie_at_equal_distances() -> None:
    for name in ("crossfade", "dip", "cut"):
        changes = arrange(PATHS[:4], Options(seconds_per_photo=3.0, transition=name)).changes_s
        assert changes == pytest.approx((3.0, 6.0, 9.0))


def test_fades_are_shortened_when_photos_are_short() -> None:
    timeline = arrange(PATHS[:3], Options(seconds_per_photo=1.0, fade_s=5.0))
    assert all(max(item.rise_s, item.fall_s) <= 0.5 + 1e-12 for item in timeline.items)


affects = st.builds(Affect, st.floats(-1, 1), st.floats(-1, 1))


@given(st.lists(affects, min_size=1, max_size=9), some_options)
def test_the_feeling_stands_while_a_photo_is_fully_there(feelings: list[Affect], options: Options) -> None:
    timeline = arrange(PATHS[: len(feelings)], options)
    trajectory = timeline.trajectory(feelings)
    assert trajectory.duration_s == timeline.duration_s
    for item, feeling in zip(timeline.items, feelings, strict=True):
        start, end = item.full_s
        for share in (0.3, 0.5, 0.7):
            assert trajectory.at(start + share * (end - start)).distance(feeling) < 1e-9


def test_the_feeling_is_halfway_at_a_join() -> None:
    timeline = arrange(PATHS[:2], Options(seconds_per_photo=4.0))
    middle = timeline.trajectory([Affect(-0.6, 0.2), Affect(0.8, -0.4)]).at(4.0)
    assert (middle.valence, middle.arousal) == pytest.approx((0.1, -0.1))


@given(st.integers(1, 6), some_options)
def test_a_timeline_survives_json(count: int, options: Options) -> None:
    focus = [(Box(0.1, 0.2, 0.3, 0.4),), *([()] * (count - 1))]
    timeline = arrange(PATHS[:count], options, focus)
    assert Timeline.from_dict(json.loads(json.dumps(timeline.as_dict()))) == timeline


def test_the_seed_chooses_where_the_camera_goes() -> None:
    one, again, other = (arrange(PATHS[:8], Options(seed=seed)) for seed in (1, 1, 2))
    assert one == again
    assert one != other
    assert all(a.move.inward != b.move.inward for a, b in itertools.pairwise(one.items))
    assert all(item.move.zoom == 1.0 for item in arrange(PATHS[:3], Options(camera=False)).items)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"transition": "wipe"}, ", ".join(TRANSITIONS)),
        ({"seconds_per_photo": float("nan")}, "seconds per photo"),
        ({"seconds": 0.0}, "seconds"),
        ({"fade_s": -1.0}, "fade"),
        ({"floor": 1.5}, "floor"),
    ],
)
def test_options_that_make_no_sense_are_refused(wrong: dict[str, object], named: str) -> None:
    with pytest.raises(BadValue, match=named):
        Options(**wrong)  # type: ignore[arg-type]


def test_nothing_to_show_is_refused() -> None:
    with pytest.raises(BadValue, match="at least one photo"):
        arrange([])
    with pytest.raises(BadValue, match="one tuple of boxes per photo"):
        arrange(PATHS[:2], focus=[()])
    with pytest.raises(BadValue, match="one affect per photo"):
        arrange(PATHS[:2]).trajectory([Affect(0, 0)])


def test_items_that_do_not_fit_together_are_refused() -> None:
    with pytest.raises(BadValue, match="fades that fit"):
        Item(PATHS[0], 0.0, 1.0, 0.7, 0.7)
    with pytest.raises(BadValue, match="from 0 to"):
        Timeline((Item(PATHS[0], 0.0, 1.0, 0.1, 0.1),), 2.0)
