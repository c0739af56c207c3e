import zipfile

import pytest

from moodscore.errors import BadMedia
from moodscore.learn.data import emopia
from moodscore.media import Note, Score, Track
from moodscore.music.score import to_midi


def test_clips_come_with_their_quadrant_and_missing_files_are_left_out(tmp_path):
    score = Score((Track("piano", 0, (Note(0.0, 0.5, 60, 80),)),), 1.0)
    with zipfile.ZipFile(tmp_path / "emopia_train_val.zip", "w") as archive:
        archive.writestr("Q3_a.mid", to_midi(score))
    (tmp_path / "emopia_train_val.csv").write_text("file,split,quadrant\nQ3_a.mid,val,Q3\nQ1_b.mid,train,Q1\n")
    (clip,) = emopia.load(tmp_path)
    assert clip.split == "val"
    assert clip.affect.valence < 0 > clip.affect.arousal


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(BadMedia, match=r"emopia_train_val\.csv"):
        emopia.load(tmp_path)
