"""The film-affect net and its streams: the published sizes, the published names, one grid, and clips that do not mix."""

import pytest

torch = pytest.importorskip("torch")

from moodscore.errors import BadWeights  # noqa: E402
from moodscore.learn.models import densenet121, soundnet  # noqa: E402
from moodscore.learn.models.densenet121 import DenseNet  # noqa: E402
from moodscore.learn.models.flow_convnet import FlowConvNet  # noqa: E402
from moodscore.learn.models.soundnet import SoundNet  # noqa: E402
from moodscore.learn.models.three_stream import ClipBatch, Shape, ThreeStream  # noqa: E402

SMALL = Shape((1, 1, 1, 1), 4, 8, (4, 4, 8, 8, 8), 8)


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


def parameters(net):
    return sum(p.numel() for p in net.parameters())


def small_net():
    torch.manual_seed(0)
    net = ThreeStream(SMALL)
    torch.nn.init.normal_(net.felt.weight)
    return net.eval()


def clips(lengths=(3, 2), samples=22050):
    torch.manual_seed(1)
    count = sum(lengths)
    owner = torch.repeat_interleave(torch.arange(len(lengths)), torch.tensor(lengths))
    frames = torch.randint(0, 256, (count, 3, 32, 32), dtype=torch.uint8)
    heard = torch.full((len(lengths),), samples)
    return ClipBatch(frames, torch.randn(count, 2, 32, 32), owner, 0.1 * torch.randn(len(lengths), samples), heard)


def test_the_nets_have_as_many_parameters_as_the_published_ones():
    with torch.device("meta"):
        assert parameters(DenseNet()) == 7_978_856
        assert parameters(DenseNet(0)) == 6_953_856
        assert parameters(SoundNet(heads=True)) == 14_352_713
        assert parameters(SoundNet()) == 2_874_320
        joining, answer = 9 * (1024 + 256) * 512 + 2 * 512, (512 + 1024) * 2 + 2
        assert parameters(ThreeStream()) == 6_953_856 + parameters(FlowConvNet()) + 2_874_320 + joining + answer


def test_flow_and_pictures_end_on_one_grid():
    with torch.device("meta"):
        net = ThreeStream()
        assert net.picture.maps(torch.zeros(1, 3, 224, 224)).shape == (1, 1024, 7, 7)
        assert net.motion(torch.zeros(1, 2, 224, 224)).shape == (1, 256, 7, 7)


def test_densenet_carries_the_names_of_the_published_weights():
    with torch.device("meta"):
        names = DenseNet().state_dict()
    assert len(names) == 727
    for name, shape in {
        "features.conv0.weight": (64, 3, 7, 7),
        "features.denseblock3.denselayer24.conv1.weight": (128, 992, 1, 1),
        "features.denseblock4.denselayer16.norm2.running_var": (128,),
        "features.transition3.conv.weight": (512, 1024, 1, 1),
        "features.norm5.weight": (1024,),
        "classifier.weight": (1000, 1024),
    }.items():
        assert tuple(names[name].shape) == shape


def test_published_weights_are_read_under_their_old_names_too():
    torch.manual_seed(3)
    given, net = DenseNet(10, SMALL.blocks, 4, 8), DenseNet(0, SMALL.blocks, 4, 8)
    old = {k.replace("norm1.", "norm.1.").replace("conv2.", "conv.2."): v for k, v in given.state_dict().items()}
    densenet121.load_published(net, old)
    picture = torch.randn(1, 3, 64, 64)
    assert torch.equal(net.eval().maps(picture), given.eval().maps(picture))
    with pytest.raises(BadWeights, match=r"missing or of another shape, first 'features\.conv0\.weight'"):
        densenet121.load_published(DenseNet(0, SMALL.blocks, 4, 16), old)


def test_soundnet_has_the_lengths_of_its_table():
    assert soundnet.steps(440_100) == 15
    with torch.device("meta"):
        objects, scenes = SoundNet(heads=True).scores(torch.zeros(1, 440_100))
    assert objects.shape == (1, 1000, 4)
    assert scenes.shape == (1, 401, 4)
    with pytest.raises(BadWeights, match="heads=True"):
        SoundNet().scores(torch.zeros(1, 440_100))


@pytest.mark.parametrize("samples", [soundnet.SHORTEST, 10_000, 22_050, 100_001])
def test_the_steps_foretold_are_the_steps_heard(samples):
    with torch.device("meta"):
        assert SoundNet().eval()(torch.zeros(1, samples)).shape[2] == soundnet.steps(samples)
    assert soundnet.steps(soundnet.SHORTEST - 1) < 1


def test_soundnet_reads_weights_kept_as_pictures_of_one_pixel_width():
    torch.manual_seed(4)
    given, net = SoundNet(), SoundNet()
    wide = {k: v.unsqueeze(-1) if v.ndim == 3 else v for k, v in given.state_dict().items()}
    soundnet.load_published(net, wide)
    wave = torch.randn(1, 8000)
    assert torch.equal(net.eval()(wave), given.eval()(wave))
    with pytest.raises(BadWeights, match="conv3"):
        soundnet.load_published(SoundNet(), {k: v for k, v in wide.items() if not k.startswith("conv3.")})


def test_a_clip_is_answered_as_if_it_were_alone():
    net, both = small_net(), clips((3, 2))
    with torch.inference_mode():
        together = net(both)
        for number in (0, 1):
            mine = both.owner == number
            rest = both.waves[number : number + 1], both.heard[number : number + 1]
            alone = net(ClipBatch(both.frames[mine], both.flow[mine], torch.zeros(int(mine.sum()), dtype=int), *rest))
            assert torch.allclose(alone[0], together[number], atol=1e-5)
    assert not torch.allclose(together[0], together[1], atol=1e-3)


def test_silence_that_fills_up_a_batch_is_not_heard():
    net = small_net()
    torch.manual_seed(2)
    wave = 0.1 * torch.randn(1, 200_000)
    padded = torch.cat([wave, torch.zeros(1, 300_000)], 1)
    with torch.inference_mode():
        short, long = (net.listened(w, torch.tensor([200_000])) for w in (wave, padded))
        all_of_it = net.listened(padded, torch.tensor([500_000]))
    spoiled = (all_of_it - short).abs().mean()
    assert (long - short).abs().mean() < 0.25 * spoiled  # the last step sees where the wave ends


def test_every_stream_is_felt():
    net, batch = small_net(), clips()
    with torch.inference_mode():
        said = net(batch)
        for part in ("frames", "flow", "waves"):
            changed = {name: getattr(batch, name) for name in ("frames", "flow", "owner", "waves", "heard")}
            changed[part] = changed[part].flip(-1) if part != "waves" else changed[part] * 0
            assert not torch.allclose(net(ClipBatch(**changed)), said, atol=1e-4), part


def test_before_it_has_learned_it_says_the_mean():
    net = ThreeStream(SMALL)
    net.expect(torch.tensor([0.25, -0.5]))
    assert torch.allclose(net(clips()), torch.tensor([[0.25, -0.5]] * 2))
