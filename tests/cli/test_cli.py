"""What a user of the command line relies on: exit codes, one-line errors, complete JSON, nothing half-written."""

import ctypes
import json
import os
import resource
import signal
import struct
import subprocess
import sys
import time
import zlib

import av
import numpy as np
import pytest
from PIL import Image

from moodscore import cli


def moodscore(*args: object) -> int:
    """Run the command line in this process; returns its exit code."""
    return cli.main([str(a) for a in args])


def command(*args: object) -> list[str]:
    """The words that run the command line in a process of its own."""
    return [sys.executable, "-m", "moodscore", *map(str, args)]


def error_line(capsys) -> str:
    """The one line on standard error; fails when there are more, or a traceback."""
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def png_that_claims(width: int, height: int) -> bytes:
    """A PNG of some bytes whose header claims to be `width` x `height`."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(999))) + chunk(b"IEND", b"")
    )


def bad_photo(kind: str, where) -> str:
    """Make a photo that is bad in the way `kind` says; returns its path."""
    path = where / f"{kind}.jpg"
    if kind == "text":
        path.write_text("this is not a photo, however it is called\n" * 20)
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "truncated":
        noise = np.random.default_rng(0).integers(0, 255, (200, 300, 3), np.uint8)
        Image.fromarray(noise).save(path)
        path.write_bytes(path.read_bytes()[:4000])
    elif kind == "bomb":
        path.write_bytes(png_that_claims(30_000, 30_000))
    elif kind == "long":
        path.write_bytes(png_that_claims(20_000, 10))
    elif kind == "unreadable":
        path.symlink_to(path)  # a link to itself cannot be read even by root
    return str(path)


BAD = ["missing", "text", "empty", "truncated", "bomb", "long", "unreadable"]


@pytest.mark.parametrize("verb", ["look", "tune", "film"])
@pytest.mark.parametrize("kind", BAD)
def test_a_bad_photo_is_one_line_that_names_it_and_says_what_to_do(kind, verb, tmp_path, capsys):
    path = bad_photo(kind, tmp_path)
    out = ["-o", tmp_path / "out" / "x.wav"] if verb == "tune" else ["-o", tmp_path / "x.mp4"] if verb == "film" else []
    if verb == "tune":
        (tmp_path / "out").mkdir()
    before = sorted(tmp_path.rglob("*"))
    assert moodscore(verb, path, *out) == 2
    line = error_line(capsys)
    assert line.startswith("moodscore: ")
    assert path in line
    assert "expected" in line
    assert sorted(tmp_path.rglob("*")) == before


def test_the_size_limits_are_said_in_the_error(tmp_path, capsys):
    assert moodscore("look", bad_photo("bomb", tmp_path)) == 2
    line = error_line(capsys)
    assert "64" in line
    assert "30" in line


def without_the_power_to_override_permissions():
    """Let a child that root starts be bound by permissions as everybody is (Linux)."""
    drop_from_bounding_set = 24
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        ctypes.CDLL(None).prctl(drop_from_bounding_set, capability, 0, 0, 0)


@pytest.mark.skipif(sys.platform != "linux" and os.geteuid() == 0, reason="root may read and write everything")
@pytest.mark.parametrize("what", ["photo", "folder", "output"])
def test_what_may_not_be_read_or_written_is_named(what, folder, tmp_path):
    locked = tmp_path / "locked"
    locked.mkdir()
    mine = locked / "mine.jpg"
    mine.write_bytes((folder / "a.jpg").read_bytes())
    mine.chmod(0)
    locked.chmod(0 if what == "folder" else 0o555)
    asked = {
        "photo": (mine, ["look", str(mine)]),
        "folder": (locked, ["look", str(locked)]),
        "output": (locked / "x.wav", ["tune", "--mood", "sad", "--seconds", "1", "-o", str(locked / "x.wav")]),
    }
    named, words = asked[what]
    limit = without_the_power_to_override_permissions if sys.platform == "linux" else None
    done = subprocess.run(command(*words), capture_output=True, text=True, check=False, preexec_fn=limit)
    locked.chmod(0o755)
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert str(named) in done.stderr
    assert list(locked.iterdir()) == [mine]


@pytest.mark.parametrize("verb", ["look", "film"])
def test_an_empty_folder_is_refused(verb, tmp_path, capsys):
    (tmp_path / "nothing").mkdir()
    assert moodscore(verb, tmp_path / "nothing") == 2
    assert "nothing" in error_line(capsys)


@pytest.mark.parametrize("verb", ["tune", "film"])
@pytest.mark.parametrize("place", ["no/such/folder/x", "a_file/x", "a_folder"])
def test_an_output_that_cannot_be_written_is_refused_before_the_work(verb, place, folder, tmp_path, capsys):
    (tmp_path / "a_file").write_text("mine")
    (tmp_path / "a_folder.wav").mkdir()
    (tmp_path / "a_folder.mp4").mkdir()
    before = sorted(tmp_path.rglob("*"))
    out = tmp_path / (place + (".wav" if verb == "tune" else ".mp4"))
    assert moodscore(verb, folder / "a.jpg" if verb == "tune" else folder, "-o", out) == 2
    assert str(out) in error_line(capsys)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("out", ["x.txt", "x"])
def test_an_unknown_ending_is_refused_and_the_known_ones_are_listed(out, tmp_path, capsys):
    assert moodscore("tune", "--mood", "quiet", "--seconds", 2, "-o", tmp_path / out) == 2
    assert ".wav" in error_line(capsys)
    assert not list(tmp_path.iterdir())


def test_a_film_is_not_written_under_the_name_of_another_kind(folder, tmp_path, capsys):
    assert moodscore("film", folder, "-o", tmp_path / "x.avi") == 2
    assert ".mp4" in error_line(capsys)
    assert not list(tmp_path.iterdir())


def test_music_that_is_none_is_refused_before_the_photos_are_read(folder, tmp_path, capsys):
    assert moodscore("film", tmp_path / "nowhere", "--music", folder / "a.jpg", "-o", tmp_path / "x.mp4") == 2
    assert "a.jpg" in error_line(capsys)


def test_an_unknown_mood_lists_the_eight(capsys, tmp_path):
    assert moodscore("tune", "--mood", "hungry", "-o", tmp_path / "x.wav") == 2
    line = error_line(capsys)
    assert "hungry" in line
    assert "joyful" in line
    assert "peaceful" in line


@pytest.mark.parametrize(
    "args",
    [
        ["tune"],
        ["tune", "a.jpg", "--mood", "sad"],
        ["tune", "--mood", "sad", "--valence", "0.1", "--arousal", "0.1"],
        ["tune", "--valence", "0.1"],
        ["tune", "--valence", "1.5", "--arousal", "0"],
        ["tune", "--mood", "sad", "--seconds", "0.2"],
        ["tune", "--mood", "sad", "--seconds", "nan"],
        ["tune", "--mood", "sad", "--seed", "-1"],
        ["film"],
        ["film", ".", "--order", "random"],
        ["film", ".", "--transition", "star-wipe"],
        ["look"],
        ["look", "--colour"],
        ["sing"],
    ],
)
def test_options_that_make_no_sense_are_refused(args, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert moodscore(*args) == 2
    assert "Traceback" not in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("verb", [[], *([verb] for verb in cli.VERBS)])
def test_every_verb_explains_itself(verb, capsys):
    assert moodscore(*verb, "--help") == 0
    said = capsys.readouterr().out
    assert said.startswith("Usage: moodscore")
    for name in cli.VERBS if not verb else ():
        assert name in said


def test_look_prints_a_row_for_every_photo(folder, capsys):
    assert moodscore("look", folder) == 0
    said = capsys.readouterr()
    assert all(name in said.out for name in ("a.jpg", "b.png", "c.webp", "valence", "±"))
    assert said.err == ""


def test_look_json_is_complete(folder, tmp_path, capsys):
    assert moodscore("look", folder, "--json", "--plot", tmp_path / "plane.png") == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["photo"].rpartition("/")[2] for row in rows] == ["a.jpg", "b.png", "c.webp"]
    for row in rows:
        assert -1 <= row["valence"] <= 1
        assert -1 <= row["arousal"] <= 1
        assert row["valence_sd"] > 0
        assert row["arousal_sd"] > 0
        assert 0 <= row["confidence"] <= 1
        assert "@" in row["source"]
        assert row["mood"]
        assert sum(row["labels"]["probs"]) == pytest.approx(1, abs=1e-3)
    with Image.open(tmp_path / "plane.png") as plane:
        assert min(plane.size) >= 400


def mixed(folder, where):
    """A folder with two good photos and three bad ones."""
    for name in ("a.jpg", "b.png"):
        (where / name).write_bytes((folder / name).read_bytes())
    for kind in ("text", "empty", "bomb"):
        bad_photo(kind, where)
    return where


def test_bad_photos_among_good_ones_are_skipped_counted_and_named(folder, tmp_path, capsys):
    assert moodscore("look", mixed(folder, tmp_path), "--json") == 0
    said = capsys.readouterr()
    assert len(json.loads(said.out)) == 2
    assert "3 skipped" in said.err
    assert all(f"{name}.jpg" in said.err for name in ("text", "empty", "bomb"))


@pytest.mark.parametrize("verb", ["look", "film"])
def test_strict_refuses_the_first_bad_photo(verb, folder, tmp_path, capsys):
    out = [] if verb == "look" else ["-o", tmp_path / "x.mp4"]
    assert moodscore(verb, mixed(folder, tmp_path), "--strict", *out) == 2
    assert ".jpg" in error_line(capsys)
    assert not (tmp_path / "x.mp4").exists()


def test_a_folder_of_only_bad_photos_names_them(tmp_path, capsys):
    for kind in ("text", "empty"):
        bad_photo(kind, tmp_path)
    assert moodscore("film", tmp_path, "-o", tmp_path / "x.mp4") == 2
    assert "2" in error_line(capsys)
    assert moodscore("look", tmp_path) == 2
    said = capsys.readouterr()
    assert "text.jpg" in said.err
    assert "empty.jpg" in said.err
    assert "valence" not in said.out


def test_tune_writes_sound_and_notes_of_the_length_asked_for(tmp_path, capsys):
    for ending, mood in ((".wav", "평화로운"), (".mid", "Peaceful")):
        out = tmp_path / f"x{ending}"
        assert moodscore("tune", "--mood", mood, "--seconds", 3, "-o", out, "--json") == 0
        told = json.loads(capsys.readouterr().out)
        assert told["file"] == str(out)
        assert told["target"] == {"valence": 0.495, "arousal": -0.495}
        assert told["plan"]
        assert out.stat().st_size > 100
    with av.open(str(tmp_path / "x.wav")) as sound:
        assert sound.duration / av.time_base == pytest.approx(3.0, abs=0.01)


def test_tune_of_a_photo_tells_what_was_read_and_draws_the_notes(folder, tmp_path, capsys):
    out, roll = tmp_path / "x.wav", tmp_path / "roll.png"
    assert moodscore("tune", folder / "a.jpg", "--seconds", 2, "-o", out, "--plot", roll) == 0
    said = capsys.readouterr().out
    assert "a.jpg" in said
    assert "valence" in said
    with Image.open(roll) as drawn:
        assert min(drawn.size) > 100


def test_a_film_comes_with_its_parts_and_tells_the_same_recipe(folder, tmp_path, capsys):
    out = tmp_path / "film.mp4"
    args = ["--seconds", 2, "--fade", 0.3, "--order", "arc", "--seed", 7, "--parts", "--json"]
    assert moodscore("film", folder, "-o", out, *args) == 0
    told = json.loads(capsys.readouterr().out)
    parts = {"film.mp4", "film.json", "plane.png", "tune.wav", "tune.mid"}
    assert {path.name for path in tmp_path.iterdir()} == parts
    assert {os.path.basename(name) for name in told.pop("files")} == parts
    assert json.loads((tmp_path / "film.json").read_text("utf-8")) == told
    assert told["seed"] == 7
    assert told["machine_made"] is True
    assert {r["photo"] for r in told["readings"]} == {"a.jpg", "b.png", "c.webp"}
    assert told["cards"]
    assert told["plan"]
    assert str(folder) not in json.dumps(told), "the recipe travels with the film; folder names stay at home"
    with av.open(str(out)) as film:
        assert film.duration / av.time_base == pytest.approx(2.0, abs=0.1)
        assert {stream.type for stream in film.streams} == {"video", "audio"}


def test_a_film_of_what_is_left_is_made_and_the_rest_is_named(folder, tmp_path, capsys):
    where = tmp_path / "in"
    where.mkdir()
    out = tmp_path / "film.mp4"
    assert moodscore("film", mixed(folder, where), "--seconds", 1, "-o", out, "-q", "--json") == 0
    said = capsys.readouterr()
    assert out.exists()
    assert "3 skipped" in said.err
    skipped = json.loads(said.out)["skipped"]
    assert {one["photo"] for one in skipped} == {"text.jpg", "empty.jpg", "bomb.jpg"}
    assert str(where) not in json.dumps(skipped)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["film.mp4"]


def test_a_preview_alone_is_one_page_and_no_film(folder, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert moodscore("film", folder, "--seconds", 2, "--preview", "page.html") == 0
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
    page = (tmp_path / "page.html").read_text("utf-8")
    assert page.lstrip().lower().startswith("<!doctype html")
    assert 'src="http' not in page
    assert "page.html" in capsys.readouterr().out


def test_doctor_finds_everything_the_main_jobs_need(capsys):
    assert moodscore("doctor", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["well"] is True
    assert all(one["problem"] is None for one in told["weights"])
    assert set(told["extras"]) >= {"learn", "docs", "dev"}
    assert told["sandbox"]["works"] is True
    assert moodscore("doctor") == 0
    assert "onnxruntime" in capsys.readouterr().out


def test_ctrl_c_leaves_nothing_half_written(folder, tmp_path):
    out = tmp_path / "film.mp4"
    running = subprocess.Popen(
        command("film", folder, "-o", out, "--seconds", 60, "-q"), stderr=subprocess.PIPE, text=True
    )
    try:
        deadline = time.monotonic() + 60
        while not list(tmp_path.iterdir()) and running.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        assert list(tmp_path.iterdir()), "nothing was being written"
        running.send_signal(signal.SIGINT)
        said = running.communicate(timeout=30)[1]
    finally:
        running.kill()
    assert running.returncode == 130
    assert said.strip().splitlines() == ["moodscore: interrupted; nothing half-written was left"]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("verb", "limit"), [(["tune", "--mood", "sad", "--seconds", "5"], 100_000), (["film", "--seconds", "4"], 20_000)]
)
def test_a_full_disk_is_one_line_and_leaves_nothing(verb, limit, folder, tmp_path):
    out = tmp_path / ("x.wav" if verb[0] == "tune" else "x.mp4")
    photos = [] if verb[0] == "tune" else [folder]
    done = subprocess.run(
        command(*verb, *photos, "-o", out, "-q"),
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        # No room beyond `limit` bytes: writing fails as it does on a full disk, only with another errno.
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 2, done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, lines
    assert out.name in lines[0]
    assert not list(tmp_path.iterdir())


def test_a_reader_that_goes_away_is_no_error(folder):
    done = subprocess.run(
        f"{' '.join(command('look', folder, '--json'))} | head -c 1",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
