"""Pairs load as the source says: odd takes the next, even the previous; and no film is on both sides of a split."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from moodscore.errors import BadMedia, BadValue
from moodscore.learn.data import pairs
from moodscore.schemes import GENRES

SIZE = (8, 6)


def frame(path, level, size=SIZE):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.full((size[1], size[0], 3), (level, level // 2, 255 - level), np.uint8)
    Image.fromarray(pixels).save(path)


def film(folder, count=4, start=0, sha=None):
    for n in range(1, count + 1):
        frame(folder / f"{n:03d}.png", start + 10 * n)
    if sha:
        (folder / "manifest.json").write_text(json.dumps({"sha256": sha}))
    return folder


@pytest.fixture
def six(tmp_path):
    """Three films of each genre."""
    for g, genre in enumerate(GENRES.names):
        for k in range(3):
            film(tmp_path / genre / f"film{k}", sha=f"{g}{k}")
    return tmp_path


def test_an_odd_frame_takes_the_next_and_an_even_one_the_previous(tmp_path):
    film(tmp_path / "horror" / "a")
    loaded = pairs.load(tmp_path)
    names = [tuple(p.name for p in loaded.paths(i)) for i in range(len(loaded))]
    assert names == [("001.png", "002.png"), ("002.png", "001.png"), ("003.png", "004.png"), ("004.png", "003.png")]


def test_two_frames_are_stacked_to_six_channels_in_order(tmp_path):
    film(tmp_path / "horror" / "a")
    loaded = pairs.load(tmp_path)
    one = loaded.pair(0, SIZE)
    assert one.shape == (6, 6, 8)
    assert one.dtype == np.uint8
    assert one[:, 0, 0].tolist() == [10, 5, 245, 20, 10, 235]
    assert loaded.stacked([1, 2], (4, 3))[:, :, 2, 3].tolist() == [
        [20, 10, 235, 10, 5, 245],
        [30, 15, 225, 40, 20, 215],
    ]


def test_labels_counts_and_weights_follow_the_genres(tmp_path):
    film(tmp_path / "sf" / "a", count=6)
    film(tmp_path / "action" / "b", count=2, start=101)
    loaded = pairs.load(tmp_path)
    assert loaded.labels.tolist() == [0, 0, 5, 5, 5, 5, 5, 5]
    assert loaded.film_of.tolist() == [0, 0, 1, 1, 1, 1, 1, 1]
    assert loaded.counts == {"action": 2, "horror": 0, "romance": 0, "ani2d": 0, "ani3d": 0, "sf": 6}
    assert loaded.weights[loaded.labels].mean() == pytest.approx(1)
    assert loaded.weights[0] * 2 == pytest.approx(loaded.weights[5] * 6)
    assert loaded.weights[1] == 0


def test_frames_beyond_999_stay_in_order(tmp_path):
    film(tmp_path / "sf" / "a", count=2)
    for n in range(3, 1003):
        (tmp_path / "sf" / "a" / f"{n:03d}.png").write_bytes(b"not opened yet")
    loaded = pairs.load(tmp_path)
    assert [p.name for p in loaded.paths(999)] == ["1000.png", "999.png"]


def test_only_a_few_frames_are_kept_in_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(pairs, "CACHED_FRAMES", 2)
    film(tmp_path / "sf" / "a", count=6)
    loaded = pairs.load(tmp_path)
    for item in range(6):
        assert np.array_equal(loaded.pair(item, SIZE)[:3], loaded.pair(item ^ 1, SIZE)[3:])
    assert len(loaded._kept) == 2


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda d: (d / "sf/a/003.png").unlink(), "no frame 003"),
        (lambda d: frame(d / "sf/a/005.png", 5), "5 frames"),
        (lambda d: frame(d / "sf/a/cover.png", 5), "cover.png: expected frames numbered once"),
        (lambda d: frame(d / "sf/a/04.jpg", 5), "numbered once each"),
        (lambda d: frame(d / "comedy/b/001.png", 5), "comedy: expected a folder named after a genre"),
        (lambda d: (d / "sf/a/manifest.json").write_text("[]"), "manifest.json: expected the manifest"),
        (lambda d: film(d / "horror/b"), "is also in"),
    ],
)
def test_what_is_wrong_with_a_folder_is_said_with_its_name(tmp_path, spoil, said):
    film(tmp_path / "sf" / "a")
    spoil(tmp_path)
    with pytest.raises(BadMedia, match=said):
        pairs.load(tmp_path)


def test_a_broken_frame_is_named_when_it_is_read(tmp_path):
    film(tmp_path / "sf" / "a")
    (tmp_path / "sf/a/002.png").write_bytes(b"\x89PNG\r\n\x1a\nno")
    loaded = pairs.load(tmp_path)
    with pytest.raises(BadMedia, match=r"002\.png"):
        loaded.pair(0, SIZE)
    with pytest.raises(BadValue, match=r"0 \.\. 3"):
        loaded.paths(4)


@pytest.mark.parametrize("missing", ["nowhere", "empty"])
def test_a_folder_without_films_is_refused(tmp_path, missing):
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadMedia, match="GENRE/FILM"):
        pairs.load(tmp_path / missing)


@given(seed=st.integers(0, 1000))
def test_every_part_has_every_genre_and_no_film_twice(six_films, seed):
    parts = pairs.split(six_films, {"train": 0.6, "valid": 0.2, "test": 0.2}, seed)
    assert sorted(f.name for p in parts.values() for f in p.films) == sorted(f.name for f in six_films.films)
    assert all(set(part.labels.tolist()) == set(range(6)) for part in parts.values())
    again = pairs.split(six_films, {"train": 0.6, "valid": 0.2, "test": 0.2}, seed)
    assert [f.name for f in parts["test"].films] == [f.name for f in again["test"].films]


@pytest.fixture(scope="module")
def six_films(tmp_path_factory):
    home = tmp_path_factory.mktemp("six")
    for g, genre in enumerate(GENRES.names):
        for k in range(3):
            film(home / genre / f"film{k}", count=2, sha=f"{g}{k}")
    return pairs.load(home)


def test_another_seed_splits_otherwise(six_films):
    ways = {tuple(f.name for f in pairs.split(six_films, {"a": 0.5, "b": 0.5}, s)["a"].films) for s in range(8)}
    assert len(ways) > 1


@pytest.mark.parametrize("shares", [{}, {"a": 1.2, "b": -0.2}, {"a": 0.5}])
def test_shares_must_sum_to_one(six_films, shares):
    with pytest.raises(BadValue, match="sum to 1"):
        pairs.split(six_films, shares)


def test_a_given_split_is_kept(six, tmp_path):
    loaded = pairs.load(six)
    table = tmp_path / "split.csv"
    rows = [f"{f.name},{'test' if f.name.endswith('2') else 'train'}" for f in loaded.films]
    table.write_text("\n".join(["film,split", *rows]))
    parts = pairs.given_split(loaded, table)
    assert {name: len(part.films) for name, part in parts.items()} == {"train": 12, "test": 6}
    table.write_text("\n".join(["film,split", *rows, rows[0]]))
    with pytest.raises(BadMedia, match=r"split\.csv: expected each film of the folder once, got action/film0"):
        pairs.given_split(loaded, table)
    table.write_text("\n".join(["film,split", *rows[1:]]))
    with pytest.raises(BadMedia, match="action/film0"):
        pairs.given_split(loaded, table)
    table.write_text("movie,part\nx,y\n")
    with pytest.raises(BadMedia, match="columns film and split"):
        pairs.given_split(loaded, table)


def test_a_film_under_two_names_is_found_by_its_content(tmp_path):
    film(tmp_path / "sf" / "a", sha="same")
    film(tmp_path / "sf" / "b", start=100, sha="same")
    with pytest.raises(BadMedia, match=r"sf/b: .*also in .*sf/a"):
        pairs.load(tmp_path)


def test_two_films_may_share_a_black_frame(tmp_path):
    film(tmp_path / "sf" / "a", count=8)
    film(tmp_path / "sf" / "b", count=8, start=101)
    for name in "ab":
        frame(tmp_path / "sf" / name / "001.png", 0)
    assert len(pairs.load(tmp_path).films) == 2


def test_a_split_made_elsewhere_that_shares_a_film_is_refused(six):
    films = pairs.load(six).films
    pairs.check_apart({"train": films[:4], "test": films[4:]})
    with pytest.raises(BadMedia, match="must not be learnt from and measured on"):
        pairs.check_apart({"train": films[:4], "test": films[3:]})
