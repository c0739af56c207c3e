"""What a user of the face commands relies on."""

import json
from pathlib import Path

import pytest
from PIL import Image

from moodscore import cli, jobs

ASTRONAUT = Path(__file__).parents[2] / "examples" / "photos" / "03-astronaut-smiling.jpg"


def moodscore(*args: object) -> int:
    """Run the command line in this process; returns its exit code."""
    return cli.main([str(a) for a in args])


def width_of(path: Path) -> int:
    with Image.open(path) as picture:
        return picture.width


def test_face_prints_a_row_for_each_face(capsys):
    assert moodscore("face", ASTRONAUT) == 0
    out = capsys.readouterr().out
    assert ASTRONAUT.name in out
    assert "happy" in out


def test_face_as_json_has_box_landmarks_and_the_whole_distribution(capsys):
    assert moodscore("face", ASTRONAUT, "--json") == 0
    (photo,) = json.loads(capsys.readouterr().out)
    first = photo["faces"][0]
    assert first["box"]["left"] < first["landmarks"][2][0] < first["box"]["right"]
    assert first["labels"]["scheme"] == "expression"
    assert sum(first["labels"]["probs"]) == pytest.approx(1, abs=1e-3)
    assert photo["together"]["valence"] > 0.2


def test_face_in_five_labels_moves_the_point_to_their_places(capsys):
    assert moodscore("face", ASTRONAUT, "--json", "--scheme", "music5") == 0
    (photo,) = json.loads(capsys.readouterr().out)
    labels = photo["faces"][0]["labels"]
    assert labels["scheme"] == "music5"
    assert labels["probs"].index(max(labels["probs"])) == 0


def test_face_draws_a_picture_for_each_photo(tmp_path, capsys):
    assert moodscore("face", ASTRONAUT, "--plot", tmp_path / "one.png") == 0
    assert width_of(tmp_path / "one.png") == 1200
    assert moodscore("face", ASTRONAUT, ASTRONAUT, "--plot", tmp_path / "two.png", "--quiet") == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["one.png", "two-1.png", "two-2.png"]


def test_a_photo_without_a_face_is_one_line_that_names_it_and_what_to_do(folder, tmp_path, capsys):
    for args in (("face", folder / "a.jpg"), ("tune", folder / "a.jpg", "--from", "face", "-o", tmp_path / "x.wav")):
        assert moodscore(*args) == 2
        (line,) = capsys.readouterr().err.strip().splitlines()
        assert "a.jpg" in line
        assert "--from scene" in line
    assert not (tmp_path / "x.wav").exists()


def test_photos_without_faces_are_named_and_the_others_are_read(folder, capsys):
    assert moodscore("face", folder, ASTRONAUT, "--quiet") == 0
    said = capsys.readouterr()
    assert ASTRONAUT.name in said.out
    assert "3 skipped" in said.err
    assert moodscore("face", folder, ASTRONAUT, "--quiet", "--strict") == 2


def test_the_same_photo_by_scene_by_face_and_by_both_lies_between(tmp_path, capsys):
    valence = {}
    for source in ("scene", "both", "face"):
        assert (
            moodscore("tune", ASTRONAUT, "--from", source, "--seconds", 2, "-o", tmp_path / "x.mid", "--json", "-q")
            == 0
        )
        valence[source] = json.loads(capsys.readouterr().out)["target"]["valence"]
    assert valence["scene"] < valence["both"] < valence["face"]


@pytest.mark.parametrize(
    "args", [("--mood", "sad", "--from", "face"), (ASTRONAUT, "--scheme", "music5"), (ASTRONAUT, "--from", "nose")]
)
def test_choices_that_do_not_go_together_are_refused(args, tmp_path, capsys):
    assert moodscore("tune", *args, "-o", tmp_path / "x.mid") == 2
    assert not (tmp_path / "x.mid").exists()


def test_look_reads_the_same_with_and_without_an_explanation_and_finds_the_faces_once(tmp_path, capsys, monkeypatch):
    from moodscore.see import face

    found, find = [], face.find
    monkeypatch.setattr(face, "find", lambda photo: found.append(photo.name) or find(photo))
    assert moodscore("look", ASTRONAUT, "--json", "--quiet") == 0
    plain = capsys.readouterr().out
    assert moodscore("look", ASTRONAUT, "--json", "--explain", tmp_path / "why.png", "--quiet") == 0
    assert capsys.readouterr().out == plain
    assert len(found) == 2


def test_look_says_by_what_it_goes_and_explains_it(tmp_path, capsys):
    assert moodscore("look", ASTRONAUT, "--json", "--explain", tmp_path / "why.png", "--quiet") == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert [p["name"] for p in row["parts"]][:2] == ["scene", "face 1"]
    assert width_of(tmp_path / "why.png") == 1200
    assert moodscore("look", ASTRONAUT, ASTRONAUT, "--explain", tmp_path / "no.png", "--quiet") == 2


def test_the_camera_is_told_to_keep_the_face():
    seen = jobs.look(ASTRONAUT)
    face = jobs.look_at_faces(ASTRONAUT).faces[0][0].box
    kept = seen.focus[0]
    assert kept.left <= face.centre[0] <= kept.right
    assert kept.top <= face.centre[1] <= kept.bottom
