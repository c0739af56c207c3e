import csv
import hashlib
import io

import pytest

from moodscore.errors import BadMedia
from moodscore.learn.data import metamidi


def midi(note: int = 60) -> bytes:
    track = bytes([0, 0x90, note, 64, 96, 0x80, note, 0, 0, 0xFF, 0x2F, 0])
    header = b"MThd" + (6).to_bytes(4) + bytes([0, 0, 0, 1, 0, 96])
    return header + b"MTrk" + len(track).to_bytes(4) + track


@pytest.fixture
def collection(tmp_path):
    """Five MIDI files, one of them cut off, one that is a text, one in a folder, and one nobody knows."""
    folder = tmp_path / "midi"
    (folder / "a").mkdir(parents=True)
    for number, name in enumerate(("glad.mid", "a/Loud Song.MID", "stranger.midi", "by-hash.mid"), start=60):
        (folder / name).write_bytes(midi(number))
    (folder / "cut.mid").write_bytes(midi()[:-6])
    (folder / "text.mid").write_text("no music")
    (folder / "empty.mid").write_bytes(b"")
    (folder / "readme.txt").write_text("no music either")
    return folder


def table(tmp_path, text: str) -> metamidi.Table:
    path = tmp_path / "features.csv"
    path.write_text(text, "utf-8")
    return metamidi.read_features(path)


def test_files_are_matched_by_path_name_stem_or_hash_and_labelled_by_the_thresholds(tmp_path, collection):
    md5 = hashlib.md5((collection / "by-hash.mid").read_bytes()).hexdigest()
    features = table(
        tmp_path,
        f"file,energy,valence\nglad,0.6,0.9\na\\loud song.mid,0.9,0.1\n{md5.upper()},0.2,0.1\nnobody,0.5,0.5\n",
    )
    report = metamidi.label(collection, features)
    assert [(r.file, r.label, r.matched_by) for r in report.labelled] == [
        ("a/Loud Song.MID", "anger", "path"),
        ("by-hash.mid", "sadness", "md5"),
        ("glad.mid", "happiness", "stem"),
    ]
    assert report.unmatched == ("stranger.midi",)
    assert report.unused == ("nobody",)
    assert [line.partition(":")[0] for line in report.broken] == ["cut.mid", "empty.mid", "text.mid"]
    assert report.counts == {"happiness": 1, "surprise": 0, "anger": 1, "sadness": 1, "others": 0}
    rows = list(csv.DictReader(io.StringIO(metamidi.as_csv(report.labelled))))
    assert rows[2] == {
        "file": "glad.mid",
        "label": "happiness",
        "energy": "0.6",
        "valence": "0.9",
        "matched_by": "stem",
    }


@pytest.mark.parametrize(
    "text",
    [
        "MD5,Energy,Valence\nglad,0.4,0.6\n",
        "energy;valence;md5\n0.4;0.6;glad\n",
        "\ufeffTrack\tDanceability\tENERGY \t valence\nglad\t.9\t0.4\t0.6\n",
        'name,energy,valence\n"glad",0.4,0.6\n',
    ],
)
def test_tables_of_many_makes_are_understood(tmp_path, collection, text):
    report = metamidi.label(collection, table(tmp_path, text))
    assert [(r.file, r.label) for r in report.labelled] == [("glad.mid", "others")]


def test_rows_that_cannot_be_used_are_named_with_their_line(tmp_path):
    found = table(tmp_path, "file,energy,valence\nglad,1.2,0.5\n,0.1,0.1\nsad,0.2\nodd,nan,x\nok,0,1\n")
    assert set(found.rows) == {"ok"}
    assert [line.split(": ")[0] for line in found.broken] == [f"features.csv, line {n}" for n in (2, 3, 4, 5)]
    assert "energy as a number in [0, 1], got '1.2'" in found.broken[0]


def test_of_several_matches_the_best_scored_are_averaged(tmp_path, collection):
    text = "md5,score,energy,valence\nglad,0.9,0.2,0.4\nglad,0.9,0.4,0.4\nglad,0.3,1,1\n"
    (row,) = metamidi.label(collection, table(tmp_path, text)).labelled
    assert (row.energy, row.valence, row.label) == (pytest.approx(0.3), pytest.approx(0.4), "sadness")


@pytest.mark.parametrize("text", ["", "file,energy\na,1\n", "energy,valence\n1,1\n"])
def test_a_table_without_the_columns_is_refused(tmp_path, text):
    with pytest.raises(BadMedia, match=r"features\.csv: expected columns energy, valence and one of md5"):
        table(tmp_path, text)


def test_a_missing_table_or_folder_is_named(tmp_path):
    with pytest.raises(BadMedia, match=r"none\.csv"):
        metamidi.read_features(tmp_path / "none.csv")
    with pytest.raises(BadMedia, match="nowhere: expected a folder"):
        metamidi.label(tmp_path / "nowhere", metamidi.Table({}, "file"))
