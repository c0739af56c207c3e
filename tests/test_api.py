"""What a user of the Python API relies on."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import moodscore
from moodscore.errors import BadMedia, BadValue, NoFace


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    where = tmp_path_factory.mktemp("photos")
    for k, colour in enumerate(((240, 190, 60), (30, 40, 70), (90, 160, 90))):
        noise = np.random.default_rng(k).normal(0, 8, (72, 108, 1))
        Image.fromarray(np.clip(np.array(colour) + noise, 0, 255).astype(np.uint8)).save(where / f"{k}.jpg")
    return where


def test_look_gives_a_reading_that_shows_itself(photos):
    look = moodscore.look(photos / "0.jpg")
    assert isinstance(look.reading, moodscore.Reading)
    assert look.affect == look.reading.affect
    assert look.mood == look.reading.mood.name
    assert look.as_dict()["photo"].endswith("0.jpg")
    assert "0.jpg" in repr(look)
    assert "<svg" in look._repr_html_()


def test_the_same_photo_is_read_the_same_twice(photos):
    assert moodscore.look(photos / "1.jpg").reading == moodscore.look(str(photos / "1.jpg")).reading


def test_look_names_the_file_it_cannot_read(tmp_path):
    with pytest.raises(BadMedia, match=r"nowhere\.jpg"):
        moodscore.look(tmp_path / "nowhere.jpg")


PORTRAIT = Path(__file__).parent.parent / "examples" / "photos" / "03-astronaut-smiling.jpg"


def test_faces_are_read_show_themselves_and_can_be_composed_for(photos):
    found = moodscore.faces(PORTRAIT)
    assert found.reading.affect.valence > 0.2
    assert "showing happy" in repr(found)
    assert "<img" in found._repr_html_()
    assert found.as_dict()["faces"][0]["labels"]["scheme"] == "expression"
    assert moodscore.tune(PORTRAIT, seconds=2, source="face").affect == found.reading.affect
    with pytest.raises(NoFace, match=r"0\.jpg.*--from scene"):
        moodscore.faces(photos / "0.jpg")
    with pytest.raises(BadValue, match="expected one of both, scene, face, got 'nose'"):
        moodscore.tune(PORTRAIT, source="nose")


def test_a_tune_has_the_length_asked_for_and_plays_in_a_notebook(photos, tmp_path):
    made = moodscore.tune(photos / "0.jpg", seconds=2.5, seed=3)
    assert made.tune.duration_s == pytest.approx(2.5, abs=0.01)
    assert made.affect == moodscore.look(photos / "0.jpg").affect
    assert "<audio" in made._repr_html_()
    assert made.save(tmp_path / "x.mid").read_bytes()[:4] == b"MThd"
    assert made.save(tmp_path / "x.wav").read_bytes()[:4] == b"RIFF"


def test_a_tune_carries_what_it_was_made_from(photos, tmp_path):
    import av

    made = moodscore.tune(photos / "0.jpg", seconds=2, seed=3)
    for ending in (".wav", ".flac", ".mp3", ".m4a"):
        with av.open(str(made.save(tmp_path / f"x{ending}"))) as sound:
            said = sound.metadata["comment"]
        recipe = json.loads(said.partition("moodscore:")[2])
        assert recipe["machine_made"] is True
        assert recipe["seed"] == 3
        assert recipe["readings"][0]["photo"] == "0.jpg"
        assert recipe["readings"][0]["source"] in recipe["cards"]
        assert str(photos) not in said


def test_a_mood_by_its_korean_name_is_the_same_mood():
    one, other = (moodscore.tune(name, seconds=2) for name in ("sad", "슬픈"))
    assert one.affect == other.affect
    assert np.array_equal(one.tune.samples, other.tune.samples)


SAVE = """
import sys, moodscore
made = moodscore.tune(moodscore.Affect(0.4, 0.6), seconds=4, seed=11)
made.save(sys.argv[1] + "/x.wav")
made.save(sys.argv[1] + "/x.mid")
"""


def test_the_same_seed_gives_the_same_bytes_in_another_process_and_another_seed_does_not(tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    made = moodscore.tune(moodscore.Affect(0.4, 0.6), seconds=4, seed=11)
    subprocess.run([sys.executable, "-c", SAVE, str(there)], check=True)
    for ending in (".wav", ".mid"):
        made.save(here / f"x{ending}")
        assert (here / f"x{ending}").read_bytes() == (there / f"x{ending}").read_bytes()
    other = moodscore.tune(moodscore.Affect(0.4, 0.6), seconds=4, seed=12)
    assert not np.array_equal(made.tune.samples, other.tune.samples)


@pytest.mark.parametrize("seconds", [0, -1, 0.5, 4000, float("nan"), float("inf")])
def test_a_length_out_of_range_is_refused(seconds):
    with pytest.raises(BadValue, match="seconds"):
        moodscore.tune("sad", seconds=seconds)


def decoded(path) -> str:
    """A checksum over every decoded picture and sample of a film."""
    import av

    seen = hashlib.sha256()
    for kind in ("video", "audio"):
        with av.open(str(path)) as film:
            for frame in film.decode(**{kind: 0}):
                seen.update(np.ascontiguousarray(frame.to_ndarray()).tobytes())
    return seen.hexdigest()


def test_a_film_is_made_twice_the_same_and_shows_itself(photos, tmp_path):
    films = [moodscore.film(photos, tmp_path / name, seconds=1.5, fade_s=0.2, seed=5) for name in ("a.mp4", "b.mp4")]
    assert decoded(films[0].path) == decoded(films[1].path)
    assert films[0].film.duration_s == pytest.approx(1.5, abs=0.05)
    assert films[0].skipped == {}
    assert "3 photos" in repr(films[0])
    shown = films[0]._repr_html_()
    assert "<video" in shown
    assert "<svg" in shown


def test_a_film_skips_and_names_what_is_no_photo(photos, tmp_path):
    (tmp_path / "note.jpg").write_text("not a photo")
    made = moodscore.film([photos / "0.jpg", tmp_path / "note.jpg"], tmp_path / "x.mp4", seconds=1)
    assert list(made.skipped) == ["note.jpg"]
    with pytest.raises(BadMedia, match=r"note\.jpg"):
        moodscore.film([photos / "0.jpg", tmp_path / "note.jpg"], tmp_path / "y.mp4", seconds=1, strict=True)
    assert not (tmp_path / "y.mp4").exists()


def test_a_film_with_music_of_ones_own_has_its_length(photos, tmp_path):
    moodscore.tune("quiet", seconds=3).save(tmp_path / "mine.wav")
    made = moodscore.film(photos, tmp_path / "x.mp4", seconds=1.5, music=tmp_path / "mine.wav")
    assert made.film.recipe["plan"] == {"music": "mine.wav"}
    assert made.film.duration_s == pytest.approx(1.5, abs=0.05)


def test_a_choice_that_does_not_exist_is_refused(photos, tmp_path):
    with pytest.raises(TypeError, match="speed"):
        moodscore.film(photos, tmp_path / "x.mp4", speed=2)
    with pytest.raises(BadValue, match="order"):
        moodscore.film(photos, tmp_path / "x.mp4", order="random")


def test_a_film_is_watched_shows_itself_and_gets_music(tmp_path, film_maker):
    clip = film_maker.write(tmp_path / "clip.mp4", frames=24, fps=12, size=(96, 64))
    seen = moodscore.watch(clip)
    assert seen.trajectory.duration_s == pytest.approx(2.0)
    assert seen.save(tmp_path / "curve.csv").read_text().startswith("time_s,valence")
    assert seen.as_dict()["shots"][0]["start_s"] == 0.0
    assert "clip.mp4" in repr(seen)
    assert "<img" in seen._repr_html_()
    scored = moodscore.soundtrack(clip, tmp_path / "scored.mp4", mix="replace", seed=4)
    assert scored.path.is_file()
    assert scored.tune.duration_s == pytest.approx(2.0, abs=0.01)
    assert "copied" in repr(scored)
    with pytest.raises(BadValue, match="duck"):
        moodscore.soundtrack(clip, tmp_path / "x.mp4", mix="loud")
