import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodscore.affect import Affect
from moodscore.music.instruments import ENSEMBLES, INSTRUMENTS, ensemble_for
from moodscore.music.patterns import BASSES, FIGURES, KITS


def test_instruments_are_general_midi_with_a_playable_range():
    for i in INSTRUMENTS.values():
        assert 0 <= i.program <= 127
        assert i.high - i.low >= 16
        assert -1 <= i.pan <= 1
        assert 0 <= i.reverb <= 1


@pytest.mark.parametrize("e", ENSEMBLES, ids=lambda e: e.name)
def test_ensembles_name_what_exists(e):
    names = {*itertools.chain(*e.melody), *e.figure, *e.pad, *e.bass, *e.double}
    assert names <= set(INSTRUMENTS)
    assert set(e.figures) <= set(FIGURES)
    assert set(e.basses) <= set(BASSES)
    assert not e.kit or e.kit in KITS


def test_regions_of_the_plane_sound_different():
    corners = {ensemble_for(Affect(v, a)).name for v in (-0.8, 0.0, 0.8) for a in (-0.8, 0.0, 0.8)}
    assert len(corners) >= 8


@given(st.floats(-1, 1), st.floats(-1, 1))
def test_an_ensemble_stays_until_another_is_clearly_nearer(v, a):
    now = ensemble_for(Affect(v, a))
    assert ensemble_for(Affect(v, a), now) is now
