import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodscore.music.patterns import BASSES, FIGURES, FILL, KITS, Slot, pad, rolled, unit_for

slots = st.builds(
    Slot,
    beat=st.sampled_from((0.0, 4.0, 7.0)),
    beats=st.sampled_from((1.0, 2.0, 3.0, 4.0, 5.0)),
    voices=st.just((55, 60, 64)),
    bass=st.just(36),
    unit=st.sampled_from((0.25, 0.5, 1.0, 2.0, 4.0)),
    following=st.sampled_from((36, 41, 31)),
    ladder=st.just((48, 52, 55, 60, 64, 67)),
)


@pytest.mark.parametrize("name", sorted(FIGURES))
@given(slot=slots)
def test_figures_play_only_the_chord_inside_their_slot(name, slot):
    strokes = FIGURES[name](slot)
    assert strokes
    assert all(slot.beat <= s.beat and s.beat + s.beats <= slot.beat + slot.beats + 1e-9 for s in strokes)
    assert all(s.pitch % 12 in (0, 4, 7) and s.beats > 0 for s in strokes)


@pytest.mark.parametrize("name", sorted(BASSES))
@given(slot=slots)
def test_basses_begin_on_the_bass(name, slot):
    strokes = BASSES[name](slot)
    assert strokes[0].pitch == slot.bass
    assert strokes[0].beat == slot.beat
    assert all(s.beat + s.beats <= slot.beat + slot.beats + 1e-9 for s in strokes)


@given(slots)
def test_held_and_rolled_chords_last_to_the_end(slot):
    for strokes in (pad(slot), rolled(slot)):
        assert all(s.beat + s.beats == pytest.approx(slot.beat + slot.beats) for s in strokes)


def test_units_follow_the_wanted_rate():
    assert unit_for(0.5, 1.0) == 2.0
    assert unit_for(2.0, 1.0) == 0.5
    assert unit_for(8.0, 0.5) == 0.25


def test_percussion_rows_are_sixteen_steps():
    for rows in (*KITS.values(), FILL):
        assert all(len(row) == 16 and set(row) <= set(".123456789") for _, row in rows)
