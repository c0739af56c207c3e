"""The nets of the genre study: as many weights as published, scores of the right shape, learning that reaches them all."""

import pytest

torch = pytest.importorskip("torch")

from safetensors.torch import save_file  # noqa: E402

from moodscore.errors import BadValue, BadWeights  # noqa: E402
from moodscore.learn.genre import course  # noqa: E402
from moodscore.learn.genre_nets import NETS, net_named, start_from  # noqa: E402
from moodscore.learn.models.flownet_s import FlowNetGenre, FlowNetS  # noqa: E402
from moodscore.learn.models.frame_fc import FrameFC  # noqa: E402
from moodscore.learn.models.inception_v3 import InceptionV3  # noqa: E402
from moodscore.learn.models.lite_genre import LiteGenre  # noqa: E402
from moodscore.learn.models.motion_magnitude import MotionMagnitudeStack, motion_amounts  # noqa: E402
from moodscore.learn.models.resnet50 import ResNet50  # noqa: E402
from moodscore.learn.models.two_frame_inception import TwoFrameInception  # noqa: E402
from moodscore.learn.models.vgg16 import VGG16  # noqa: E402


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)
    torch.manual_seed(0)


def count(net):
    return sum(p.numel() for p in net.parameters())


@pytest.mark.parametrize(
    ("make", "published"),
    [
        (lambda: VGG16(1000), 138_357_544),
        (lambda: ResNet50(1000), 25_557_032),
        (lambda: InceptionV3(1000), 27_161_264),
        (lambda: InceptionV3(1000, auxiliary=False), 23_834_568),
        (FlowNetS, 38_676_504),
        # 3 * 120 * 68 inputs, then 50, 10, 40 and six genres, each with its bias.
        (FrameFC, 24_480 * 50 + 50 + 50 * 10 + 10 + 10 * 40 + 40 + 40 * 6 + 6),
    ],
    ids=["vgg16", "resnet50", "inception_v3", "inception_v3 without aside", "flownet_s", "fc"],
)
def test_a_net_has_as_many_weights_as_published(make, published):
    with torch.device("meta"):
        assert count(make()) == published


def test_the_nets_built_on_others_differ_where_they_should():
    with torch.device("meta"):
        six, three = TwoFrameInception(6), InceptionV3(6)
        assert count(six) - count(three) == 3 * 32 * 3 * 3  # the first layer sees three more channels
        stack = MotionMagnitudeStack()
        # Instead of 2048 -> 6: 2048 -> 1, then 1 + 1 -> 256 -> 6.
        plain = count(InceptionV3(6, auxiliary=False))
        assert count(stack) - plain == (2049 + 3 * 256 + 257 * 6) - 2049 * 6
        paper = NETS["double_stack"].make(NETS["double_stack"].presets["paper"])
        assert paper.joined[0].weight.shape == (4096, 2048 + 1024)


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("fc", ((120, 68), 50, None, None)),
        ("vgg16", ((224, 224), 100, 128, 0.001)),
        ("resnet50", ((224, 224), 30, 128, 0.001)),
        ("flownet_s", ((224, 224), 60, None, 0.01)),
        ("inception_v3", ((299, 299), 20, 128, 1e-4)),
        ("two_frame_inception", ((299, 299), 20, 64, None)),
        ("double_stack", ((299, 299), 50, 64, None)),
        ("motion_magnitude", ((299, 299), 50, 64, None)),
    ],
)
def test_the_papers_presets_are_the_papers(name, published):
    preset = NETS[name].presets["paper"]
    config = preset.config
    found = (preset.size, config.epochs, config.batch_size, config.learning_rate)
    assert all(said is None or said == own for said, own in zip(published, found, strict=True))
    assert (preset.width, preset.mirror, config.flip, config.cosine, config.weight_decay) == (1, False, False, False, 0)
    assert config.optimizer == ("adam" if "1e-4" in f"{config.learning_rate:.0e}".replace("-0", "-") else "sgd")
    assert config.decay == (0.96 if name == "flownet_s" else 1.0)


