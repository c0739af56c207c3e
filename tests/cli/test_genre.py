"""What a user of `moodscore genre` relies on."""

import json

import av
import numpy as np
import pytest
from PIL import Image

from moodscore import cli
from moodscore.schemes import GENRES


def moodscore(*args: object) -> int:
    return cli.main([str(a) for a in args])


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """Four seconds: two of stripes, two of noise."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (90, 160, 3), np.uint8)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 160, 90, "yuv420p"
        for number in range(40):
            stripes = np.zeros((90, 160, 3), np.uint8)
            stripes[:, number % 20 :: 20] = 255
            frame = av.VideoFrame.from_ndarray(stripes if number < 20 else np.roll(noise, number, 1), "rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def test_a_clip_gets_a_verdict_and_its_evidence(clip, capsys):
    assert moodscore("genre", clip) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in GENRES.names)
    assert "strongest pairs" in out


def test_json_holds_the_timeline_when_asked(clip, capsys):
    assert moodscore("genre", clip, "--json", "--timeline") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["pairs"] == len(found["timeline"]) == 4
    times = [row["time_s"] for row in found["timeline"]]
    assert times == sorted(times)
    assert all(sum(row["probs"].values()) == pytest.approx(1, abs=1e-3) for row in found["timeline"])
    assert found["labels"]["scheme"] == "genre"


def test_two_frames_suffice(tmp_path, capsys):
    for name in ("one.png", "two.png"):
        Image.fromarray(np.random.default_rng(len(name)).integers(0, 256, (90, 160, 3), np.uint8)).save(tmp_path / name)
    assert moodscore("genre", tmp_path / "one.png", tmp_path / "two.png", "--json") == 0
    assert sum(json.loads(capsys.readouterr().out)["labels"]["probs"]) == pytest.approx(1, abs=1e-3)


def test_the_picture_is_drawn(clip, tmp_path):
    assert moodscore("genre", clip, "--plot", tmp_path / "genre.png", "-q") == 0
    with Image.open(tmp_path / "genre.png") as picture:
        assert picture.width == 1200


def test_a_photo_alone_is_refused_with_the_remedy(tmp_path, capsys):
    Image.fromarray(np.zeros((90, 160, 3), np.uint8)).save(tmp_path / "one.png")
    assert moodscore("genre", tmp_path / "one.png") == 2
    assert "one.png" in capsys.readouterr().err


def test_three_frames_are_a_misunderstanding(clip):
    assert moodscore("genre", clip, clip, clip) == 2
