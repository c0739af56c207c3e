"""Motion over time: speeds that were put in come out, at every size and step, and the camera is told from the actors."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodscore.errors import BadValue
from moodscore.see import motion
from moodscore.see.motion import Motion


def texture(height=120, width=160, seed=0):
    noise = np.random.default_rng(seed).integers(0, 256, (height, width, 3)).astype(np.uint8)
    return cv2.GaussianBlur(noise, (0, 0), 2.5) * 3 % 255


def shifted(pixels, right, down=0.0, scale=1.0):
    height, width = pixels.shape[:2]
    centre = (1 - scale) * width / 2, (1 - scale) * height / 2
    move = np.float32([[scale, 0, right + centre[0]], [0, scale, down + centre[1]]])
    return cv2.warpAffine(pixels, move, (width, height), borderMode=cv2.BORDER_REFLECT)


def even(right, down, height=40, width=50):
    return np.full((height, width, 2), (right, down), np.float32)


@settings(max_examples=25, deadline=None)
@given(st.floats(-9, 9), st.floats(-9, 9), st.floats(0.02, 2))
def test_a_pan_is_all_camera_at_its_speed(right, down, gap_s):
    seen = motion.of_flow(even(right, down), gap_s)
    unit = np.sqrt(40 * 50) * gap_s
    assert seen.mean == pytest.approx(np.hypot(right, down) / unit, abs=1e-4)
    assert seen.pan == pytest.approx((right / unit, down / unit), abs=1e-4)
    assert seen.spread == pytest.approx(0, abs=1e-4 / gap_s)
    assert seen.local == pytest.approx(0, abs=1e-4 / gap_s)
    if np.hypot(right, down) > 0.1:
        assert seen.camera > 0.999


def test_size_and_step_do_not_matter():
    one = motion.of_flow(even(2, 1, 40, 50), 0.1)
    larger = motion.of_flow(even(8, 4, 160, 200), 0.1)
    later = motion.of_flow(even(4, 2, 40, 50), 0.2)
    assert larger.mean == pytest.approx(one.mean)
    assert later.mean == pytest.approx(one.mean)


def test_a_thing_that_crosses_a_still_frame_is_not_the_camera():
    flow = even(0, 0, 80, 80)
    flow[20:50, 10:40] = (6, 0)
    seen = motion.of_flow(flow, 1.0)
    assert seen.camera < 0.05
    assert seen.local == pytest.approx(seen.mean, rel=0.05)
    assert seen.mean == pytest.approx(6 * (30 * 30) / 80**2 / 80, rel=0.1)
    with_pan = motion.of_flow(flow + np.float32([3, 0]), 1.0)
    assert with_pan.pan[0] == pytest.approx(3 / 80, rel=0.05)
    assert with_pan.local == pytest.approx(seen.local, rel=0.1)


@pytest.mark.parametrize("scale", [1.1, 0.9])
def test_a_zoom_is_camera_too(scale):
    y, x = np.mgrid[:60, :60] - 29.5
    seen = motion.of_flow(np.stack([x, y], 2).astype(np.float32) * (scale - 1), 0.5)
    assert seen.camera > 0.99
    assert seen.zoom == pytest.approx(np.log2(scale) / 0.5, rel=1e-3)
    assert seen.pan == pytest.approx((0, 0), abs=1e-6)


def test_a_still_picture_does_not_move():
    still = texture()
    seen = motion.between(still, still, 0.2)
    assert seen.mean < 1e-3
    assert seen.camera == 0.0 or seen.mean > 0


@settings(max_examples=12, deadline=None)
@given(st.integers(-4, 4), st.integers(-3, 3))
def test_the_flow_of_shifted_pictures_is_the_shift(right, down):
    first = texture()
    seen = motion.between(first, shifted(first, right, down), 0.1)
    unit = np.sqrt(120 * 160) * 0.1
    assert np.multiply(seen.pan, unit) == pytest.approx((right, down), abs=0.35)


def test_a_film_is_measured_from_look_to_look_but_not_across_cuts():
    pictures = [texture(), shifted(texture(), 2), texture(seed=5), shifted(texture(seed=5), 4)]
    frames = [(0.0, pictures[0]), (0.2, pictures[1]), (0.4, pictures[2]), (0.6, pictures[3])]
    seen = list(motion.along(frames, cuts_s=[0.4]))
    assert [time_s for time_s, _ in seen] == [0.2, 0.6]
    assert seen[1][1].mean == pytest.approx(2 * seen[0][1].mean, rel=0.2)
    assert [time_s for time_s, _ in motion.along(frames)] == [0.2, 0.4, 0.6]
    assert not list(motion.along(frames[:1]))


def test_the_mean_weighs_the_cameras_share_by_how_much_moves():
    pan, still = Motion(0.4, 0.1, 1.0, 0.0, (0.4, 0.0), 0.2), Motion(0.0, 0.0, 0.0, 0.0)
    both = motion.mean([pan, still])
    assert both == Motion(0.2, 0.05, 1.0, 0.0, (0.2, 0.0), 0.1)
    assert motion.mean([]) == Motion(0.0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("flow", "gap_s"), [(np.zeros((4, 4), np.float32), 1.0), (even(1, 1), 0.0), (even(1, 1), np.nan)]
)
def test_what_makes_no_sense_is_refused(flow, gap_s):
    with pytest.raises(BadValue, match="expected"):
        motion.of_flow(flow, gap_s)
