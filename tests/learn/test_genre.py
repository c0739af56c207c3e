"""The genre nets on six genres of moving patterns: presets train, resume, are measured by film and compared."""

import importlib.util
import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

torch = pytest.importorskip("torch")

from safetensors import safe_open  # noqa: E402

from moodscore.cli import learn_genre, main  # noqa: E402
from moodscore.errors import BadMedia, BadValue, BadWeights  # noqa: E402
from moodscore.learn import genre_runs  # noqa: E402
from moodscore.learn.genre import course, judge, train_genre, trained_net  # noqa: E402
from moodscore.learn.genre_nets import NETS  # noqa: E402
from moodscore.schemes import GENRES  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:tensorboard", "ignore::FutureWarning:tensorboard")
CHANCE = 1 / 6


def six_genre_films():
    spec = importlib.util.spec_from_file_location("six_genre_films", Path(__file__).with_name("six_genre_films.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    """Six genres, three films each, six pairs a film."""
    torch.set_num_threads(1)
    return six_genre_films().write(tmp_path_factory.mktemp("set") / "films")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """Six genres, two films each, two pairs a film: enough for a step."""
    torch.set_num_threads(1)
    return six_genre_films().write(tmp_path_factory.mktemp("tiny") / "films", films=2, pairs=2)


@pytest.fixture(scope="module")
def fc_run(films, tmp_path_factory):
    run = tmp_path_factory.mktemp("runs") / "fc"
    options = ["--model", "fc", "--size", "34", "--epochs", "12", "--held-out", "0.34", "-o", str(run), "-q"]
    assert main(["learn", "genre", str(films), *options]) == 0
    return run


def test_the_command_learns_the_genres_and_measures_unseen_films(fc_run):
    result = json.loads((fc_run / "result.json").read_text())
    test = result["test"]
    assert test["accuracy"] > 3 * CHANCE
    assert (test["films"], test["pairs"]) == (6, 72)
    assert test["interval"][0] < test["accuracy"] < test["interval"][1]
    assert test["interval_by"] == "wilson over 6 films"
    seen = set(result["train_films"])
    assert len(seen) == 12
    assert not seen & {row["film"] for row in test["by_film"]}
    assert {row["genre"] for row in test["by_film"]} == set(GENRES.names)
    rows = json.loads((fc_run / "metrics.json").read_text())
    assert {"loss", "score", "valid_loss", "valid_score"} <= set(rows[-1])
    assert rows[-1]["valid_score"] == pytest.approx(test["accuracy"], abs=1e-3)
    with Image.open(fc_run / "curves.png") as curves:
        assert curves.size == (1080, 432)
    with safe_open(fc_run / "model.safetensors", "pt") as file:
        recipe = json.loads(file.metadata()["recipe"])
    assert recipe["genres"] == list(GENRES.names)
    assert (recipe["model"], recipe["size"]) == ("fc", [60, 34])
    assert list((fc_run / "events").iterdir())


def test_two_frames_are_learned_by_the_papers_flownet(films, tmp_path):
    changes = {"width": 0.125, "size": 48, "epochs": 5, "batch_size": 16}
    wanted = course("flownet_s", "paper", changes, held_out=0.34)
    assert wanted.preset.config.decay == 0.96
    result = train_genre(films, wanted, tmp_path)
    assert result["test"]["accuracy"] > 2 * CHANCE


@pytest.mark.parametrize("name", [n for n in NETS if n not in ("fc", "flownet_s")])
def test_every_net_takes_a_step_and_is_read_back(tiny, tmp_path, name):
    preset = "paper" if "paper" in NETS[name].presets else "quick"
    changes = {"width": 0.0625, "size": max(NETS[name].least_size, 32), "epochs": 1, "batch_size": 12}
    result = train_genre(tiny, course(name, preset, changes, held_out=0.5), tmp_path)
    assert result["epochs_done"] == 1
    assert result["test"]["pairs"] == 24
    kind, kept, net = trained_net(tmp_path)
    assert (kind.name, kept.width) == (name, 0.0625)
    assert not net.training


def run_twice(films, run, epochs, changes=None, model="resnet50"):
    given = {"width": 0.0625, "size": 32, "batch_size": 12, "epochs": epochs, **(changes or {})}
    return train_genre(films, course(model, "paper", given, held_out=0.5), run)


def test_a_stopped_run_goes_on_to_the_same_bytes(tiny, tmp_path):
    run_twice(tiny, tmp_path / "broken", 1)
    run_twice(tiny, tmp_path / "broken", 3)
    run_twice(tiny, tmp_path / "whole", 3)
    assert (tmp_path / "broken/model.safetensors").read_bytes() == (tmp_path / "whole/model.safetensors").read_bytes()
    with pytest.raises(BadWeights, match=r"another size.*another folder with -o"):
        run_twice(tiny, tmp_path / "whole", 3, {"size": 40})
    with pytest.raises(BadWeights, match="another model"):
        run_twice(tiny, tmp_path / "whole", 3, model="vgg16")


def test_the_single_frame_that_a_last_batch_would_hold_is_left_out(tiny, tmp_path):
    assert run_twice(tiny, tmp_path, 1, {"batch_size": 23})["epochs_done"] == 1
    with pytest.raises(BadValue, match="at least two frames"):
        run_twice(tiny, tmp_path / "other", 1, {"batch_size": 1})


def test_a_split_can_be_given_and_must_be_by_film(tiny, tmp_path):
    table = tmp_path / "split.csv"
    rows = [f"{g}/film{k},{'train' if k == 0 else 'test'}" for g in GENRES.names for k in (0, 1)]
    table.write_text("film,split\n" + "\n".join(rows) + "\n")
    wanted = course("fc", "quick", {"size": 16, "epochs": 1}, table=table)
    result = train_genre(tiny, wanted, tmp_path / "run")
    assert result["train_films"] == [f"{g}/film0" for g in GENRES.names]
    table.write_text("film,split\n" + "\n".join(row.replace(",test", ",valid") for row in rows) + "\n")
    with pytest.raises(BadMedia, match="expected the splits train and test"):
        train_genre(tiny, wanted, tmp_path / "other")


def test_one_film_of_each_genre_is_too_few(tmp_path):
    alone = six_genre_films().write(tmp_path / "films", films=1, pairs=1)
    with pytest.raises(BadMedia, match="two of each genre are the least"):
        train_genre(alone, course("fc", "quick", {}), tmp_path / "run")


def test_a_run_is_measured_on_a_folder_of_new_films_but_not_on_those_that_taught_it(fc_run, films, tmp_path):
    new = six_genre_films().write(tmp_path / "new", films=1, pairs=3, seed=7)
    said = judge(fc_run, new)
    assert {film.film for film in said} == {f"{name}/film0" for name in GENRES.names}
    assert sum(film.right for film in said) / sum(film.pairs for film in said) > 2 * CHANCE
    with pytest.raises(BadMedia, match="never seen"):
        judge(fc_run, films)
    with pytest.raises(BadWeights, match="finished run"):
        judge(tmp_path, new)


@pytest.fixture(scope="module")
def other_run(films, tmp_path_factory):
    run = tmp_path_factory.mktemp("runs") / "short"
    wanted = course("fc", "quick", {"size": 34, "epochs": 1, "seed": 0}, held_out=0.34)
    train_genre(films, wanted, run)
    return run


def test_compare_tells_and_draws_runs_of_one_batch_size(fc_run, other_run, tmp_path, capsys):
    chart = tmp_path / "compare.png"
    assert main(["learn", "compare", str(other_run), str(fc_run), "-o", str(chart)]) == 0
    said = capsys.readouterr().out
    lines = said.splitlines()
    assert lines[1].startswith("fc ")
    assert lines[2].startswith("short ")
    assert "36.7%" in said
    assert "chance" in said
    assert "too few to tell nets apart" in said
    with Image.open(chart) as picture:
        assert picture.size[0] == 1200
        assert len(picture.getcolors(1 << 24)) > 20
    assert main(["learn", "compare", str(other_run), str(fc_run), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [row["run"] for row in found["runs"]] == ["fc", "short"]
    mean, low, high = found["runs"][1]["behind_best"]
    assert low <= mean <= high
    assert mean == pytest.approx(found["runs"][1]["accuracy"] - found["runs"][0]["accuracy"], abs=1e-3)
    assert found["published_by_genre"]["horror"] == 0.16


def with_batch(run, copy, size):
    shutil.copytree(run, copy)
    kept = json.loads((copy / "result.json").read_text())
    kept["batch_size"] = size
    (copy / "result.json").write_text(json.dumps(kept))
    return copy


def test_unequal_batches_are_refused_or_marked(fc_run, other_run, tmp_path, capsys):
    larger = with_batch(other_run, tmp_path / "larger", 128)
    assert main(["learn", "compare", str(fc_run), str(larger)]) == 2
    assert "expected runs of one batch size, got fc 32, larger 128" in capsys.readouterr().err
    shown = [str(fc_run), str(other_run), str(larger), "--mixed-batches", "-o", str(tmp_path / "chart.png")]
    assert main(["learn", "compare", *shown]) == 0
    said = capsys.readouterr()
    assert "128 *" in said.out
    assert "another batch size" in said.err


def test_runs_on_different_films_are_told_apart(fc_run, films, tmp_path, capsys):
    wanted = course("fc", "quick", {"size": 34, "epochs": 1, "seed": 5}, held_out=0.34)
    train_genre(films, wanted, tmp_path / "seed5")
    runs = [genre_runs.load(fc_run), genre_runs.load(tmp_path / "seed5")]
    assert not genre_runs.same_films(runs)
    assert all("behind_best" not in row for row in genre_runs.compare(runs)["runs"])
    assert main(["learn", "compare", str(fc_run), str(tmp_path / "seed5")]) == 0
    assert "different films" in capsys.readouterr().err
    new = six_genre_films().write(tmp_path / "new", films=1, pairs=1, seed=9)
    assert main(["learn", "compare", str(fc_run), str(tmp_path / "seed5"), "--on", str(new), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["same_films"]


def test_what_cannot_be_done_is_one_line(tiny, tmp_path, capsys):
    for words, said in (
        (["learn", "genre", str(tmp_path / "nowhere")], "nowhere"),
        (
            ["learn", "genre", str(tiny), "--model", "lite0", "--preset", "paper"],
            "lite0: expected a preset out of quick",
        ),
        (["learn", "genre", str(tiny), "--model", "vgg16", "--size", "8"], "at least 32 pixels"),
        (["learn", "genre", str(tiny), "--weights", str(tmp_path / "none"), "-o", str(tmp_path / "r")], "safetensors"),
        (["learn", "compare", str(tmp_path)], "finished run"),
    ):
        assert main(words) == 2
        lines = capsys.readouterr().err.splitlines()
        assert len(lines) == 1
        assert said in lines[0]


def test_a_net_that_diverges_is_said_so_and_gives_no_result(tiny, tmp_path, capsys):
    words = ["--model", "fc", "--preset", "paper", "--size", "16", "--lr", "1e30", "--epochs", "3", "-o", str(tmp_path)]
    assert main(["learn", "genre", str(tiny), *words, "--held-out", "0.5", "-q"]) == 2
    assert "diverged; lower --lr" in capsys.readouterr().err
    assert not (tmp_path / "result.json").exists()


def test_the_command_offers_every_net():
    assert set(learn_genre.MODELS) == set(NETS)
