"""`--composer diffusion` draws a tune, and says plainly that there is no score where one is asked for."""

from pathlib import Path

import soundfile

from moodscore import cli

BEE = Path(__file__).parents[2] / "examples" / "photos" / "04-bee-on-an-aster.jpg"
ASKED = ["tune", "--mood", "sad", "--seconds", "3", "--composer", "diffusion", "-q"]


def test_a_tune_is_drawn_and_told_without_players_that_do_not_play(tmp_path, capsys):
    out = tmp_path / "drawn.wav"
    assert cli.main([*ASKED, "-o", str(out)]) == 0
    told = capsys.readouterr().out
    assert "drawn as " in told
    assert "bpm" in told
    samples, rate = soundfile.read(out)
    assert (len(samples), rate) == (3 * 44100, 44100)
    said = out.read_bytes()[:100_000].decode("latin-1")
    assert "Machine-made" in said
    assert '"composer":"diffusion"' in said.replace(": ", ":")


def test_what_needs_a_score_is_refused_by_name(tmp_path, capsys):
    assert cli.main([*ASKED, "-o", str(tmp_path / "drawn.mid")]) == 2
    assert "-o *.mid needs a score" in capsys.readouterr().err
    assert cli.main([*ASKED, "-o", str(tmp_path / "a.wav"), "--plot", str(tmp_path / "a.png")]) == 2
    assert "--plot needs a score" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_film_with_drawn_music_leaves_no_midi_and_says_so(tmp_path, capsys):
    out = tmp_path / "film.mp4"
    wanted = ["film", str(BEE), "--seconds", "2", "--composer", "diffusion", "--parts", "-q", "-o", str(out)]
    assert cli.main(wanted) == 0
    assert "no tune.mid" in capsys.readouterr().err
    assert (tmp_path / "tune.wav").is_file()
    assert not (tmp_path / "tune.mid").exists()
