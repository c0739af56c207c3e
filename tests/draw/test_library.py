import numpy as np

from moodscore.affect import Affect
from moodscore.draw.library import Shown, library_png


def test_pieces_of_one_place_are_drawn_apart_and_the_same_every_time():
    pieces = [Shown(f"sad/{k}.wav", Affect(-0.5, -0.5), bool(k % 2)) for k in range(5)]
    one = np.asarray(library_png(pieces, "mine", 400))
    assert one.shape == (400, 400, 3)
    assert np.array_equal(one, np.asarray(library_png(pieces, "mine", 400)))
    assert not np.array_equal(one, np.asarray(library_png(pieces[:4], "mine", 400)))


def test_an_empty_library_is_an_empty_plane():
    assert library_png([], "nothing", 300).size == (300, 300)
