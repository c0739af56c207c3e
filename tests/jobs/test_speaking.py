"""A photo is played and a tune is told in words, the same each time, with the text always beside the sound."""

import json
from pathlib import Path

import numpy as np
import pytest

from moodscore import jobs
from moodscore.errors import BadValue, RenderFailed
from moodscore.schemes import MOODS

PHOTOS = Path(__file__).parents[2] / "examples" / "photos"
ASTRONAUT = PHOTOS / "03-astronaut-smiling.jpg"
BEE = PHOTOS / "04-bee-on-an-aster.jpg"


@pytest.fixture(scope="module")
def played():
    return jobs.play_photo(ASTRONAUT, 5.0)


def test_a_face_is_heard_where_it_is_seen(played):
    (mark,) = [m for m in played.tune.score.recipe["played_photo"]["marks"] if m["kind"] == "face"]
    assert mark["at_s"] == pytest.approx(0.44 * 5, abs=0.1)
    assert not any(m["kind"] == "main thing" for m in played.tune.recipe["played_photo"]["marks"])
    assert "a face in the middle" in played.told.english[-1]


def test_without_a_face_the_bell_tells_where_the_eye_goes():
    found = jobs.play_photo(BEE, 5.0)
    assert [m["kind"] for m in found.tune.recipe["played_photo"]["marks"]] == ["main thing"]


def test_the_sound_is_as_long_as_asked_and_the_same_each_time(played):
    assert played.tune.duration_s == pytest.approx(6.0)
    again = jobs.play_photo(ASTRONAUT, 5.0)
    assert np.array_equal(again.tune.samples, played.tune.samples)
    assert again.told == played.told


def test_text_and_reading_travel_in_the_file_and_beside_it(played, tmp_path):
    out = tmp_path / "astronaut.wav"
    beside = jobs.write_played(played, out, "\n".join(played.told.english))
    assert beside == tmp_path / "astronaut.wav.txt"
    assert beside.read_text("utf-8").startswith("The photo is played from left to right in 5 seconds")
    raw = out.read_bytes()
    recipe = json.JSONDecoder().raw_decode(raw[raw.index(b"moodscore:{") + 10 : raw.index(b"data")].decode())[0]
    assert recipe["text"] == played.told.as_dict()
    assert recipe["readings"][0]["photo"] == ASTRONAUT.name
    assert recipe["cards"]


def test_where_no_sound_can_be_written_no_text_is_left(played, tmp_path):
    for name in ("a.mid", "a.txt", "a"):
        with pytest.raises(RenderFailed, match=r"expected a name that ends in \.wav"):
            jobs.check_played(tmp_path / name)
    with pytest.raises(RenderFailed):
        jobs.check_played(tmp_path / "nowhere" / "a.wav")
    assert not list(tmp_path.iterdir())


def test_a_sweep_of_a_minute_is_refused():
    with pytest.raises(BadValue, match=r"5\.\.10 s"):
        jobs.play_photo(BEE, 60.0)


def test_the_words_for_a_photo_are_those_of_the_tune_it_gets():
    choices = jobs.MusicChoices(3, "rules")
    _, scored = jobs.photo_to_tune(BEE, 6.0, choices)
    assert jobs.describe_tune(scored) == jobs.photo_to_music_words(BEE, 6.0, choices)


def test_music_from_a_library_is_told_by_its_pieces():
    scored = jobs.affect_to_tune(MOODS["sad"].place, 10.0, jobs.MusicChoices(music=Path(jobs.DEFAULT_LIBRARY)))
    told = jobs.describe_tune(scored)
    assert "is picked from one piece of a library" in told.english[0]
    assert len(told.english) == len(told.korean) == 2 + len(scored.cues)
