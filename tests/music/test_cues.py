import itertools

from hypothesis import given
from hypothesis import strategies as st

from moodscore.affect import Affect
from moodscore.music.cues import cues, mode_of
from moodscore.music.harmony import MODES

axis = st.floats(-1, 1)


@given(axis, axis, axis)
def test_more_arousal_is_faster_denser_louder_and_shorter(valence, one, other):
    low, high = (cues(Affect(valence, a)) for a in sorted((one, other)))
    assert low.tempo_bpm <= high.tempo_bpm
    assert low.density_hz <= high.density_hz
    assert low.dynamics <= high.dynamics
    assert low.articulation >= high.articulation


@given(axis, axis, axis)
def test_more_valence_is_higher_more_consonant_and_rising(arousal, one, other):
    low, high = (cues(Affect(v, arousal)) for v in sorted((one, other)))
    assert low.register <= high.register
    assert low.dissonance >= high.dissonance
    assert low.ascent <= high.ascent
    assert low.shade <= high.shade


@given(axis, axis)
def test_cues_stay_inside_what_musicians_can_play(valence, arousal):
    c = cues(Affect(valence, arousal))
    assert 45 <= c.tempo_bpm <= 170
    assert 30 <= c.dynamics <= 110
    assert 0.4 <= c.articulation <= 1
    assert 0 <= c.dissonance <= 1
    assert 0 <= c.leap <= 1


def test_modes_brighten_with_valence():
    order = ("phrygian", "harmonic", "aeolian", "dorian", "mixolydian", "lydian", "ionian")
    for choice in range(6):
        heard = [order.index(mode_of(Affect(v / 10, 0), choice)) for v in range(-10, 11)]
        assert all(b >= a - 1 for a, b in itertools.pairwise(heard))
        assert heard[0] <= 1
        assert heard[-1] >= 5


@given(axis, st.integers(0, 1000))
def test_every_mode_is_a_known_scale(valence, choice):
    assert mode_of(Affect(valence, 0), choice) in MODES
