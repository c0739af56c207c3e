import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from moodscore.music.melody import Cue, Motif, invent, pitch

C_MAJOR = (0, 2, 4, 5, 7, 9, 11)


@given(st.integers(2, 6), st.floats(0.2, 4.0), st.floats(-1, 1), st.floats(0, 1), st.integers(0, 999))
def test_a_motif_fits_its_bar(beats, rate, ascent, leap, seed):
    motif = invent(beats, rate, ascent, leap, np.random.default_rng(seed))
    assert motif.onsets[0] == 0.0
    assert list(motif.onsets) == sorted(set(motif.onsets))
    assert motif.onsets[-1] < beats
    assert len(motif.steps) == len(motif.onsets)


def test_rhythm_follows_the_wanted_rate():
    counts = [
        np.mean([len(invent(4, rate, 0, 0.3, np.random.default_rng(s)).onsets) for s in range(40)])
        for rate in (0.3, 1.0, 3.0)
    ]
    assert counts[0] < counts[1] < counts[2]


def test_variations_keep_the_motif_recognisable():
    motif = Motif((0.0, 1.0, 2.0), (0, 2, 1))
    assert motif.inverted().steps == (0, -2, -1)
    ornamented = motif.ornamented(np.random.default_rng(3), 0.25)
    assert set(motif.onsets) <= set(ornamented.onsets)
    assert motif.within(2).onsets == (0.0, 1.0)


@settings(deadline=None)
@given(st.lists(st.floats(55, 80), min_size=1, max_size=40), st.integers(55, 66))
def test_melodies_stay_in_scale_and_range(heights, low):
    cues = [Cue(k * 0.5, 0.5, h, 1.0 if k % 4 == 0 else 0.1, (0, 4, 7), C_MAJOR) for k, h in enumerate(heights)]
    sung = pitch(cues, (low, low + 18))
    assert len(sung) == len(cues)
    assert all(low <= p <= low + 18 and p % 12 in C_MAJOR for p in sung)


def test_strong_beats_carry_chord_tones_and_steps_prevail():
    rng = np.random.default_rng(4)
    heights = 67 + np.cumsum(rng.normal(0, 1.5, 64)).clip(-7, 7)
    cues = [Cue(k / 2, 0.5, h, 1.0 if k % 4 == 0 else 0.1, (0, 4, 7), C_MAJOR) for k, h in enumerate(heights)]
    sung = pitch(cues, (57, 77))
    assert all(sung[k] % 12 in (0, 4, 7) for k in range(0, 64, 4))
    leaps = np.abs(np.diff(sung))
    assert np.mean(leaps <= 2) > 0.5
    assert leaps.max() <= 12


def test_a_close_lands_where_it_must():
    cues = [Cue(0, 1, 67, 1.0, (0, 4, 7), C_MAJOR), Cue(1, 2, 70, 1.0, (0, 4, 7), C_MAJOR, (0,))]
    assert pitch(cues, (60, 78))[-1] % 12 == 0
