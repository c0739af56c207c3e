"""BLIP keeps the contract of every describer; tested with a tiny random one where the extra is installed."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest

from moodscore.errors import BadWeights, MissingExtra
from moodscore.media import Photo
from moodscore.see import words, words_blip


@pytest.fixture
def folder(tiny_blip, one_thread):
    return tiny_blip


@pytest.fixture(scope="module")
def picture():
    pixels = np.random.default_rng(0).integers(0, 255, (48, 64, 3)).astype(np.uint8)
    return Photo(pixels, "noise.png", (64, 48))


def test_three_different_captions_of_one_sentence_each_the_same_for_a_seed(folder, picture):
    blip = words_blip.load(str(folder))
    found = blip(picture, 1)
    assert len(set(found.english)) == 3
    for caption in found.english:
        assert re.fullmatch(r"[^.!?\n]*\w[^.!?\n]*\.", caption), caption
        assert caption[0].isupper()
    assert blip(picture, 1) == found
    assert blip(picture, 2).english != found.english


def test_korean_key_words_and_reading_stay_with_the_embedded_describer(folder, picture):
    found, plain = words_blip.load(str(folder))(picture, 0), words.describe(picture)
    assert found.korean == plain.korean
    assert found.keywords == plain.keywords
    assert found.reading == plain.reading
    assert found.source.startswith(f"{folder.name}@local+describer@")


def test_drawing_captions_leaves_the_random_state_of_others_alone(folder, picture):
    import torch

    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    words_blip.load(str(folder))(picture, 3)
    assert torch.equal(torch.rand(3), expected)


def test_a_folder_without_a_model_is_refused_by_name(tiny_blip, tmp_path):
    with pytest.raises(BadWeights, match=f"{tmp_path.name}.*expected a BLIP"):
        words_blip.load(str(tmp_path))


def test_a_net_that_says_nothing_new_is_filled_up_by_the_embedded_describer(picture):
    class Silent(words_blip.Blip):
        def _sampled(self, photo, seed):
            return ["A b."]

    found, plain = Silent("x@1", None, None)(picture), words.describe(picture)
    assert found.english == ("A b.", *plain.english[:2])


@pytest.mark.parametrize(
    ("said", "caption"),
    [("a dog . it runs", "A dog, it runs."), (" two  cats!", "Two cats."), ("...", ""), ("", ""), ("a , , b", "A, b.")],
)
def test_what_a_net_says_becomes_one_sentence(said, caption):
    assert words_blip.tidied(said) == caption


def test_without_the_extra_the_pip_command_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(MissingExtra, match=re.escape("pip install 'moodscore[captions]'")):
        words_blip.load()


def test_the_extra_is_declared():
    project = (Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8")
    assert re.search(r"^captions = \[.*transformers", project, re.M)
