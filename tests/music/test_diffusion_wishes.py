"""What the diffusion net is told: each group in its place, and a flag where nothing was asked."""

import numpy as np
import pytest

from moodscore.errors import BadValue
from moodscore.music import diffusion_wishes as asking
from moodscore.music.diffusion_wishes import Asked

GROUPS = (asking.AFFECT, asking.GENRE, asking.CHORD, asking.BEAT, asking.DENSITY)


def asked(**changed):
    classes = np.zeros((3, 12))
    classes[:2, [0, 4, 7]] = 1
    plain = {
        "affects": np.array([[0.5, -0.5]] * 3),
        "genre": 2,
        "classes": classes,
        "roots": np.array([0, 0, -1]),
        "beats": np.array([0.0, 0.5, 1.0]),
        "bar_beats": np.full(3, 4.0),
        "tempo_bpm": np.full(3, 100.0),
        "density_hz": np.full(3, 4.0),
    }
    return Asked(**{**plain, **changed})


def test_the_groups_fill_the_width_and_do_not_overlap():
    places = [k for group in GROUPS for k in range(group.start, group.stop)]
    assert places == list(range(asking.WIDTH))


def test_each_wish_stands_in_its_group():
    said = asked().vectors()
    assert said.shape == (3, asking.WIDTH)
    assert said[0, asking.AFFECT].tolist() == [0.5, -0.5, 1.0]
    assert said[0, asking.GENRE].tolist() == [0, 0, 1, 0, 0, 0, 0, 0]
    assert np.flatnonzero(said[0, asking.CHORD]).tolist() == [0, 4, 7, 12, 24]
    assert not said[2, asking.CHORD].any()
    sines, cosines = said[:, asking.BEAT][:, :2], said[:, asking.BEAT][:, 2:4]
    assert np.allclose(np.arctan2(sines, cosines)[1], [np.pi, np.pi / 4], atol=1e-5)


def test_what_is_not_asked_is_zero_and_not_flagged():
    unknown = asked(density_hz=np.full(3, np.nan)).vectors()
    assert not unknown[:, asking.DENSITY].any()
    assert np.isfinite(unknown).all()
    said = asked().vectors()
    assert not asking.without(said, asking.AFFECT)[:, asking.AFFECT].any()
    assert asking.without(said, asking.AFFECT)[:, asking.GENRE].any()
    assert not asking.without(said).any()
    assert said.any()


def test_an_unknown_genre_is_refused():
    with pytest.raises(BadValue, match="genre"):
        asked(genre=8)
