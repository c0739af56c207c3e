import numpy as np
import pytest

from moodscore.affect import Affect, Spread
from moodscore.draw import explain
from moodscore.media import Box, Face, Photo
from moodscore.reading import Part, Reading
from moodscore.schemes import Labels, mood_labels


def scene(valence: float, arousal: float) -> Reading:
    affect = Affect(valence, arousal)
    return Reading(affect, mood_labels(affect, 0.3, 0.3), 0.6, "photo-affect@1", Spread(0.3, 0.3))


def with_faces(count: int) -> Reading:
    labels = Labels.of("expression", (0, 0, 1, 0, 0, 0, 0))
    face = Reading(labels.expectation, labels, 0.9, "expression@1")
    parts = [Part("scene", 0.5, scene(0.3, 0.2))]
    parts += [Part(f"face {k}", 0.5 / count, face) for k in range(1, count + 1)]
    return Reading(
        Affect(0, 0.3), mood_labels(Affect(0, 0.3), 0.3, 0.3), 0.7, "photo-affect@1+expression@1", parts=tuple(parts)
    )


def photo(width: int = 120, height: int = 80) -> Photo:
    return Photo(np.full((height, width, 3), 120, np.uint8), "a.png", (width, height))


def one_push(valence: float, arousal: float) -> np.ndarray:
    """A push in the left upper quarter of the picture only."""
    push = np.zeros((80, 120, 2), np.float32)
    push[10:26, 15:40] = valence, arousal
    return push


@pytest.mark.parametrize(("count", "size"), [(1, (120, 80)), (3, (1, 1)), (40, (20, 900))])
def test_any_number_of_parts_makes_a_page(count, size):
    faces = [Face(Box(0.1, 0.1, 0.3, 0.4), 0.9)] * (count + 1)
    page = explain.explain_png(photo(*size), with_faces(count), faces, np.zeros((*size[::-1], 2), np.float32))
    assert page.width == explain.WIDTH


def test_a_reading_without_parts_is_all_scene():
    page = explain.explain_png(photo(), scene(0.5, -0.5), (), one_push(0.1, 0))
    assert page.width == explain.WIDTH


def test_a_region_is_tinted_with_the_hue_of_its_push_and_the_rest_stays_grey():
    shown = explain.fitted(photo(), 240, 160)
    seen = np.asarray(explain.tinted(shown, one_push(0.2, 0.0)), int)
    height, width = seen.shape[:2]
    red, green, _ = seen[height // 4, width // 4]
    assert red > green + 40
    assert np.ptp(seen[height * 3 // 4, width * 3 // 4]) <= 2


def test_a_weak_push_is_not_stretched_to_full_colour():
    assert explain.reach(one_push(0.004, 0)) == explain.FAINTEST_PUSH
    assert explain.peaks(one_push(0.004, 0)) == []
    assert explain.reach(one_push(0.3, 0)) == pytest.approx(0.3)


def test_the_strongest_regions_are_found_in_order_and_lie_apart():
    push = one_push(0.1, 0.0)
    push[60:75, 90:110] = 0.0, -0.2
    found = explain.peaks(push)
    assert [(round(v, 2), round(a, 2)) for _, _, v, a in found] == [(0.0, -0.2), (0.1, 0.0)]
    assert found[0][0] > 0.7 > 0.4 > found[1][0]


@pytest.mark.parametrize(
    ("push", "words"),
    [((0.1, 0.0), "pleasant 0.10"), ((-0.02, -0.2), "calm 0.20"), ((-0.2, 0.1), "unpleasant 0.20, excited 0.10")],
)
def test_a_push_is_put_in_words(push, words):
    assert explain.words_for(*push) == words
