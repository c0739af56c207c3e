import numpy as np
import pytest

from moodscore.errors import BadValue
from moodscore.measure import pieces
from moodscore.media import Note, Score, Track


def score(pitches, name="melody", step=0.5, extra=()):
    notes = tuple(Note(k * step, step, p, 70) for k, p in enumerate(pitches))
    return Score((Track(name, 0, notes), *extra), len(pitches) * step)


SCALE = score([60, 62, 64, 65, 67, 69, 71, 72])


def test_a_scale_is_all_steps_and_in_key():
    found = pieces.evaluate(SCALE)
    assert found["melody steps"] == 1
    assert found["melody leaps"] == found["melody repeats a note"] == 0
    assert found["in key"] == 1
    assert found["melody range"] == 12
    assert found["notes a second"] == pytest.approx(2)
    assert found["silence"] == 0


def test_chromatic_music_is_less_in_key():
    assert pieces.in_key(score([60 + k % 12 for k in range(24)])) == pytest.approx(8 / 12)


def test_the_highest_track_is_the_melody_when_none_is_named():
    low = Track("left", 0, (Note(0, 4, 40, 60),))
    line = pieces.melody(score([70, 72, 74, 75, 77, 79], name="right", extra=(low,)))
    assert [n.pitch for n in line] == [70, 72, 74, 75, 77, 79]


def test_repetition_is_heard_in_any_key():
    once, again = [60, 62, 64, 67, 65], [67, 69, 71, 74, 72]
    assert pieces.repetition(pieces.steps(pieces.melody(score(once + again)))) > 0
    assert pieces.repetition(np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])) == 0


def test_low_thirds_are_muddy_and_seconds_rough():
    assert pieces.muddiness([[36, 40, 60], [48, 52, 60]]) == 0.5
    assert pieces.roughness([[60, 61]]) > pieces.roughness([[60, 64]])


def test_silence_and_drums():
    gap = Score((Track("melody", 0, (Note(0, 1, 60, 70),)), Track("d", 0, (Note(1, 1, 38, 90),), drums=True)), 2.0)
    assert (pieces.sounding(gap) == 0).mean() == pytest.approx(0.5)


def test_too_little_melody_is_refused():
    with pytest.raises(BadValue, match="six notes"):
        pieces.evaluate(score([60, 62]))


def beaten(bars, pitch=60, bpm=120.0, name="melody"):
    """A score in four-four whose bars are lists of beats that are struck."""
    beat = 60.0 / bpm
    notes = [Note((4 * k + b) * beat, 0.2, pitch, 70) for k, bar in enumerate(bars) for b in bar]
    last = Note(4 * len(bars) * beat - 0.1, 0.1, pitch, 70)  # so that the last bar is whole
    return Score((Track(name, 0, (*notes, last)),), 4 * len(bars) * beat, ((0.0, bpm),))


def test_entropy_counts_pitch_classes_and_not_octaves():
    assert pieces.pitch_class_entropy(score([60, 72, 48, 60, 72, 84])) == 0
    assert pieces.pitch_class_entropy(score([60, 62, 60, 62])) == pytest.approx(1)
    assert pieces.pitch_class_entropy(score(range(60, 72))) == pytest.approx(np.log2(12))


def test_the_groove_is_that_of_wu_and_yang_on_sixteenths():
    assert pieces.groove_similarity(beaten([[0, 1, 2, 3]] * 4)) > 0.96
    apart = beaten([[0, 1], [0, 1], [2, 3]])
    # of 16 positions the pairs differ in 0, 4 and 4; the note that closes the last bar adds one to each pair with it
    assert pieces.groove_similarity(apart) == pytest.approx(1 - (0 + 4 + 4 + 0) / 16 / 3, abs=0.05)
    assert np.isnan(pieces.groove_similarity(beaten([[0, 1, 2, 3]])))


def test_uneven_playing_and_tempo_changes_do_not_change_the_groove():
    even = beaten([[0, 1.5, 2, 3]] * 4)
    played = Score(
        tuple(
            Track(
                t.name, 0, tuple(Note(max(0, n.start_s + 0.01 * (-1) ** k), 0.2, 60, 70) for k, n in enumerate(t.notes))
            )
            for t in even.tracks
        ),
        even.duration_s,
    )
    assert pieces.groove_similarity(played) == pytest.approx(pieces.groove_similarity(even), abs=0.03)
    slower = Score(
        (Track("melody", 0, tuple(Note(b * 0.5 if b < 8 else 4 + (b - 8), 0.2, 60, 70) for b in range(16))),),
        12.0,
        ((0.0, 120.0), (4.0, 60.0)),
    )
    assert pieces.beats(slower, [4.0, 5.0, 12.0]).tolist() == [8, 9, 16]
    assert pieces.groove_similarity(slower) == 1


def test_bars_that_come_again_are_heard():
    assert pieces.bars_again(beaten([[0, 1], [0, 1], [0, 2], [0, 1, 2, 3]])) == pytest.approx(1 / 4)


def test_empty_beats_are_those_in_which_nothing_sounds():
    gap = Score((Track("melody", 0, (Note(0, 0.5, 60, 70), Note(1.5, 0.5, 60, 70))),), 4.0)
    assert pieces.empty_beats(gap) == 0.5  # beats 2 and 3 of four; what follows the last note does not count
    assert pieces.empty_beats(SCALE) == 0


def test_an_excerpt_begins_at_a_bar_line_and_keeps_its_bars():
    whole = beaten([[0, 1, 2, 3]] * 12)  # two seconds a bar
    part = pieces.excerpt(whole, 3.0, 8.0)
    assert part.duration_s == 8
    assert part.tracks[0].notes[0].start_s == 0
    assert len(part.tracks[0].notes) == 16
    assert pieces.bar_line(whole, 3.0) == pytest.approx(4)
    assert pieces.bar_line(whole, 4.0) == pytest.approx(4)
    with pytest.raises(BadValue, match="expected notes"):
        pieces.excerpt(whole, 100.0)
