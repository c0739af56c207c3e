"""The picture of the plane: points land where they should, names stay apart and inside, and both drawings agree."""

import math
import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodscore.affect import Affect, Spread
from moodscore.draw import layout
from moodscore.draw.colour import mood_rgb
from moodscore.draw.layout import Frame, Rect
from moodscore.draw.plane import PlanePoint, plane_png, plane_svg
from moodscore.errors import BadValue
from moodscore.schemes import MOODS

axis = st.floats(-1, 1)
affects = st.builds(Affect, axis, axis)
WORDS = ["", "a", "IMG_0001", "제주도 바다", "a very long name of a photo that goes on and on", "<&>\"'"]
SIZE = (400, 400)


def picture(colour):
    return np.full((20, 30, 3), colour, np.uint8)


def covers(one: Rect, other: Rect) -> bool:
    return one.overlaps(other)


@pytest.mark.parametrize("size", [(400, 400), (600, 400), (400, 640)])
@pytest.mark.parametrize(("valence", "arousal"), [(0, 0), (0.8, 0), (0, 0.8), (-0.6, -0.6), (1, -1), (-1, 1)])
def test_a_point_lands_at_its_feeling(size, valence, arousal):
    affect = Affect(valence, arousal)
    bare, drawn = (np.asarray(plane_png(p, size=size), np.int32) for p in ([], [PlanePoint(affect)]))
    y, x = np.nonzero(np.abs(drawn - bare).sum(axis=2) > 60)
    frame = Frame(*size)
    expected = frame.at(affect)
    assert abs(x.mean() + 0.5 - expected[0]) < 1.5
    assert abs(y.mean() + 0.5 - expected[1]) < 1.5
    assert expected[0] - size[0] / 2 == pytest.approx(valence * frame.radius)
    assert size[1] / 2 - expected[1] == pytest.approx(arousal * frame.radius)
    assert np.abs(drawn[int(expected[1]), int(expected[0])] - mood_rgb(affect)).max() <= 3


def test_a_photo_is_shown_round_at_its_feeling_in_a_ring_of_its_mood():
    affect = Affect(-0.5, 0.2)
    drawn = np.asarray(plane_png([PlanePoint(affect, "", picture((10, 200, 250)))], size=(800, 800)), np.int32)
    x, y = (int(v) for v in Frame(800, 800).at(affect))
    assert (drawn[y, x] == (10, 200, 250)).all()
    row = drawn[y, x - 60 : x + 60]
    assert (np.abs(row - mood_rgb(affect)).max(axis=1) <= 6).any()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(affects, st.sampled_from(WORDS)), max_size=40), st.booleans(), st.sampled_from([300, 640, 1200])
)
def test_names_stay_inside_and_cover_neither_names_nor_photos(points, pictured, side):
    frame = Frame(side, side)
    placed = layout.place(frame, [a for a, _ in points], [w for _, w in points], pictured)
    boxes = [n.box for n in placed.names if n]
    fixed = [m.box for m in layout.mood_names(frame)]
    assert all(b.inside(frame.whole) for b in boxes + fixed)
    for k, box in enumerate(boxes):
        assert not any(covers(box, other) for other in boxes[:k] + fixed)
        for x, y in placed.discs:
            inner = placed.radius - 0.01
            assert not covers(box, Rect(x - inner, y - inner, x + inner, y + inner))


@settings(max_examples=40, deadline=None)
@given(st.lists(affects, min_size=1, max_size=60))
def test_photos_are_moved_apart_but_stay_inside_and_alone_stay_put(feelings):
    frame = Frame(1000, 1000)
    placed = layout.place(frame, feelings, [""] * len(feelings), pictured=True)
    for k, (x, y) in enumerate(placed.discs):
        assert placed.radius <= x <= 1000 - placed.radius
        assert placed.radius <= y <= 1000 - placed.radius
        for other in placed.discs[:k]:
            assert math.dist((x, y), other) > 1.7 * placed.radius
    assert placed.homes == tuple(frame.at(a) for a in feelings)
    (alone,) = layout.place(frame, feelings[:1], [""], pictured=True).discs
    assert math.dist(alone, frame.at(feelings[0])) < 1


def test_photos_of_one_and_the_same_feeling_all_show():
    placed = layout.place(Frame(800, 800), [Affect(0.3, 0.3)] * 12, [""] * 12, pictured=True)
    gaps = [math.dist(a, b) for k, a in enumerate(placed.discs) for b in placed.discs[:k]]
    assert min(gaps) > 1.9 * placed.radius


@pytest.mark.parametrize("side", [160, 400, 1200])
def test_the_eight_moods_stand_round_the_ring_at_their_angles(side):
    frame = Frame(side, side)
    found = layout.mood_names(frame)
    assert [m.english.text for m in found] == list(MOODS.names)
    assert [m.korean.text for m in found] == [m.korean for m in MOODS.labels]
    for mood, label in zip(found, MOODS.labels, strict=True):
        x = (mood.box.left + mood.box.right) / 2 - side / 2
        y = side / 2 - (mood.box.top + mood.box.bottom) / 2
        off = (math.degrees(math.atan2(y, x)) - label.hue + 180) % 360 - 180
        assert abs(off) < 8
        assert not any(covers(mood.box, other.box) for other in found if other is not mood)


