"""`moodscore riff` paints music from words, a photo or a sound, on a tiny random Stable Diffusion."""

import importlib.util
import json
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from moodscore import cli

installed = all(importlib.util.find_spec(name) for name in ("torch", "diffusers", "transformers"))
needs_extra = pytest.mark.skipif(not installed, reason="the extra 'riffusion' is not installed, so it was not tried")
BEE = Path(__file__).parents[2] / "examples" / "photos" / "04-bee-on-an-aster.jpg"
QUICK = ("--steps", "1", "--device", "cpu")


@needs_extra
def test_prompts_become_a_sound_file_a_picture_and_a_recipe(tiny_riffusion, tmp_path, capsys):
    out, picture = tmp_path / "a.wav", tmp_path / "a.png"
    wanted = ["riff", "slow rain", "loud drums", "-o", str(out), "--model", str(tiny_riffusion), "--seconds", "1.5"]
    assert cli.main([*wanted, *QUICK, "--picture", str(picture), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["prompts"] == ["slow rain", "loud drums"]
    samples, rate = soundfile.read(out)
    assert (len(samples), rate) == (66150, 44100)
    assert np.abs(samples).max() > 0.05
    with Image.open(picture) as painted:
        assert painted.size == (512, 512)


@needs_extra
def test_a_photo_is_described_and_painted_and_a_sound_can_be_the_start(tiny_riffusion, tmp_path, capsys):
    start, out = tmp_path / "start.wav", tmp_path / "b.flac"
    soundfile.write(start, 0.3 * np.sin(np.arange(44100) / 44100 * 2 * np.pi * 440), 44100)
    wanted = ["riff", str(BEE), "-o", str(out), "--model", str(tiny_riffusion), "--seconds", "0.8", "--start-from"]
    assert cli.main([*wanted, str(start), *QUICK]) == 0
    told = capsys.readouterr().out
    assert "bee" in told
    assert "b.flac  0.80 s" in told
    assert out.stat().st_size > 1000


def test_what_cannot_be_done_is_told_on_one_line(tmp_path, capsys, monkeypatch):
    out = str(tmp_path / "x.wav")
    for wanted, said in (
        (["rain", "--mask", str(BEE)], "--start-from"),
        (["rain", "-o", str(tmp_path / "x.mid")], "no score"),
        (["no-such.jpg"], "no-such.jpg"),
        (["rain", "--start-from", str(BEE)], "512 pixels tall"),
        (["rain", "--loop", "--seconds", "2"], "5.12"),
    ):
        assert cli.main(["riff", *wanted, *([] if "-o" in wanted else ["-o", out])]) == 2
        assert said in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "diffusers", None)
    assert cli.main(["riff", "rain", "-o", out]) == 2
    assert "pip install 'moodscore[riffusion]'" in capsys.readouterr().err
