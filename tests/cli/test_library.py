"""What a user of `moodscore library` and `--music DIR` relies on."""

import json

import numpy as np
import pytest
from PIL import Image

from moodscore import cli
from moodscore.media import Tune
from moodscore.music import export, loudness
from moodscore.prepare import sound


def moodscore(*args: object) -> int:
    return cli.main([str(a) for a in args])


def chords(seconds, hz, every_s, rate=22050):
    """A plain chord struck again and again."""
    time = np.arange(round(seconds * rate)) / rate
    wave = sum(np.sin(2 * np.pi * f * time) for f in (hz, 1.25 * hz, 1.5 * hz)) * np.exp(-4 * (time % every_s))
    return Tune(np.stack([0.2 * wave] * 2, axis=1).astype(np.float32), rate)


@pytest.fixture
def music(tmp_path, monkeypatch):
    monkeypatch.setenv("MOODSCORE_CACHE", str(tmp_path / "cache"))
    where = tmp_path / "music"
    for folder, hz, every_s in (("joyful", 523.0, 0.25), ("슬픈", 131.0, 1.0)):
        (where / folder).mkdir(parents=True)
        export.write(chords(9.0, hz, every_s), where / folder / "one.wav")
    (where / "words.mp3").write_text("no music\n" * 99)
    return where


def test_a_folder_is_indexed_shown_and_drawn(music, tmp_path, capsys):
    assert moodscore("library", "index", music) == 0
    told = capsys.readouterr()
    assert "2 pieces, 0:18: 1 joyful, 1 sad" in told.out
    assert "1 left out" in told.err
    assert "words.mp3: expected sound" in told.err
    assert moodscore("library", "show", music, "-o", tmp_path / "plane.png", "--json") == 0
    library = json.loads(capsys.readouterr().out)
    assert [p["mood"] for p in library["pieces"]] == ["joyful", "sad"]
    assert [one["file"] for one in library["left_out"]] == ["words.mp3"]
    with Image.open(tmp_path / "plane.png") as drawn:
        assert drawn.size == (1200, 1200)


def test_the_library_that_ships_is_shown_without_naming_it(music, capsys):
    assert moodscore("library", "show") == 0
    assert "peaceful/peaceful-3.mid" in capsys.readouterr().out


def test_a_tune_is_picked_from_a_folder_sorted_by_moods(music, tmp_path, capsys):
    out = tmp_path / "t.wav"
    assert moodscore("tune", "--mood", "sad", "--music", music, "--seconds", "6", "-o", out, "--json") == 0
    recipe = json.loads(capsys.readouterr().out)
    assert [p["file"] for p in recipe["plan"]["pieces"]] == ["슬픈/one.wav"]
    tune = sound.open(out)
    assert tune.duration_s == pytest.approx(6.0, abs=1e-3)
    assert loudness.integrated(tune.samples, tune.rate) == pytest.approx(-16, abs=1.1)
    first = out.read_bytes()
    assert moodscore("tune", "--mood", "sad", "--music", music, "--seconds", "6", "-o", out, "-q") == 0
    assert out.read_bytes() == first
    assert "슬픈/one.wav" in capsys.readouterr().out


def test_a_film_gets_its_music_from_a_folder_and_says_so_in_its_recipe(music, folder, tmp_path, capsys):
    out = tmp_path / "f.mp4"
    assert moodscore("film", folder, "--music", music, "--seconds", "6", "--size", "720p", "-o", out, "--json") == 0
    plan = json.loads(capsys.readouterr().out)["plan"]
    assert plan["music"] == "music"
    assert plan["pieces"][0]["at_s"] == 0.0
    assert plan["pieces"][-1]["until_s"] == 6.0
    assert sound.open(out).duration_s == pytest.approx(6.0, abs=0.1)


@pytest.mark.parametrize("verb", [("library", "index"), ("library", "show"), ("tune", "--mood", "sad", "--music")])
def test_folders_without_music_are_one_line_and_leave_nothing(verb, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MOODSCORE_CACHE", str(tmp_path / "cache"))
    (tmp_path / "empty").mkdir()
    assert moodscore(*verb, "empty") == 2
    assert "empty: expected a folder with music, got no sound or MIDI file" in capsys.readouterr().err
    (tmp_path / "empty" / "bad.mp3").write_text("no music\n" * 99)
    code = moodscore(*verb, "empty")
    said = capsys.readouterr().err
    assert "bad.mp3: expected sound" in said
    assert code == (2 if "tune" in verb else 0)
    assert not (tmp_path / "tune.wav").exists()


@pytest.mark.parametrize("asked", [("-o", "t.mid"), ("--plot", "p.png"), ("--composer", "rules")])
def test_what_only_composed_music_has_is_refused_before_the_work(asked, music, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert moodscore("tune", "--mood", "sad", "--music", music, *asked) == 2
    assert "composed" in capsys.readouterr().err
    assert not list(tmp_path.glob("*.png")) + list(tmp_path.glob("*.mid")) + list(tmp_path.glob("*.wav"))


def test_a_folder_that_is_not_there_is_one_line(tmp_path, capsys):
    assert moodscore("library", "index", tmp_path / "gone") == 2
    assert "gone: expected a folder with music, got nothing there" in capsys.readouterr().err
