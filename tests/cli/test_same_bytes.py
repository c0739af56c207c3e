"""The same photos and seed give the same bytes of everything, in processes that know nothing of each other."""

import subprocess
import sys

import pytest


@pytest.fixture(scope="module")
def made(folder, tmp_path_factory):
    """Two films of the same seed and one of another, each made by a process of its own; bytes by file name."""
    films = []
    for run, seed in (("one", 5), ("again", 5), ("other", 6)):
        where = tmp_path_factory.mktemp(run)
        args = ("film", folder, "--seconds", 3, "--seed", seed, "--parts", "-q", "-o", where / "film.mp4")
        subprocess.run([sys.executable, "-m", "moodscore", *map(str, args)], check=True, capture_output=True)
        films.append({path.name: path.read_bytes() for path in where.iterdir()})
    return films


def test_one_seed_makes_one_film(made):
    one, again, _ = made
    assert set(one) == {"film.mp4", "film.json", "plane.png", "tune.wav", "tune.mid"}
    assert [name for name in one if one[name] != again[name]] == []


def test_another_seed_makes_other_music_from_the_same_readings(made):
    one, _, other = made
    assert one["plane.png"] == other["plane.png"]
    for name in ("tune.wav", "tune.mid", "film.mp4"):
        assert one[name] != other[name]
