"""Sound files hold the whole tune, its recipe, and appear whole or not at all."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import numpy as np
import pytest

from moodscore.errors import RenderFailed
from moodscore.media import Note, Score, Track, Tune
from moodscore.music import export
from moodscore.music.score import from_midi, to_midi
from moodscore.prepare import sound
from moodscore.prepare.whole import check_writable

RECIPE = {"seed": 7, "mood": "즐거운", "plan": {"tempo": 92.5}}
SOUNDS = tuple(s for s in export.SUFFIXES if s != ".mid")


def chirp(seconds=2.37, rate=44100, recipe=RECIPE):
    t = np.arange(round(seconds * rate)) / rate
    left = 0.4 * np.sin(2 * np.pi * (220 + 200 * t) * t)
    right = 0.3 * np.sin(2 * np.pi * 660 * t) * np.exp(-t)
    score = Score((Track("x", 0, (Note(0, 1, 60, 80),)),), seconds, recipe=recipe)
    return Tune(np.stack([left, right], axis=1).astype(np.float32), rate, score, recipe)


def said(path):
    """All text in a file's metadata."""
    with av.open(str(path)) as container:
        return " ".join([*container.metadata.values(), *container.streams[0].metadata.values()])


@pytest.mark.parametrize("suffix", SOUNDS)
def test_each_format_plays_back_whole_in_time_and_alike(tmp_path, suffix):
    tune = chirp()
    export.write(tune, tmp_path / f"tune{suffix}")
    back = sound.open(tmp_path / f"tune{suffix}")
    assert back.samples.shape == tune.samples.shape  # no priming left at the start, no padding at the end
    error = float(((back.samples - tune.samples) ** 2).mean()) / float((tune.samples**2).mean())
    assert 10 * np.log10(error) < (-60 if suffix in (".wav", ".flac") else -18)


@pytest.mark.parametrize("suffix", SOUNDS)
def test_each_format_carries_its_recipe_and_says_it_is_machine_made(tmp_path, suffix):
    export.write(chirp(), tmp_path / f"tune{suffix}")
    text = said(tmp_path / f"tune{suffix}")
    assert "Machine-made" in text
    assert json.JSONDecoder().raw_decode(text.split("moodscore:", 1)[1])[0] == RECIPE


@pytest.mark.parametrize("suffix", export.SUFFIXES)
def test_the_same_tune_gives_the_same_bytes(tmp_path, suffix):
    export.write(chirp(0.7), tmp_path / f"a{suffix}")
    export.write(chirp(0.7), tmp_path / f"b{suffix}")
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()
    assert export.encode(chirp(0.7), suffix) == (tmp_path / f"a{suffix}").read_bytes()


@pytest.mark.parametrize("suffix", SOUNDS)
@pytest.mark.parametrize("rate", [22050, 48000, 192000])
def test_other_rates_keep_their_length(tmp_path, suffix, rate):
    export.write(chirp(0.5, rate), tmp_path / f"x{suffix}")
    assert sound.open(tmp_path / f"x{suffix}").duration_s == pytest.approx(0.5, abs=0.002)


@pytest.mark.parametrize("suffix", SOUNDS)
@pytest.mark.parametrize("frames", [1, 700])
def test_the_shortest_tunes_can_be_written(tmp_path, suffix, frames):
    export.write(chirp(frames / 44100), tmp_path / f"x{suffix}")
    assert (tmp_path / f"x{suffix}").stat().st_size > 0


def test_midi_is_the_score():
    tune = chirp()
    assert export.encode(tune, ".mid") == to_midi(tune.score)
    assert from_midi(export.encode(tune, ".mid")).recipe == RECIPE


def test_sixteen_bits_are_dithered_and_silence_is_exact(tmp_path):
    quiet = np.full((44100, 2), 0.3 / 32767, np.float32)
    quiet[:1000] = 0
    export.write(Tune(quiet, 44100), tmp_path / "x.wav")
    back = sound.open(tmp_path / "x.wav").samples * 32768
    assert not back[:1000].any()
    assert back[1000:].mean() == pytest.approx(0.3, abs=0.02)  # without dither this would round to nothing


def test_a_suffix_without_a_format_is_refused(tmp_path):
    for name in ("tune.xyz", "tune"):
        with pytest.raises(RenderFailed, match=r"tune.*: expected a name that ends in \.wav, .*, got"):
            export.write(chirp(), tmp_path / name)


def test_recorded_sound_has_no_midi(tmp_path):
    with pytest.raises(RenderFailed, match=r"expected a tune with a score.*\.wav"):
        export.write(Tune(np.zeros((10, 2), np.float32), 44100), tmp_path / "x.mid")


@pytest.mark.parametrize("suffix", export.SUFFIXES)
def test_a_place_that_cannot_be_written_is_named_with_the_remedy(tmp_path, suffix):
    with pytest.raises(RenderFailed, match=r"missing.*expected to write there.*make the folder"):
        export.write(chirp(), tmp_path / "missing" / f"x{suffix}")
    (tmp_path / f"taken{suffix}").mkdir()
    with pytest.raises(RenderFailed, match="there is a folder of this name"):
        export.write(chirp(), tmp_path / f"taken{suffix}")
    assert [p.name for p in tmp_path.iterdir()] == [f"taken{suffix}"]


def test_writability_can_be_asked_before_the_work(tmp_path):
    (tmp_path / "old.wav").write_bytes(b"keep me")
    check_writable(tmp_path / "old.wav")
    check_writable(tmp_path / "new.mp4")
    with pytest.raises(RenderFailed):
        check_writable(tmp_path / "missing" / "x.mp4")
    assert (tmp_path / "old.wav").read_bytes() == b"keep me"
    assert [p.name for p in tmp_path.iterdir()] == ["old.wav"]


@pytest.mark.parametrize("suffix", export.SUFFIXES)
def test_an_error_in_the_middle_leaves_the_old_file_and_nothing_else(tmp_path, suffix, monkeypatch):
    path = tmp_path / f"x{suffix}"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "replace", _interrupted)
    with pytest.raises(KeyboardInterrupt):
        export.write(chirp(), path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def _interrupted(*_):
    raise KeyboardInterrupt


def child(code, *arguments):
    """A Python process that runs `code` with this file as `t` and the arguments in sys.argv[2:]."""
    start = "import sys, pathlib; sys.path.insert(0, sys.argv[1]); import numpy as np, test_export as t;"
    start += "from moodscore.music import export; from moodscore.media import Tune;"
    start += "tune = Tune(np.tile(t.chirp(2.0).samples, (100, 1)), 44100);"
    command = [sys.executable, "-c", start + code, str(Path(__file__).parent), *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path):
    code = (
        "import signal, resource; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (40000, 40000))\n"
        "for path in sys.argv[2:]:\n"
        "  try: export.write(tune, pathlib.Path(path))\n"
        "  except t.RenderFailed as error: print(error)\n"
    )
    process = child(code, *(tmp_path / f"x{suffix}" for suffix in SOUNDS))
    told = process.communicate()[0].splitlines()
    assert process.returncode == 0
    for suffix, line in zip(SOUNDS, told, strict=True):
        assert f"x{suffix}: expected to write there, got" in line
    assert not list(tmp_path.iterdir())


def test_ctrl_c_leaves_nothing(tmp_path):
    process = child("print('go', flush=True); export.write(tune, pathlib.Path(sys.argv[2]))", tmp_path / "x.mp3")
    assert process.stdout.readline() == "go\n"
    while process.poll() is None and not any(p.stat().st_size for p in tmp_path.iterdir()):
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode != 0
    assert not list(tmp_path.iterdir())