def small(name):
    """A net with an eighth of its channels, and a batch of pairs as small as it looks at."""
    kind = NETS[name]
    wanted = course(name, "quick", {"width": 0.125, "size": max(kind.least_size, 34)})
    width, height = wanted.preset.size
    return kind.make(wanted.preset), torch.randint(0, 256, (3, 6, height, width), dtype=torch.uint8)


@pytest.mark.parametrize("name", NETS)
def test_a_net_scores_six_genres_and_learns_in_every_weight(name):
    net, pairs = small(name)
    said = net.train()(pairs)
    assert said.shape == (3, 6)
    aside = getattr(net, "aside", None)
    (said.square().sum() + (0 if aside is None else aside.square().sum())).backward()
    still = [n for n, p in net.named_parameters() if p.grad is None or not torch.isfinite(p.grad).all()]
    assert not still
    assert torch.equal(net.eval()(pairs), net(pairs.float()))


@pytest.mark.parametrize("name", [n for n in NETS if not NETS[n].two_frames])
def test_a_net_of_one_frame_does_not_look_at_the_second(name):
    net, pairs = small(name)
    net.eval()
    assert torch.allclose(net(pairs), net(pairs[:, :3]), atol=1e-5)


@pytest.mark.parametrize("name", [n for n in NETS if NETS[n].two_frames])
def test_a_net_of_two_frames_looks_at_the_second(name):
    net, pairs = small(name)
    net.eval()
    other = torch.cat((pairs[:, :3], pairs[:, :3]), 1)
    assert not torch.equal(net(pairs), net(other))


@pytest.mark.parametrize("name", ["vgg16", "resnet50", "inception_v3", "flownet_s"])
def test_any_frame_size_above_the_least_works(name):
    net, _ = small(name)
    net.eval()
    for height, width in ((96, 128), (112, 80)):
        assert net(torch.zeros(1, 6, height, width)).shape == (1, 6)


def test_inception_speaks_aside_only_while_it_learns():
    net = InceptionV3(6, width=0.125)
    net.train()(torch.zeros(2, 3, 80, 80))
    assert net.aside.shape == (2, 6)
    net.eval()(torch.zeros(2, 3, 80, 80))
    assert net.aside is None


def test_inceptions_grids_are_the_published_ones():
    with torch.device("meta"):
        net, shapes = InceptionV3(6).train(), {}
        for name, layer in net.named_children():
            layer.register_forward_hook(lambda _, __, out, name=name: shapes.update({name: tuple(out.shape[1:])}))
        net(torch.zeros(2, 3, 299, 299))
    assert shapes["Conv2d_1a_3x3"] == (32, 149, 149)
    assert shapes["Mixed_5d"] == (288, 35, 35)
    assert shapes["Mixed_6e"] == (768, 17, 17)
    assert shapes["Mixed_7c"] == (2048, 8, 8)


def test_flownet_gives_a_flow_a_quarter_of_the_frame_and_starts_as_the_study_says():
    assert FlowNetS(0.0625)(torch.zeros(1, 6, 64, 128)).shape == (1, 2, 16, 32)
    net = FlowNetGenre()
    assert net.seen.get_submodule("conv6_1")[0].weight.var().item() == pytest.approx(0.05, rel=0.01)
    assert any(isinstance(layer, torch.nn.BatchNorm1d) for layer in net.felt)


def test_the_motion_neuron_is_normalised_by_the_training_pairs():
    net, pairs = small("motion_magnitude")
    amounts = torch.tensor([[0.0], [0.02], [0.04]])
    net.normalise_by(amounts)
    assert net.motion_mean == pytest.approx(0.02)
    assert net.motion_std == pytest.approx(0.02)
    assert "motion_mean" in net.state_dict()
    net.eval()
    assert torch.allclose(net(pairs), net.judge(pairs, motion_amounts(pairs)), atol=1e-6)
    assert not torch.equal(net.judge(pairs, amounts), net.judge(pairs, amounts + 1))
    net.normalise_by(torch.zeros(3, 1))
    assert net.motion_std == 1


