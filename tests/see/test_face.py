from pathlib import Path

import cv2
import numpy as np
import pytest

from moodscore.errors import NoFace
from moodscore.measure.faces import overlap
from moodscore.media import Photo
from moodscore.prepare import image
from moodscore.see import face
from moodscore.weights import store

RECIPE = {"threshold": 0.5, "large": [0.1, 0.2], "large_bonus": 0.0, "strides": [8, 16, 32], "overlap": 0.4}


def maps_with(level, row, column, values):
    maps = [np.full((15, 64 // s, 64 // s), -9.0, np.float32) for s in RECIPE["strides"]]
    maps[level][:, row, column] = values
    return maps


def test_a_cell_becomes_a_box_around_its_centre():
    values = [2.0, *np.log([1, 0.5, 1, 1.5]), *[0.25] * 10]
    rows = face.decoded(maps_with(1, 2, 1, values), RECIPE)
    assert rows.shape == (1, 15)
    assert rows[0, :4] == pytest.approx([24 - 16, 40 - 8, 24 + 16, 40 + 24])
    assert rows[0, 4:14] == pytest.approx([28, 44] * 5)
    assert rows[0, 14] == pytest.approx(1 / (1 + np.exp(-2)))


def test_cells_below_the_threshold_say_nothing():
    assert face.decoded(maps_with(0, 0, 0, [-0.01] + [0.0] * 14), RECIPE).shape == (0, 15)


def row_at(left, score):
    return [left, 0, left + 1, 1, *[0] * 10, score]


def test_of_overlapping_boxes_the_best_stays_and_far_ones_stay():
    rows = np.array([row_at(0.1, 0.6), row_at(0, 0.9), row_at(3, 0.7)], np.float32)
    kept = face.suppressed(rows, 0.4)
    assert kept[:, 14] == pytest.approx([0.9, 0.7])


def test_a_large_face_may_score_less_than_a_small_one():
    recipe = RECIPE | {"large_bonus": 0.1}
    small, large = np.array(row_at(0, 0.45), np.float32), np.array(row_at(0, 0.45), np.float32)
    small[2:4], large[2:4] = 0.05, 0.5
    assert face.chosen(small[None], (400, 300), recipe) == ()
    assert len(face.chosen(large[None], (400, 300), recipe)) == 1
    large[-1] = 0.39
    assert face.chosen(large[None], (400, 300), recipe) == ()


def test_nothing_to_suppress_is_nothing():
    assert face.suppressed(np.zeros((0, 15), np.float32), 0.4).shape == (0, 15)


ASTRONAUT = Path(__file__).parents[2] / "examples" / "photos" / "03-astronaut-smiling.jpg"


@pytest.fixture(scope="module")
def astronaut():
    return image.open(ASTRONAUT)


@pytest.fixture(scope="module")
def her_face(astronaut):
    faces = face.find(astronaut)
    assert len(faces) == 1
    return faces[0]


def test_the_astronauts_face_is_where_it_is(her_face):
    x, y = her_face.box.centre
    assert (x, y) == pytest.approx((0.437, 0.23), abs=0.03)
    assert her_face.box.right - her_face.box.left == pytest.approx(0.15, abs=0.05)
    right_eye, left_eye, nose, right_mouth, left_mouth = her_face.landmarks
    assert right_eye[0] < nose[0] < left_eye[0]
    assert right_mouth[0] < left_mouth[0]
    assert max(right_eye[1], left_eye[1]) < nose[1] < min(right_mouth[1], left_mouth[1])


def test_a_smile_is_read_as_happy_and_lies_on_the_pleasant_side(astronaut, her_face):
    reading = face.perceive(astronaut, her_face)
    assert reading.labels.scheme == "expression"
    assert reading.labels.top.name == "happy"
    assert reading.confidence == max(reading.labels.probs) > 0.5
    assert reading.affect == reading.labels.expectation
    assert reading.spread == reading.labels.spread
    assert reading.affect.valence > 0.3
    assert reading.source == store.card("expression").source


def test_looking_twice_says_the_same(astronaut, her_face):
    assert face.find(astronaut) == (her_face,)
    assert face.perceive(astronaut, her_face) == face.perceive(astronaut, her_face)


def test_a_face_that_fills_the_frame_is_found(astronaut, her_face):
    width, height = astronaut.size
    box = her_face.box
    left, right = round((box.left - 0.02) * width), round((box.right + 0.02) * width)
    top, bottom = round((box.top - 0.02) * height), round((box.bottom + 0.02) * height)
    close = np.ascontiguousarray(astronaut.pixels[top:bottom, left:right])
    faces = face.find(Photo(close, "close", close.shape[1::-1]))
    assert len(faces) == 1
    assert faces[0].box.area > 0.4


@pytest.mark.parametrize("share", [0.25, 0.5, 1.6])
def test_a_face_is_found_in_small_and_large_pictures(astronaut, her_face, share):
    width, height = astronaut.size
    small = cv2.resize(astronaut.pixels, (round(width * share), round(height * share)), interpolation=cv2.INTER_AREA)
    found = face.find(Photo(small, "scaled", small.shape[1::-1]))
    assert len(found) == 1
    assert overlap(found[0].box, her_face.box) > 0.5


def test_a_face_of_twenty_pixels_is_found_in_a_picture_of_640(astronaut, her_face):
    height = astronaut.size[1]
    scale = 20 / ((her_face.box.bottom - her_face.box.top) * height)
    small = cv2.resize(astronaut.pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    scene = np.full((480, 640, 3), small.reshape(-1, 3).mean(0).astype(np.uint8), np.uint8)
    scene[200 : 200 + len(small), 300 : 300 + small.shape[1]] = small
    faces = face.find(Photo(scene, "far away", (640, 480)))
    assert len(faces) == 1
    assert faces[0].box.centre == pytest.approx(
        ((300 + her_face.box.centre[0] * small.shape[1]) / 640, (200 + her_face.box.centre[1] * len(small)) / 480),
        abs=0.02,
    )


def test_faces_of_a_group_are_found_largest_first(astronaut):
    height, width = astronaut.pixels.shape[:2]
    half = cv2.resize(astronaut.pixels, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    group = np.zeros((height, width * 2, 3), np.uint8)
    group[:, :width] = astronaut.pixels
    group[: height // 2, width : width + width // 2] = half
    group[height // 2 : height // 2 * 2, width : width + width // 2] = half[:, ::-1]
    faces = face.find(Photo(group, "group", group.shape[1::-1]))
    assert len(faces) == 3
    assert [f.box.area for f in faces] == sorted((f.box.area for f in faces), reverse=True)


@pytest.mark.parametrize(
    "pixels",
    [
        np.full((1, 1, 3), 200, np.uint8),
        np.full((300, 400, 3), 127, np.uint8),
        np.random.default_rng(0).integers(0, 255, (240, 320, 3), np.uint8),
        np.full((4, 2000, 3), 90, np.uint8),
    ],
    ids=["one pixel", "blank", "noise", "sliver"],
)
def test_pictures_without_a_face_have_none_and_the_error_says_what_to_do(pixels):
    photo = Photo(pixels, "empty.png", pixels.shape[1::-1])
    assert face.find(photo) == ()
    with pytest.raises(NoFace, match=r"empty\.png.*--from scene"):
        face.perceive_all(photo)


def test_half_a_face_keeps_its_box_inside_the_picture(astronaut, her_face):
    width = astronaut.size[0]
    middle = round(her_face.box.centre[0] * width)
    cut = np.ascontiguousarray(astronaut.pixels[:, middle:])
    for found in face.find(Photo(cut, "half", cut.shape[1::-1])):
        assert 0 <= found.box.left < found.box.right <= 1
        assert sum(face.perceive(Photo(cut, "half", cut.shape[1::-1]), found).labels.probs) == pytest.approx(1)


def test_the_cards_say_what_honesty_asks():
    for name in ("face-detector", "expression"):
        card = store.card(name)
        limits = " ".join(card.limits).lower()
        assert "identity" in limits
        assert card.scores
        assert card.recipe.startswith("recipes/")
    assert "not what a person feels" in " ".join(store.card("expression").limits)
    assert "consent" in " ".join(store.card("expression").limits)
