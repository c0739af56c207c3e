"""Riffusion on a tiny random Stable Diffusion: the whole road from words to sound, where the extra is installed."""

import importlib.util
import sys
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from moodscore.errors import BadValue, BadWeights, MissingExtra
from moodscore.media import Tune
from moodscore.music import riffusion, spectrogram
from moodscore.music.riffusion_choices import Choices, Seed

installed = all(importlib.util.find_spec(name) for name in ("torch", "diffusers", "transformers"))
needs_extra = pytest.mark.skipif(not installed, reason="the extra 'riffusion' is not installed, so it was not tried")
QUICK = Choices(seconds=5.12, steps=2, guidance=2.0)


@pytest.fixture(scope="module")
def model(tiny_riffusion):
    return riffusion.load(str(tiny_riffusion), "cpu")


@pytest.fixture(scope="module")
def plain(model):
    return pixels(model.paint(["rain"], QUICK))


def picture(columns, seed=0):
    shades = np.random.default_rng(seed).integers(0, 255, (512, columns)).astype(np.uint8)
    return Image.fromarray(np.repeat(shades[..., None], 3, axis=2))


def pixels(image):
    return np.asarray(image, int)


@needs_extra
def test_words_become_sound_of_the_asked_length_and_the_recipe_says_how(model):
    tune = model.tune(["calm piano"], replace(QUICK, seconds=1.21, seed=4))
    assert isinstance(tune, Tune)
    assert len(tune.samples) == round(1.21 * 44100)
    assert np.isfinite(tune.samples).all()
    assert 0.05 < np.abs(tune.samples).max() <= 1.0
    assert tune.score is None
    assert tune.recipe["prompts"] == ["calm piano"]
    assert tune.recipe["seed"] == 4
    assert tune.recipe["model"].endswith("@local")


@needs_extra
def test_the_same_seed_paints_the_same_and_another_does_not(model, plain):
    again, other = (pixels(model.paint(["rain"], replace(QUICK, seed=seed))) for seed in (0, 2))
    assert again.shape == (512, 512, 3)
    assert (plain == again).all()
    assert (plain != other).any()


@needs_extra
def test_words_guidance_and_what_is_unwanted_change_the_picture(model, plain):
    for other in (
        model.paint(["drums"], QUICK),
        model.paint(["rain"], replace(QUICK, guidance=6.0)),
        model.paint(["rain"], replace(QUICK, unwanted="noise")),
    ):
        assert (pixels(other) != plain).any()


@needs_extra
def test_a_long_tune_is_one_picture_without_an_edge_where_windows_end(model):
    wide = pixels(model.paint(["rain"], replace(QUICK, seconds=7.68)))
    assert wide.shape == (512, 768, 3)
    steps = np.abs(np.diff(wide.mean(axis=(0, 2))))
    assert steps[[255, 511]].max() <= np.quantile(steps, 0.999)


@needs_extra
def test_of_a_loop_the_end_runs_into_the_beginning(model):
    choices = replace(QUICK, seconds=6.4, loop=True)
    painted = pixels(model.paint(["rain"], choices)).mean(axis=(0, 2))
    inside = np.abs(np.diff(painted))
    assert abs(painted[0] - painted[-1]) <= inside.max()
    tune = model.tune(["rain"], choices)
    assert len(tune.samples) == round(6.4 * 44100)
    jumps = np.abs(np.diff(tune.samples[:, 0]))
    assert abs(tune.samples[0, 0] - tune.samples[-1, 0]) <= 2 * np.quantile(jumps, 0.999)


@needs_extra
def test_words_turn_into_other_words_along_the_way(model):
    choices = replace(QUICK, seconds=7.68)
    rain, both, drums = (pixels(model.paint(words, choices)) for words in (["rain"], ["rain", "drums"], ["drums"]))
    left, right = slice(0, 200), slice(568, 768)
    assert np.abs(both[:, left] - rain[:, left]).mean() < np.abs(both[:, left] - drums[:, left]).mean()
    assert np.abs(both[:, right] - drums[:, right]).mean() < np.abs(both[:, right] - rain[:, right]).mean()


@needs_extra
def test_the_less_strength_the_nearer_to_the_seed_picture(model):
    seed, choices = Seed(picture(512)), replace(QUICK, steps=2)
    same, some, much = (pixels(model.paint(["rain"], replace(choices, strength=s), seed)) for s in (0.0, 0.5, 1.0))
    assert np.abs(some - same).mean() < np.abs(much - same).mean()


@needs_extra
def test_what_the_mask_keeps_stays_and_the_rest_is_painted(model):
    given, half = picture(512), Image.new("L", (512, 512), 0)
    half.paste(255, (256, 0, 512, 512))
    choices = replace(QUICK, strength=1.0)
    untouched = pixels(model.paint(["rain"], replace(choices, strength=0.0), Seed(given)))
    kept = pixels(model.paint(["rain"], choices, Seed(given, Image.new("L", (512, 512), 0))))
    painted = pixels(model.paint(["rain"], choices, Seed(given, half)))
    assert (kept == untouched).all()
    far = np.abs(painted - untouched).mean(axis=(0, 2))
    assert far[:240].mean() < far[272:].mean()


@needs_extra
def test_a_model_that_is_none_or_not_there_is_named(tmp_path, tiny_riffusion):
    with pytest.raises(BadWeights, match=r"nowhere/to-be-found.*--download"):
        riffusion.load("nowhere/to-be-found", "cpu")
    (tmp_path / "model").mkdir()
    with pytest.raises(BadWeights, match="safetensors"):
        riffusion.load(str(tmp_path / "model"), "cpu")
    with pytest.raises(BadValue, match="device: expected one of auto, cpu"):
        riffusion.load(str(tiny_riffusion), "abacus")


def test_without_the_extra_the_command_to_install_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "diffusers", None)
    with pytest.raises(MissingExtra, match=r"pip install 'moodscore\[riffusion\]'"):
        riffusion.load()


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"seconds": 0.1}, "seconds"),
        ({"steps": 0}, "steps"),
        ({"guidance": -1}, "guidance"),
        ({"strength": 2}, "strength"),
    ],
)
def test_choices_out_of_range_are_refused_by_name(wrong, name):
    with pytest.raises(BadValue, match=name):
        Choices(**wrong)


def test_a_loop_too_short_for_one_picture_is_refused():
    with pytest.raises(BadValue, match=r"5\.12"):
        Choices(seconds=3.0, loop=True)


def test_a_seed_picture_must_be_a_spectrogram_and_its_mask_as_large():
    with pytest.raises(BadValue, match="512 pixels tall"):
        Seed(Image.new("RGB", (64, 64)))
    with pytest.raises(BadValue, match="mask"):
        Seed(picture(64), Image.new("L", (32, spectrogram.BANDS)))
