import numpy as np
import pytest

from moodscore.draw import genre
from moodscore.media import Photo
from moodscore.reading import Reading
from moodscore.schemes import GENRES, Labels


def reading(name):
    labels = Labels.of("genre", [0.8 if n == name else 0.04 for n in GENRES.names])
    return Reading(labels.expectation, labels, max(labels.probs), "test@1", labels.spread)


def frame(grey):
    return Photo(np.full((90, 160, 3), grey, np.uint8), "frame", (160, 90))


def test_the_stream_shows_the_genre_of_each_moment_in_its_colour():
    calm, wild = reading("romance"), reading("horror")
    shown = [genre.Pictured(1.0, calm.labels, frame(40), frame(60))]
    picture = genre.genre_png(calm, [1.0, 9.0], [calm.labels, wild.labels], 10.0, shown)
    left, right = (np.asarray(picture)[40:200, x].reshape(-1, 3).tolist() for x in (400, 1160))
    colours = {name: list(rgb) for name, rgb in genre.colours().items()}
    assert left.count(colours["romance"]) > 100 > left.count(colours["horror"])
    assert right.count(colours["horror"]) > 100 > right.count(colours["romance"])


def test_six_pairs_stand_in_two_rows_and_tall_frames_fit():
    found = reading("sf")
    tall = Photo(np.zeros((300, 20, 3), np.uint8), "tall", (20, 300))
    few = genre.genre_png(found, [0.0], [found.labels], 1.0, [genre.Pictured(0.0, found.labels, tall, tall)] * 3)
    many = genre.genre_png(found, [0.0], [found.labels], 1.0, [genre.Pictured(0.0, found.labels, tall, tall)] * 6)
    assert few.width == many.width == 1200
    assert many.height > few.height


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00.0"), (59.96, "1:00.0"), (83.2, "1:23.2"), (3723.5, "1:02:03.5")]
)
def test_moments_read_as_on_a_player(seconds, text):
    assert genre.clock(seconds) == text
