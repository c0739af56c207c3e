"""The mood CNN on a set of eight colours: it learns them in seconds, from the command line too."""

import colorsys
import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch")

from moodscore.cli import main  # noqa: E402
from moodscore.errors import BadValue  # noqa: E402
from moodscore.learn.models.mood_cnn import MoodCNN  # noqa: E402
from moodscore.learn.mood import PRESETS, near, score, split  # noqa: E402
from moodscore.learn.train import Samples  # noqa: E402
from moodscore.schemes import MOODS  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:tensorboard", "ignore::FutureWarning:tensorboard")


@pytest.fixture(scope="module")
def colours(tmp_path_factory):
    """Eight moods, ten pictures each, in the mood's own hue."""
    torch.set_num_threads(1)
    folder, rng = tmp_path_factory.mktemp("colours"), np.random.default_rng(0)
    for mood in MOODS.labels:
        (folder / mood.name).mkdir()
        for number in range(10):
            colour = np.array(colorsys.hsv_to_rgb(mood.hue / 360, 0.8, rng.uniform(0.7, 1.0))) * 255
            pixels = np.clip(colour + rng.normal(0, 12, (32, 32, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / mood.name / f"{number}.png")
    return folder


def test_the_command_trains_measures_draws_and_resumes(colours, tmp_path, capsys):
    run = tmp_path / "run"
    options = ["--epochs", "6", "--lr", "0.001", "--batch-size", "8", "--seed", "1", "-o", str(run), "-q"]
    assert main(["learn", "mood", str(colours), *options]) == 0
    assert "held-out pictures" in capsys.readouterr().out
    result = json.loads((run / "result.json").read_text())
    assert result["trained"] + result["held_out"] == 80
    assert result["top1"] > 0.5 > 2 * result["guess"]
    assert result["within_one"] >= result["top1"]
    for name in ("model.safetensors", "metrics.json", "checkpoint.safetensors", "config.json", "events"):
        assert (run / name).exists()
    with Image.open(run / "curves.png") as curves:
        assert curves.size == (1080, 432)
    before = (run / "model.safetensors").read_bytes()
    assert main(["learn", "mood", str(colours), *options]) == 0
    assert (run / "model.safetensors").read_bytes() == before


def test_the_papers_preset_is_the_papers():
    assert (PRESETS["paper"].epochs, PRESETS["paper"].batch_size) == (1000, 64)


def test_a_folder_that_is_no_set_is_one_line_and_exit_code_2(tmp_path, capsys):
    assert main(["learn", "mood", str(tmp_path / "nowhere")]) == 2
    assert "nowhere" in capsys.readouterr().err


def test_an_output_that_is_a_file_is_refused_before_the_work(colours, tmp_path, capsys):
    (tmp_path / "taken").write_text("a file")
    assert main(["learn", "mood", str(colours), "-o", str(tmp_path / "taken"), "-q"]) == 2
    assert "taken: expected a folder" in capsys.readouterr().err


def test_without_torch_one_line_names_the_extra(colours):
    code = "import sys; sys.modules['torch'] = None; from moodscore.cli import main; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", code, "learn", "mood", str(colours)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "pip install 'moodscore[learn]'" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_scores_count_neighbours_around_the_ring():
    said = torch.nn.functional.one_hot(torch.tensor([0, 7, 1, 4]), 8).float()
    aims = torch.tensor([0, 0, 0, 0])
    assert score(said, aims) == 0.25
    assert near(said, aims) == 0.75


def test_split_needs_enough_groups():
    whole = Samples(torch.zeros(6, 3, 8, 8), torch.zeros(6, dtype=torch.long))
    with pytest.raises(BadValue, match="groups"):
        split(whole, ["a", "b"] * 3, 0.2, 0)
    inside, outside = split(whole, list("abcdef"), 0.2, 0)
    assert len(inside) + len(outside) == 6


def test_the_net_gives_eight_scores_for_each_picture():
    assert MoodCNN()(torch.zeros(2, 3, 64, 64)).shape == (2, 8)
