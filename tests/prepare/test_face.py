import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodscore.errors import BadValue
from moodscore.media import Box, Face, Photo
from moodscore.prepare import face

PLACES = [[0.3, 0.35], [0.7, 0.35], [0.5, 0.55], [0.35, 0.75], [0.65, 0.75]]
RECIPE = {"size": 48, "places": PLACES, "margin": 0.1, "mean": 0.0, "std": 1.0}
CANVAS = {"mean": [127.5] * 3, "std": [64.0] * 3}


def photo_of(pixels):
    return Photo(pixels, "made.png", pixels.shape[1::-1])


def dots(size, points, radius=3):
    """A dark picture (width, height) with one bright disc at each point."""
    width, height = size
    ys, xs = np.mgrid[:height, :width]
    near = np.min([(xs + 0.5 - x) ** 2 + (ys + 0.5 - y) ** 2 for x, y in points], 0)
    grey = np.where(near <= radius**2, 255, 10).astype(np.uint8)
    return photo_of(np.repeat(grey[..., None], 3, 2))


def face_at(photo, points):
    width, height = photo.size
    shares = [(x / width, y / height) for x, y in points]
    xs, ys = [x for x, _ in shares], [y for _, y in shares]
    return Face(Box(min(xs), min(ys), max(xs), max(ys)), 0.9, tuple(shares))


@given(st.floats(-math.pi, math.pi), st.floats(0.2, 5), st.floats(-50, 50), st.floats(-50, 50))
def test_similarity_finds_the_turn_scale_and_shift(angle, scale, x, y):
    points = np.array(PLACES) * 100
    cos, sin = scale * math.cos(angle), scale * math.sin(angle)
    matrix = np.array([[cos, -sin, x], [sin, cos, y]])
    moved = points @ matrix[:, :2].T + matrix[:, 2]
    assert np.allclose(face.similarity(points, moved), matrix, atol=1e-6)


def test_landmarks_on_one_spot_are_refused():
    with pytest.raises(BadValue, match="points that differ"):
        face.similarity(np.ones((5, 2)), np.array(PLACES))


@pytest.mark.parametrize("angle", [0, 25, -60, 180])
@pytest.mark.parametrize("span", [60, 150])
def test_a_turned_face_stands_upright_in_the_crop(angle, span):
    turn = math.radians(angle)
    rotation = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    points = (np.array(PLACES) - 0.5) * span @ rotation.T + (200, 150)
    photo = dots((400, 300), points, radius=span / 25)
    crop = face.aligned(photo, face_at(photo, points), RECIPE)
    assert crop.shape == (48, 48)
    assert crop.dtype == np.uint8
    for x, y in np.array(PLACES) * 48:
        assert crop[int(y - 1) : int(y + 2), int(x - 1) : int(x + 2)].max() > 120
    assert crop[:8].max() < 60


def test_a_face_without_landmarks_is_cut_by_its_box_with_a_margin():
    photo = dots((200, 100), [(100, 50)], radius=20)
    crop = face.aligned(photo, Face(Box(0.4, 0.3, 0.6, 0.7), 0.9), RECIPE)
    assert crop[24, 24] == 255
    assert crop[24, 6] > 100
    assert max(crop[0].max(), crop[:, 0].max()) < 60


def test_a_face_at_the_edge_repeats_the_edge():
    photo = photo_of(np.full((60, 60, 3), 200, np.uint8))
    crop = face.aligned(photo, Face(Box(0.0, 0.0, 0.3, 0.3), 0.9), RECIPE)
    assert (crop == 200).all()


def test_a_face_already_in_place_is_cut_pixel_by_pixel():
    pixels = np.random.default_rng(1).integers(0, 255, (48, 48), np.uint8)
    photo = photo_of(np.repeat(pixels[..., None], 3, 2))
    crop = face.aligned(photo, face_at(photo, np.array(PLACES) * 48), RECIPE)
    assert np.abs(crop.astype(int) - pixels).max() <= 1


def test_a_crop_of_a_large_photo_does_not_depend_on_what_lies_far_away():
    rng = np.random.default_rng(0)
    near = rng.integers(0, 255, (300, 300, 3), np.uint8)
    large = np.zeros((1200, 1500, 3), np.uint8)
    large[500:800, 600:900] = near
    points = np.array(PLACES) * 120 + (690.4, 590.4)
    photo = photo_of(large)
    small = photo_of(near)
    here = face.aligned(photo, face_at(photo, points), RECIPE).astype(int)
    there = face.aligned(small, face_at(small, points - (600, 500)), RECIPE).astype(int)
    assert np.abs(here - there).max() <= 2


@pytest.mark.parametrize("size", [(1, 1), (640, 480), (300, 1000), (3000, 40)])
def test_the_canvas_has_sides_of_whole_strides_and_the_picture_in_its_corner(size):
    width, height = size
    photo = photo_of(np.full((height, width, 3), 255, np.uint8))
    canvas, (fitted_width, fitted_height) = face.canvas(photo, 320, CANVAS)
    assert canvas.shape[0] == 3
    assert canvas.shape[1] % 32 == canvas.shape[2] % 32 == 0
    assert max(fitted_width, fitted_height) == 320
    inside = canvas[:, :fitted_height, :fitted_width]
    assert np.allclose(inside, (255 - 127.5) / 64)
    assert np.count_nonzero(canvas > 1) == inside.size


def test_a_small_picture_is_not_looked_at_much_larger_than_it_is():
    recipe = CANVAS | {"sides": [640, 224, 112], "enlarge": 1.5}
    sizes = {
        size: [max(f) for _, f in face.looks(photo_of(np.zeros((size, size // 2, 3), np.uint8)), recipe)]
        for size in (1000, 200, 40)
    }
    assert sizes == {1000: [640, 224, 112], 200: [300, 224, 112], 40: [60]}


def test_tensor_follows_the_card():
    crop = np.full((48, 48), 100, np.uint8)
    assert face.tensor(crop, RECIPE | {"mean": 50.0, "std": 25.0}).tolist()[0][0][0] == 2.0
