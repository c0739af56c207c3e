"""The jobs: what passes from room to room, on small real input."""

import json

import numpy as np
import pytest
from PIL import Image

from moodscore import jobs
from moodscore.affect import Affect
from moodscore.errors import BadMedia, BadValue
from moodscore.media import Tune
from moodscore.music import export, loudness


def tone(seconds, level, rate=44100):
    time = np.arange(round(seconds * rate)) / rate
    wave = level * np.sin(2 * np.pi * 440 * time).astype(np.float32)
    return Tune(np.stack([wave, wave], axis=1), rate)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    for k, colour in enumerate(((240, 180, 40), (30, 40, 80), (90, 160, 70))):
        picture = Image.new("RGB", (320, 200), colour)
        picture.paste((255 - colour[0], 200, 255 - colour[2]), (60 + 40 * k, 50, 140 + 40 * k, 130))
        exif = picture.getexif()
        exif[306] = f"2024:0{3 - k}:01 10:00:00"
        picture.save(folder / f"{k}.jpg", exif=exif)
    return folder


def test_a_film_is_planned_with_its_music_as_long_as_itself(photos):
    cut = jobs.photos_to_cut(jobs.photos_of(photos), jobs.FilmChoices(seconds=6.0, seed=3))
    assert cut.timeline.duration_s == pytest.approx(6.0)
    assert cut.scored.tune.duration_s == pytest.approx(6.0, abs=0.01)
    assert cut.trajectory.duration_s == pytest.approx(6.0)
    assert not cut.skipped


def test_the_recipe_is_json_names_every_reading_and_no_folder(photos):
    cut = jobs.photos_to_cut(jobs.photos_of(photos), jobs.FilmChoices(seconds=6.0))
    text = json.dumps(jobs.recipe_of(cut))
    assert str(photos) not in text
    recipe = json.loads(text)
    assert [r["photo"] for r in recipe["readings"]] == ["0.jpg", "1.jpg", "2.jpg"]
    assert recipe["machine_made"] is True
    assert recipe["plan"]["sections"]
    assert text == json.dumps(jobs.recipe_of(jobs.photos_to_cut(jobs.photos_of(photos), jobs.FilmChoices(seconds=6.0))))


def test_photos_can_be_put_in_the_order_they_were_taken(photos):
    seen = [jobs.look(path) for path in jobs.photos_of(photos)]
    by_time = [s.path.name for s in jobs.in_order(seen, "time")]
    taken = {s.path.name: s.taken_at for s in seen}
    assert by_time == sorted(taken, key=lambda name: taken[name])
    assert {s.path.name for s in jobs.in_order(seen, "arc")} == set(taken)


@pytest.mark.parametrize("level", [0.01, 0.9])
def test_brought_music_is_fitted_to_the_film_and_as_loud_as_ours(photos, tmp_path, level):
    export.write(tone(2.0, level), tmp_path / "mine.wav")
    choices = jobs.FilmChoices(seconds=5.0, music=tmp_path / "mine.wav")
    cut = jobs.photos_to_cut(jobs.photos_of(photos), choices)
    assert cut.scored.plan is None
    assert cut.scored.tune.duration_s == pytest.approx(5.0, abs=0.01)
    assert loudness.integrated(cut.scored.tune.samples, 44100) == pytest.approx(-16, abs=1.1)
    assert jobs.recipe_of(cut)["plan"] == {"music": "mine.wav"}


def test_silence_stays_silent():
    assert not jobs.levelled(tone(1.0, 0.0)).samples.any()


def test_levelling_leaves_the_tune_it_was_given_alone():
    quiet = tone(1.0, 0.01)
    before = quiet.samples.copy()
    jobs.levelled(quiet)
    assert np.array_equal(quiet.samples, before)


def test_progress_reaches_the_end_of_every_stage(photos):
    told = {}
    jobs.photos_to_cut(
        jobs.photos_of(photos), jobs.FilmChoices(seconds=4.0), lambda stage, share: told.update({stage: share})
    )
    assert told == {"look": 1.0, "compose": 1.0, "play": pytest.approx(1.0)}


def test_the_same_feeling_and_seed_give_the_same_samples_and_another_seed_others():
    one, same, other = (
        jobs.affect_to_tune(Affect(0.4, 0.2), 5.0, jobs.MusicChoices(seed)).tune.samples for seed in (1, 1, 2)
    )
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_bad_photos_are_skipped_by_name_and_refused_when_strict(photos, tmp_path):
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"no picture")
    paths = [*jobs.photos_of(photos), bad]
    seen, skipped = jobs.look_all(paths)
    assert len(seen) == 3
    assert skipped[0].path == bad
    assert "bad.jpg" in skipped[0].reason
    with pytest.raises(BadMedia, match=r"bad\.jpg"):
        jobs.look_all(paths, strict=True)
    with pytest.raises(BadMedia, match=r"bad\.jpg: expected a photo"):
        jobs.photos_to_cut([bad], jobs.FilmChoices())
    with pytest.raises(BadMedia, match="none of the 2 files"):
        jobs.photos_to_cut([bad, tmp_path / "gone.jpg"], jobs.FilmChoices())


@pytest.mark.parametrize("wrong", [{"order": "random"}, {"size": "8k"}, {"transition": "wipe"}, {"seconds": -1}])
def test_a_choice_that_does_not_exist_is_refused_before_any_work(wrong):
    with pytest.raises(BadValue, match="expected"):
        jobs.FilmChoices(**wrong)
