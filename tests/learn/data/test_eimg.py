import zipfile
from dataclasses import replace

import pytest

from moodscore.errors import BadMedia
from moodscore.learn.data import eimg
from moodscore.media import Note, Score, Track
from moodscore.music.score import to_midi


@pytest.fixture
def folder(tmp_path):
    score = Score((Track("piano", 0, (Note(0.0, 0.5, 60, 80), Note(0.5, 0.5, 64, 70))),), 1.0)
    with zipfile.ZipFile(tmp_path / "eimg.zip", "w") as archive:
        archive.writestr("0001.mid", to_midi(score))
    (tmp_path / "eimg_va.csv").write_text("file,valence_mean,arousal_mean\n0001.mid,9,3\n")
    return tmp_path


def test_pieces_come_with_ratings_on_the_plane(folder):
    (piece,) = eimg.load(folder)
    assert (piece.affect.valence, piece.affect.arousal) == (1.0, -0.5)
    assert [n.pitch for n in piece.score.notes] == [60, 64]


def test_a_piece_that_is_not_there_is_named(folder):
    (folder / "eimg_va.csv").write_text("file,valence_mean,arousal_mean\n0002.mid,9,3\n")
    with pytest.raises(BadMedia, match=r"0002\.mid"):
        eimg.load(folder)


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(BadMedia, match=r"eimg_va\.csv"):
        eimg.load(tmp_path)


def test_the_critic_and_the_judge_share_no_piece_and_miss_none(folder):
    (piece,) = eimg.load(folder)
    pieces = [replace(piece, name=f"{k:04}.mid") for k in range(200)]
    critic, judge = eimg.halves(pieces)
    assert {p.name for p in critic} | {p.name for p in judge} == {p.name for p in pieces}
    assert not {p.name for p in critic} & {p.name for p in judge}
    assert 70 < len(critic) < 130
    assert eimg.halves(pieces[::-1])[0] == critic[::-1]
