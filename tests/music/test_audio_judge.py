import numpy as np
import pytest

from moodscore.errors import BadMedia
from moodscore.music import audio_judge, synth
from moodscore.music.audio_features import NAMES
from moodscore.weights import store

from .test_features import piece

RATE = 22050


@pytest.fixture(scope="module")
def fast():
    return synth.play(piece([(72, 76, 79), (77, 81, 84), (79, 83, 86)] * 24, step=0.15, velocity=100), RATE).samples


@pytest.fixture(scope="module")
def slow():
    return synth.play(piece([(48, 51, 55), (53, 56, 60), (55, 58, 62)] * 3, step=1.8, velocity=40), RATE).samples


def test_the_card_verifies_and_knows_its_features():
    card = store.card(audio_judge.NAME)
    assert store.checked_bytes(card)
    assert tuple(card.input["features"]) == NAMES


def test_fast_and_high_against_slow_and_low(fast, slow):
    happy, sad = audio_judge.hear(fast, RATE).affect, audio_judge.hear(slow, RATE).affect
    assert happy.arousal > 0.2 > -0.2 > sad.arousal
    assert happy.valence > sad.valence


def test_silence_is_refused():
    with pytest.raises(BadMedia, match="silence"):
        audio_judge.hear(np.zeros((RATE * 3, 2), np.float32), RATE)
