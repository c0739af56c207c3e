"""Music that goes on without end and turns with the feeling."""

import numpy as np
import pytest

from moodscore.errors import BadMedia
from moodscore.music import jukebox, library_sound
from moodscore.music.jukebox import CROSSFADE_S, RATE, Jukebox
from moodscore.music.library import Library
from moodscore.music.library_default import library
from moodscore.schemes import MOODS


@pytest.fixture(scope="module")
def default():
    return library()


@pytest.fixture
def tones(monkeypatch):
    """Each piece sounds as a tone of its own, so that one hears which plays."""

    def stretch(piece, from_s):
        hz = 200 + 50 * (int(piece.sha256[:4], 16) % 40)
        at = np.arange(round((piece.end_s - from_s) * RATE)) / RATE
        yield np.repeat((0.3 * np.sin(2 * np.pi * hz * at)).astype(np.float32)[:, None], 2, axis=1)

    monkeypatch.setattr(library_sound, "stretch_of", stretch)


def test_the_piece_fits_the_feeling_and_turns_with_it(default, tones):
    box = Jukebox(default, MOODS["joyful"].place)
    assert box.piece.name.startswith("joyful")
    box.play(RATE)
    assert box.turn(MOODS["sad"].place).name.startswith("sad")


def test_pieces_meet_at_even_power(default, tones):
    box = Jukebox(default, MOODS["joyful"].place)
    before = box.play(RATE)
    box.turn(MOODS["tense"].place)
    during = np.concatenate([box.play(RATE // 10) for _ in range(round(10 * CROSSFADE_S))])
    power = [float((part**2).mean()) for part in np.array_split(during, 6)]
    assert min(power) > 0.7 * float((before**2).mean())
    assert max(power) < 1.3 * float((before**2).mean())


def test_music_goes_on_when_a_piece_ends(default, tones):
    box = Jukebox(default, MOODS["quiet"].place)
    first = box.piece
    seconds = first.end_s - first.start_s
    for _ in range(int(seconds) + 2):
        assert np.abs(box.play(RATE)).max() > 0.1
    assert box.piece.name != first.name
    assert box.piece.name.startswith("quiet")


def test_the_same_turns_give_the_same_sound(default, tones):
    def heard():
        box = Jukebox(default, MOODS["joyful"].place, seed=3)
        parts = [box.play(RATE // 4)]
        box.turn(MOODS["gloomy"].place)
        return np.concatenate([*parts, box.play(RATE)])

    assert np.array_equal(heard(), heard())


def test_without_pieces_there_is_no_music():
    with pytest.raises(BadMedia):
        Jukebox(Library("empty", (), ()), MOODS["joyful"].place)
    assert jukebox.REMEMBERED > 3
