"""Clips of a listening test: alike in everything but the music, and the key knows what each was meant to be."""

import re

import numpy as np
import pytest

from moodscore.errors import BadMedia, BadValue
from moodscore.media import Tune
from moodscore.music import composers, export, listening
from moodscore.music.listening import Choices, Clip
from moodscore.schemes import MOODS

SHORT = Choices(clips=1, seconds=4.0)


@pytest.fixture(scope="module")
def made():
    return listening.clips(SHORT)


def wave(path, pitch_hz):
    time_s = np.arange(6 * 22050) / 22050
    samples = (0.1 * np.sin(2 * np.pi * pitch_hz * time_s)).astype(np.float32)
    path.parent.mkdir(parents=True, exist_ok=True)
    export.write(Tune(np.stack([samples, samples], 1), 22050), path)
    return path


def test_every_mood_has_its_clips_and_the_key_knows_them(made):
    key = listening.key(made, SHORT)
    assert sorted(entry["mood"] for entry in key["clips"].values()) == sorted(MOODS.names)
    for clip in made:
        entry = key["clips"][clip.name]
        assert (entry["mood"], entry["valence"]) == (clip.mood.name, round(clip.mood.place.valence, 4))
        assert entry["composer"] == composers.DEFAULT


def test_clips_tell_nothing_by_length_size_or_words(made):
    assert len({len(clip.sound) for clip in made}) == 1
    assert all(clip.sound.startswith(b"ID3") for clip in made)
    words = {re.sub(rb"[^ -~]+", b" ", clip.sound[:400]) for clip in made}
    assert not any(mood.encode() in clip.sound for clip in made for mood in MOODS.names)
    assert not any(b"valence" in head or b"seed" in head for head in words)
    assert re.fullmatch("[0-9a-f]{10}", made[0].name)


def test_brought_music_is_taken_by_the_mood_of_its_folder(tmp_path):
    wave(tmp_path / "sad" / "one.wav", 220)
    wave(tmp_path / "즐거운" / "two.wav", 330)
    made = listening.clips(Choices(clips=1, seconds=4.0, composers=(), music=(tmp_path,)))
    assert {(clip.mood.name, clip.origin, clip.composer) for clip in made} == {
        ("sad", "one.wav", "music"),
        ("joyful", "two.wav", "music"),
    }
    with pytest.raises(BadMedia, match="folders named after moods"):
        listening.clips(Choices(composers=(), music=(wave(tmp_path / "other" / "x.wav", 440),)))
    with pytest.raises(BadValue, match="got one twice"):
        listening.clips(Choices(clips=2, seconds=4.0, composers=(), music=(tmp_path / "sad",)))


def test_midi_is_played_from_its_first_third_on(tmp_path):
    from moodscore.media import Note, Score, Track
    from moodscore.music.score import to_midi

    notes = tuple(Note(0.5 * k, 0.4, 60 + k % 12, 80) for k in range(24))
    (tmp_path / "quiet").mkdir()
    (tmp_path / "quiet" / "a.mid").write_bytes(to_midi(Score((Track("p", 0, notes),), 12.0)))
    (clip,) = listening.clips(Choices(clips=1, seconds=4.0, composers=(), music=(tmp_path,)))
    assert clip.mood.name == "quiet"
    (tmp_path / "quiet" / "a.mid").write_bytes(b"no midi")
    with pytest.raises(BadMedia, match=r"a\.mid: expected a MIDI file"):
        listening.clips(Choices(clips=1, seconds=4.0, composers=(), music=(tmp_path,)))


def test_the_test_is_named_after_its_clips():
    one, other = (Clip(sound, MOODS["sad"], "rules", "") for sound in (b"1", b"2"))
    assert listening.test_name([one, other]) == listening.test_name([other, one]) != listening.test_name([one])


def test_choices_out_of_range_are_refused():
    for wrong in ({"clips": 0}, {"seconds": 1.0}, {"composers": ()}):
        with pytest.raises(BadValue):
            Choices(**wrong)
