"""Why a file could not be read is said in the language of whoever looks."""

import ast
import inspect
import re

import pytest

from moodscore.errors import BadMedia
from moodscore.jobs import making_films
from moodscore.jobs.receiving import receive_clip, receive_photo, receive_sound
from moodscore.prepare import picture_file, sandbox, sandbox_film, sandbox_keeper
from moodscore.studio import languages, reasons

korean = languages.translations("ko").gettext
PNG_TOO_LARGE = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xff\xff\0\0\xff\xff\x08\x02\0\0\0"
    + b"\xdd\x8d\x7c\x2b"
    + b"\0\0\0\0IEND\xaeB`\x82"
)
FILES = {
    "empty.jpg": b"", "words.jpg": b"these are only words", "song.jpg": b"RIFF\x24\0\0\0WAVEfmt ",
    "half.gif": b"GIF89a\x01\0", "huge.png": PNG_TOO_LARGE,
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("receive", [receive_photo, receive_clip, receive_sound])
def test_what_is_wrong_with_a_file_is_said_in_korean(name, receive, tmp_path):
    path = tmp_path / name
    path.write_bytes(FILES[name])
    with pytest.raises(BadMedia) as refused:
        receive(path, name) if receive is receive_photo else receive(path, name, tmp_path / "out")
    told = reasons.said(str(refused.value), korean)
    assert told.startswith(f"{name}: ")
    assert re.search("[가-힣]{2}", told)
    assert "expected" not in told
    assert "%(" not in told


def sentences_in(module):
    """Every sentence of a module that says what was expected, with 9 for each value in it."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.JoinedStr):
            parts = [part.value if isinstance(part, ast.Constant) else "9" for part in node.values]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            parts = [node.value]
        else:
            continue
        text = "".join(str(part) for part in parts)
        if re.search(r"expected .*, got .*; ", text):
            yield text if text.startswith("9: ") else f"9: {text}"


@pytest.mark.parametrize("module", [sandbox, sandbox_film, sandbox_keeper, making_films])
def test_every_sentence_about_strangers_files_is_known(module):
    found = list(sentences_in(module))
    assert found
    for sentence in found:
        assert reasons.said(sentence, lambda english: f"known {english}").startswith("known "), sentence


def test_a_broken_picture_and_one_of_too_many_pixels_are_known():
    found = [s for s in sentences_in(picture_file) if "whole" in s or "megapixels" in s]
    assert len(found) == 2
    assert all(reasons.said(s, korean) != s for s in found)


def test_english_stays_as_it_was_written_and_what_is_not_known_is_kept():
    for text in ("a.jpg: expected a whole file, got a damaged one; copy it or save it again", "Something new.", ""):
        assert reasons.said(text, lambda english: english) == text
