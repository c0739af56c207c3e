"""LIRIS-ACCEDE's files: scores become points of the plane, the official sets stay apart, seconds become a trajectory."""

import pytest

from moodscore.errors import BadMedia, BadValue
from moodscore.learn.data import liris


@pytest.fixture
def folder(tmp_path, make_liris):
    return make_liris(tmp_path / "set", [1, 1, 1, 2, 2, 0, 0, 0], films=False)


def changed(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_scores_of_one_to_five_are_points_of_the_plane(folder):
    ranking = folder / liris.RANKING
    rows = [line.split("\t") for line in ranking.read_text().splitlines()[1:]]
    excerpts = liris.load(folder)
    for excerpt, row in zip(excerpts, rows, strict=True):
        assert excerpt.scores == pytest.approx((float(row[4]), float(row[5])))
        assert excerpt.affect.valence == pytest.approx((float(row[4]) - 3) / 2)
        assert excerpt.path == folder / "data" / row[1]
    assert [e.part for e in excerpts] == [1, 1, 1, 2, 2, 0, 0, 0]


def test_the_splits_are_made_of_whole_sets(folder):
    excerpts = liris.load(folder)
    official, paper = (liris.split(excerpts, name) for name in ("official", "paper"))
    assert {part: [e.part for e in items] for part, items in official.items()} == {
        "train": [1, 1, 1],
        "validation": [2, 2],
        "test": [0, 0, 0],
    }
    assert {part: len(items) for part, items in paper.items()} == {"train": 6, "validation": 2, "test": 0}
    with pytest.raises(BadValue, match="official, paper"):
        liris.split(excerpts, "random")
    with pytest.raises(BadValue, match="validation part, got 0"):
        liris.split([e for e in excerpts if e.part != 2])


def test_archives_may_lie_as_they_were_unpacked(folder, tmp_path):
    home = tmp_path / "unpacked"
    (home / "LIRIS-ACCEDE-data" / "data").mkdir(parents=True)
    (home / "LIRIS-ACCEDE-annotations").mkdir()
    (folder / "annotations").rename(home / "LIRIS-ACCEDE-annotations" / "annotations")
    excerpts = liris.load(home)
    assert excerpts[0].path == home / "LIRIS-ACCEDE-data" / "data" / "ACCEDE00000.mp4"


def test_films_on_both_sides_are_named(folder):
    entries = [
        (0, "Sea_1_2.mp4"),  # parts of one film are one film
        (3, "Sea_2_2.mp4"),
        (1, "Land.mp4"),
        (2, "Land.mp4"),
    ]
    media = "".join(f"<media><name>ACCEDE{k:05d}.mp4</name><movie>{film}</movie></media>" for k, film in entries)
    (folder / liris.DESCRIPTION).write_text(f"<library>{media}</library>")
    excerpts = liris.load(folder)
    assert [e.film for e in excerpts[:5]] == ["Sea", "Land", "Land", "Sea", None]
    assert liris.films_in_two(liris.split(excerpts)) == ("Sea",)
    (folder / liris.DESCRIPTION).write_text("<library>")
    with pytest.raises(BadMedia, match="expected XML"):
        liris.load(folder)


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("ACCEDEranking.txt", "valenceValue", "valence", "columns id, name, valenceValue"),
        ("ACCEDEranking.txt", "\t0.1\t0.1\n1\t", "\t0.1\n1\t", "line 2: expected 8 columns, got 7"),
        ("ACCEDEsets.txt", "ACCEDE00004.mp4\t2", "ACCEDE00004.mp4\t7", "line 6: expected the set 0, 1 or 2, got 7"),
        ("ACCEDEsets.txt", "ACCEDE00004.mp4", "ACCEDE99999.mp4", "expected a row for ACCEDE00004.mp4"),
        ("ACCEDEsets.txt", "ACCEDE00004.mp4\t2", "ACCEDE00004.mp4\ttwo", "line 6: expected a number, got 'two'"),
        ("ACCEDEsets.txt", "ACCEDE00004.mp4\t2", "ACCEDE00004.mp4\t1.5", "expected a whole number, got '1.5'"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(folder, file, old, new, said):
    changed(folder / "annotations" / file, old, new)
    with pytest.raises(BadMedia, match=said) as error:
        liris.load(folder)
    assert file in str(error.value)


@pytest.mark.parametrize("score", ["0.5", "5.01", "nan", "inf", ""])
def test_a_score_off_the_scale_is_refused(folder, score):
    path = folder / liris.RANKING
    rows = [line.split("\t") for line in path.read_text().splitlines()]
    rows[3][4] = score
    path.write_text("\n".join("\t".join(row) for row in rows))
    with pytest.raises(BadMedia, match="line 4"):
        liris.load(folder)


def test_a_folder_without_annotations_is_refused(tmp_path):
    with pytest.raises(BadMedia, match=r"ACCEDEranking\.txt: expected this part"):
        liris.load(tmp_path)
    with pytest.raises(BadMedia, match="no such folder"):
        liris.load(tmp_path / "nowhere")


def test_descriptors_are_read_in_the_order_of_the_excerpts(folder):
    for file, names in zip(liris.FEATURES, (("colour", "zcr"), ("colour", "flow", "cuts")), strict=True):
        rows = [
            f"{k}\tACCEDE{k:05d}.mp4\t" + "\t".join(f"{k}.{c}" for c in range(len(names))) for k in reversed(range(8))
        ]
        (folder / file).write_text("\n".join(["\t".join(["id", "name", *names]), *rows]))
    excerpts = liris.load(folder)
    names, values = liris.features(folder, excerpts[2:4])
    assert names == ("valence: colour", "valence: zcr", "arousal: colour", "arousal: flow", "arousal: cuts")
    assert values.tolist() == [[2.0, 2.1, 2.0, 2.1, 2.2], [3.0, 3.1, 3.0, 3.1, 3.2]]
    changed(folder / liris.FEATURES[1], "ACCEDE00003.mp4", "ACCEDE00033.mp4")
    with pytest.raises(BadMedia, match=r"expected a row for ACCEDE00003\.mp4"):
        liris.features(folder, excerpts)


def rated(folder, name, *columns, header="Time\tMean\tStdDev", start=0):
    folder.mkdir(exist_ok=True)
    rows = [f"{start + k}\t" + "\t".join(f"{v:.4f}" for v in row) for k, row in enumerate(zip(*columns, strict=True))]
    (folder / name).write_text("\n".join([header, *rows]) + "\n")


def test_rated_seconds_become_a_trajectory(tmp_path):
    home = tmp_path / "continuous-annotations"
    rated(home, "Rain_Valence.txt", [0.1, 0.2, 0.3], [0.0] * 3)
    rated(home, "Rain_Arousal.txt", [-0.1, -0.2, -0.3], [0.0] * 3)
    rated(home, "B_Valence-Arousal.txt", [0.5, -0.5], [0.25, 0.75], header="Time Valence Arousal", start=1)
    (tmp_path / "continuous-movies").mkdir()
    (tmp_path / "continuous-movies" / "Rain.mp4").touch()
    second, first = liris.continuous(tmp_path)[::-1], liris.continuous(tmp_path)[1]
    assert [film.name for film in second[::-1]] == ["B", "Rain"]
    assert first.trajectory.duration_s == 3.0
    assert first.path == tmp_path / "continuous-movies" / "Rain.mp4"
    assert first.trajectory.at(0.5).valence == pytest.approx(0.15)
    later = second[1]
    assert later.path is None
    assert later.trajectory.at(0.0).valence == later.trajectory.at(1.0).valence == 0.5
    assert (later.trajectory.at(2.0).arousal, later.trajectory.duration_s) == (0.75, 3.0)


def test_an_axis_that_ends_a_second_earlier_is_no_reason_to_stop(tmp_path):
    home = tmp_path / "continuous-annotations"
    rated(home, "Rain_Valence.txt", [0.1] * 20, [0.0] * 20)
    rated(home, "Rain_Arousal.txt", [0.2] * 19, [0.0] * 19)
    (film,) = liris.continuous(tmp_path)
    assert film.trajectory.duration_s == 19.0
    rated(home, "Rain_Arousal.txt", [0.2] * 10, [0.0] * 10)
    with pytest.raises(BadMedia, match="expected the same seconds"):
        liris.continuous(tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Time\tMean\n0\t0.1\n1\t1.5\n", r"line 3: expected a rating in -1\.\.1, got 1\.5"),
        ("Time\tMean\n0\t0.1\n1\n", "line 3: expected 2 columns or more, got 1"),
        ("Time\tMean\n0\t0.1\n1\tx\n", "line 3: expected a number, got 'x'"),
        ("Time\tMean\n0\t0.1\n", "at least two rated seconds"),
    ],
)
def test_rated_seconds_that_are_none_are_refused(tmp_path, text, said):
    home = tmp_path / "continuous-annotations"
    home.mkdir()
    for axis in ("Valence", "Arousal"):
        (home / f"Rain_{axis}.txt").write_text(text)
    with pytest.raises(BadMedia, match=said):
        liris.continuous(tmp_path)


def test_a_continuous_set_needs_both_axes(tmp_path):
    home = tmp_path / "continuous-annotations"
    rated(home, "Rain_Valence.txt", [0.1, 0.2], [0.0, 0.0])
    with pytest.raises(BadMedia, match=r"expected Rain_Arousal\.txt beside it"):
        liris.continuous(tmp_path)
    (home / "Rain_Valence.txt").unlink()
    with pytest.raises(BadMedia, match="got none"):
        liris.continuous(tmp_path)
