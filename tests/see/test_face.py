import numpy as np
import pytest

from moodscore.see import face

RECIPE = {"threshold": 0.5, "strides": [8, 16, 32], "overlap": 0.4}


def maps_with(level, row, column, values):
    maps = [np.full((15, 64 // s, 64 // s), -9.0, np.float32) for s in RECIPE["strides"]]
    maps[level][:, row, column] = values
    return maps


def test_a_cell_becomes_a_box_around_its_centre():
    values = [2.0, *np.log([1, 0.5, 1, 1.5]), *[0.25] * 10]
    rows = face.decoded(maps_with(1, 2, 1, values), RECIPE)
    assert rows.shape == (1, 15)
    assert rows[0, :4] == pytest.approx([24 - 16, 40 - 8, 24 + 16, 40 + 24])
    assert rows[0, 4:14] == pytest.approx([28, 44] * 5)
    assert rows[0, 14] == pytest.approx(1 / (1 + np.exp(-2)))


def test_cells_below_the_threshold_say_nothing():
    assert face.decoded(maps_with(0, 0, 0, [-0.01] + [0.0] * 14), RECIPE).shape == (0, 15)


def row_at(left, score):
    return [left, 0, left + 1, 1, *[0] * 10, score]


def test_of_overlapping_boxes_the_best_stays_and_far_ones_stay():
    rows = np.array([row_at(0.1, 0.6), row_at(0, 0.9), row_at(3, 0.7)], np.float32)
    kept = face.suppressed(rows, 0.4)
    assert kept[:, 14] == pytest.approx([0.9, 0.7])


def test_nothing_to_suppress_is_nothing():
    assert face.suppressed(np.zeros((0, 15), np.float32), 0.4).shape == (0, 15)
