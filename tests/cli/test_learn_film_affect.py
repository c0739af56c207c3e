"""`moodscore learn affect`: the table people read, the figures programs read, and one line for what cannot be done."""

import json

import pytest

pytest.importorskip("torch")

from moodscore import cli
from moodscore.learn import film_affect

FIGURES = {f"{m}_{a}": v for m, v in (("mse", 0.25), ("r", 0.5), ("ccc", 0.4)) for a in ("valence", "arousal")}


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """What the room was asked for; it answers at once."""
    seen = {}

    def train(folder, settings, run, machine, tell):
        tell("Training", 1.0)
        seen.update(folder=folder, settings=settings, run=run, machine=machine)
        tables = {"validation": {"model": FIGURES, "mean_predictor": {"mse_valence": 0.41, "mse_arousal": 0.9}}}
        parts = {"train": 3, "validation": 2, "test": 0}
        return film_affect.FilmAffectResult(parts, tables, ("a.mp4: expected a film",), ("Sea",), run, [])

    monkeypatch.setattr(film_affect, "train", train)
    return seen


def test_the_table_names_part_axis_figures_and_the_mean(asked, tmp_path, capsys):
    assert cli.main(["learn", "affect", str(tmp_path), "-o", str(tmp_path / "run"), "-q"]) == 0
    out, err = capsys.readouterr()
    assert "3 train, 2 validation, 0 test clips" in out
    lines = [line.split() for line in out.splitlines()]
    assert ["validation", "valence", "0.250", "0.500", "0.400", "0.410"] in lines
    assert "three streams (the paper) 0.269/0.628" in out
    assert "left out: a.mp4" in err
    assert "Sea has clips in more than one part" in err
    assert asked["settings"] == film_affect.PRESETS["quick"]


def test_options_change_the_preset(asked, tmp_path):
    words = ["--preset", "paper", "--epochs", "3", "--lr", "0.01", "--batch-size", "2", "--seed", "7", "--frames", "5"]
    more = ["--split", "paper", "--workers", "2", "--kept", str(tmp_path / "kept"), "--json", "-q"]
    assert cli.main(["learn", "affect", str(tmp_path), *words, *more]) == 0
    settings, machine = asked["settings"], asked["machine"]
    assert settings.shape == film_affect.PRESETS["paper"].shape
    config = settings.config
    assert (config.epochs, config.learning_rate, config.batch_size, config.seed) == (3, 0.01, 2, 7)
    assert (settings.frames, settings.split) == (5, "paper")
    assert machine == film_affect.Machine("cpu", 2, tmp_path / "kept")


def test_json_holds_all_figures(asked, tmp_path, capsys):
    assert cli.main(["learn", "affect", str(tmp_path), "--json", "-q"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["validation"]["model"]["ccc_arousal"] == 0.4
    assert told["published_mse"]["RUC"] == {"valence": 0.218, "arousal": 1.479}
    assert told["left_out"] == ["a.mp4: expected a film"]


def test_a_folder_that_is_not_the_set_is_one_line(tmp_path, capsys):
    assert cli.main(["learn", "affect", str(tmp_path / "nowhere"), "-o", str(tmp_path / "run"), "-q"]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "nowhere" in err
    assert not (tmp_path / "run").exists()
