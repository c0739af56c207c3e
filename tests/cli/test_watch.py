"""What a user of `moodscore watch` and `moodscore soundtrack` relies on."""

import csv
import json

import pytest
from PIL import Image

from moodscore import cli
from moodscore.prepare import clip as clips
from moodscore.prepare import sound


def moodscore(*args: object) -> int:
    return cli.main([str(a) for a in args])


@pytest.fixture(scope="module")
def film(film_maker, tmp_path_factory):
    """Four seconds with a cut in the middle and a tone in the second half."""
    path = tmp_path_factory.mktemp("watch") / "film.mp4"

    def scene(number, size):
        return film_maker.plain(3 if number < 20 else 48, size)

    return film_maker.write(path, frames=40, fps=10, size=(128, 96), picture=scene, sound_s=4.0)


def test_watch_tells_every_shot_and_writes_the_curve_in_three_kinds(film, tmp_path, capsys):
    outs = [tmp_path / name for name in ("curve.csv", "curve.json", "curve.png")]
    assert moodscore("watch", film, "-q", *(part for out in outs for part in ("-o", out))) == 0
    said = capsys.readouterr().out
    assert "2 shots" in said
    rows = list(csv.DictReader(outs[0].read_text().splitlines()))
    kept = json.loads(outs[1].read_text())
    assert len(rows) == len(kept["curve"]) >= 4
    assert {row["shot"] for row in rows} == {"1", "2"}
    assert all(-1 <= float(row["valence"]) <= 1 for row in rows)
    assert [round(s["start_s"], 1) for s in kept["shots"]] == [0.0, 2.0]
    with Image.open(outs[2]) as picture:
        assert picture.width == 1280


def test_a_curve_in_a_kind_nobody_knows_is_refused_before_the_work(film, tmp_path, capsys):
    assert moodscore("watch", film, "-o", tmp_path / "curve.xls") == 2
    assert "curve.xls" in capsys.readouterr().err


def test_soundtrack_copies_the_picture_and_its_music_ends_with_it(film, tmp_path, capsys):
    out = tmp_path / "scored.mp4"
    assert moodscore("soundtrack", film, "-o", out, "--json", "-q") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["pictures"] == "copied"
    assert told["hits"]["beat_hit_rate"] == 1.0
    assert clips.open(out).duration_s == pytest.approx(4.0, abs=0.02)
    assert sound.open(out).duration_s == pytest.approx(4.0, abs=0.06)


def test_the_same_film_and_seed_give_the_same_soundtrack(film, tmp_path):
    outs = [tmp_path / name for name in ("one.mp4", "two.mp4")]
    for out in outs:
        assert moodscore("soundtrack", film, "-o", out, "--mix", "replace", "--seed", 3, "-q") == 0
    one, two = (sound.open(out).samples for out in outs)
    assert (one == two).all()


def test_music_of_ones_own_may_be_laid_under(film, tmp_path, capsys):
    assert moodscore("soundtrack", film, "-o", tmp_path / "own.mp4", "--music", film, "-q") == 0
    assert "wrote" in capsys.readouterr().out


def test_sound_alone_is_no_film(tmp_path, capsys):
    assert moodscore("tune", "--mood", "quiet", "--seconds", 1, "-o", tmp_path / "tune.wav", "-q") == 0
    for verb in ("watch", "genre", "soundtrack"):
        capsys.readouterr()
        assert moodscore(verb, tmp_path / "tune.wav") == 2
        assert "tune.wav" in capsys.readouterr().err


def test_live_prints_readings_as_the_film_plays(film, capsys):
    assert moodscore("watch", film, "--live", "--json") == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(rows) >= 3
    assert [r["time_s"] for r in rows] == sorted(r["time_s"] for r in rows)
    assert {"valence", "arousal", "mood", "turned", "latency_s"} <= set(rows[0])


def test_options_of_live_and_of_whole_films_are_kept_apart(film, tmp_path):
    assert moodscore("watch", film, "--live", "-o", tmp_path / "a.csv") == 2
    assert moodscore("watch", film, "--seconds", 1) == 2
