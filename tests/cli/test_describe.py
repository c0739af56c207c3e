"""`moodscore describe` says what a photo shows, in either language."""

import json
import sys
from pathlib import Path

import pytest

from moodscore import cli

PHOTOS = Path(__file__).parents[2] / "examples" / "photos"
BEE = PHOTOS / "04-bee-on-an-aster.jpg"


def test_three_lines_in_english_and_in_korean(capsys):
    assert cli.main(["describe", str(BEE)]) == 0
    english = capsys.readouterr().out.splitlines()
    assert len(english) == 3
    assert "bee" in english[1]
    assert cli.main(["describe", str(BEE), "--lang", "ko"]) == 0
    korean = capsys.readouterr().out.splitlines()
    assert len(korean) == 3
    assert "벌" in korean[1]


def test_json_has_both_languages_key_words_and_the_reading(capsys):
    assert cli.main(["describe", str(BEE), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert len(said["captions"]["en"]) == len(said["captions"]["ko"]) == 3
    assert "bee" in said["keywords"]
    assert said["reading"]["mood"] == "peaceful"
    assert said["source"].startswith("describer@")


def test_what_cannot_be_done_is_told_on_one_line(capsys, tmp_path, monkeypatch):
    assert cli.main(["describe", str(tmp_path / "no.jpg")]) == 2
    assert "no.jpg" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "transformers", None)
    assert cli.main(["describe", str(BEE), "--captions", "some/blip"]) == 2
    assert "pip install 'moodscore[captions]'" in capsys.readouterr().err


def test_speak_adds_what_the_music_sounds_like(capsys):
    assert cli.main(["describe", str(BEE), "--speak"]) == 0
    seen, heard = capsys.readouterr().out.split("\n\n")
    assert len(seen.splitlines()) == 3
    assert "The music lasts 30 seconds and is meant to feel peaceful" in heard
    assert "beats a minute" in heard


def test_play_writes_the_sound_and_the_printed_text_beside_it(capsys, tmp_path):
    out = tmp_path / "bee.flac"
    assert cli.main(["describe", str(BEE), "--lang", "ko", "--play", str(out), "--play-seconds", "5"]) == 0
    printed = capsys.readouterr().out
    assert "사진을 5초 동안 왼쪽에서 오른쪽으로" in printed
    assert out.read_bytes()[:4] == b"fLaC"
    assert (tmp_path / "bee.flac.txt").read_text("utf-8") == printed


def test_json_tells_music_and_played_photo_in_both_languages(capsys, tmp_path):
    out = tmp_path / "bee.wav"
    assert cli.main(["describe", str(BEE), "--json", "--speak", "--play", str(out), "--play-seconds", "5"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert len(said["music"]["en"]) == len(said["music"]["ko"]) > 4
    assert len(said["played"]["en"]) == len(said["played"]["ko"]) > 4
    assert said["played"]["file"] == str(out)
    assert Path(said["played"]["text_file"]).exists()


def test_a_sound_that_cannot_be_written_is_refused_before_the_work(capsys, tmp_path):
    assert cli.main(["describe", str(BEE), "--play", str(tmp_path / "bee.mid")]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "bee.mid: expected a name that ends in .wav" in said.err


@pytest.mark.parametrize("flag", ["MOODSCORE_LLM_URL", "HTTP_PROXY"])
def test_describing_opens_no_connection(flag, capsys, monkeypatch):
    import socket

    def refuse(*_):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setenv(flag, "http://192.0.2.1:9/v1")
    assert cli.main(["describe", str(BEE)]) == 0
    assert capsys.readouterr().out
