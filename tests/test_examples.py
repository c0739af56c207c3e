"""The example photographs: each opens, each is credited, and together they stay small."""

import re
from pathlib import Path

import pytest

from moodscore.prepare import image

FOLDER = Path(__file__).parent.parent / "examples" / "photos"
PHOTOS = image.photos_in(FOLDER)


def test_there_are_enough_of_them_and_they_are_small():
    assert len(PHOTOS) >= 12
    assert sum(p.stat().st_size for p in PHOTOS) < 8_000_000


@pytest.mark.parametrize("path", PHOTOS, ids=lambda p: p.stem)
def test_every_photo_opens_and_has_its_credit(path):
    assert min(image.open(path, 224).size) >= 224
    (row,) = re.findall(rf"^\| {re.escape(path.name)} \| (.+) \|$", (FOLDER / "CREDITS.md").read_text("utf-8"), re.M)
    shows, author, licence, source, changed = row.split(" | ")
    assert shows
    assert author
    assert source
    assert changed
    assert re.match(r"public domain|\[CC BY 4.0\]|\[CC0\]", licence)


def test_the_credits_name_no_photo_that_is_not_there():
    named = re.findall(r"^\| (\S+\.jpg) \|", (FOLDER / "CREDITS.md").read_text("utf-8"), re.M)
    assert named == [p.name for p in PHOTOS]


def test_one_of_them_lies_on_its_side_in_the_file_and_stands_up_when_opened():
    path = FOLDER / "19-two-dogs-at-the-window.jpg"
    width, height = image.open(path).size
    assert width < height
    assert image.size_of(path) == (width, height)
