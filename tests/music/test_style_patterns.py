"""Style patterns: whatever the chord, strokes stay inside it and on its tones."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodscore.music import patterns, style_patterns
from moodscore.music.patterns import Slot

CHORD = (0, 4, 7)
OWN_FIGURES = sorted(set(style_patterns.FIGURES) - set(patterns.FIGURES))
OWN_BASSES = sorted(set(style_patterns.BASSES) - set(patterns.BASSES))


@st.composite
def slots(draw):
    root = draw(st.integers(0, 11))
    tones = [p for p in range(55, 86) if (p - root) % 12 in CHORD]
    start = next(k for k, p in enumerate(tones) if p % 12 == root)
    bass = next(p for p in range(draw(st.integers(28, 40)), 60) if p % 12 == root)
    beats = draw(st.sampled_from((1.0, 1.5, 2.0, 3.0, 4.0)))
    following = draw(st.integers(28, 52))
    return Slot(
        float(draw(st.integers(0, 40))), beats, tuple(tones[:3]), bass, 0.5, following, tuple(tones[start : start + 6])
    )


@pytest.mark.parametrize("name", OWN_FIGURES)
@settings(max_examples=30)
@given(slot=slots())
def test_a_figure_plays_its_chord_inside_its_time(name, slot):
    strokes = style_patterns.FIGURES[name](slot)
    assert strokes
    chord = {p % 12 for p in slot.ladder}
    for stroke in strokes:
        assert slot.beat <= stroke.beat < slot.beat + slot.beats
        assert 0 < stroke.beats <= slot.beat + slot.beats - stroke.beat + 1e-9
        assert stroke.pitch % 12 in chord


@pytest.mark.parametrize("name", [*OWN_BASSES, *style_patterns.STRIKES])
@settings(max_examples=30)
@given(slot=slots())
def test_a_bass_begins_on_the_root(name, slot):
    line = style_patterns.BASSES.get(name) or style_patterns.STRIKES[name]
    strokes = sorted(line(slot), key=lambda s: s.beat)
    assert strokes or name == "bell"
    if strokes:
        assert strokes[0].beat == slot.beat
        assert strokes[0].pitch == slot.bass
    for stroke in strokes:
        assert slot.beat <= stroke.beat < slot.beat + slot.beats
        assert stroke.beats > 0


def test_every_kit_fills_a_bar_and_every_fill_its_second_half():
    for rows in (*style_patterns.KITS.values(), *style_patterns.FILLS.values()):
        assert all(len(row) == 16 and set(row) <= set(".123456789") for _, row in rows)
        assert all(35 <= pitch <= 81 for pitch, _ in rows)
    for name, rows in style_patterns.FILLS.items():
        assert name in style_patterns.KITS
        assert all(set(row[:8]) == {"."} for _, row in rows)
