"""Pairs come from the frames and sections asked for, never across a cut; a film's folder is whole or not there."""

import csv
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from moodscore.errors import BadMedia, BadValue, RenderFailed
from moodscore.learn import extract
from moodscore.learn.data import pairs
from moodscore.learn.extract import Job, Section, Settings

SMALL = Settings(pairs=6, height=48)


def numbered(number, size):
    """The frame's number in a band of sixteen black or white bars, one for each bit, over a colour of its scene."""
    pixels = np.empty((size[1], size[0], 3), np.uint8)
    pixels[:] = ((40, 90, 200), (200, 120, 30))[number >= 30]
    pixels[size[1] // 2 :, : size[0] // 2] = ((200, 120, 30), (40, 90, 200))[number >= 30]
    for bit in range(8):
        pixels[:12, bit * 8 : bit * 8 + 8] = 255 * (number >> bit & 1)
    return pixels


def number_in(path):
    pixels = np.asarray(Image.open(path))
    return sum((pixels[6, bit * 8 + 4].mean() > 128) << bit for bit in range(8))


@pytest.fixture(scope="module")
def film(film_maker, tmp_path_factory):
    """Sixty frames in 2.4 s with a cut at the thirty-first."""
    return film_maker.write(tmp_path_factory.mktemp("film") / "dark.mp4", frames=60, picture=numbered, gop=12)


def test_a_pair_is_an_odd_frame_and_the_one_after_it(film, tmp_path):
    done = extract.extract(Job(film, "horror"), SMALL, tmp_path)
    assert (done.folder, done.pairs, done.kept) == (tmp_path / "horror" / "dark", 6, False)
    files = sorted(p.name for p in done.folder.glob("*.png"))
    assert files == [f"{n:03d}.png" for n in range(1, 13)]
    found = [number_in(done.folder / name) + 1 for name in files]  # frames are counted from 1
    assert all(key % 2 == 1 for key in found[::2])
    assert found[1::2] == [key + 1 for key in found[::2]]
    assert found == sorted(found)


def test_the_manifest_says_where_each_frame_came_from(film, tmp_path):
    done = extract.extract(Job(film, "horror", extract.sections(["00:01-00:02"])), SMALL, tmp_path)
    manifest = extract.read_manifest(done.folder)
    assert (manifest["film"], manifest["genre"], manifest["seed"]) == ("dark.mp4", "horror", 0)
    assert manifest["sections"] == ["00:00:01-00:00:02"]
    for row in manifest["pairs"]:
        assert row["key_frame"] == number_in(done.folder / row["key_file"]) + 1
        assert row["next_frame"] == number_in(done.folder / row["next_file"]) + 1
        assert row["key_s"] == pytest.approx((row["key_frame"] - 1) / 25, abs=1e-3)
        assert 1 <= row["key_s"] < row["next_s"] < 2


def test_no_pair_lies_across_a_cut_or_leaves_its_section(film, tmp_path):
    # Frames 30 and 31 are parted by the cut, so of frames 28 .. 32 only 29 with 30 and 31 with 32 may be pairs.
    parts = (Section(27 / 25, 32 / 25),)
    done = extract.extract(Job(film, "sf", parts), Settings(pairs=2, height=48), tmp_path)
    assert [(r["key_frame"], r["next_frame"]) for r in extract.read_manifest(done.folder)["pairs"]] == [
        (29, 30),
        (31, 32),
    ]
    parts = (Section(28 / 25, 31 / 25),)  # frames 29, 30, 31: the pair of 31 leaves the section
    done = extract.extract(Job(film, "ani2d", parts), Settings(pairs=1, height=48), tmp_path)
    assert [r["key_frame"] for r in extract.read_manifest(done.folder)["pairs"]] == [29]


def test_a_pair_across_a_cut_is_drawn_again(film_maker, tmp_path):
    def scenes(number, size):
        return numbered(30 if (number // 15) % 2 else 0, size)

    path = film_maker.write(
        tmp_path / "cuts.mp4", frames=60, picture=scenes
    )  # cuts at frames 16, 31, 46, counted from 1
    done = extract.extract(Job(path, "action"), Settings(pairs=28, height=48), tmp_path / "out")
    keys = {row["key_frame"] for row in extract.read_manifest(done.folder)["pairs"]}
    assert keys == set(range(1, 61, 2)) - {15, 45}
    assert done.redrawn <= 2


def test_the_same_seed_gives_the_same_files_and_another_does_not(film, tmp_path):
    def files(name, seed):
        done = extract.extract(Job(film, "horror"), Settings(pairs=6, seed=seed, height=48), tmp_path / name)
        return {p.name: p.read_bytes() for p in done.folder.iterdir()}

    assert files("a", 1) == files("b", 1)
    assert files("c", 2)["manifest.json"] != files("a2", 1)["manifest.json"]


def test_what_is_there_is_kept_and_what_differs_is_refused(film, tmp_path):
    first = extract.extract(Job(film, "horror"), SMALL, tmp_path)
    before = {p: p.stat().st_mtime_ns for p in first.folder.iterdir()}
    assert extract.extract(Job(film, "horror"), SMALL, tmp_path).kept
    assert {p: p.stat().st_mtime_ns for p in first.folder.iterdir()} == before
    with pytest.raises(BadMedia, match="another seed; remove it"):
        extract.extract(Job(film, "horror"), Settings(pairs=6, seed=3, height=48), tmp_path)


def test_too_few_clean_pairs_leave_nothing_behind(film, tmp_path):
    with pytest.raises(BadMedia, match=r"dark\.mp4: expected 50 pairs .* got only 30"):
        extract.extract(Job(film, "horror"), Settings(pairs=50, height=48), tmp_path)
    assert not list(tmp_path.rglob("*.png"))


def test_an_interruption_leaves_nothing_half_written(film, tmp_path):
    def interrupt(stage, share):
        if stage == "extract" and share > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        extract.extract(Job(film, "horror"), SMALL, tmp_path, interrupt)
    assert [p for p in tmp_path.rglob("*") if p.is_file() or p.name == "dark"] == []


def test_a_folder_that_takes_no_files_is_named(film, tmp_path):
    (tmp_path / "horror").write_text("a file is in the way")
    with pytest.raises(RenderFailed, match="name another output"):
        extract.extract(Job(film, "horror"), SMALL, tmp_path)


def test_jpeg_and_height_are_as_asked(film, tmp_path):
    done = extract.extract(Job(film, "horror"), Settings(pairs=1, height=24, form="jpg"), tmp_path)
    with Image.open(done.folder / "001.jpg") as image:
        assert (image.format, image.size) == ("JPEG", (32, 24))
    with pytest.raises(BadValue, match="png or jpg"):
        Settings(form="bmp")


def test_what_is_extracted_is_what_the_loader_reads(film, tmp_path):
    extract.extract(Job(film, "horror"), SMALL, tmp_path)
    loaded = pairs.load(tmp_path)
    assert loaded.counts["horror"] == 12
    manifest = extract.read_manifest(tmp_path / "horror" / "dark")
    assert loaded.films[0].marks == {f"film {manifest['sha256']}"}
    with extract.write_table(tmp_path).open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 6
    assert rows[0]["key_file"] == "001.png"


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["00:10:00"], "hh:mm:ss-hh:mm:ss"),
        (["00:61:00-01:02:00"], "hh:mm:ss-hh:mm:ss"),
        (["ten-twenty"], "hh:mm:ss-hh:mm:ss"),
        (["-00:10-00:20"], "hh:mm:ss-hh:mm:ss"),
        (["00:02:00-00:01:00"], "end after its start"),
        (["00:01:00-00:01:00"], "end after its start"),
        (["00:01:00-00:02:00", "00:01:59-00:03:00"], "overlap"),
    ],
)
def test_sections_that_are_none_are_refused(texts, said):
    with pytest.raises(BadValue, match=said):
        extract.sections(texts)


