"""Training on a stream: the same loop, the same promise that a resumed run ends in the bytes of an unbroken one."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from moodscore.errors import BadValue, BadWeights  # noqa: E402
from moodscore.learn.train import TrainConfig, fit, load_average  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:tensorboard", "ignore::FutureWarning:tensorboard")
CONFIG = TrainConfig(
    epochs=4, batch_size=8, learning_rate=0.05, optimizer="nesterov", warmup=3, average=0.9, clip_norm=5.0, seed=3
)


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


class Sums:
    """Forty new vectors an epoch; their aim is their sum, told twice, and the net must say it twice."""

    def __init__(self):
        self.seen = []

    def __len__(self):
        return 40

    def epoch(self, number, config, progress):
        rng = np.random.default_rng((config.seed, number))
        for _ in range(len(self) // config.batch_size):
            self.seen.append(progress())
            x = torch.from_numpy(rng.normal(size=(config.batch_size, 4)).astype(np.float32))
            yield x, (x.sum(1), x.sum(1))


class Twice(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.line = torch.nn.Linear(4, 1)

    def forward(self, x):
        said = self.line(x)[:, 0]
        return said, said


def loss(said, aims):
    return sum(torch.nn.functional.mse_loss(s.float(), a) for s, a in zip(said, aims, strict=True))


def trained(run, config=CONFIG, stream=None):
    torch.manual_seed(0)
    net = Twice()
    return net, fit(net, (stream or Sums(), None), config, run, (loss, lambda said, aims: 0.0))


def test_a_run_killed_in_its_third_epoch_goes_on_to_the_same_bytes(tmp_path):
    class Killed(Sums):
        def epoch(self, number, config, progress):
            if number == 2:
                raise KeyboardInterrupt
            yield from super().epoch(number, config, progress)

    whole, log = trained(tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path / "killed", stream=Killed())
    resumed, again = trained(tmp_path / "killed")
    assert again == log
    for one, other in zip(whole.state_dict().values(), resumed.state_dict().values(), strict=True):
        assert torch.equal(one, other)


def test_it_learns_and_ends_as_the_average_that_can_be_loaded_again(tmp_path):
    net, log = trained(tmp_path, replace(CONFIG, epochs=20))
    assert log[-1]["loss"] < 0.05 * log[0]["loss"]
    torch.manual_seed(5)
    other = Twice()
    load_average(other, tmp_path)
    for one, two in zip(net.state_dict().values(), other.state_dict().values(), strict=True):
        assert torch.equal(one, two)


def test_the_stream_is_told_how_far_training_has_come(tmp_path):
    stream = Sums()
    trained(tmp_path, stream=stream)
    assert stream.seen == sorted(stream.seen)
    assert stream.seen[0] == 0
    assert stream.seen[-1] == pytest.approx(1 - 1 / 20)


def test_minutes_end_a_run_by_the_clock(tmp_path):
    _, log = trained(tmp_path, replace(CONFIG, epochs=1, minutes=0.002))
    assert len(log) > 1
    assert len(trained(tmp_path, replace(CONFIG, epochs=1, minutes=0.002))[1]) == len(log)


def test_computing_in_bfloat16_learns_too(tmp_path):
    _, log = trained(tmp_path, replace(CONFIG, epochs=10, bfloat16=True))
    assert log[-1]["loss"] < 0.2 * log[0]["loss"]


@pytest.mark.parametrize("optimizer", ["adam", "nesterov"])
def test_a_net_in_another_memory_order_is_kept_and_goes_on(tmp_path, optimizer):
    class Pictures(Sums):
        def epoch(self, number, config, progress):
            for x, _ in super().epoch(number, config, progress):
                yield x.view(-1, 1, 2, 2).expand(-1, 2, -1, -1), x.sum(1)

    config = replace(CONFIG, optimizer=optimizer, epochs=3)
    ends = []
    for _ in range(2):
        torch.manual_seed(0)
        net = torch.nn.Sequential(torch.nn.Conv2d(2, 3, 2), torch.nn.Flatten(), torch.nn.Linear(3, 1))
        net.to(memory_format=torch.channels_last)
        mean_error = lambda said, aims: (said[:, 0] - aims).square().mean()  # noqa: E731
        fit(net, (Pictures(), None), config, tmp_path, (mean_error, lambda said, aims: 0.0))
        ends.append(net.state_dict())
    assert all(torch.equal(a, b) for a, b in zip(ends[0].values(), ends[1].values(), strict=True))


def test_a_folder_without_a_checkpoint_is_named(tmp_path):
    with pytest.raises(BadWeights, match="train first"):
        load_average(Twice(), tmp_path)


@pytest.mark.parametrize("wrong", [{"average": 1.0}, {"minutes": -1}, {"warmup": -1}, {"clip_norm": float("nan")}])
def test_numbers_that_make_no_sense_are_refused(wrong):
    with pytest.raises(BadValue, match=next(iter(wrong))):
        TrainConfig(**wrong)
