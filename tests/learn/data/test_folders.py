"""A folder for each mood."""

import pytest

from moodscore.errors import BadMedia, BadValue
from moodscore.learn.data import folders
from moodscore.schemes import MOODS


def touch(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")


def test_english_and_korean_folders_are_read_in_the_order_of_the_moods(tmp_path):
    touch(tmp_path, "sad/b.jpg", "sad/a.PNG", "즐거운/c.webp", "sad/notes.txt", ".cache/x.jpg")
    found = folders.load(tmp_path)
    assert [(f.mood.name, f.path.name) for f in found] == [("joyful", "c.webp"), ("sad", "a.PNG"), ("sad", "b.jpg")]
    assert len({f.group for f in found}) == 3


def test_groups_keep_pictures_together_and_survive_writing(tmp_path):
    touch(tmp_path / "from", "a_1.jpg", "a_2.jpg", "b_1.jpg")
    items = [
        (tmp_path / "from" / n, MOODS[m], n[0])
        for n, m in (("a_1.jpg", "sad"), ("a_2.jpg", "quiet"), ("b_1.jpg", "sad"))
    ]
    folders.write(tmp_path / "set", items)
    folders.write(tmp_path / "set", items)
    found = folders.load(tmp_path / "set")
    assert sorted((f.path.name, f.mood.name, f.group) for f in found) == sorted(
        (p.name, m.name, g) for p, m, g in items
    )


def test_what_is_not_a_set_is_refused(tmp_path):
    with pytest.raises(BadMedia, match="no folder"):
        folders.load(tmp_path / "nowhere")
    touch(tmp_path, "sad/a.jpg")
    with pytest.raises(BadMedia, match="at least two moods"):
        folders.load(tmp_path)
    touch(tmp_path, "happyish/a.jpg")
    with pytest.raises(BadValue, match=r"happyish.*joyful"):
        folders.load(tmp_path)
