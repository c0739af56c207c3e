"""The backbone, the Gaussian-process head and their export, on random weights."""

import hashlib

import numpy as np
import pytest

torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")

from moodscore.errors import MissingExtra  # noqa: E402
from moodscore.learn.export import fused, to_onnx  # noqa: E402
from moodscore.learn.models.affect_head import Doubt, HeadConfig, Projection, fit_head  # noqa: E402
from moodscore.learn.models.efficientnet_lite import (  # noqa: E402
    Block,
    EfficientNetLite,
    SamePadConv,
    imagenet_file,
    scaled_channels,
)
from moodscore.learn.models.photo_affect import HeadLayers, PhotoAffect  # noqa: E402
from moodscore.weights.session import Session  # noqa: E402

CONFIG = HeadConfig(components=12, gammas=(1.0,), noises=(0.1, 0.3), inner_folds=3)


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)
    torch.manual_seed(0)


def data(count=40, seed=0):
    rng = np.random.default_rng(seed)
    blocks = [rng.normal(size=(count, 6)), rng.normal(size=(count, 20)) * 50 + 3]
    y = np.stack([np.tanh(blocks[0][:, 0]), 0.02 * blocks[1][:, 1]], 1)
    return blocks, y, [f"g{k // 2}" for k in range(count)]


def test_the_backbone_gives_all_stages():
    maps = EfficientNetLite("lite0").eval().maps(torch.zeros(1, 3, 64, 64))
    assert [m.shape[1] for m in maps] == [16, 24, 40, 80, 112, 192, 320, 1280]
    assert [m.shape[2] for m in maps] == [32, 16, 8, 4, 4, 2, 2, 2]


@pytest.mark.parametrize(
    ("channels", "wide"), [(16, 16), (24, 24), (40, 48), (80, 88), (112, 120), (192, 208), (320, 352)]
)
def test_channels_widen_as_published(channels, wide):
    assert scaled_channels(channels, 1.1) == wide


