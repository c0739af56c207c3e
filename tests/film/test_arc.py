from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodscore.affect import Affect
from moodscore.errors import BadValue
from moodscore.film.arc import length, order

affects = st.builds(Affect, st.floats(-1, 1), st.floats(-1, 1))


def scattered(count: int, seed: int) -> list[Affect]:
    rng = np.random.default_rng(seed)
    return [Affect(*pair) for pair in rng.uniform(-1, 1, (count, 2))]


def calm_joy(feeling: Affect) -> float:
    return feeling.valence - feeling.arousal


@given(st.lists(affects, min_size=1, max_size=7))
@settings(max_examples=40)
def test_few_photos_get_the_shortest_path_there_is_to_that_end(feelings: list[Affect]) -> None:
    path = order(feelings)
    assert sorted(path) == list(range(len(feelings)))
    paths = [p for p in itertools.permutations(range(len(feelings))) if p[-1] == path[-1]]
    assert length(feelings, path) == pytest.approx(min(length(feelings, p) for p in paths), abs=1e-7)


@given(st.lists(affects, min_size=1, max_size=14))
@settings(max_examples=25)
def test_the_film_ends_on_its_most_pleasant_and_calm_photo(feelings: list[Affect]) -> None:
    assert calm_joy(feelings[order(feelings)[-1]]) == max(map(calm_joy, feelings))


@pytest.mark.parametrize("count", [11, 32, 60])
def test_many_photos_get_a_path_close_to_what_chance_allows(count: int) -> None:
    feelings = scattered(count, count)
    path = order(feelings)
    assert sorted(path) == list(range(count))
    # A shortest tour through n random points of area A is about 0.7124 sqrt(n A) long (Beardwood et al., 1959).
    assert length(feelings, path) < 1.1 * 0.7124 * math.sqrt(count * 4.0) + 1.0
    assert length(feelings, path) < 0.55 * length(feelings, range(count))


def test_the_order_of_a_line_is_the_line() -> None:
    feelings = [Affect(v, -v) for v in (0.4, -0.8, 0.0, 0.8, -0.4)]
    assert order(feelings) == [1, 4, 2, 0, 3]


def test_the_same_feelings_give_the_same_order() -> None:
    feelings = scattered(40, 3)
    assert order(feelings) == order(feelings)
    assert order([Affect(0.1, 0.1)] * 5) == [0, 1, 2, 3, 4]
    assert order([Affect(0.1, 0.1)]) == [0]


def test_no_photos_is_refused() -> None:
    with pytest.raises(BadValue, match="at least one"):
        order([])
