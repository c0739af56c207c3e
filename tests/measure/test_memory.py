import numpy as np
import pytest

from moodscore.errors import BadValue
from moodscore.measure import memory as m
from moodscore.media import Note, Score, Track


def line(rng, n):
    return np.cumsum(rng.choice([1, 2, 3, 4], n)).astype(float), rng.integers(50, 80, n)


def test_a_copied_stretch_is_found_in_any_key_and_tempo():
    rng = np.random.default_rng(1)
    known = [line(rng, 60) for _ in range(5)]
    memory = m.Memory(tuple(m.steps(*k) for k in known))
    onsets, pitches = line(rng, 60)
    onsets[20:40] = onsets[19] + 1 + 0.5 * (known[3][0][10:30] - known[3][0][10])
    onsets[40:] = onsets[39] + 97 + np.arange(20) * 3.0
    pitches[20:40] = known[3][1][10:30] + 4
    assert 19 <= memory.longest(m.steps(onsets, pitches)) <= 22


def test_a_piece_of_the_memory_is_known_whole_and_another_hardly():
    rng = np.random.default_rng(2)
    lines = tuple(m.steps(*line(rng, 80)) for _ in range(3))
    memory = m.Memory(lines[:2])
    assert memory.longest(lines[0]) == 80
    assert memory.longest(lines[2]) < 8
    said = m.evaluate([lines[0], lines[2]], memory)
    assert said["longest_max"] == 80
    assert 0.5 < said["share_mean"] < 0.6


def test_stretches_do_not_run_over_the_end_of_a_piece():
    a, b = m.steps(range(6), [60, 62, 64, 65, 67, 69]), m.steps(range(6), [70, 60, 70, 60, 70, 60])
    both = np.concatenate([a, b])
    assert m.Memory((a, b)).longest(both) == 6


def test_scores_have_steps_and_nothing_is_not_enough():
    notes = tuple(Note(k * 0.5, 0.4, 60 + k, 80) for k in range(10))
    said = m.score_steps(Score((Track("melody", 0, notes),), 6.0))
    assert len(said) == 8
    assert len(set(said.tolist())) == 1
    with pytest.raises(BadValue, match="rise"):
        m.steps([0.0, 0.0, 1.0], [1, 2, 3])
    with pytest.raises(BadValue, match="at least one"):
        m.evaluate([], m.Memory(()))
    assert m.Memory(()).longest(said) == 0
