import numpy as np
import pytest

from moodscore.errors import BadValue
from moodscore.music import conditions as c


def test_what_is_not_asked_is_unknown_and_zero():
    said = c.vectors(c.wishes(2, beats=4, bars_left=0, bars_before=0))
    assert said.shape == (2, c.WIDTH)
    assert said.dtype == np.float32
    assert not said[:, -len(c.GROUPS) :].any()
    assert np.count_nonzero(said[0]) == 2  # bars left and before; four beats are the middle


def test_feeling_is_known_only_as_a_pair():
    pair = c.vectors(c.wishes(1, valence=-0.5, arousal=0.25))
    alone = c.vectors(c.wishes(1, valence=-0.5))
    assert pair[0, :2].tolist() == [-0.5, 0.25]
    assert alone[0, :2].tolist() == [0, 0]
    assert pair[0, -len(c.GROUPS)] == 1
    assert alone[0, -len(c.GROUPS)] == 0


def test_styles_are_told_apart_and_values_scaled():
    rows = c.wishes(5, style=np.arange(5), tempo_bpm=200.0, mode=[0, 1, 1, 0, 1])
    said = c.vectors(rows)
    assert len(np.unique(said, axis=0)) == 5
    assert said[0, 2] == 1.0
    assert np.isfinite(c.vectors(c.wishes(1, density_hz=0.0, melody_hz=1e9))).all()


def test_unknown_names_are_refused():
    with pytest.raises(BadValue, match="expected one of valence"):
        c.wishes(1, volume=3)


def test_without_feeling_is_what_was_never_asked():
    asked = c.vectors(c.wishes(3, valence=0.5, arousal=-0.5, mode=1))
    assert (c.without_feeling(asked) == c.vectors(c.wishes(3, mode=1))).all()
    assert asked[0, 0] == 0.5
