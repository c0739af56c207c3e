from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodscore.errors import BadValue
from moodscore.film.effects import Camera, Move, aim, ease, fade, still
from moodscore.media import Box

SHAPES = (16 / 9, 1.0, 9 / 16)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    left, top = draw(st.floats(0, 0.9)), draw(st.floats(0, 0.9))
    return Box(left, top, draw(st.floats(left + 0.01, 1.0)), draw(st.floats(top + 0.01, 1.0)))


moves = st.builds(Move, st.floats(1.0, 1.3), st.floats(0.0, 0.2), st.floats(0, 360), st.booleans())
picture_shapes = st.floats(0.2, 5.0)


def on_screen(box: Box, picture_shape: float, frame_shape: float, camera: Camera) -> Box:
    """Where a box of the photo lies in what the camera looks at."""
    if camera.fill is None:
        return box
    part = camera.fill
    across, down = part.right - part.left, part.bottom - part.top
    ratio = picture_shape * across / down / frame_shape
    wide, high = min(1.0, ratio), min(1.0, 1.0 / ratio)
    x, y = (1 - wide) / 2, (1 - high) / 2
    return Box(
        max(0.0, x + wide * (box.left - part.left) / across),
        max(0.0, y + high * (box.top - part.top) / down),
        min(1.0, x + wide * (box.right - part.left) / across),
        min(1.0, y + high * (box.bottom - part.top) / down),
    )


@given(moves, picture_shapes, st.sampled_from(SHAPES), boxes())
def test_a_focus_box_stays_in_the_window_the_whole_time(
    move: Move, picture_shape: float, frame_shape: float, box: Box
) -> None:
    camera = aim(move, picture_shape, frame_shape, (box,))
    ratio = picture_shape / frame_shape
    fits = camera.fill is not None or (
        box.right - box.left <= min(1.0, 1.0 / ratio) and box.bottom - box.top <= min(1.0, ratio)
    )
    if not fits:
        return
    kept = on_screen(box, picture_shape, frame_shape, camera)
    for share in np.linspace(0, 1, 21):
        window = camera.at(float(share))
        assert window.left <= kept.left + 1e-9
        assert window.top <= kept.top + 1e-9
        assert window.right >= kept.right - 1e-9
        assert window.bottom >= kept.bottom - 1e-9


@given(moves, picture_shapes, st.sampled_from(SHAPES), st.lists(boxes(), max_size=4))
def test_every_window_lies_on_the_picture_and_has_the_frames_shape(
    move: Move, picture_shape: float, frame_shape: float, focus: list[Box]
) -> None:
    camera = aim(move, picture_shape, frame_shape, focus)
    shape = frame_shape if camera.fill else picture_shape
    for share in (0.0, 0.25, 0.5, 1.0):
        window = camera.at(share)
        wide, high = (window.right - window.left) * shape, window.bottom - window.top
        assert wide / high == pytest.approx(frame_shape, rel=1e-6)


@given(boxes(), boxes(), st.sampled_from(SHAPES))
def test_the_more_important_box_wins_when_both_do_not_fit(one: Box, other: Box, frame_shape: float) -> None:
    camera = aim(Move(1.1, 0.1, 30.0), frame_shape, frame_shape, (one, other))
    for window in (camera.start, camera.end):
        assert window.left <= one.left + 1e-9
        assert window.bottom >= one.bottom - 1e-9


def test_pictures_that_do_not_match_the_format_stand_on_a_fill() -> None:
    assert still(2 / 3, 16 / 9).fill  # portrait in landscape
    assert still(3.0, 16 / 9).fill  # panorama
    assert still(3 / 2, 9 / 16).fill  # landscape in a phone's format
    assert not still(3 / 2, 16 / 9).fill
    assert not still(4 / 3, 16 / 9).fill
    assert still(4 / 3, 16 / 9, (Box(0.3, 0.0, 0.5, 1.0),)).fill  # a crop would cut what matters


def test_slivers_of_fill_are_avoided() -> None:
    tall = Box(0.2, 0.1, 0.5, 0.95)  # 0.85 of the height, where a crop keeps 0.75
    assert still(4 / 3, 16 / 9, (tall,)).fill is None
    window = still(4 / 3, 16 / 9, (tall,)).start
    assert 0.1 <= window.top <= 0.2  # cut alike above and below


def test_a_wide_photo_stands_larger_in_a_narrow_frame_when_it_is_known_what_matters() -> None:
    assert still(3 / 2, 9 / 16).fill == Box(0, 0, 1, 1)
    part = still(3 / 2, 9 / 16, (Box(0.7, 0.4, 0.9, 0.6),)).fill
    assert part is not None
    assert part.right - part.left == pytest.approx(0.7)
    assert part.left <= 0.7 <= 0.9 <= part.right
    assert still(2 / 3, 16 / 9, (Box(0.4, 0.4, 0.6, 0.6),)).fill == Box(0, 0, 1, 1)  # heads are not cut


def test_the_camera_turns_round_when_it_draws_back() -> None:
    near, back = (aim(Move(1.2, 0.1, 40.0, inward), 1.5, 16 / 9) for inward in (True, False))
    assert (near.start, near.end) == (back.end, back.start)
    assert near.end.area < near.start.area


def test_a_still_camera_has_one_window() -> None:
    camera = still(1.5, 16 / 9, (Box(0.1, 0.1, 0.2, 0.2),))
    assert camera.start == camera.end == camera.reach


def test_fades_cross_at_one_half_and_always_add_up() -> None:
    x = np.linspace(-0.5, 1.5, 101)
    assert np.allclose(fade(x) + fade(1 - x), 1.0)
    assert (float(fade(-3)), float(fade(0.5)), float(fade(7))) == pytest.approx((0.0, 0.5, 1.0))


def test_the_camera_never_stops_and_never_jumps() -> None:
    steps = np.diff([ease(x) for x in np.linspace(0, 1, 101)])
    assert steps.min() > 0.003
    assert steps.max() < 0.02
    assert (ease(-1), ease(0), ease(1), ease(2)) == (0, 0, 1, 1)


@pytest.mark.parametrize("wrong", [{"zoom": 0.5}, {"zoom": float("nan")}, {"pan": -0.1}, {"angle_deg": float("inf")}])
def test_moves_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(BadValue, match="move: expected"):
        Move(**wrong)  # type: ignore[arg-type]
