import numpy as np
import pytest

from moodscore.errors import BadValue
from moodscore.media import Note, Score, Track
from moodscore.music.passages import PASSAGE_S, passages

from .test_features import MAJOR, piece


def test_a_short_piece_is_one_passage():
    (only,) = passages(MAJOR)
    assert len(only.starts) == 48
    assert only.length_s == pytest.approx(8.0)
    assert only.sizes.tolist() == [3] * 16
    assert only.tops[0] == 67
    assert only.basses[0] == 60


def test_a_minute_is_heard_in_four_quarters_that_miss_no_note():
    parts = passages(piece([(60, 64, 67)] * 120))
    assert len(parts) == 4
    assert sum(len(part.starts) for part in parts) == 360
    assert all(abs(part.length_s - PASSAGE_S) < 0.1 for part in parts)


def test_a_long_last_chord_is_cut_at_no_note():
    score = piece([(60, 64, 67)] * 8)
    held = Score((*score.tracks, Track("organ", 19, (Note(3.9, 60.0, 36, 60),))), 64.0)
    assert len(passages(held)) == 1


def test_silence_between_is_left_out():
    first = [Note(k * 0.5, 0.5, 60 + k, 70) for k in range(20)]
    later = [Note(50 + k * 0.5, 0.5, 60 + k, 70) for k in range(20)]
    parts = passages(Score((Track("piano", 0, (*first, *later)),), 60.0))
    assert sum(len(part.starts) for part in parts) == 40
    assert all(len(part.starts) for part in parts)


def test_a_single_note_is_heard():
    (only,) = passages(piece([(60,)]))
    assert only.gaps.tolist() == [1.0]
    assert np.isfinite(only.notes).all()


def test_drums_alone_are_refused():
    with pytest.raises(BadValue, match="pitched"):
        passages(Score((Track("d", 0, (Note(0, 1, 38, 90),), drums=True),), 1.0))
