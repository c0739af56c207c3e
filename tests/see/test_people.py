import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodscore.affect import Affect, Spread
from moodscore.errors import BadValue, UnknownModel
from moodscore.media import Box, Face, Photo
from moodscore.reading import Reading
from moodscore.schemes import EXPRESSIONS, MUSIC5, Labels, mood_labels
from moodscore.see import people

few = settings(deadline=None, max_examples=50)
axis = st.floats(-1, 1)
share = st.floats(0, 1)


def box_of(area: float) -> Box:
    """A square in the middle of the picture that covers `area` of it."""
    half = math.sqrt(area) / 2
    return Box(0.5 - half, 0.5 - half, 0.5 + half, 0.5 + half)


def shown(name: str, sureness: float = 1.0) -> Reading:
    """The reading of a face that shows one expression, the rest spread evenly."""
    weights = [
        sureness + (1 - sureness) / 7 if label.name == name else (1 - sureness) / 7 for label in EXPRESSIONS.labels
    ]
    labels = Labels.of("expression", weights)
    return Reading(labels.expectation, labels, max(labels.probs), "expression@1", labels.spread)


@st.composite
def scenes(draw):
    affect = Affect(draw(axis), draw(axis))
    return Reading(affect, mood_labels(affect, 0.3, 0.3), draw(share), "photo-affect@1", Spread(0.3, 0.3))


@st.composite
def read_faces(draw):
    labels = Labels.of("expression", draw(st.lists(share, min_size=7, max_size=7)))
    reading = Reading(labels.expectation, labels, draw(share), "expression@1", labels.spread)
    return Face(box_of(draw(st.floats(1e-4, 1))), draw(share)), reading


@few
@given(scenes(), st.lists(read_faces(), max_size=6))
def test_the_parts_say_everything_that_the_whole_says(scene, faces):
    fused = people.fuse(scene, faces)
    if not fused.parts:
        assert fused is scene
        return
    assert math.isclose(math.fsum(p.weight for p in fused.parts), 1.0, abs_tol=1e-9)
    assert fused.parts[0].name == "scene"
    assert fused.parts[0].weight >= 1 - people.RULE.most_weight - 1e-9
    for name in ("valence", "arousal"):
        said = [getattr(p.reading.affect, name) for p in fused.parts]
        mean = math.fsum(p.weight * value for p, value in zip(fused.parts, said, strict=True))
        assert name == "arousal" or math.isclose(fused.affect.valence, mean, abs_tol=1e-6)
        assert min(said) - 1e-6 <= getattr(fused.affect, name) <= max(said) + 1e-6
    assert fused.source == "photo-affect@1+expression@1"
    told = [(p["name"], p["weight"]) for p in fused.as_dict()["parts"]]
    assert told == [(p.name, round(p.weight, 4)) for p in fused.parts]


@few
@given(scenes())
def test_without_faces_the_scene_is_unchanged(scene):
    assert people.fuse(scene, []) is scene


@few
@given(scenes(), st.floats(1e-4, 0.999 * people.RULE.smallest_share))
def test_a_face_below_the_smallest_share_has_no_say(scene, area):
    assert people.fuse(scene, [(Face(box_of(area), 1.0), shown("fear"))]) is scene


@few
@given(scenes(), read_faces(), read_faces(), st.floats(1, 4))
def test_a_larger_face_never_says_less(scene, one, other, growth):
    def weight(area: float) -> float:
        grown = (replace(one[0], box=box_of(area)), one[1])
        return sum(p.weight for p in people.fuse(scene, [grown, other]).parts if p.name == "face 1")

    area = one[0].box.area
    assert weight(min(1.0, area * growth)) >= weight(area) - 1e-9


@few
@given(scenes(), read_faces(), st.floats(0, 1))
def test_a_surer_detector_never_says_less(scene, one, lower):
    def weight(score: float) -> float:
        return sum(p.weight for p in people.fuse(scene, [(replace(one[0], score=score), one[1])]).parts[1:])

    assert weight(one[0].score) >= weight(one[0].score * lower) - 1e-9