def test_sections_past_the_end_are_refused(film, tmp_path):
    job = Job(film, "horror", extract.sections(["00:00-00:03"]))
    with pytest.raises(BadValue, match=r"within the film \(00:00:02\.400\), got 00:00:00-00:00:03"):
        extract.extract(job, SMALL, tmp_path)


@settings(max_examples=50)
@given(start=st.integers(0, 86_000_000), length=st.integers(1, 10_000_000))
def test_a_section_reads_as_it_is_written(start, length):
    section = Section(start / 1000, (start + length) / 1000)
    (again,) = extract.sections([str(section)])
    assert (again.start_s, again.end_s) == pytest.approx((section.start_s, section.end_s))


def test_a_table_names_films_beside_it(tmp_path):
    table = tmp_path / "films.csv"
    table.write_text("film,genre,sections\na.mp4,horror,00:10-00:20;00:30-00:40\nb.mp4,로맨스,\n")
    one, other = extract.jobs_of(table)
    assert (one.film, one.genre, len(one.sections)) == (tmp_path / "a.mp4", "horror", 2)
    assert (other.genre, other.sections) == ("romance", ())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "got none"),
        ("film,sections\na,\n", "columns film, genre, sections"),
        ("film,genre,sections\na.mp4,comedy,\n", "expected one of action"),
        ("film,genre,sections\na.mp4,sf,1-2\n", "hh:mm:ss"),
        ("film,genre,sections\nx/a.mp4,sf,\ny/a.mkv,sf,\n", "sf/a twice"),
    ],
)
def test_a_table_that_is_none_is_refused_by_name(tmp_path, text, said):
    table = tmp_path / "films.csv"
    table.write_text(text)
    with pytest.raises(BadMedia, match=said) as error:
        extract.jobs_of(table)
    assert "films.csv" in str(error.value)


def test_a_broken_manifest_is_named(tmp_path):
    (tmp_path / "manifest.json").write_text(json.dumps({"pairs": []}))
    with pytest.raises(BadMedia, match=r"manifest\.json: .*remove the folder"):
        extract.read_manifest(tmp_path)
