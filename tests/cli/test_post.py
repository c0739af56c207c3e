"""`moodscore post` writes a folder that is whole, replaces only its own, and says what to do otherwise."""

import json
from pathlib import Path

import pytest
from PIL import Image

from moodscore import cli
from moodscore.cli import post_files as cli_post_files

BEE = Path(__file__).parents[2] / "examples" / "photos" / "04-bee-on-an-aster.jpg"
QUICK = ["--seconds", "6", "--composer", "rules", "-q"]


def files_of(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    out = tmp_path_factory.mktemp("post") / "out"
    assert cli.main(["post", str(BEE), "-o", str(out), *QUICK]) == 0
    return out


def test_the_folder_has_tunes_notes_match_run_and_page(written):
    run = json.loads((written / "run.json").read_text("utf-8"))
    named = {name for names in run["files"].values() for name in names}
    assert set(files_of(written)) == {"index.html", "run.json", *named}
    assert list(run["files"]) == ["faithful", "neighbour", "contrast", "library"]
    assert [Path(n).suffix for n in run["files"]["faithful"]] == [".m4a", ".mid"]
    assert run["files"]["library"] == ["library.m4a"]
    assert len(run["captions"]["en"]) == len(run["captions"]["ko"]) == 3
    assert "bee" in run["prompts"]["sentence"]
    assert len({tune["genre"] for tune in run["tunes"]}) == 3
    assert all(tune["distance_to_asked"] is not None for tune in run["tunes"])
    assert str(written.parent) not in json.dumps(run)


def test_a_former_run_is_replaced_and_nothing_of_it_stays(written, capsys):
    (written / "contrast-polka.wav").write_bytes(b"old")
    before = files_of(written)
    args = ["post", str(BEE), "-o", str(written), "--seed", "5", "--format", "wav", "--json", *QUICK]
    assert cli.main(args) == 0
    run = json.loads(capsys.readouterr().out)
    assert run["seed"] == 5
    assert set(files_of(written)) == {"index.html", "run.json", *(n for names in run["files"].values() for n in names)}
    assert not {name for name in before if name.endswith((".m4a", "polka.wav"))} & set(files_of(written))
    assert "data:audio/mp4" in (written / "index.html").read_text("utf-8")  # what every browser plays


def test_somebody_else_s_folder_is_left_alone(tmp_path, capsys):
    (tmp_path / "thesis.docx").write_bytes(b"precious")
    assert cli.main(["post", str(BEE), "-o", str(tmp_path), *QUICK]) == 2
    said = capsys.readouterr().err
    assert "thesis.docx" in said
    assert "-o" in said
    assert files_of(tmp_path) == ["thesis.docx"]


def test_a_file_beside_a_former_run_survives(tmp_path):
    (tmp_path / "run.json").write_text("{}")
    (tmp_path / "notes.txt").write_text("mine")
    assert cli.main(["post", str(BEE), "-o", str(tmp_path), *QUICK]) == 0
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert (tmp_path / "index.html").exists()


def test_several_photos_get_a_folder_each_and_bad_ones_are_told(tmp_path, capsys):
    photos = tmp_path / "photos"
    photos.mkdir()
    for name, colour in (("a.jpg", (200, 120, 40)), ("b.jpg", (20, 40, 90))):
        Image.new("RGB", (320, 240), colour).save(photos / name)
    (photos / "c.jpg").write_bytes(b"not a photo")
    out = tmp_path / "out"
    assert cli.main(["post", str(photos), "-o", str(out), "--json", *QUICK]) == 0
    said = capsys.readouterr()
    assert [run["photo"] for run in json.loads(said.out)] == ["a.jpg", "b.jpg"]
    assert (out / "a" / "index.html").exists()
    assert (out / "b" / "run.json").exists()
    assert not (out / "c").exists()
    assert "c.jpg" in said.err


def test_what_cannot_be_done_is_told_on_one_line(tmp_path, capsys):
    assert cli.main(["post", str(tmp_path / "no.jpg"), "-o", str(tmp_path / "out"), *QUICK]) == 2
    assert "no.jpg" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    file = tmp_path / "file"
    file.write_text("")
    assert cli.main(["post", str(BEE), "-o", str(file), *QUICK]) == 2
    assert "got a file" in capsys.readouterr().err


def test_a_run_that_is_broken_off_leaves_nothing(tmp_path, monkeypatch, capsys):
    def broken(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli_post_files, "recipe_of", broken)
    out = tmp_path / "out"
    assert cli.main(["post", str(BEE), "-o", str(out), *QUICK]) == 130
    assert not out.exists()
    assert "nothing half-written" in capsys.readouterr().err
