"""The one training loop: it learns, it logs, and a resumed run ends in the same bytes."""

import json
from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")

from moodscore.errors import BadValue, BadWeights  # noqa: E402
from moodscore.learn.train import Samples, TrainConfig, answers, fit  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:tensorboard", "ignore::FutureWarning:tensorboard")
CONFIG = TrainConfig(epochs=4, batch_size=8, learning_rate=0.01, cosine=False, seed=3)


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


def net():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Dropout(0.2), torch.nn.Linear(12, 1))


def samples():
    inputs = torch.randn(40, 3, 2, 2, generator=torch.Generator().manual_seed(1))
    return Samples(inputs, inputs.mean((1, 2, 3))[:, None])


def error(said, aims):
    return float((said - aims).abs().mean())


def trained(run, config=CONFIG):
    model = net()
    return model, fit(model, (samples(), samples()), config, run, (torch.nn.functional.mse_loss, error))


def test_the_log_has_a_row_for_each_epoch_and_the_loss_falls(tmp_path):
    _, log = trained(tmp_path, replace(CONFIG, epochs=20))
    assert [row["epoch"] for row in log] == list(range(1, 21))
    assert log[-1]["valid_loss"] < log[0]["valid_loss"] / 2
    assert json.loads((tmp_path / "metrics.json").read_text()) == log
    assert list((tmp_path / "events").iterdir())


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_a_resumed_run_ends_in_the_same_weights_as_an_unbroken_one(tmp_path, optimizer):
    config = replace(CONFIG, optimizer=optimizer)
    whole, log = trained(tmp_path / "whole", config)
    trained(tmp_path / "broken", replace(config, epochs=2))
    resumed, again = trained(tmp_path / "broken", config)
    assert again == log
    for one, other in zip(whole.state_dict().values(), resumed.state_dict().values(), strict=True):
        assert torch.equal(one, other)


def test_a_finished_run_is_not_trained_again(tmp_path):
    first, log = trained(tmp_path)
    second, again = trained(tmp_path)
    assert again == log
    assert torch.equal(answers(first, samples().inputs), answers(second, samples().inputs))


def test_a_run_of_another_config_is_not_mixed_up(tmp_path):
    trained(tmp_path)
    with pytest.raises(BadWeights, match="seed"):
        trained(tmp_path, replace(CONFIG, seed=4))
    trained(tmp_path / "falling", replace(CONFIG, cosine=True))
    with pytest.raises(BadWeights, match="epochs"):
        trained(tmp_path / "falling", replace(CONFIG, cosine=True, epochs=6))


@pytest.mark.parametrize(
    "wrong", [{"epochs": 0}, {"learning_rate": float("nan")}, {"batch_size": -1}, {"optimizer": "lamb"}]
)
def test_numbers_that_make_no_sense_are_refused(wrong):
    with pytest.raises(BadValue, match=next(iter(wrong))):
        TrainConfig(**wrong)
