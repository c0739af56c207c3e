"""`moodscore learn extract` writes pairs from a film or a table, goes on where it stopped, and says what is wrong."""

import json

import pytest

from moodscore import cli


@pytest.fixture(scope="module")
def film(film_maker, tmp_path_factory):
    return film_maker.write(tmp_path_factory.mktemp("film") / "dark.mp4", frames=30)


def run(*words: object) -> int:
    return cli.main(["learn", "extract", *(str(word) for word in words)])


def test_pairs_of_a_film(film, tmp_path, capsys):
    words = (film, "--genre", "공포", "--section", "00:00-00:01", "--pairs", 3, "--height", 48, "-o", tmp_path / "out")
    assert run(*words) == 0
    assert "dark  3 pairs" in capsys.readouterr().out
    assert len(list((tmp_path / "out" / "horror" / "dark").glob("*.png"))) == 6
    assert (tmp_path / "out" / "manifest.csv").read_text().count("\n") == 4
    assert run(*words) == 0
    assert "was there already" in capsys.readouterr().out


def test_a_table_goes_on_past_a_film_with_too_few(film, film_maker, tmp_path, capsys):
    film_maker.write(tmp_path / "short.mp4", frames=4)
    (tmp_path / "long.mp4").write_bytes(film.read_bytes())
    (tmp_path / "films.csv").write_text("film,genre,sections\nshort.mp4,sf,\nlong.mp4,action,00:00-00:01\n")
    assert run("--csv", tmp_path / "films.csv", "--pairs", 5, "--height", 48, "-o", tmp_path / "out", "--json") == 2
    said = capsys.readouterr()
    report = json.loads(said.out)
    assert [each["genre"] for each in report["films"]] == ["action"]
    assert "short.mp4: expected 5 pairs" in report["failed"][0]
    assert "short.mp4" in said.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "name one FILM"),
        (["{film}"], "--genre: action, horror"),
        (["{film}", "--genre", "comedy"], "expected one of action"),
        (["{film}", "--genre", "sf", "--section", "00:00-00:09"], "within the film"),
        (["{film}", "--genre", "sf", "--section", "nine"], "hh:mm:ss"),
        (["nowhere.mp4", "--genre", "sf"], "nothing there"),
        (["{film}", "--csv", "films.csv"], "name one FILM"),
        (["--csv", "nowhere.csv"], "nowhere.csv"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_written(film, tmp_path, capsys, words, said):
    assert run(*(word.format(film=film) for word in words), "-o", tmp_path / "out") == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
