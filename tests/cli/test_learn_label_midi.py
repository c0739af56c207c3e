import csv
import json

import pytest

from moodscore import cli

TRACK = bytes([0, 0x90, 60, 64, 96, 0x80, 60, 0, 0, 0xFF, 0x2F, 0])
MIDI = b"MThd" + (6).to_bytes(4) + bytes([0, 0, 0, 1, 0, 96]) + b"MTrk" + len(TRACK).to_bytes(4) + TRACK


@pytest.fixture
def collection(tmp_path):
    folder = tmp_path / "midi"
    folder.mkdir()
    for name in ("a.mid", "b.mid"):
        (folder / name).write_bytes(MIDI)
    (folder / "c.mid").write_bytes(b"no")
    (tmp_path / "spotify.csv").write_text("file,energy,valence\na,0.9,0.2\nz,1,1\nbad,2,1\n")
    return folder


def label(folder, *more: object) -> int:
    features, out = folder.parent / "spotify.csv", folder.parent / "labels.csv"
    return cli.main([str(a) for a in ("learn", "label-midi", folder, "--features", features, "-o", out, *more)])


def test_labels_are_written_and_everything_else_is_counted(collection, capsys):
    assert label(collection) == 0
    said = capsys.readouterr()
    assert "1 labelled: happiness 0, surprise 0, anger 1" in said.out
    assert "1 files without a row" in said.err
    assert "1 rows without a file" in said.err
    assert "2 broken" in said.err
    (row,) = csv.DictReader((collection.parent / "labels.csv").read_text().splitlines())
    assert (row["file"], row["label"]) == ("a.mid", "anger")


def test_the_report_as_json_is_whole(collection, capsys):
    assert label(collection, "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert report["counts"]["anger"] == 1
    assert report["unmatched"] == ["b.mid"]
    assert report["unused"] == ["z"]


def test_a_missing_folder_is_one_line(collection, capsys):
    features, out = collection.parent / "spotify.csv", collection.parent / "labels.csv"
    assert (
        cli.main(["learn", "label-midi", str(collection / "nowhere"), "--features", str(features), "-o", str(out)]) == 2
    )
    assert "nowhere" in capsys.readouterr().err
    assert not (collection.parent / "labels.csv").exists()
