import json
import os
import shutil

import numpy as np
import pytest

from moodscore.affect import Affect, Spread
from moodscore.errors import BadMedia
from moodscore.media import Note, Score, Track, Tune
from moodscore.music import export, library_index
from moodscore.music.library_index import INDEX, index
from moodscore.music.library_reading import Ears
from moodscore.music.score import to_midi
from moodscore.reading import Reading
from moodscore.schemes import mood_labels


def said(valence, arousal, source):
    affect = Affect(valence, arousal)
    return Reading(affect, mood_labels(affect, 0.2, 0.2), 0.5, source, Spread(0.2, 0.2))


class Listener:
    """Hears loud sound as excited, and counts how often it was asked."""

    def __init__(self, version="1"):
        self.asked = 0
        self.version = version

    def sound(self, samples, rate):
        self.asked += 1
        return said(0.5, min(1.0, 2 * float(np.abs(samples).max()) - 1), f"sound-ears@{self.version}")

    def score(self, score):
        self.asked += 1
        return said(-0.5, 0.0, "score-ears@1")

    @property
    def ears(self):
        return Ears(self.sound, self.score, (f"sound-ears@{self.version}", "score-ears@1"))


def pulses(seconds, level=0.5, hz=440.0, rate=22050):
    """Notes of half a second that die away."""
    time = np.arange(round(seconds * rate)) / rate
    wave = (level * np.sin(2 * np.pi * hz * time) * np.exp(-6 * (time % 0.5))).astype(np.float32)
    return Tune(np.stack([wave, wave], axis=1), rate)


def melody(seconds=8.0):
    notes = tuple(Note(t / 2, 0.4, 60 + t % 12, 80) for t in range(int(seconds * 2)))
    return Score((Track("melody", 0, notes),), seconds)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("MOODSCORE_CACHE", str(tmp_path / "cache"))
    where = tmp_path / "music"
    (where / "Sad").mkdir(parents=True)
    export.write(pulses(4.0), where / "a.wav")
    export.write(pulses(5.0, 0.9), where / "Sad" / "b.mp3")
    (where / "c.mid").write_bytes(to_midi(melody()))
    export.write(Tune(np.zeros((88200, 2), np.float32), 22050), where / "silent.flac")
    (where / "words.mp3").write_text("no music\n" * 99)
    (where / "notes.txt").write_text("not looked at")
    return where


def test_sound_and_midi_become_pieces_and_the_rest_is_left_out_with_reasons(folder):
    told = []
    library = index(folder, told.append, Listener().ears)
    assert [p.name for p in library.pieces] == ["Sad/b.mp3", "a.wav", "c.mid"]
    assert library.name == "music"
    by_name = {p.name: p for p in library.pieces}
    assert by_name["Sad/b.mp3"].reading.mood.name == "sad"
    assert by_name["a.wav"].reading.source == "sound-ears@1"
    assert by_name["a.wav"].length_s == pytest.approx(4.0, abs=0.5)
    assert by_name["c.mid"].score
    reasons = {one.name: one.reason for one in library.left_out}
    assert set(reasons) == {"silent.flac", "words.mp3"}
    assert "silent.flac: expected music, got silence" in reasons["silent.flac"]
    assert "words.mp3: expected sound" in reasons["words.mp3"]
    assert str(folder) not in (folder / INDEX).read_text("utf-8")
    assert told[-1] == 1.0


def test_what_was_read_is_remembered_and_only_changes_are_read_again(folder):
    first, second = Listener(), Listener()
    library = index(folder, None, first.ears)
    assert index(folder, None, second.ears) == library
    assert second.asked == 0
    stamp = (folder / INDEX).stat().st_mtime_ns
    index(folder, None, second.ears)
    assert (folder / INDEX).stat().st_mtime_ns == stamp  # nothing new, nothing written
    export.write(pulses(6.0), folder / "a.wav")
    changed = index(folder, None, second.ears)
    assert second.asked == 1
    assert changed.pieces[1].length_s > 5.0


def test_a_file_that_was_moved_renamed_or_touched_is_known_by_its_content(folder):
    index(folder, None, Listener().ears)
    (folder / "joyful").mkdir()
    shutil.move(folder / "Sad" / "b.mp3", folder / "joyful" / "new name.mp3")
    os.utime(folder / "a.wav", (1, 1))
    listener = Listener()
    library = index(folder, None, listener.ears)
    assert listener.asked == 0
    assert library.pieces[-1].name == "joyful/new name.mp3"
    assert library.pieces[-1].reading.mood.name == "joyful"
    (folder / "a.wav").unlink()
    assert "a.wav" not in [p.name for p in index(folder, None, listener.ears).pieces]


def test_another_version_of_a_judge_hears_its_files_again_and_no_others(folder):
    index(folder, None, Listener("1").ears)
    newer = Listener("2")
    library = index(folder, None, newer.ears)
    assert newer.asked == 2
    assert {p.name: p.reading.source for p in library.pieces}["a.wav"] == "sound-ears@2"


def test_an_index_that_cannot_lie_in_the_folder_lies_in_the_cache(folder, tmp_path):
    (folder / INDEX).mkdir()  # nothing can be written under this name
    index(folder, None, Listener().ears)
    assert list((tmp_path / "cache" / "libraries").glob("*.json"))
    again = Listener()
    index(folder, None, again.ears)
    assert again.asked == 0


def test_where_nothing_can_be_kept_the_library_is_read_all_the_same(folder, tmp_path):
    (folder / INDEX).mkdir()
    (tmp_path / "cache").write_text("a file where the cache should be")
    assert len(index(folder, None, Listener().ears).pieces) == 3


@pytest.mark.parametrize(
    "damage", ["", "{", '{"format": 0, "files": {}}', '{"format": 1, "files": {"a.wav": {"stamp": 1}}}']
)
def test_a_damaged_or_foreign_index_is_made_anew(folder, damage):
    whole = index(folder, None, Listener().ears)
    (folder / INDEX).write_text(damage, "utf-8")
    assert index(folder, None, Listener().ears) == whole
    assert json.loads((folder / INDEX).read_text("utf-8"))["format"] == library_index.FORMAT


def test_after_an_interruption_what_was_read_stays_read(folder):
    def stop(share):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index(folder, stop, Listener().ears)
    assert json.loads((folder / INDEX).read_text("utf-8"))["files"]
    assert not list(folder.glob("*.part"))


def test_folders_that_are_none_or_hold_no_music_are_errors_that_say_so(tmp_path):
    with pytest.raises(BadMedia, match=r"gone: expected a folder with music, got nothing there"):
        index(tmp_path / "gone")
    with pytest.raises(BadMedia, match="got no sound or MIDI file"):
        index(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(BadMedia, match="got a file"):
        index(tmp_path / "file")
