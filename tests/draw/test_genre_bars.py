"""The chart of trained genre nets: bars as long as they should be, hatched where marked, names that fit."""

import numpy as np
import pytest

from moodscore.draw.genre_bars import FIGURES, MARGIN, NAMES, ROW, TOP, WIDTH, RunBars, Share, genre_bars
from moodscore.schemes import GENRES

LEFT, RIGHT = MARGIN + NAMES, WIDTH - MARGIN - FIGURES


def run(value, marked=False, name="run", genres=GENRES.names):
    share = Share(value, max(0, value - 0.02), min(1, value + 0.02), 0.05)
    return RunBars(name, "batch 64", share, dict.fromkeys(genres, share), marked)


def drawn(runs):
    return np.asarray(genre_bars(runs, 1 / 6, {"sf": 0.9}, "six films")).astype(int)


def coloured(pixels, number):
    """How many pixels of a bar's upper edge, where nothing else is drawn, are coloured."""
    line = pixels[TOP + ROW * number + 8, LEFT:RIGHT]
    return int((line.max(1) - line.min(1) > 30).sum())


@pytest.mark.parametrize("value", [0.25, 0.5, 0.9])
def test_a_bar_is_as_long_as_its_share(value):
    assert coloured(drawn([run(value)]), 0) == pytest.approx(value * (RIGHT - LEFT), abs=3)


def test_better_runs_have_longer_bars_and_every_run_its_own_colour():
    pixels = drawn([run(0.8), run(0.6), run(0.3)])
    lengths = [coloured(pixels, k) for k in range(3)]
    assert lengths == sorted(lengths, reverse=True)
    colours = {tuple(pixels[TOP + ROW * k + 8, LEFT + 20]) for k in range(3)}
    assert len(colours) == 3


def test_a_marked_run_is_hatched():
    assert coloured(drawn([run(0.6, marked=True)]), 0) < 0.9 * coloured(drawn([run(0.6)]), 0)


def test_any_number_of_runs_missing_genres_and_long_names_fit():
    for count in (1, 9):
        runs = [run(0.5, name="a run with a name that is far too long for its column " * 3, genres=("sf",))] * count
        pixels = drawn(runs)
        assert pixels.shape[1] == WIDTH
        left_of_bars = pixels[TOP : TOP + ROW * count, LEFT - 8 : LEFT - 2]
        assert (left_of_bars.min(2) > 240).all(), "a name runs into the bars"
