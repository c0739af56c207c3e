import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodscore.media import Note, Score, Track
from moodscore.music.passage_features import NAMES, features, named
from moodscore.music.passages import passages

from .test_features import MAJOR, MINOR, piece

NOTES = st.builds(
    Note,
    st.floats(0, 20).map(lambda s: round(s, 3)),
    st.floats(0.01, 8).map(lambda s: round(s, 3)),
    st.integers(0, 127),
    st.integers(1, 127),
)


def heard(score):
    return named(passages(score)[0])


@settings(max_examples=60, deadline=None)
@given(st.lists(NOTES, min_size=1, max_size=40))
def test_any_notes_give_finite_numbers_in_the_order_of_names(notes):
    for passage in passages(Score((Track("piano", 0, tuple(notes)),), 30.0)):
        row = features(passage)
        assert row.shape == (len(NAMES),)
        assert np.isfinite(row).all()
        assert list(named(passage)) == list(NAMES)


def test_faster_softer_higher_are_told():
    slow, fast = heard(MAJOR), heard(piece([(72, 76, 79)] * 60, step=0.1, velocity=30))
    assert fast["notes_hz"] > slow["notes_hz"]
    assert fast["gap_mean"] < slow["gap_mean"]
    assert fast["velocity_mean"] == 30
    assert fast["pitch_mean"] > slow["pitch_mean"]


def test_a_line_that_rises_grows_and_hurries_is_told():
    notes = tuple(Note(10 * (1 - 0.5 ** (k / 20)), 0.1, 50 + k // 2, 40 + k) for k in range(60))
    row = heard(Score((Track("piano", 0, notes),), 12.0))
    fallen = tuple(Note(n.start_s, n.duration_s, 130 - n.pitch, 140 - n.velocity) for n in notes)
    down = heard(Score((Track("piano", 0, fallen),), 12.0))
    for name in ("pitch_slope", "velocity_slope", "melody_rises"):
        assert row[name] > 0 > down[name]


def test_repetition_is_told_from_wandering():
    wander = np.random.default_rng(1).integers(60, 84, 64)
    assert heard(piece([(p,) for p in (60, 64, 67, 72) * 16], 0.2))["melody_repeats"] > 0.9
    assert heard(piece([(int(p),) for p in wander], 0.2))["melody_repeats"] < 0.2


def test_transposing_changes_nothing_but_how_high_it_is():
    up = piece([tuple(p + 5 for p in chord) for chord in ((60, 64, 67), (65, 69, 72), (67, 71, 74), (60, 64, 67)) * 4])
    one, other = heard(MAJOR), heard(up)
    high = ("pitch_mean", "pitch_ext", "pitch_p", "pitch_s", "pitch_heard", "top", "bass_m", "below", "above", "lowest")
    for name in NAMES:
        if not name.startswith(high) or name == "lowest_heard_sd":
            assert other[name] == pytest.approx(one[name]), name


def test_major_and_minor_chords_are_told_apart():
    for name in ("majorness", "struck_majorness", "third_quality", "chord_majorness", "heard_majorness"):
        assert heard(MAJOR)[name] > 0 > heard(MINOR)[name]
