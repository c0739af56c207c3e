from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from moodscore.learn.data import face_batches  # noqa: E402
from moodscore.learn.data.face_batches import DetectionBatches, ExpressionBatches  # noqa: E402
from moodscore.learn.data.face_boxes import Crop, Example  # noqa: E402
from moodscore.learn.data.fer2013 import Faces  # noqa: E402
from moodscore.learn.train import TrainConfig  # noqa: E402
from moodscore.prepare import face as prepare  # noqa: E402

CONFIG = TrainConfig(epochs=2, batch_size=8, seed=1)
RECIPE = {"mean": [127.5, 100.0, 90.0], "std": [64.0, 32.0, 16.0]}


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


def faces(count=40):
    rng = np.random.default_rng(0)
    classes = np.where(np.arange(count) < count // 10, 1, 3)
    labels = np.eye(7, dtype=np.float32)[classes]
    images = rng.integers(0, 255, (count, 48, 48), np.uint8)
    return Faces(images, labels, labels[:, ::-1].copy(), np.full(count, 0.9, np.float32))


def batches(stream, number=0, progress=0.0):
    return list(stream.epoch(number, CONFIG, lambda: progress))


def test_an_epoch_shows_every_face_once_and_the_same_epoch_is_the_same_again():
    stream = ExpressionBatches(faces(), mixup=0.0)
    once, again, other = batches(stream), batches(stream), batches(stream, number=1)
    assert sum(len(images) for images, _ in once) == len(stream) == 40
    assert sum(float(said[0][:, 1].sum()) for _, said in once) == 4
    assert all(torch.equal(a[0], b[0]) for a, b in zip(once, again, strict=True))
    assert not torch.equal(once[0][0], other[0][0])


def test_crops_grow_late_in_training():
    stream = ExpressionBatches(faces())
    assert batches(stream, progress=0.2)[0][0].shape == (8, 1, 40, 40)
    assert batches(stream, progress=0.8)[0][0].shape == (8, 1, 48, 48)


def test_what_was_said_stays_a_distribution_when_faces_are_mixed():
    seen = [said for number in range(4) for _, said in batches(ExpressionBatches(faces(), mixup=1.0), number)]
    assert all(torch.allclose(v.sum(1), torch.ones(8), atol=1e-5) for said in seen for v in said[:2])
    assert any(((said[0] > 0.01) & (said[0] < 0.99)).any() for said in seen)


def test_balance_draws_rare_classes_oftener():
    rng = np.random.default_rng(0)
    plain, balanced = (ExpressionBatches(faces(400), balance=b).order(rng) for b in (0.0, 1.0))
    assert sorted(plain) == list(range(400))
    assert np.mean(balanced < 40) == pytest.approx(0.5, abs=0.1)


def test_moving_a_face_keeps_it_in_the_middle_and_its_light():
    image = torch.full((64, 1, 48, 48), 20.0)
    image[:, :, 16:32, 16:32] = 220.0
    out = face_batches.moved(image, 48, np.random.default_rng(0))
    assert (out[:, 0, 24, 24] > 150).float().mean() > 0.9
    assert out.amin() >= 19
    assert out.amax() <= 221


def test_relit_faces_stay_in_range():
    out = face_batches.relit(torch.rand(32, 1, 40, 40) * 255, np.random.default_rng(0))
    assert out.shape == (32, 1, 40, 40)
    assert out.amin() >= 0
    assert out.amax() <= 255.01


@pytest.fixture
def examples(tmp_path):
    """Three pictures without a face and three with one bright square that stands for it."""
    found = []
    for number in range(6):
        pixels = np.random.default_rng(number).integers(0, 60, (90, 120, 3), np.uint8)
        boxes = np.zeros((0, 4), np.float32)
        if number % 2:
            pixels[30:60, 40:64] = 230
            boxes = np.array([[40, 30, 64, 60]], np.float32)
        path = tmp_path / f"{number}.png"
        cv2.imwrite(str(path), pixels)
        points = np.tile(np.array([[52, 45]], np.float32), (len(boxes), 5))
        found.append(Example(Path(path), boxes, np.full(len(boxes), 0.95, np.float32), points))
    return found


def test_detection_batches_repeat_and_carry_a_truth_for_each_crop(examples):
    stream = DetectionBatches(examples * 4, RECIPE, side=64)
    once, again = batches(stream), batches(replace(stream))
    assert len(once) == 3
    for (images, truths), (same, _) in zip(once, again, strict=True):
        assert images.shape == (8, 3, 64, 64)
        assert torch.equal(images, same)
        assert len(truths) == 8
        assert all(len(b) == len(w) == len(p) for b, w, p in truths)
    assert any(len(b) for _, truths in once for b, _, _ in truths)


def test_training_and_serving_normalise_alike():
    pixels = np.random.default_rng(3).integers(0, 255, (64, 64, 3), np.uint8)
    nothing = [np.zeros((0, n), np.float32) for n in (4, 1, 10)]
    batch, _ = DetectionBatches((), RECIPE, side=64).batch([Crop(pixels, nothing[0], nothing[1][:, 0], nothing[2])])
    assert np.allclose(batch[0].numpy(), prepare.normalised(pixels, RECIPE), atol=1e-6)
