import numpy as np
import pytest

from moodscore.draw import faces
from moodscore.draw.small_plane import SCALE, colour_of
from moodscore.media import Box, Face, Photo
from moodscore.reading import Reading
from moodscore.schemes import Labels


def shown(*weights: float) -> Reading:
    labels = Labels.of("expression" if len(weights) == 7 else "music5", weights)
    return Reading(labels.expectation, labels, max(labels.probs), "expression@1", labels.spread)


def grey(width: int, height: int) -> Photo:
    return Photo(np.full((height, width, 3), 90, np.uint8), "grey.png", (width, height))


@pytest.mark.parametrize(
    ("count", "size"), [(1, (1, 1)), (1, (300, 900)), (3, (400, 300)), (9, (2000, 20)), (100, (300, 200))]
)
def test_any_number_of_faces_on_any_photo_makes_a_page(count, size):
    face = Face(Box(0.2, 0.2, 0.4, 0.5), 0.9)
    page = faces.faces_png(grey(*size), [(face, shown(0, 0, 1, 0, 0, 0, 1))] * count)
    assert page.width == faces.WIDTH
    assert 400 < page.height < 1300


def test_boxes_are_drawn_where_the_faces_are_in_the_colour_of_their_feeling():
    happy = shown(0, 0, 0, 1, 0, 0, 0)
    page = np.asarray(faces.faces_png(grey(712, 600), [(Face(Box(0.25, 0.25, 0.5, 0.75), 0.9), happy)]), int)
    photo = page[faces.MARGIN :, faces.MARGIN :]
    left, middle = round(0.25 * faces.PHOTO_WIDTH), round(0.5 * faces.PHOTO_WIDTH * 600 / 712)
    edge = photo[middle, left - 2 : left + 8]
    assert np.abs(edge - np.array(colour_of(happy.affect))).sum(1).min() < 30
    assert np.abs(photo[middle, left + 40] - 90).max() == 0


def test_the_likeliest_label_has_the_longest_bar():
    page = np.asarray(
        faces.faces_png(grey(712, 300), [(Face(Box(0, 0, 0.5, 0.5), 0.9), shown(0, 0, 0, 0.8, 0.2, 0, 0))]), int
    )
    card = page[faces.MARGIN + faces.PLANE + faces.MARGIN + 32 :, -faces.MARGIN - faces.PLANE + 76 :]
    filled = [(np.ptp(card[22 * row + 11, :130], axis=1) > 60).sum() for row in range(7)]
    assert filled[3] > 3 * filled[4] > 3 * filled[0]


def test_a_page_in_five_labels_differs_from_one_in_seven():
    face = Face(Box(0.2, 0.2, 0.4, 0.5), 0.9)
    seven = faces.faces_png(grey(40, 30), [(face, shown(0, 0, 1, 0, 0, 0, 0))])
    five = faces.faces_png(grey(40, 30), [(face, shown(0, 0, 0, 0, 1))])
    assert seven.tobytes() != five.tobytes()


def test_a_badge_stays_inside_a_picture_that_is_smaller_than_it():
    tiny = faces.fitted(grey(1, 1), 400, 300)
    assert tiny.size == (6 * SCALE, 6 * SCALE)
    faces.outline(tiny, Box(0, 0, 1, 1), "1", (0, 0, 0))
