"""The whole road on films made here: clips with moving patterns and tones -> three streams -> a net that learned them."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from safetensors.torch import save_file  # noqa: E402

from moodscore.affect import Affect  # noqa: E402
from moodscore.errors import BadMedia, BadValue, BadWeights  # noqa: E402
from moodscore.learn import film_affect  # noqa: E402
from moodscore.learn.data import film_clips  # noqa: E402
from moodscore.learn.data.film_clips import Recipe  # noqa: E402
from moodscore.learn.film_affect import Machine, Settings  # noqa: E402
from moodscore.learn.models.densenet121 import DenseNet  # noqa: E402
from moodscore.learn.models.three_stream import Shape  # noqa: E402
from moodscore.learn.train import TrainConfig  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:tensorboard", "ignore::FutureWarning:tensorboard")
SMALL = Settings(
    Shape((1, 1, 1, 1), 8, 16, (8, 16, 16, 32, 32), 32),
    Recipe(side=40, every=3),
    TrainConfig(epochs=25, batch_size=4, learning_rate=3e-3, weight_decay=0.0),
    crop=32,
)
EPOCHS = 25


def short(epochs=2, **changed):
    return replace(SMALL, config=replace(SMALL.config, epochs=epochs, cosine=False), **changed)


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, make_liris):
    home = make_liris(tmp_path_factory.mktemp("liris") / "set", [1] * 12 + [2] * 4 + [0] * 4)
    (home / "data" / "ACCEDE00011.mp4").write_bytes(b"not a film")
    return home


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="module")
def whole(folder, kept, tmp_path_factory):
    told = []
    run = tmp_path_factory.mktemp("whole")
    result = film_affect.train(folder, SMALL, run, Machine(kept=kept), lambda stage, share: told.append((stage, share)))
    return result, told


def test_it_learns_what_motion_colour_and_sound_say(whole):
    result, _ = whole
    assert len(result.log) == EPOCHS
    assert result.log[-1]["loss"] < 0.5 * result.log[0]["loss"]
    with (result.run / "answers.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 8  # of the validation and test parts: clips it never saw
    for axis in ("valence", "arousal"):
        truth, said = (np.array([float(row[name]) for row in rows]) for name in (axis, f"said_{axis}"))
        assert np.corrcoef(truth, said)[0, 1] > 0.5
        assert ((truth - said) ** 2).mean() < 0.7 * truth.var()
    for table in result.tables.values():
        assert table["mean_predictor"]["r_valence"] == table["mean_predictor"]["r_arousal"] == 0


def test_parts_are_told_apart_and_a_broken_clip_is_named(whole, folder):
    result, told = whole
    assert result.parts == {"train": 11, "validation": 4, "test": 4}
    (line,) = result.left_out
    assert line.startswith(str(folder / "data" / "ACCEDE00011.mp4"))
    assert list(dict.fromkeys(s for s, _ in told)) == ["Preparing the clips", "Training", "Measuring"]
    assert all(told[-1][1] == 1.0 and 0 < share <= 1 for _, share in told)


def test_the_run_folder_holds_figures_answers_and_the_net(whole):
    result, _ = whole
    figures = json.loads((result.run / "result.json").read_text())
    assert figures["validation"] == result.tables["validation"]
    assert figures["test"] == result.tables["test"]
    assert figures["published_mse"]["three streams (the paper)"] == {"valence": 0.269, "arousal": 0.628}
    with (result.run / "answers.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["part"] == "test"]
    error = np.mean([(float(r["valence"]) - float(r["said_valence"])) ** 2 for r in rows])
    assert error == pytest.approx(figures["test"]["model"]["mse_valence"], abs=2e-3)  # on the set's 1..5
    assert list((result.run / "events").iterdir())
    assert json.loads((result.run / "metrics.json").read_text())[-1]["valid_loss"] > 0


def test_the_saved_net_says_what_was_measured(whole, folder, kept):
    result, _ = whole
    net, settings = film_affect.load(result.run)
    assert settings.crop == SMALL.crop
    assert settings.shape == SMALL.shape
    files = sorted((kept / SMALL.clips.name).glob("*.npz"))[-4:]
    stream = film_affect.ClipBatches(files, [Affect(0, 0)] * 4, settings.crop, settings.frames)
    said = film_affect.said_of(net, stream, TrainConfig(batch_size=4))
    with (result.run / "answers.csv").open() as file:
        before = [float(row["said_arousal"]) for row in csv.DictReader(file) if row["part"] == "test"]
    assert [a.arousal * 2 + 3 for a in said] == pytest.approx(before, abs=1e-3)


def test_a_broken_off_run_ends_as_an_unbroken_one(folder, kept, tmp_path):
    unbroken = film_affect.train(folder, short(2), tmp_path / "unbroken", Machine(kept=kept))
    film_affect.train(folder, short(1), tmp_path / "broken", Machine(kept=kept))
    resumed = film_affect.train(folder, short(2), tmp_path / "broken", Machine(kept=kept))
    assert resumed.log == unbroken.log
    assert resumed.tables == unbroken.tables
    names = [tmp_path / n / "model.safetensors" for n in ("unbroken", "broken")]
    assert names[0].read_bytes() == names[1].read_bytes()
    with pytest.raises(BadWeights, match="holds a run with another split"):
        film_affect.train(folder, short(2, split="paper"), tmp_path / "broken", Machine(kept=kept))


def test_the_papers_split_leaves_nothing_to_test_on(folder, kept, tmp_path):
    result = film_affect.train(folder, short(1, split="paper", frames=2), tmp_path / "run", Machine(kept=kept))
    assert result.parts == {"train": 15, "validation": 4, "test": 0}
    assert list(result.tables) == ["validation"]


def test_published_weights_are_begun_with(folder, kept, tmp_path):
    torch.manual_seed(9)
    given = DenseNet(10, SMALL.shape.blocks, SMALL.shape.growth, SMALL.shape.stem)
    save_file(given.state_dict(), tmp_path / "imagenet.safetensors")
    torch.save(given.state_dict(), tmp_path / "imagenet.pth")
    mean = Affect(0.0, 0.0)
    for name in ("imagenet.safetensors", "imagenet.pth"):
        net = film_affect._begun(replace(SMALL, densenet=tmp_path / name), mean, tmp_path)
        assert torch.equal(net.picture.features.conv0.weight, given.features.conv0.weight)
    (tmp_path / "imagenet.pth").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    with pytest.raises(BadWeights, match=r"imagenet\.pth: expected weights"):
        film_affect._begun(replace(SMALL, densenet=tmp_path / "imagenet.pth"), mean, tmp_path)


def test_annotations_without_films_are_said_at_once(make_liris, tmp_path):
    home = make_liris(tmp_path / "set", [1, 1, 2, 2, 0, 0], films=False)
    with pytest.raises(BadMedia, match=r"6 of 6 clips cannot be read, the first: .*ACCEDE00000\.mp4"):
        film_affect.train(home, short(), tmp_path / "run")


def test_a_net_that_diverged_or_is_none_is_said(folder, kept, tmp_path):
    films = [folder / "data" / f"ACCEDE0000{k}.mp4" for k in range(2)]
    files, _ = film_clips.prepare(films, SMALL.clips, kept)
    net = film_affect._begun(SMALL, Affect(0.0, 0.0), tmp_path)
    torch.nn.init.constant_(net.felt.bias, float("nan"))
    stream = film_affect.ClipBatches(files, [Affect(0, 0)] * 2, SMALL.crop)
    with pytest.raises(BadWeights, match="--lr"):
        film_affect.said_of(net, stream, SMALL.config)
    with pytest.raises(BadWeights, match="train first"):
        film_affect.load(tmp_path)
    save_file({"a": torch.zeros(1)}, tmp_path / "model.safetensors")
    with pytest.raises(BadWeights, match="got another file"):
        film_affect.load(tmp_path)


def test_a_device_that_is_not_there_is_refused(folder, tmp_path):
    with pytest.raises(BadValue, match="device: expected one that this machine has"):
        film_affect.train(folder, short(), tmp_path / "run", Machine("nonsense"))


@pytest.mark.parametrize("wrong", [{"crop": 41}, {"crop": 16}, {"frames": -1}])
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(BadValue, match=next(iter(wrong))):
        replace(SMALL, **wrong)


def test_the_papers_preset_is_the_papers():
    paper = film_affect.PRESETS["paper"]
    assert paper.shape == Shape()
    assert (paper.clips.every, paper.crop, paper.config.optimizer) == (10, 224, "adam")
    assert paper.config.weight_decay == 0  # plain Adam
