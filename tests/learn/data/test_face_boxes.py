from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodscore.errors import BadMedia
from moodscore.learn.data import face_boxes
from moodscore.learn.data.face_boxes import Crop, Example

BOX = (60.0, 40.0, 100.0, 90.0)
POINTS = (70.0, 60.0, 90.0, 60.0, 80.0, 70.0, 73.0, 80.0, 87.0, 80.0)


def example(score=0.95):
    rows = (np.array([v], np.float32) for v in (BOX, [score], POINTS))
    boxes, scores, landmarks = rows
    return Example(Path("set/one.jpg"), boxes, scores[:, 0] if scores.ndim > 1 else scores, landmarks)


def marked():
    """A dark picture with a red square where the box is and a bright dot at the right eye."""
    pixels = np.zeros((150, 200, 3), np.uint8)
    pixels[40:90, 60:100, 0] = 200
    pixels[57:63, 67:73] = 255
    return pixels


def test_tables_become_examples_and_uncertain_pictures_are_left_out(tmp_path):
    header = "file,x,y,w,h,score," + ",".join(f"{n}_{a}" for n in face_boxes._POINTS for a in "xy")
    (tmp_path / "face_boxes.csv").write_text(f"{header}\na/one.jpg,10,20,30,40,0.9,{','.join('1' * 10)}\n")
    (tmp_path / "face_free.csv").write_text("file,best_score\na/two.jpg,0\na/three.jpg,0.7\n")
    found = face_boxes.load(tmp_path)
    assert [e.path.name for e in found] == ["one.jpg", "two.jpg"]
    assert found[0].boxes.tolist() == [[10, 20, 40, 60]]
    assert found[1].boxes.shape == (0, 4)


def test_a_missing_table_is_named(tmp_path):
    with pytest.raises(BadMedia, match=r"face_boxes\.csv"):
        face_boxes.load(tmp_path)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_boxes_and_landmarks_follow_the_picture_into_the_crop(seed):
    crop = face_boxes.cut(example(), marked(), 128, np.random.default_rng(seed))
    assert crop.pixels.shape == (128, 128, 3)
    if len(crop.boxes) == 0 or crop.weights[0] < 1:
        return
    left, top, right, bottom = crop.boxes[0]
    x, y = (left + right) / 2, (top + bottom) / 2
    if 2 <= x < 126 and 2 <= y < 126 and right - left > 12:
        assert crop.pixels[int(y), int(x), 0] > 120
    eyes = crop.landmarks[0].reshape(5, 2)
    assert eyes[0, 0] < eyes[1, 0]  # the person's right eye stays on the left, mirrored or not


def test_a_weak_box_counts_less_and_a_face_too_small_to_see_is_unknown():
    matrix = np.array([[1, 0, 0], [0, 1, 0]], np.float32)
    seen = face_boxes._seen
    assert seen(example(0.95), matrix, 1.0, False, 128)[1].tolist() == [1.0]
    assert seen(example(0.82), matrix, 1.0, False, 128)[1].tolist() == [face_boxes.WEAK_WEIGHT]
    assert seen(example(0.95), matrix * 0.1, 0.1, False, 128)[1].tolist() == [0.0]
    assert len(seen(example(0.95), matrix + np.float32([[0, 0, 500], [0, 0, 0]]), 1.0, False, 128)[1]) == 0


def test_a_mosaic_shifts_each_crop_into_its_quarter():
    one = Crop(
        marked()[:128, :128], np.array([BOX], np.float32), np.ones(1, np.float32), np.array([POINTS], np.float32)
    )
    whole = face_boxes.mosaic((one, one, one, one))
    assert whole.pixels.shape == (256, 256, 3)
    for box in whole.boxes.astype(int):
        assert (whole.pixels[box[1] + 30 : box[3] - 5, box[0] + 5 : box[2] - 5, 0] == 200).all()


def test_recolouring_keeps_shape_and_type():
    pixels = marked()
    for seed in range(12):
        out = face_boxes.recoloured(pixels, np.random.default_rng(seed))
        assert out.shape == pixels.shape
        assert out.dtype == np.uint8


def test_the_held_out_share_goes_by_name_alone():
    names = [Example(Path(f"x/{k}.jpg"), *(np.zeros((0, n), np.float32) for n in (4, 1, 10))) for k in range(2000)]
    share = np.mean([face_boxes.is_held_out(e) for e in names])
    assert 0.07 < share < 0.13
    moved = Example(Path("/elsewhere/x/1.jpg"), names[1].boxes, names[1].scores, names[1].landmarks)
    assert face_boxes.is_held_out(moved) == face_boxes.is_held_out(names[1])
