"""The benchmarks: each can be run, renewing one section keeps the others, and what they measure with is what it says."""

import ast
import importlib
import importlib.util
import itertools
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from moodscore.prepare import clip, clip_sound

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


@pytest.fixture(scope="module")
def run():
    spec = importlib.util.spec_from_file_location("run", BENCHMARKS / "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def beside(monkeypatch):
    """Imports a file of the benchmarks as they import each other."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    loaded = set(sys.modules)
    yield importlib.import_module
    for name in set(sys.modules) - loaded:
        if str(BENCHMARKS) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


@pytest.fixture
def second(tmp_path):
    """A film of one second, small: 25 frames that get lighter, and a tone."""
    path = tmp_path / "second.mp4"
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=25, options={"preset": "veryfast"})
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        audio = out.add_stream("aac", rate=44_100, layout="stereo")
        slope = np.tile(np.linspace(20, 140, 64), (48, 1)).astype(np.uint8)[..., None].repeat(3, axis=2)
        for k in range(25):
            out.mux(video.encode(av.VideoFrame.from_ndarray(slope + np.uint8(4 * k), format="rgb24")))
        out.mux(video.encode(None))
        tone = (0.3 * np.sin(np.arange(44_100) * 0.06)).astype(np.float32)
        for at in range(0, 44_100, 1024):
            block = np.ascontiguousarray(np.stack([tone[at : at + 1024]] * 2))
            frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
            frame.sample_rate, frame.pts, frame.time_base = 44_100, at, Fraction(1, 44_100)
            out.mux(audio.encode(frame))
        out.mux(audio.encode(None))
    return path


def test_every_benchmark_can_be_run_and_introduces_itself(run):
    assert {"film", "library", "look", "tune", "watch"} <= set(run.names())
    for name in run.names():
        tree = ast.parse((BENCHMARKS / f"bench_{name}.py").read_text("utf-8"))
        functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert "run" in functions, f"bench_{name}.py needs run() -> str"
        assert ast.unparse(functions["run"].returns) == "str"
        assert run.introduction(name).startswith("## ")
        assert "python benchmarks" not in run.introduction(name)


def test_what_is_kept_is_what_was_written(run, tmp_path):
    page = tmp_path / "benchmarks.md"
    sections = {"film": "## Films\n\n| a | b |\n|---|---|\n| 1 | 2 |", "look": "## Looking\n\ntext"}
    page.write_text(run.page(sections, "2026-01-31"), "utf-8")
    assert run.kept(page) == sections
    assert run.kept(tmp_path / "nothing.md") == {}


def test_the_page_names_the_day_the_machine_and_the_versions(run):
    text = run.page({}, "2026-01-31")
    assert "2026-01-31" in text
    for name in ("processor", "memory", "Python", "onnxruntime"):
        assert f"| {name} |" in text


def test_a_film_repeated_is_that_film_again_and_again(beside, monkeypatch, tmp_path, second):
    moving_film = beside("moving_film")
    monkeypatch.setattr(moving_film, "SECONDS", 1)
    film = clip.open(moving_film.repeated(second, 3, tmp_path / "three.mp4"))
    assert film.duration_s == pytest.approx(3.0, abs=0.05)
    light = [float(frame.pixels().mean()) for frame in clip.frames(film)]
    assert len(light) == 75
    assert light[25:50] == pytest.approx(light[:25], abs=2)
    assert light[50:] == pytest.approx(light[:25], abs=2)
    blocks = list(clip_sound.blocks(film, 22_050, 1.0))
    assert all(float(np.sqrt(np.mean(block**2))) > 0.15 for block in blocks)


def test_the_films_pictures_move_and_are_cut(beside, monkeypatch):
    moving_film = beside("moving_film")
    monkeypatch.setattr(moving_film, "SIZE", (160, 90))
    monkeypatch.setattr(moving_film, "SECONDS", 8)
    small = [picture.astype(float) for picture in moving_film._pictures(2)]
    assert len(small) == 16
    assert small[0].shape == (90, 160, 3)
    changes = [np.abs(a - b).mean() for a, b in itertools.pairwise(small)]
    assert int(np.argmax(changes)) == 7  # from the last frame of the first shot to the first of the second
    assert min(changes) > 0.5


def test_jobs_on_a_film_are_done_when_they_are_called(beside, second):
    child = beside("watch_child")
    assert set(child.JOBS) == {"decode", "decode_all", "cuts", "watch", "genre", "soundtrack"}
    for name in ("decode", "decode_all"):
        assert child.JOBS[name](second)() == 25
    (shot,) = child.JOBS["cuts"](second)()
    assert (shot.start_s, shot.end_s) == pytest.approx((0.0, 1.0), abs=0.05)


def test_a_larger_library_has_other_pieces(beside):
    bench = beside("bench_library")
    felt, cuts = bench.wandering()
    assert (felt.duration_s, len(cuts)) == (600.0, 149)
    larger = bench.many(bench.library_default.library(), 2)
    names = {piece.name for piece in larger.pieces}
    assert len(names) == len(larger.pieces) == 48
    assert len({piece.sha256 for piece in larger.pieces}) == 48
