import numpy as np
import pytest

from moodscore.music.chord_names import chords
from moodscore.music.tokens import CHORDS


@pytest.mark.parametrize(
    ("tones", "bass", "name"),
    [
        ((0, 4, 7), 0, "C"),
        ((9, 0, 4), 9, "Am"),
        ((7, 11, 2, 5), 7, "G7"),
        ((11, 2, 5), 11, "Bdim"),
        ((0, 4, 7), 4, "C"),
        ((5,), 5, "N"),
        ((), -1, "N"),
    ],
)
def test_plain_chords_get_their_names(tones, bass, name):
    held = np.zeros((1, 12))
    held[0, list(tones)] = 12.0
    assert CHORDS[chords(held, np.array([bass]))[0]] == name


def test_a_passing_tone_does_not_change_the_chord():
    held = np.zeros((1, 12))
    held[0, [2, 5, 9]] = 24.0
    held[0, 4] = 3.0
    assert CHORDS[chords(held, np.array([2]))[0]] == "Dm"