@pytest.mark.parametrize("side", [7, 8, 9])
def test_padding_keeps_the_published_size(side):
    assert SamePadConv(3, 4, 3, 2)(torch.zeros(1, 3, side, side)).shape[2] == -(-side // 2)


def test_missing_imagenet_weights_name_the_extra():
    with pytest.raises(MissingExtra, match=r"moodscore\[learn\]"):
        imagenet_file("lite99")


def test_the_projection_gives_each_block_the_same_say():
    blocks, _, _ = data()
    place = Projection.fit(blocks, 26)(blocks)
    assert place.shape == (40, 26)
    assert np.allclose(place.mean(0), 0, atol=1e-9)
    assert (place**2).sum() / 40 == pytest.approx(2, rel=1e-3)


def test_a_head_learns_what_can_be_learned():
    blocks, y, groups = data(120)
    head = fit_head([b[:80] for b in blocks], y[:80], groups[:80], CONFIG, 0)
    said, _ = head.said([b[80:] for b in blocks])
    assert np.corrcoef(said[:, 0], y[80:, 0])[0, 1] > 0.3
    far, _ = head.said([b[:5] + 1e4 for b in blocks])
    assert np.allclose(far, y[:80].mean(0))


def test_a_head_foretells_where_errors_are_large():
    blocks, y, groups = data(160)
    errors = np.stack([np.where(blocks[0][:, 2] > 0, 0.5, 0.1), np.full(160, 0.2)], 1)
    head = fit_head([b[:120] for b in blocks], y[:120], groups[:120], CONFIG, 0).with_errors(errors[:120], 0.3)
    _, foretold = head.said([b[120:] for b in blocks])
    large = blocks[0][120:, 2] > 0
    assert foretold[large, 0].mean() > foretold[~large, 0].mean() + 0.05
    assert np.allclose(foretold[:, 1], 0.2)


def test_the_same_seed_gives_the_same_head():
    blocks, y, groups = data()
    one, other = (fit_head(blocks, y, groups, CONFIG, 5) for _ in range(2))
    assert np.array_equal(one.weights, other.weights)


def test_doubt_turns_foretold_errors_into_deviations():
    rng = np.random.default_rng(0)
    foretold = rng.uniform(0.1, 0.5, (4000, 2))
    errors = rng.normal(size=(4000, 2)) * foretold * [1.0, 2.0]
    doubt = Doubt.fit(errors, foretold)
    assert np.allclose(doubt.scale, [1, 2], rtol=0.05)
    assert np.allclose(doubt.deviation(-foretold), doubt.scale * doubt.floor)


def test_scores_folded_into_the_embedding_change_nothing():
    rng = np.random.default_rng(0)
    classifier, both = rng.normal(size=(7, 6)), rng.normal(size=(40, 12))
    blocks = [rng.normal(size=(40, 5)), both, both[:, :6] @ classifier.T + 3]
    head = fit_head(blocks, data()[1], data()[2], CONFIG, 0)
    assert np.allclose(head.without_scores(classifier).said(blocks[:2])[0], head.said(blocks)[0])


def test_the_layers_say_what_the_head_says():
    blocks, y, groups = data()
    head = fit_head(blocks, y, groups, CONFIG, 0).with_errors(np.abs(y), 1.0)
    said = HeadLayers(head)(*(torch.from_numpy(b).float() for b in blocks))
    for one, other in zip(said, head.said(blocks), strict=True):
        assert np.allclose(one.numpy(), other, atol=1e-4)


def test_the_whole_net_gives_a_feeling_its_doubt_and_what_later_rooms_reuse():
    net, rng = EfficientNetLite("lite0").eval(), np.random.default_rng(1)
    blocks = [rng.normal(size=(12, width)) for width in (192, 640, 2560, 1000)]
    head = fit_head(blocks, rng.uniform(-1, 1, (12, 2)), [f"g{k}" for k in range(12)], CONFIG, 0)
    whole = PhotoAffect([net], [head], Doubt(np.array([1.5, 2.0]), np.array([0.1, 0.04]))).eval()
    pictures = torch.rand(2, 3, 64, 64)
    with torch.inference_mode():
        affect, deviation, embedding, imagenet = whole(pictures)
        expected = net(pictures)
    assert affect.shape == (2, 2)
    assert np.allclose(deviation.numpy(), [[0.15, 0.08]] * 2)
    assert torch.allclose(embedding, expected[0])
    assert torch.allclose(imagenet, expected[1].softmax(1))


class Small(torch.nn.Module):
    """One block with its norms, a head, and a linear layer large enough to be stored in half precision."""

    def __init__(self):
        super().__init__()
        self.block = Block(3, 24, 3, 2, 4)
        blocks, y, groups = data()
        self.head = HeadLayers(fit_head([blocks[1]], y, groups, CONFIG, 0))
        self._fc = torch.nn.Linear(24, 400)

    def forward(self, picture):
        embedding = self.block(picture).mean((2, 3))
        mean, error = self.head(embedding[:, :20])
        return mean, error, self._fc(embedding)


def test_the_exported_net_says_what_the_trained_one_says(tmp_path):
    net, path, names = Small().eval(), tmp_path / "net.onnx", ("affect", "affect_sd", "imagenet")
    sha = to_onnx(net, 16, path, names)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == sha
    pictures = torch.rand(3, 3, 16, 16) * 2 - 1
    with torch.inference_mode():
        expected = net(pictures)
    said = Session(path.read_bytes(), "test").run({"image": pictures.numpy()})
    for name, value in zip(names, expected, strict=True):
        assert said[name].shape == value.shape
        assert np.allclose(said[name], value.numpy(), atol=2e-3)
    model = onnx.load(path)
    kinds = {w.name: w.data_type for w in model.graph.initializer}
    assert kinds["_fc.weight.half"] == onnx.TensorProto.FLOAT16
    assert sum(name.endswith(".half") for name in kinds) == 1
    assert not any("moodscore" in m.value for n in model.graph.node for m in n.metadata_props)


def test_folding_the_norms_changes_nothing():
    net = EfficientNetLite("lite0").eval()
    picture = torch.rand(1, 3, 64, 64)
    with torch.inference_mode():
        assert torch.allclose(fused(net)(picture)[1], net(picture)[1], atol=1e-4)
    assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in fused(net).modules())