def test_a_still_pair_has_no_motion():
    still = torch.randint(0, 256, (2, 3, 40, 60), dtype=torch.uint8)
    assert motion_amounts(torch.cat((still, still), 1)).tolist() == [[0.0], [0.0]]


@pytest.mark.parametrize(
    ("make", "donor"),
    [
        (lambda: ResNet50(6, 0.0625), lambda: ResNet50(1000, 0.0625)),
        (lambda: VGG16(6, 0.0625), lambda: VGG16(1000, 0.0625)),
        (lambda: InceptionV3(6, width=0.0625), lambda: InceptionV3(1000, width=0.0625)),
        (lambda: TwoFrameInception(6, 0.0625), lambda: InceptionV3(1000, width=0.0625, auxiliary=False)),
        (lambda: MotionMagnitudeStack(6, 0.0625), lambda: InceptionV3(1000, width=0.0625)),
    ],
)
def test_imagenet_weights_start_everything_but_the_classifier(tmp_path, make, donor):
    net, given = make(), donor()
    save_file({k: v.contiguous() for k, v in given.state_dict().items()}, tmp_path / "weights.safetensors")
    start_from(net, tmp_path / "weights.safetensors")
    target = net.image if hasattr(net, "image") else net
    first = target.get_submodule(target.first).weight
    theirs = given.get_submodule(given.first).weight
    assert torch.allclose(first, theirs if first.shape == theirs.shape else torch.cat((theirs, theirs), 1) / 2)
    top, before = target.get_submodule(target.top[0]), given.get_submodule(given.top[0])
    assert top.weight.shape != before.weight.shape
    same = [torch.equal(v, given.state_dict()[k]) for k, v in target.state_dict().items() if k.startswith("Mixed_7c")]
    assert all(same)


def test_two_frames_started_from_one_see_a_still_as_the_one_frame_net_does(tmp_path):
    one, two = InceptionV3(6, width=0.0625).eval(), TwoFrameInception(6, 0.0625).eval()
    save_file({k: v.contiguous() for k, v in one.state_dict().items()}, tmp_path / "weights.safetensors")
    start_from(two, tmp_path / "weights.safetensors")
    still = torch.randint(0, 256, (2, 3, 80, 80))
    assert torch.allclose(one(still), two(torch.cat((still, still), 1)), atol=1e-4)


def test_weights_of_another_shape_are_refused_by_name(tmp_path):
    path = tmp_path / "weights.safetensors"
    save_file({k: v.contiguous() for k, v in ResNet50(10, 0.125).state_dict().items()}, path)
    with pytest.raises(BadWeights, match=r"conv1\.weight is \(8, 3, 7, 7\) instead of \(4, 3, 7, 7\).*--width 1"):
        start_from(ResNet50(6, 0.0625), path)
    with pytest.raises(BadWeights, match=r"features\.0\.weight and .* are missing.*are not of this net"):
        start_from(VGG16(6, 0.0625), path)
    path.write_bytes(b"not weights")
    with pytest.raises(BadWeights, match="safetensors format"):
        start_from(ResNet50(6, 0.0625), path)
    with pytest.raises(BadWeights, match="safetensors format"):
        start_from(ResNet50(6, 0.0625), tmp_path / "nowhere")
    with pytest.raises(BadValue, match="leave the option out"):
        start_from(FrameFC(), path)


def test_lite_without_imagenet_needs_no_package():
    assert LiteGenre(imagenet=False).eval()(torch.zeros(1, 6, 32, 32)).shape == (1, 6)


def test_names_are_checked():
    with pytest.raises(BadValue, match="expected one of fc, vgg16"):
        net_named("alexnet")
    with pytest.raises(BadValue, match="lite0: expected a preset out of quick"):
        course("lite0", "paper", {})
    with pytest.raises(BadValue, match="at least 75 pixels"):
        course("inception_v3", "quick", {"size": 64})
    with pytest.raises(BadValue, match="width: expected a share"):
        course("vgg16", "quick", {"width": 2.0})
    assert course("fc", "paper", {"size": 34}).preset.size == (60, 34)
    assert course("inception_v3", "paper", {"size": 224, "batch_size": 64}).preset.config.batch_size == 64
