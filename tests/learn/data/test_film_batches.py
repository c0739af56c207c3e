"""Batches of clips: every clip once, the same for the same seed, and what is mirrored moves the other way."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from moodscore.affect import Affect  # noqa: E402
from moodscore.learn.data import film_clips  # noqa: E402
from moodscore.learn.data.film_batches import ClipBatches, batch, chosen  # noqa: E402
from moodscore.learn.data.film_clips import Streams  # noqa: E402
from moodscore.learn.models.soundnet import SHORTEST  # noqa: E402
from moodscore.learn.train import TrainConfig  # noqa: E402

CONFIG = TrainConfig(batch_size=4, seed=5)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Nine clips of 2 to 4 frames, all moving to the right, bright on the left; a clip's number is its brightness."""
    folder = tmp_path_factory.mktemp("kept")
    ramp = np.linspace(1, 0.2, 40, dtype=np.float32)[None, :, None]
    for k in range(9):
        count = 2 + k % 3
        frame = np.broadcast_to(ramp * (50 + 20 * k), (40, 40, 3)).astype(np.uint8)
        flow = np.zeros((count, 40, 40, 2), np.float32)
        flow[..., 0] = 5
        film_clips.keep(
            Streams(np.stack([frame] * count), flow, np.full(500 * (k + 1), 0.5, np.float32)), folder / f"{k}.npz"
        )
    return [folder / f"{k}.npz" for k in range(9)]


def stream(kept, **changed):
    affects = [Affect(k / 10, -k / 10) for k in range(len(kept))]
    return ClipBatches(kept, affects, **({"crop": 32, "vary": True} | changed))


def test_every_clip_comes_once_and_none_is_left_alone(kept):
    batches = list(stream(kept).epoch(0, CONFIG))
    assert [len(inputs) for inputs, _ in batches] == [4, 5]  # not 4, 4, 1
    seen = sorted(round(float(v) * 10) for _, aims in batches for v in aims[:, 0])
    assert seen == list(range(9))
    for inputs, aims in batches:
        assert inputs.frames.dtype == torch.uint8
        assert inputs.frames.shape[1:] == (3, 32, 32)
        assert inputs.flow.shape == (len(inputs.frames), 2, 32, 32)
        assert torch.bincount(inputs.owner).tolist() == [2 + round(float(v) * 10) % 3 for v in aims[:, 0]]
        assert inputs.heard.tolist() == [500 * (round(float(v) * 10) + 1) for v in aims[:, 0]]


def test_measuring_goes_through_the_clips_in_order_without_chance(kept):
    one, two = (list(stream(kept, vary=False).epoch(number, CONFIG)) for number in (0, 7))
    assert torch.cat([aims for _, aims in one])[:, 0].tolist() == pytest.approx([k / 10 for k in range(9)])
    for (a, _), (b, _) in zip(one, two, strict=True):
        assert torch.equal(a.frames, b.frames)
        assert torch.all(a.flow[:, 0] > 4)


def test_an_epoch_is_made_of_its_number_and_the_seed(kept):
    first, again, other = (next(iter(stream(kept, threads=t).epoch(n, CONFIG))) for n, t in ((0, 1), (0, 3), (1, 1)))
    assert torch.equal(first[0].frames, again[0].frames)
    assert torch.equal(first[1], again[1])
    assert not torch.equal(first[1], other[1])


def test_a_mirrored_clip_moves_the_other_way(kept):
    ways = set()
    for number in range(4):
        for inputs, _ in stream(kept).epoch(number, CONFIG):
            brighter_left = inputs.frames[..., :8].float().mean((1, 2, 3)) > inputs.frames[..., -8:].float().mean(
                (1, 2, 3)
            )
            to_the_right = inputs.flow[:, 0].mean((1, 2)) > 0
            assert torch.equal(brighter_left, to_the_right)
            for clip in range(len(inputs)):
                assert len(set(to_the_right[inputs.owner == clip].tolist())) == 1
            ways |= set(to_the_right.tolist())
    assert ways == {True, False}


def test_short_waves_are_followed_by_silence():
    clip = Streams(np.zeros((1, 32, 32, 3), np.uint8), np.zeros((1, 32, 32, 2), np.float32), np.ones(7, np.float32))
    made = batch([clip])
    assert made.waves.shape == (1, SHORTEST)
    assert made.waves.sum() == 7


@given(st.integers(1, 200), st.integers(0, 60), st.one_of(st.none(), st.integers(0, 99)))
def test_chosen_frames_are_spread_over_the_clip(count, most, seed):
    numbers = chosen(count, most, None if seed is None else np.random.default_rng(seed)).tolist()
    assert len(numbers) == (min(count, most) if most else count)
    assert numbers == sorted(numbers)
    assert all(0 <= k < count for k in numbers)
    stretch = count / len(numbers)
    assert all(place * stretch - 1 < k < (place + 1) * stretch for place, k in enumerate(numbers))
    if seed is None:
        assert len(set(numbers)) == len(numbers)
