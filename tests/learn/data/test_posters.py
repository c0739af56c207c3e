import numpy as np
import pytest
from PIL import Image

from moodscore.errors import BadMedia
from moodscore.learn.data import posters


@pytest.fixture
def folder(tmp_path):
    rows = ["file,imdb_id,genre,label_source"]
    for number in range(40):
        Image.fromarray(np.full((9, 6, 3), number, np.uint8)).save(tmp_path / f"tt{number}.jpg")
        rows.append(f"tt{number}.jpg,tt{number},{'horror' if number % 2 else 'ani2d'},csv")
    (tmp_path / "genres.csv").write_text("\n".join(rows) + "\n")
    return tmp_path


def test_posters_come_with_their_genre_and_a_fold_that_stays(folder):
    found = posters.posters(folder)
    assert [p.says for p in found[:2]] == ["ani2d", "horror"]
    assert {p.fold for p in found} == set(range(posters.FOLDS))
    assert posters.posters(folder) == found


def test_a_genre_nobody_knows_or_a_lost_file_is_named(folder):
    table = folder / "genres.csv"
    table.write_text(table.read_text() + "tt99.jpg,tt99,horror,csv\n")
    with pytest.raises(BadMedia, match=r"tt99\.jpg"):
        posters.posters(folder)


def test_object_classes_are_held_out_whole(tmp_path):
    for number in range(20):
        Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(tmp_path / f"{('dog', 'horse')[number % 2]}_{number}.jpg")
    found = posters.kinds(tmp_path, "drawn")
    folds = {kind: {p.fold for p in found if p.path.name.startswith(kind)} for kind in ("dog", "horse")}
    assert all(len(f) == 1 for f in folds.values())


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(BadMedia, match="JPEG"):
        posters.kinds(tmp_path, "drawn")
