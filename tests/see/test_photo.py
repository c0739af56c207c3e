"""Photo perception on the real road: shipped weights, generated pictures."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from moodscore.affect import Affect
from moodscore.errors import UnknownModel
from moodscore.media import Photo
from moodscore.prepare import image
from moodscore.reading import Reading
from moodscore.schemes import mood_labels
from moodscore.see import photo
from moodscore.weights import store

MODELS = ("photo-affect", "tiny-affect")


def painted(seed: int, size: tuple[int, int] = (160, 120)) -> Photo:
    rng = np.random.default_rng(seed)
    one, other = rng.uniform(0, 255, (2, 3))
    slope = np.linspace(0, 1, size[0])[None, :, None] * np.ones((size[1], 1, 1))
    pixels = np.clip(one + (other - one) * slope + rng.normal(0, 8, (size[1], size[0], 3)), 0, 255)
    return Photo(pixels.astype(np.uint8), f"painted {seed}", size)


def plain(colour: tuple[int, int, int], size: tuple[int, int] = (64, 48)) -> Photo:
    return Photo(np.full((size[1], size[0], 3), colour, np.uint8), "plain", size)


@pytest.mark.parametrize("model", MODELS)
def test_a_look_has_the_shapes_the_card_promises(model):
    scene = photo.look(painted(1), model)
    card = store.card(model)
    assert set(store.session(model).outputs) == set(card.outputs) == {"affect", "affect_sd", "embedding", "imagenet"}
    assert scene.embedding.dtype == np.float32
    assert str(scene.embedding.shape[0]) in card.outputs["embedding"]
    assert scene.imagenet.shape == (1000,)
    assert scene.imagenet.min() >= 0
    assert scene.imagenet.sum() == pytest.approx(1, abs=1e-4)
    assert scene.reading.source == card.source


@pytest.mark.parametrize("model", MODELS)
def test_the_file_is_the_one_its_card_describes(model):
    assert len(store.checked_bytes(store.card(model))) < 25e6


@pytest.mark.parametrize("model", MODELS)
def test_the_same_photo_reads_the_same_every_time_and_others_differ(model):
    first, again, other = photo.look(painted(1), model), photo.look(painted(1), model), photo.look(painted(2), model)
    assert first.reading == again.reading
    assert np.array_equal(first.embedding, again.embedding)
    assert first.reading.affect != other.reading.affect


@pytest.mark.parametrize("model", MODELS)
def test_spread_labels_and_confidence_belong_together(model):
    reading = photo.perceive(painted(3), model)
    assert isinstance(reading, Reading)
    assert 0 < reading.spread.valence < 1
    assert 0 < reading.spread.arousal < 1
    assert reading.labels == mood_labels(reading.affect, reading.spread.valence, reading.spread.arousal)
    assert reading.labels.top == reading.mood
    assert reading.confidence == max(reading.labels.probs)


def test_a_photo_read_from_a_file_feels_like_the_same_pixels(tmp_path):
    shown = painted(4, (640, 480))
    Image.fromarray(shown.pixels).save(tmp_path / "photo.png")
    assert photo.perceive(image.open(tmp_path / "photo.png")) == photo.perceive(shown)


def test_a_cheaper_decode_of_a_large_photo_reads_almost_the_same(tmp_path):
    rng = np.random.default_rng(5)
    soft = np.repeat(np.repeat(rng.uniform(0, 255, (12, 16, 3)), 150, 0), 150, 1).astype(np.uint8)
    Image.fromarray(soft).save(tmp_path / "large.jpg", quality=95)
    whole = photo.perceive(image.open(tmp_path / "large.jpg"))
    cheap = photo.perceive(image.open(tmp_path / "large.jpg", photo.want_side()))
    assert whole.affect.distance(cheap.affect) < 0.1


def test_serving_prepares_a_photo_as_training_did():
    """The recipe of the card is all that preparation is built from: squash, area resize, (x - 127) / 128."""
    card = store.card("photo-affect")
    tensor = image.tensor(plain((127, 255, 0)), card.input)
    assert tensor.shape == (3, card.input["size"], card.input["size"])
    assert [float(channel.mean()) for channel in tensor] == pytest.approx([0.0, 1.0, -127 / 128])


def test_the_tiny_model_reads_hue_as_it_learned():
    red, blue = photo.perceive(plain((230, 60, 60)), "tiny-affect"), photo.perceive(plain((60, 80, 230)), "tiny-affect")
    assert red.mood.name == "joyful"
    assert red.affect.distance(Affect.polar(0, 0.74)) < 0.2
    assert blue.affect.distance(Affect.polar(233, 0.74)) < 0.2


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 90), st.integers(1, 90), st.integers(0, 2**32 - 1))
def test_any_size_of_photo_gives_a_reading(width, height, seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    scene = photo.look(Photo(pixels, "noise", (width, height)), "tiny-affect")
    assert np.isfinite(scene.embedding).all()
    assert 0 < scene.reading.confidence <= 1


def test_the_card_tells_what_was_measured_beside_the_mean_predictor():
    scores = store.card("photo-affect").scores
    assert scores["model"].keys() == scores["mean_predictor"].keys()
    assert scores["model"]["r_valence"] >= 0.60
    assert scores["model"]["r_arousal"] >= 0.62
    for name in ("rmse_valence", "rmse_arousal"):
        assert scores["model"][name] < scores["mean_predictor"][name]
    for share in scores["calibration"]["within_1_sd"]:
        assert share == pytest.approx(0.683, abs=0.05)


def test_an_unknown_model_is_named():
    with pytest.raises(UnknownModel, match="tiny-affect"):
        photo.look(painted(1), "nobody")


def test_looking_needs_no_torch():
    code = "import sys, moodscore.see.photo, moodscore.cli.learn; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
