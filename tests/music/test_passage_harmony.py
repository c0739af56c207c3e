import numpy as np

from moodscore.media import Note, Score, Track
from moodscore.music.passage_harmony import decay, harmony
from moodscore.music.passages import passages

from .test_features import piece


def heard(chords, step=1.0):
    return harmony(passages(piece(chords, step))[0])


def test_each_kind_of_chord_is_known():
    major, minor = heard([(60, 64, 67)] * 8), heard([(60, 63, 67)] * 8)
    dim, aug = heard([(60, 63, 66)] * 8), heard([(60, 64, 68)] * 8)
    assert (major["major_chords"], minor["major_chords"]) == (1.0, 0.0)
    assert dim["diminished_chords"] == 1.0
    assert aug["augmented"] > 0 > major["augmented"]


def test_a_semitone_is_heard_as_one():
    assert heard([(60, 61)] * 8)["interval_1"] > 0.4
    assert heard([(60, 67)] * 8)["interval_1"] == 0.0


def test_chords_that_change_are_told_from_one_that_stays():
    stays, moves = heard([(60, 64, 67)] * 12), heard([(60, 64, 67), (65, 69, 72), (62, 65, 69)] * 4)
    assert moves["chord_changes"] > stays["chord_changes"] == 0.0
    assert moves["harmonic_motion"] > stays["harmonic_motion"]


def test_a_pedal_does_not_melt_chords_into_one():
    chords = ((60, 64, 67), (65, 69, 72), (67, 71, 74), (60, 64, 67)) * 3
    notes = [(k * 1.0, p) for k, chord in enumerate(chords) for p in chord]
    dry = Score((Track("piano", 0, tuple(Note(s, 0.9, p, 70) for s, p in notes)),), 14.0)
    wet = Score((Track("piano", 0, tuple(Note(s, 2.9, p, 70) for s, p in notes)),), 14.0)
    one, other = (harmony(passages(score)[0]) for score in (dry, wet))
    assert abs(one["chord_majorness"] - other["chord_majorness"]) < 0.05
    assert abs(one["major_chords"] - other["major_chords"]) < 0.15


def test_what_was_struck_long_ago_is_forgotten():
    (passage,) = passages(Score((Track("organ", 19, (Note(0, 10, 60, 70), Note(8, 2, 67, 70))),), 10.0))
    weights = decay(passage).weights
    assert weights[0, 0] > 0.8
    assert weights[-1, 0] == 0.0
    assert np.all(weights >= 0)
