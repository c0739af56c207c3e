"""Music that is brought along: a file, a MIDI file, a folder, or the library that ships."""

import numpy as np
import pytest

from moodscore import jobs
from moodscore.affect import Affect
from moodscore.errors import BadMedia
from moodscore.jobs.matching import bring, fitted
from moodscore.media import Note, Score, Track, Tune
from moodscore.music import export
from moodscore.music.library import Library
from moodscore.music.score import to_midi
from moodscore.trajectory import Trajectory


@pytest.fixture
def music(tmp_path, monkeypatch):
    monkeypatch.setenv("MOODSCORE_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "music").mkdir()
    notes = tuple(Note(k / 2, 0.4, 60 + k, 80) for k in range(10))
    (tmp_path / "music" / "a.mid").write_bytes(to_midi(Score((Track("a", 0, notes),), 5.0)))
    wave = 0.2 * np.sin(np.arange(88200) / 20).astype(np.float32)
    export.write(Tune(np.stack([wave, wave], axis=1), 22050), tmp_path / "music" / "b.wav")
    return tmp_path / "music"


def test_a_folder_is_a_library_and_a_file_is_a_tune(music):
    assert isinstance(bring(music), Library)
    assert isinstance(bring(music / "b.wav"), Tune)
    assert bring(None) is None


def test_a_midi_file_is_played_and_fitted_without_its_notes(music):
    tune = bring(music / "a.mid")
    assert tune.duration_s == pytest.approx(5.0)
    scored = fitted(tune, Trajectory.hold(Affect(0, 0), 7.0))
    assert scored.tune.duration_s == pytest.approx(7.0)
    assert scored.tune.score is None


def test_the_word_default_is_the_library_that_ships_unless_there_is_such_a_folder(music):
    word = music.parent / "default"
    assert len(bring(type(word)("default")).pieces) == 24
    music.rename(word)
    assert len(bring(type(word)("default")).pieces) == 2


@pytest.mark.parametrize("name", ["gone.mid", "gone.wav", "words.mid"])
def test_music_that_cannot_be_used_is_named(music, name):
    (music / "words.mid").write_text("no notes")
    with pytest.raises(BadMedia, match=name):
        bring(music / name)


def test_what_was_picked_comes_with_the_music_and_is_in_its_recipe(music):
    scored = jobs.score(Trajectory.hold(Affect(0.5, 0.2), 6.0), jobs.MusicChoices(seed=2, music=music))
    assert scored.plan is None
    assert scored.tune.duration_s == pytest.approx(6.0)
    assert scored.tune.recipe["library"] == "music"
    assert scored.tune.recipe["seed"] == 2
    assert [p["file"] for p in scored.tune.recipe["pieces"]] == [c.piece.name for c in scored.cues]
    assert scored.tune.recipe["made_by"] == jobs.MAKER
