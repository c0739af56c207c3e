"""The motion amount on motion of known size: shifts, zooms, a part of the frame; and frames it refuses."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodscore.errors import BadValue
from moodscore.prepare.motion import amount, flow, motion_amount

MARGIN = 32


def texture(height, width, seed=0):
    """Cloudy colours, `MARGIN` pixels larger on every side."""
    rng = np.random.default_rng(seed)
    size = width + 2 * MARGIN, height + 2 * MARGIN
    layers = [
        cv2.resize(
            rng.uniform(0, 255, (size[1] // k, size[0] // k, 3)).astype(np.float32), size, interpolation=cv2.INTER_CUBIC
        )
        for k in (4, 8, 16)
    ]
    return np.clip(sum(layers) / len(layers), 0, 255).astype(np.uint8)


def window(picture, height, width, right=0, down=0):
    """What a camera sees whose picture moves by so many pixels."""
    return picture[MARGIN - down : MARGIN - down + height, MARGIN - right : MARGIN - right + width]


@pytest.mark.parametrize(("height", "width"), [(68, 120), (224, 224), (270, 480)])
@pytest.mark.parametrize(("right", "down"), [(3, 0), (0, 5), (6, -4), (12, 0)])
def test_a_shift_of_d_pixels_amounts_to_d_over_the_root_of_the_area(height, width, right, down):
    picture = texture(height, width)
    found = motion_amount(window(picture, height, width), window(picture, height, width, right, down))
    assert found == pytest.approx(np.hypot(right, down) / np.sqrt(height * width), rel=0.06)


@pytest.mark.parametrize(("height", "width", "tolerance"), [(224, 224, 0.04), (270, 480, 0.04), (120, 160, 0.12)])
@pytest.mark.parametrize("scale", [1.02, 1.05, 1.1])
def test_a_zoom_amounts_to_the_mean_distance_from_the_centre(height, width, tolerance, scale):
    before = window(texture(height, width), height, width)
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    larger = np.column_stack([scale * np.eye(2), (1 - scale) * centre])
    after = cv2.warpAffine(before, larger, (width, height), flags=cv2.INTER_CUBIC)
    y, x = np.mgrid[:height, :width]
    expected = (scale - 1) * np.hypot(x - centre[0], y - centre[1]).mean() / np.sqrt(height * width)
    assert motion_amount(before, after) == pytest.approx(expected, rel=tolerance)


def test_a_part_that_moves_amounts_to_its_share():
    ground, actor = texture(224, 224), texture(224, 224, seed=1)
    frames = [window(ground, 224, 224).copy() for _ in range(2)]
    for frame, right in zip(frames, (0, 8), strict=True):
        frame[56:168, 56 + right : 168 + right] = window(actor, 224, 224)[56:168, 56:168]
    assert motion_amount(*frames) == pytest.approx(0.25 * 8 / 224, rel=0.25)


def test_nothing_moves_in_a_still():
    still = window(texture(68, 120), 68, 120)
    assert motion_amount(still, still) == 0
    assert motion_amount(still, still + np.uint8(0)) == 0


def test_flow_points_where_pixels_went():
    picture = texture(120, 160)
    moved = flow(window(picture, 120, 160), window(picture, 120, 160, right=4, down=-2))
    assert moved.shape == (120, 160, 2)
    assert moved.dtype == np.float32
    assert np.median(moved, axis=(0, 1)) == pytest.approx([4, -2], abs=0.2)


def test_the_same_share_of_the_frame_counts_the_same_at_any_resolution():
    small, large = np.zeros((68, 120, 2)), np.zeros((272, 480, 2))
    small[..., 0], large[..., 0] = 2.5, 10.0
    assert amount(small) == pytest.approx(amount(large))


@given(st.floats(0, 50), st.floats(-np.pi, np.pi), st.integers(1, 60), st.integers(1, 60))
def test_only_the_length_of_a_shift_counts(far, angle, height, width):
    moved = np.broadcast_to([far * np.cos(angle), far * np.sin(angle)], (height, width, 2))
    assert amount(moved) == pytest.approx(far / np.sqrt(height * width), abs=1e-9)


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (np.zeros((32, 32, 3), np.uint8), np.zeros((32, 40, 3), np.uint8), "of one size"),
        (np.zeros((32, 32, 3), np.float32), np.zeros((32, 32, 3), np.uint8), "first frame: expected uint8"),
        (np.zeros((32, 32, 3), np.uint8), np.zeros((8, 32, 3), np.uint8), "at least 16 pixels"),
    ],
)
def test_frames_that_cannot_be_compared_are_refused(first, second, said):
    with pytest.raises(BadValue, match=said):
        flow(first, second)


def test_a_flow_of_another_shape_is_refused():
    with pytest.raises(BadValue, match="got \\(4, 4\\)"):
        amount(np.zeros((4, 4)))
