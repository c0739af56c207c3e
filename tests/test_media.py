import numpy as np
import pytest

from moodscore.errors import BadValue
from moodscore.media import Box, Note, Photo, Score, Track, Tune


@pytest.mark.parametrize(
    "pixels", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4, 3), np.float32)]
)
def test_a_photo_is_rgb_bytes(pixels):
    with pytest.raises(BadValue, match="photo: expected uint8"):
        Photo(pixels, "x.jpg", (4, 4))


@pytest.mark.parametrize("box", [(0.5, 0, 0.5, 1), (-0.1, 0, 1, 1), (0, 0, 1.2, 1), (0, 0.9, 1, 0.1)])
def test_a_box_lies_inside_the_picture(box):
    with pytest.raises(BadValue, match="box"):
        Box(*box)


@pytest.mark.parametrize(
    "note", [(-1, 1, 60, 64), (0, 0, 60, 64), (0, 1, 128, 64), (0, 1, 60, 0), (0, float("nan"), 60, 64)]
)
def test_a_note_can_be_played(note):
    with pytest.raises(BadValue, match="note"):
        Note(*note)


def test_a_score_gives_all_notes_in_order_of_time():
    late, early = Note(2, 1, 60, 64), Note(0.5, 1, 72, 64)
    score = Score((Track("a", 0, (late,)), Track("b", 40, (early,))), 4.0)
    assert score.notes == (early, late)


@pytest.mark.parametrize(("duration", "tempos"), [(0, ((0.0, 120.0),)), (1, ()), (1, ((0.5, 120.0),))])
def test_a_score_has_a_length_and_a_first_tempo(duration, tempos):
    with pytest.raises(BadValue, match="score"):
        Score((), duration, tempos)


def test_a_tune_is_stereo_and_knows_its_length():
    assert Tune(np.zeros((22050, 2), np.float32), 44100).duration_s == 0.5
    with pytest.raises(BadValue, match="tune"):
        Tune(np.zeros((10,), np.float32), 44100)