def test_many_faces_are_averaged_by_area():
    scene = Reading(Affect(0, 0), mood_labels(Affect(0, 0), 0.3, 0.3), 0.5, "photo-affect@1", Spread(0.3, 0.3))
    above = people.RULE.smallest_share
    faces = [(Face(box_of(above + 0.03), 0.9), shown("happy")), (Face(box_of(above + 0.01), 0.9), shown("sad"))]
    fused = people.fuse(scene, faces)
    assert [p.name for p in fused.parts] == ["scene", "face 1", "face 2"]
    assert math.isclose(fused.parts[1].weight, 3 * fused.parts[2].weight)


def test_a_large_face_weighs_as_much_as_the_scene_and_a_small_one_little():
    scene = Reading(Affect(0.5, -0.5), mood_labels(Affect(0.5, -0.5), 0.3, 0.3), 0.5, "photo-affect@1")
    near = people.fuse(scene, [(Face(box_of(0.2), 1.0), shown("fear"))])
    far = people.fuse(scene, [(Face(box_of(0.01), 1.0), shown("fear"))])
    assert near.parts[0].weight == pytest.approx(0.5)
    assert near.affect.valence < 0
    assert far.parts[0].weight > 0.9


def test_scene_and_face_that_disagree_leave_a_wider_spread():
    calm = Affect(0.6, -0.5)
    scene = Reading(calm, mood_labels(calm, 0.1, 0.1), 0.5, "photo-affect@1", Spread(0.1, 0.1))
    fused = people.fuse(scene, [(Face(box_of(0.05), 0.9), shown("fear"))])
    assert fused.spread.valence > 0.3


@few
@given(st.lists(read_faces(), min_size=1, max_size=6))
def test_faces_alone_are_weighted_to_one_and_keep_their_scheme(faces):
    reading = people.of_faces(faces)
    assert reading.labels.scheme == "expression"
    if len(faces) == 1:
        assert reading is faces[0][1]
    else:
        assert math.isclose(math.fsum(p.weight for p in reading.parts), 1.0, abs_tol=1e-9)


def test_the_five_label_mode_puts_fear_in_the_calm_region_and_the_default_does_not():
    frightened = shown("fear")
    assert frightened.affect.arousal > 0.2
    five = people.in_music5(frightened)
    assert five.labels.top is MUSIC5["others"]
    assert five.affect.arousal < 0
    with pytest.raises(BadValue, match="expected a distribution over 'expression'"):
        people.in_music5(five)


def test_an_install_without_face_models_reads_the_picture_alone(monkeypatch):
    affect = Affect(0.1, 0.2)
    scene = Reading(affect, mood_labels(affect, 0.3, 0.3), 0.5, "photo-affect@1")

    def no_card(photo):
        raise UnknownModel("model: expected one of tiny, got 'face-detector'")

    monkeypatch.setattr(people.see_photo, "perceive", lambda photo: scene)
    monkeypatch.setattr(people.see_face, "find", no_card)
    photo = Photo(np.zeros((4, 4, 3), np.uint8), "a.png", (4, 4))
    assert people.watch(photo) == people.Watched(scene, ())


@pytest.mark.parametrize(
    ("name", "share"), [("happy", 0.3), ("sad", 0.3), ("fear", 1.0), ("angry", 1.0), ("surprise", 1.0)]
)
def test_expressions_say_little_about_arousal_unless_they_show_alarm(name, share):
    labels = Labels("expression", tuple(float(label == name) for label in EXPRESSIONS.names))
    shown = Reading(labels.expectation, labels, 1.0, "expression@1", labels.spread)
    scene = Reading(Affect(0, 0), Labels.of("mood", [1] * 8), 0.5, "photo-affect@1", Spread(0.3, 0.2))
    fused = people.fuse(scene, [(Face(Box(0.2, 0.1, 0.8, 0.9), 1.0), shown)])
    weight = fused.parts[1].weight
    assert fused.affect.valence == pytest.approx(weight * shown.affect.valence)
    assert fused.affect.arousal == pytest.approx(share * weight * shown.affect.arousal)
