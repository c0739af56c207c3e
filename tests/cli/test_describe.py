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


@pytest.mark.parametrize("flag", ["MOODSCORE_LLM_URL", "HTTP_PROXY"])
def test_describing_opens_no_connection(flag, capsys, monkeypatch):
    import socket

    def refuse(*_):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setenv(flag, "http://192.0.2.1:9/v1")
    assert cli.main(["describe", str(BEE)]) == 0
    assert capsys.readouterr().out
