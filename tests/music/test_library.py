import unicodedata

import pytest

from moodscore.affect import Affect, Spread
from moodscore.music.library import Library, Piece, Stretch, folder_mood, honoured
from moodscore.reading import Reading
from moodscore.schemes import MOODS, mood_labels


def reading(valence, arousal):
    affect = Affect(valence, arousal)
    return Reading(affect, mood_labels(affect, 0.2, 0.2), 0.5, "ears@1", Spread(0.2, 0.2))


def piece(name="a.wav", valence=0.0, arousal=0.0, seconds=60.0, joins=(), sha256=None, stretches=()):
    """A piece in memory, with joins every two seconds unless given."""
    inner = joins or tuple(float(t) for t in range(2, int(seconds) - 1, 2))
    heard = stretches or (Stretch(0.0, Affect(valence, arousal), -20.0),)
    code = sha256 or f"{abs(hash(name)) % 16**12:012x}"
    return Piece(name, name, code, False, 0.0, seconds, reading(valence, arousal), heard, (0.0, *inner, seconds))


@pytest.mark.parametrize("mood", MOODS.labels, ids=lambda mood: mood.name)
def test_a_folder_called_by_a_mood_is_known_in_both_languages_and_any_case(mood):
    decomposed = unicodedata.normalize("NFD", mood.korean)  # as some systems spell file names
    for name in (mood.name, mood.name.upper(), mood.name.title(), f"03 - {mood.name}", mood.korean, decomposed):
        assert folder_mood(f"{name}/piece.mp3") is mood
        assert folder_mood(f"albums/{name}/disc 1/piece.mp3") is mood


@pytest.mark.parametrize("name", ["sad.mp3", "sadness/a.mp3", "music/a.mp3", "not sad/a.mp3", "a.mp3"])
def test_other_names_are_no_moods(name):
    assert folder_mood(name) is None


def test_the_innermost_mood_counts():
    assert folder_mood("sad/joyful/a.mp3").name == "joyful"


def test_a_sorted_piece_has_its_folders_mood_and_keeps_what_was_heard():
    stretches = (Stretch(0.0, Affect(0.9, 0.9), -20.0), Stretch(15.0, Affect(0.1, 0.9), -20.0))
    one = honoured(piece("sad/a.wav", 0.8, 0.8, stretches=stretches))
    assert one.reading.mood.name == "sad"
    assert one.reading.affect == MOODS["sad"].place
    assert one.reading.source == "folder-mood@1"
    assert [part.reading.affect for part in one.reading.parts][1] == Affect(0.8, 0.8)
    assert {stretch.affect for stretch in one.stretches} == {MOODS["sad"].place}
    plain = piece("a.wav", 0.8, 0.8)
    assert honoured(plain) is plain


def test_a_piece_knows_what_sounds_at_a_time():
    stretches = (Stretch(0.0, Affect(0.1, 0), -20.0), Stretch(15.0, Affect(0.2, 0), -20.0))
    one = piece(stretches=stretches)
    assert [one.at(t).affect.valence for t in (-1, 0, 14.9, 15, 999)] == [0.1, 0.1, 0.1, 0.2, 0.2]


def test_a_library_is_json_ready():
    import json

    told = json.loads(json.dumps(Library("mine", (piece("a.wav", 0.5, -0.5),)).as_dict()))
    assert told["pieces"][0]["mood"] == "peaceful"
    assert told["pieces"][0]["seconds"] == 60.0
