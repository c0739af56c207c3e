"""One contract for every describer: the embedded one, and BLIP from a local folder."""

import json
import re
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from moodscore import cli
from moodscore.media import Photo
from moodscore.prepare import image
from moodscore.see import words, words_blip

DESCRIBERS = ("embedded", "blip")


def photo(pixels, name="made.png"):
    pixels = np.ascontiguousarray(pixels.astype(np.uint8))
    return Photo(pixels, name, (pixels.shape[1], pixels.shape[0]))


NOISE = photo(np.random.default_rng(0).integers(0, 255, (48, 64, 3)))
PICTURES = {"noise": NOISE, "a line": photo(np.full((1, 90, 3), 255))}


@pytest.fixture(scope="module")
def blip(tiny_blip, one_thread):
    return words_blip.load(str(tiny_blip))


@pytest.fixture(params=DESCRIBERS)
def describe(request):
    return words.describe if request.param == "embedded" else request.getfixturevalue("blip")


@pytest.fixture(scope="module")
def told(blip):
    """What each describer says of each picture for seed 1."""
    both = {"embedded": words.describe, "blip": blip}
    return {(who, what): both[who](picture, 1) for who in DESCRIBERS for what, picture in PICTURES.items()}


@pytest.mark.parametrize("who", DESCRIBERS)
@pytest.mark.parametrize("what", PICTURES)
def test_three_different_captions_of_one_sentence_in_each_language(told, who, what):
    for language, stop in (("en", r"[A-Z0-9][^.!?\n]*"), ("ko", r"[^.!?\n]*")):
        captions = told[who, what].captions(language)
        assert len(set(captions)) == 3
        for caption in captions:
            assert re.fullmatch(stop + r"\w\.", caption), caption


@pytest.mark.parametrize("who", DESCRIBERS)
@pytest.mark.parametrize("what", PICTURES)
def test_reading_and_source_say_who_spoke(told, who, what):
    found = told[who, what]
    assert found.reading == told["embedded", what].reading
    assert all(re.fullmatch(r"[^@]+@[^@]+", part) for part in found.source.split("+"))
    assert "describer@" in found.source
    assert all(keyword.strip() == keyword != "" for keyword in found.keywords)


@pytest.mark.parametrize("who", DESCRIBERS)
def test_a_description_is_plain_data(told, who):
    found = told[who, "noise"]
    assert json.loads(json.dumps(found.as_dict()))["captions"]["en"] == list(found.english)
    assert set(asdict(found)) == {"english", "korean", "keywords", "reading", "source"}


def test_the_same_photo_and_seed_give_the_same_words(describe):
    assert describe(NOISE, 4) == describe(NOISE, 4)


def test_blip_draws_other_captions_for_other_seeds_by_nucleus_sampling(blip, monkeypatch):
    asked = []
    generate = blip.network.generate
    monkeypatch.setattr(blip.network, "generate", lambda **named: asked.append(named) or generate(**named))
    drawn = {blip(NOISE, seed).english for seed in range(3)}
    assert len(drawn) == 3
    assert all(named["do_sample"] and named["top_p"] == 0.9 and named["num_return_sequences"] == 3 for named in asked)


def test_the_command_lets_a_local_blip_speak(blip, tiny_blip, capsys):
    bee = Path(__file__).parents[2] / "examples" / "photos" / "04-bee-on-an-aster.jpg"
    assert cli.main(["describe", str(bee), "--captions", str(tiny_blip), "--seed", "2", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["source"].startswith(f"{tiny_blip.name}@local+describer@")
    assert tuple(said["captions"]["en"]) == blip(image.open(bee, want_side=words.SIDE), 2).english
    assert "벌" in said["captions"]["ko"][1]
