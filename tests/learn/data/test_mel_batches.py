"""Windows to learn from: transposed with their chords, partly known, partly without wishes, the same for a seed."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from moodscore.errors import BadMedia
from moodscore.learn.data import mel_batches
from moodscore.learn.data.mel_batches import STRETCHES, MelBatches
from moodscore.learn.train import TrainConfig
from moodscore.music import diffusion_wishes as asking


@pytest.fixture
def stream():
    rng = np.random.default_rng(0)
    wishes = rng.uniform(0.1, 1.0, (3, 80, asking.WIDTH)).astype(np.float16)
    return MelBatches(rng.integers(0, 255, (3, 320, 96)).astype(np.uint8), wishes, count=8)


def test_a_known_stretch_is_clean_and_the_others_are_mixed_with_noise(stream):
    (noisy, time, known, wishes), (clean, again, _) = stream.batch(np.random.default_rng(3), 16)
    assert noisy.shape == clean.shape == (16, STRETCHES, 384)
    assert wishes.shape == (16, STRETCHES, asking.WIDTH)
    assert torch.equal(time, again)
    assert torch.equal(noisy[known > 0], clean[known > 0])
    assert 0 < known.mean() < 0.6
    rest = noisy - time[:, None, None] * clean
    spread = (rest[known == 0] / (1 - time[:, None].expand_as(known)[known == 0])[:, None]).std()
    assert spread == pytest.approx(1.0, abs=0.02)


def test_wishes_are_left_out_now_and_then_and_never_in_a_plain_batch(stream):
    (_, _, _, wishes), _ = stream.batch(np.random.default_rng(1), 200)
    nothing = (wishes == 0).all(dim=(1, 2)).float().mean()
    assert 0.05 < nothing < 0.2
    density = (wishes[..., asking.DENSITY] == 0).all(dim=(1, 2)).float().mean()
    assert density > nothing + 0.1
    (_, _, known, wishes), _ = stream.batch(np.random.default_rng(1), 20, plain=True)
    assert not known.any()
    assert (wishes != 0).all()


@given(st.integers(-3, 3))
def test_transposing_moves_bands_and_chords_alike(shift):
    frames = np.zeros((4, 96), np.uint8)
    frames[:, 40] = 200
    said = np.zeros((1, asking.WIDTH), np.float32)
    said[0, asking.CHORD.start + 5] = said[0, asking.CHORD.start + 12 + 5] = 1
    moved, told = mel_batches.transposed(frames, said, shift)
    assert moved[0].argmax() == 40 + shift
    assert np.flatnonzero(told[0]).tolist() == [asking.CHORD.start + 5 + shift, asking.CHORD.start + 17 + shift]


def test_an_epoch_is_made_of_its_number_and_the_seed(stream):
    config = TrainConfig(batch_size=4)
    first, again, other = ([batch[0][0] for batch in stream.epoch(number, config, lambda: 0.0)] for number in (0, 0, 1))
    assert len(first) == 2
    assert torch.equal(first[1], again[1])
    assert not torch.equal(first[1], other[1])


def test_a_file_of_something_else_is_named(tmp_path):
    np.savez(tmp_path / "other.npz", a=np.zeros(3))
    with pytest.raises(BadMedia, match=r"other\.npz.*prepare"):
        MelBatches.read(tmp_path / "other.npz")