def test_the_path_goes_through_its_places_and_bends_smoothly():
    places = [(0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (40.0, 160.0)]
    legs = layout.path_through(places)
    assert np.allclose([leg[0] for leg in legs], places[:-1])
    assert np.allclose([leg[-1] for leg in legs], places[1:])
    for before, after in pairwise(legs):
        one = np.subtract(before[-1], before[-2])
        two = np.subtract(after[1], after[0])
        assert one @ two / np.linalg.norm(one) / np.linalg.norm(two) > 0.95
    assert layout.path_through(places[:1]) == []


@settings(max_examples=30, deadline=None)
@given(st.lists(affects, max_size=8))
def test_a_path_of_any_shape_stays_finite(feelings):
    frame = Frame(300, 300)
    for leg in layout.path_through([frame.at(a) for a in [*feelings, *feelings]]):
        assert np.isfinite(leg).all()


POINTS = [
    PlanePoint(Affect(0.5, 0.4), "sun & <sea>", picture((250, 220, 90)), Spread(0.2, 0.1)),
    PlanePoint(Affect(-0.4, -0.3), "비 오는 날", picture((90, 100, 120)), Spread(0.1, 0.3)),
    PlanePoint(Affect(0.45, 0.42), "", picture((200, 60, 60))),
]


def test_the_same_points_give_the_same_pixels_and_the_same_svg():
    one, other = (plane_png(POINTS, SIZE, "t", [0, 1, 2]) for _ in range(2))
    assert one.mode == "RGB"
    assert one.size == SIZE
    assert one.tobytes() == other.tobytes()
    assert plane_svg(POINTS, SIZE, "t", [0, 1, 2]) == plane_svg(POINTS, SIZE, "t", [0, 1, 2])


def test_path_title_and_spread_change_the_picture():
    plain = plane_png(POINTS, SIZE).tobytes()
    assert plane_png(POINTS, SIZE, path_order=[0, 1]).tobytes() != plain
    assert plane_png(POINTS, SIZE, title="제목").tobytes() != plain
    without = [PlanePoint(p.affect, p.name, p.thumbnail) for p in POINTS]
    assert plane_png(without, SIZE).tobytes() != plain


def test_the_svg_stands_alone_and_tells_its_story_to_a_screen_reader():
    svg = plane_svg(POINTS, title="My <photos>", path_order=[1, 0, 2])
    root = ET.fromstring(svg)
    ns = {"s": "http://www.w3.org/2000/svg"}
    assert root.get("role") == "img"
    told = {e.get("id"): e.text for e in (root.find("s:title", ns), root.find("s:desc", ns))}
    assert set(root.get("aria-labelledby").split()) == set(told)
    title, description = told.values()
    assert title == "My <photos>"
    assert description.index("비 오는 날: sad") < description.index("sun & <sea>: exciting")
    assert not re.search(r'(?:href|src)="(?!#|data:image/jpeg)', svg)
    assert len(root.findall(".//s:image", ns)) == 3
    words = [e.text for e in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {m.name for m in MOODS.labels} | {m.korean for m in MOODS.labels} <= set(words)
    assert len(svg) < 40_000


def test_two_svgs_on_one_page_do_not_share_ids():
    one, other = (set(re.findall(r'id="([^"]+)"', plane_svg([p]))) for p in POINTS[:2])
    assert one
    assert not one & other


def test_svg_discs_lie_where_the_png_has_them():
    root = ET.fromstring(plane_svg([PlanePoint(Affect(0.5, -0.25))], (500, 500)))
    x, y = Frame(500, 500).at(Affect(0.5, -0.25))
    centres = [(float(c.get("cx")), float(c.get("cy"))) for c in root.iter("{http://www.w3.org/2000/svg}circle")]
    assert any(math.dist(c, (x, y)) < 0.2 for c in centres)


@pytest.mark.parametrize("draw", [plane_png, plane_svg])
@pytest.mark.parametrize(
    "wrong", [{"size": (100, 400)}, {"size": (400, 9000)}, {"path_order": [0, 3]}, {"path_order": [-1]}]
)
def test_impossible_wishes_are_refused(draw, wrong):
    with pytest.raises(BadValue, match="expected"):
        draw(POINTS, **wrong)


def test_hundreds_of_points_can_be_drawn():
    rng = np.random.default_rng(0)
    points = [PlanePoint(Affect.clipped(*rng.normal(0, 0.4, 2)), f"p{k}", picture((9, 9, 9))) for k in range(450)]
    assert plane_png(points, SIZE).size == SIZE
    assert plane_svg(points).count("<image") == 0
