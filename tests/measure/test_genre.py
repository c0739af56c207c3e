"""Accuracy, confusion and intervals that count films: what they say of cases whose answer is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodscore.errors import BadValue
from moodscore.measure import genre
from moodscore.measure.genre import FilmGuesses, tally
from moodscore.schemes import GENRES


def film(name, kind, right, pairs=10):
    counts = [0] * 6
    counts[GENRES.names.index(kind)] = right
    counts[(GENRES.names.index(kind) + 1) % 6] += pairs - right
    return FilmGuesses(name, kind, tuple(counts))


def test_a_film_is_counted_by_what_was_said_of_its_pairs():
    said, truth = np.array([0, 0, 1, 1, 1]), np.array([0, 0, 0, 1, 1])
    found = tally(said, truth, ["a", "a", "a", "b", "b"])
    assert found == (FilmGuesses("a", "action", (2, 1, 0, 0, 0, 0)), FilmGuesses("b", "horror", (0, 2, 0, 0, 0, 0)))
    assert genre.accuracy(found) == pytest.approx(4 / 5)
    assert genre.verdict_accuracy(found) == 1
    assert genre.confusion(found)[0].tolist() == [2, 1, 0, 0, 0, 0]
    assert genre.frequent_guess(found) == pytest.approx(3 / 5)


@pytest.mark.parametrize(
    ("said", "truth", "films", "match"),
    [
        ([0, 1], [0], ["a"], "as many guesses"),
        ([], [], [], "as many guesses"),
        ([7], [0], ["a"], "guesses: expected 0..5"),
        ([0], [-1], ["a"], "truths: expected 0..5"),
        ([0, 1], [0, 1], ["a", "a"], "one genre for all pairs"),
    ],
)
def test_guesses_that_make_no_sense_are_refused(said, truth, films, match):
    with pytest.raises(BadValue, match=match):
        tally(np.array(said, int), np.array(truth, int), films)


def test_wilsons_interval_is_the_published_one():
    # R. G. Newcombe, "Two-sided confidence intervals for the single proportion" (1998), table I, method 3.
    assert genre.wilson(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert genre.wilson(0 / 20, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)
    assert genre.wilson(1 / 29, 29) == pytest.approx((0.0061, 0.1718), abs=1e-4)


@given(st.floats(0, 1), st.integers(1, 2000))
def test_wilsons_interval_holds_the_share_and_narrows_with_the_count(share, count):
    low, high = genre.wilson(share, count)
    assert 0 <= low <= share + 1e-9
    assert share - 1e-9 <= high <= 1
    wider = genre.wilson(share, max(1, count // 2))
    assert high - low <= wider[1] - wider[0] + 1e-9


def test_ten_thousand_frames_of_six_films_are_six_observations():
    few = [film(name, name, 5_000, 10_000) for name in GENRES.names]
    found = genre.interval(few)
    assert (found.how, found.films) == ("wilson", 6)
    assert found.high - found.low > 0.6
    assert genre.wilson(0.5, 60_000)[1] - genre.wilson(0.5, 60_000)[0] < 0.01


def test_many_films_are_redrawn_and_the_interval_follows_how_they_differ():
    rng = np.random.default_rng(0)
    alike = [film(f"f{k}", "sf", int(rng.integers(48, 53)), 100) for k in range(40)]
    apart = [film(f"f{k}", "sf", 100 * (k % 2), 100) for k in range(40)]
    narrow, wide = genre.interval(alike), genre.interval(apart)
    assert narrow.how == wide.how == "bootstrap"
    assert narrow.high - narrow.low < 0.02
    assert 0.25 < wide.high - wide.low < 0.35
    assert genre.interval(apart) == wide


def test_films_that_all_score_the_same_do_not_get_an_interval_of_no_width():
    found = genre.interval([film(f"f{k}", "sf", 10) for k in range(20)])
    assert found.how == "wilson"
    assert found.low < 0.9
    assert found.high == 1


def test_the_bootstrap_holds_the_truth_about_as_often_as_it_says():
    rng, hits = np.random.default_rng(1), 0
    for round_ in range(100):
        shares = rng.beta(2, 2, 30)
        films = [film(f"f{k}", "sf", int(rng.binomial(50, share)), 50) for k, share in enumerate(shares)]
        low, high = genre.bootstrap(films, round_, rounds=300)
        hits += low <= 0.5 <= high
    assert 86 <= hits <= 100


def test_a_difference_between_nets_is_taken_film_by_film():
    one = [film(f"f{k}", "sf", 3 + k % 5) for k in range(20)]
    better = [film(f"f{k}", "sf", 4 + k % 5) for k in range(20)]
    assert genre.difference(one, better) == pytest.approx((-0.1, -0.1, -0.1))
    with pytest.raises(BadValue, match="the same films"):
        genre.difference(one, better[1:])


def test_evaluate_tells_everything_and_can_be_read_back():
    films = [film(f"{name}/{k}", name, 4 + k, 10) for name in GENRES.names[:3] for k in range(4)]
    found = genre.evaluate(films)
    assert found["accuracy"] == pytest.approx(0.55)
    assert list(found["by_genre"]) == list(GENRES.names[:3])
    assert found["by_genre"]["horror"]["films"] == 4
    assert found["interval"][0] < 0.55 < found["interval"][1]
    assert found["chance"] == pytest.approx(1 / 6, abs=1e-4)
    assert genre.stored(found["by_film"]) == tuple(films)
    with pytest.raises(BadValue, match="expected film, genre and said"):
        genre.stored([{"film": "a"}])
    with pytest.raises(BadValue, match="at least one film"):
        genre.evaluate([])


def test_the_studys_figures_are_those_it_printed():
    assert genre.PUBLISHED["fc"] == 0.367
    assert genre.PUBLISHED["inception_v3"] == 0.592
    assert set(genre.PUBLISHED_BY_GENRE) == set(GENRES.names)
