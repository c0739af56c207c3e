"""Clips as three streams: the motion that was put in comes out, what is kept comes back, and a broken film stops nothing."""

import numpy as np
import pytest

from moodscore.errors import BadMedia, BadValue, RenderFailed
from moodscore.learn.data import film_clips
from moodscore.learn.data.film_clips import Recipe, Streams

RECIPE = Recipe(side=64, every=3)


@pytest.fixture(scope="module")
def made(tmp_path_factory, make_film):
    path = make_film(tmp_path_factory.mktemp("films") / "one.mp4", speed=3.0, warmth=1.0, pitch=880.0)
    return film_clips.streams(path, RECIPE)


def test_every_third_frame_is_taken_with_the_motion_to_the_next(made):
    assert made.frames.shape == (3, 64, 64, 3)  # of 10 frames the 1st, 4th and 7th; the 10th has no next
    assert made.flow.shape == (3, 64, 64, 2)
    inside = made.flow[:, 16:48, 16:48]
    assert np.median(inside[..., 0]) == pytest.approx(3.0, abs=0.3)
    assert np.abs(np.median(inside[..., 1])) < 0.2


def test_the_wave_is_the_tone_of_the_film(made):
    spectrum = np.abs(np.fft.rfft(made.wave[:22050]))
    assert spectrum.argmax() == pytest.approx(880, abs=2)
    assert len(made.wave) == pytest.approx(22050, rel=0.1)


def test_colour_is_red_green_blue(made):
    assert made.frames[..., 0].mean() > made.frames[..., 2].mean() + 40


def test_what_is_kept_comes_back(made, tmp_path):
    path = tmp_path / "one.npz"
    film_clips.keep(made, path)
    back = film_clips.read(path)
    assert film_clips.count(path) == 3
    assert np.abs(back.frames.astype(int) - made.frames).mean() < 4
    assert np.abs(back.flow - made.flow.clip(-20, 20)).mean() < 0.15
    assert np.abs(back.wave - made.wave).max() < 1e-4
    some = film_clips.read(path, [2, 0])
    assert np.array_equal(some.frames, back.frames[[2, 0]])
    assert np.array_equal(some.flow, back.flow[[2, 0]])


def test_motion_beyond_the_bound_is_kept_as_the_bound(tmp_path):
    flow = np.zeros((1, 32, 32, 2), np.float32)
    flow[..., 0], flow[..., 1] = 90.0, -90.0
    film_clips.keep(Streams(np.zeros((1, 32, 32, 3), np.uint8), flow, np.zeros(9, np.float32)), tmp_path / "fast.npz")
    back = film_clips.read(tmp_path / "fast.npz").flow
    assert np.allclose(back[..., 0], 20, atol=0.2)
    assert np.allclose(back[..., 1], -20, atol=0.2)


def test_a_film_without_sound_is_silent(tmp_path, make_film):
    path = make_film(tmp_path / "mute.mp4", sound=False)
    wave = film_clips.streams(path, RECIPE).wave
    assert not wave.any()
    assert len(wave) == pytest.approx(22050, rel=0.05)


def test_films_are_prepared_once_and_broken_ones_are_named(tmp_path, make_film):
    good, broken = make_film(tmp_path / "good.mp4"), tmp_path / "broken.mp4"
    broken.write_bytes(b"no film at all" * 40)
    shares = []
    paths = [good, broken, tmp_path / "missing.mp4"]
    kept, wrong = film_clips.prepare(paths, RECIPE, tmp_path / "kept", 1, shares.append)
    assert kept == [tmp_path / "kept" / "64px-every3" / "good.npz", None, None]
    assert [line.split(": expected")[0] for line in wrong] == [str(broken), str(tmp_path / "missing.mp4")]
    assert shares == [1 / 3, 2 / 3, 1.0]
    before = kept[0].stat().st_mtime_ns
    again, _ = film_clips.prepare([good], RECIPE, tmp_path / "kept")
    assert again[0].stat().st_mtime_ns == before
    assert not list(tmp_path.rglob("*.part"))


def test_long_films_and_folders_that_cannot_be_are_refused(tmp_path, make_film, monkeypatch):
    path = make_film(tmp_path / "long.mp4", sound=False)
    monkeypatch.setattr(film_clips, "MAX_SECONDS", 0.5)
    with pytest.raises(BadMedia, match=r"long\.mp4: expected a clip of at most 0\.5 s, got 1 s"):
        film_clips.streams(path, RECIPE)
    with pytest.raises(RenderFailed, match=r"long\.mp4"):
        film_clips.prepare([path], RECIPE, path)


def test_many_processes_keep_the_same_as_one(tmp_path, make_film):
    films = [make_film(tmp_path / f"{k}.mp4", speed=k + 1.0) for k in range(3)]
    alone, _ = film_clips.prepare(films, RECIPE, tmp_path / "alone")
    shared, wrong = film_clips.prepare(films, RECIPE, tmp_path / "shared", workers=2)
    assert not wrong
    for one, other in zip(alone, shared, strict=True):
        assert np.array_equal(film_clips.read(one).flow, film_clips.read(other).flow)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a zip", b"junk" * 99])
def test_a_kept_clip_that_is_none_is_refused(tmp_path, content):
    path = tmp_path / "bad.npz"
    path.write_bytes(content)
    with pytest.raises(BadMedia, match=r"bad\.npz: expected a kept clip"):
        film_clips.read(path)
    with pytest.raises(BadMedia, match=r"bad\.npz"):
        film_clips.count(path)


def test_a_damaged_picture_inside_is_refused(made, tmp_path):
    path = tmp_path / "one.npz"
    film_clips.keep(made, path)
    with np.load(path) as kept:
        parts = dict(kept)
    parts["flow"] = parts["flow"] * 0
    np.savez(path, **parts)
    with pytest.raises(BadMedia, match="damaged"):
        film_clips.read(path)


@pytest.mark.parametrize("wrong", [{"side": 8}, {"every": 0}])
def test_recipes_that_make_no_sense_are_refused(wrong):
    with pytest.raises(BadValue, match="clips"):
        Recipe(**wrong)
