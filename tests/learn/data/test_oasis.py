"""The OASIS table, its scale and its folds, on a table made on the spot."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodscore.errors import BadMedia
from moodscore.learn.data import oasis

HEAD = "file,theme,group,category,source,valence_mean,valence_sd,arousal_mean,arousal_sd\n"


def make(folder, rows, head=HEAD):
    (folder / "oasis.csv").write_text(head + "".join(rows))
    for row in rows:
        (folder / row.split(",")[0]).write_bytes(b"")


def test_ratings_land_on_the_plane(tmp_path):
    make(tmp_path, ["a.jpg,A 1,a,Object,Pixabay,7,1.5,1,0.6\n", "b.jpg,B 1,b,Object,Flickr,4,0,5.5,3\n"])
    one, two = oasis.load(tmp_path)
    assert (one.affect.valence, one.affect.arousal) == (1.0, -1.0)
    assert (two.affect.valence, two.affect.arousal) == (0.0, 0.5)
    assert (one.spread.valence, one.spread.arousal) == pytest.approx((0.5, 0.2))
    assert oasis.targets((one, two)).tolist() == [[1.0, -1.0], [0.0, 0.5]]
    assert (one.path, two.site) == (tmp_path / "a.jpg", "Flickr")


def test_near_copies_share_a_group(tmp_path):
    make(tmp_path, [f"{n}.jpg,x,{n},Person,Pixabay,4,1,4,1\n" for n in ("sad_pose", "miserable_pose")])
    assert len({r.group for r in oasis.load(tmp_path)}) == 1


def test_what_is_missing_is_named(tmp_path):
    with pytest.raises(BadMedia, match=r"oasis\.csv"):
        oasis.load(tmp_path)
    make(tmp_path, ["a.jpg,1\n"], "file,valence\n")
    with pytest.raises(BadMedia, match="valence_mean"):
        oasis.load(tmp_path)
    make(tmp_path, ["a.jpg,A 1,a,Object,Pixabay,4,1,4,1\n"])
    (tmp_path / "a.jpg").unlink()
    with pytest.raises(BadMedia, match=r"a\.jpg"):
        oasis.load(tmp_path)


@given(st.lists(st.integers(0, 25), min_size=30, max_size=120), st.integers(0, 5))
def test_a_group_is_never_split_and_folds_are_even(numbers, seed):
    groups = [f"g{n}" for n in numbers]
    fold = oasis.group_folds(groups, 5, seed)
    for name in set(groups):
        assert len({int(f) for f, g in zip(fold, groups, strict=True) if g == name}) == 1
    largest = max(groups.count(g) for g in groups)
    counts = np.bincount(fold, minlength=5)
    assert counts.max() - counts.min() <= largest
    assert np.array_equal(fold, oasis.group_folds(groups, 5, seed))
