"""What a caption may be relied on for: three, different, one sentence each, claiming only what was noticed."""

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodscore.affect import Affect, Spread
from moodscore.errors import BadValue
from moodscore.media import Box, Face, Photo
from moodscore.prepare import image
from moodscore.reading import Reading
from moodscore.schemes import EXPRESSIONS, Labels, mood_labels
from moodscore.see import face as see_face
from moodscore.see import photo as see_photo
from moodscore.see import words, words_captions, words_things
from moodscore.see.words_light import COLOURS, Light
from moodscore.see.words_noticed import Noticed, Spot, notice
from moodscore.see.words_things import Named

PHOTOS = Path(__file__).parents[2] / "examples" / "photos"
PEOPLE_EN = re.compile(
    r"\b(person|people|man|men|woman|women|child|children|boy|girl|face|faces|smil\w*|expression)\b", re.I
)
PEOPLE_KO = re.compile("사람|얼굴|표정|아이|남자|여자")
THINGS = [thing for thing, _ in words_things._words()] + list(words_things.KINDS.values())
PLACES = [place for place, _ in words_things._places()] + [words_things.WILD]
few = settings(max_examples=60)
axis = st.floats(-1, 1)
share = st.floats(0, 1)


@st.composite
def readings(draw):
    affect = Affect(draw(axis), draw(axis))
    return Reading(affect, mood_labels(affect, 0.3, 0.3), draw(share), "photo-affect@1", Spread(0.3, 0.3))


@st.composite
def read_faces(draw):
    labels = Labels.of("expression", draw(st.lists(share, min_size=7, max_size=7)))
    half = draw(st.floats(0.01, 0.5))
    face = Face(Box(0.5 - half, 0.5 - half, 0.5 + half, 0.5 + half), draw(share))
    return face, Reading(labels.expectation, labels, max(labels.probs), "expression@1", labels.spread)


@st.composite
def lights(draw):
    hundred = st.floats(0, 100)
    colours = draw(st.lists(st.sampled_from(sorted(COLOURS)), max_size=2, unique=True))
    warm = draw(share)
    measured = [draw(hundred) for _ in range(4)]
    return Light(*measured, warm, 1 - warm, draw(st.booleans()), draw(st.floats(0.2, 5)), tuple(colours))


@st.composite
def noticed(draw, most_faces=13):
    named = Named(
        draw(st.none() | st.sampled_from(THINGS)), draw(share), draw(st.none() | st.sampled_from(PLACES)), draw(share)
    )
    spot = Spot(
        draw(st.sampled_from(["left", "middle", "right"])),
        draw(st.sampled_from(["lighter", "darker"])),
        draw(st.sampled_from(["", *COLOURS])),
    )
    side = draw(st.sampled_from(["", "top", "bottom", "left", "right", "middle"]))
    found = sorted(draw(st.lists(read_faces(), max_size=most_faces)), key=lambda pair: -pair[0].box.area)
    return Noticed(
        draw(readings()),
        draw(lights()),
        named,
        tuple(found),
        draw(st.none() | st.just(spot)),
        side,
        draw(st.booleans()),
    )


def check_contract(three):
    """Of every describer: three captions that differ, each one sentence on one line."""
    assert len(three) == 3
    assert len(set(three)) == 3
    for caption in three:
        assert caption.strip() == caption
        assert re.fullmatch(r"[^.!?\n]*\w[^.!?\n]*\.", caption), caption
        assert "  " not in caption
        assert " ," not in caption


@few
@given(noticed())
def test_three_different_captions_of_one_sentence_each_in_both_languages(seen):
    found = words.described(seen)
    check_contract(found.english)
    check_contract(found.korean)
    assert all(c[0].isupper() for c in found.english)
    assert all(re.search("(니다)\\.$", c) for c in found.korean)
    assert words.described(seen) == found


@few
@given(noticed(most_faces=0))
def test_without_a_face_nobody_is_spoken_of(seen):
    found = words.described(seen)
    assert not PEOPLE_EN.search(" ".join((*found.english, *found.keywords)))
    assert not PEOPLE_KO.search(" ".join(found.korean))


@few
@given(noticed())
def test_only_the_thing_place_and_colours_that_were_noticed_are_named(seen):
    found = words.described(seen)
    thing = seen.named.thing
    said = " ".join(found.english[:2])
    allowed = {t.english for t in (thing, seen.named.place) if t is not None} | {"glasses"}
    for other in THINGS:
        if other.english not in " ".join(allowed) and other.english != "organ":
            assert not re.search(rf"\b{re.escape(other.english)}\b", said), other.english
    colours = {*seen.light.mostly, seen.spot.colour if seen.spot else ""}
    for colour in set(COLOURS) - colours:
        assert not re.search(rf"\b{colour}\b", said.replace(thing.english, "") if thing else said), colour
    if thing is not None and not seen.faces and seen.named.thing_share < words_things.SURE:
        assert "seems" in found.english[1]
        assert "보이는" in found.korean[1]


@few
@given(noticed())
def test_people_are_counted_and_an_expression_is_named_only_when_most_show_it(seen):
    english = words_captions.in_english(seen)[1]
    count = len(seen.faces)
    start = {0: "", 1: "One person is", 2: "Two people are"}.get(count, "A group of at least ")
    start = f"At least {start[:1].lower()}{start[1:]}" if seen.maybe_more and 0 < count < 3 else start
    assert english.startswith(start)
    names = [r.labels.top.name for _, r in seen.faces if r.confidence >= 0.5]
    common = [n for n in EXPRESSIONS.names if names.count(n) * 2 > count]
    assert seen.expression == (common[0] if common else "")
    assert ("expression" in english) == bool(common)


@few
@given(readings(), lights())
def test_the_feeling_never_contradicts_itself(reading, light):
    english = words_captions.in_english(Noticed(reading, light))[2]
    pleasant = re.search(r"\bpleasant\b", english) and "neither pleasant" not in english
    assert not (pleasant and reading.mood.name in ("gloomy", "tense", "sad"))
    assert not ("unpleasant" in english and "neither" not in english and reading.mood.name in ("joyful", "peaceful"))
    assert reading.mood.name in english


@cache
def described(name):
    return words.describe(image.open(next(PHOTOS.glob(name)), want_side=words.SIDE))


def test_what_example_photos_show_is_said():
    assert "fruit" in described("01-*").english[1]
    assert "과일" in described("01-*").korean[1]
    assert "a bee" in described("04-*").english[1]
    assert described("04-*").korean[1] == "흐릿한 배경 앞에 벌로 보이는 동물이 있습니다."
    assert described("03-*").english[1] == "One person is seen in the picture, with a happy expression."
    assert described("03-*").korean[1] == "행복한 표정을 지은 한 사람이 보입니다."
    assert "valley" in described("17-*").english[0]
    assert described("17-*").source.startswith("describer@1+photo-affect@")


@pytest.mark.parametrize(
    ("score", "animal", "thing", "people"),
    [
        (0.9, 0.0, None, True),
        (0.7, 0.0, None, False),  # ornaments and lightning have such faces
        (0.75, 0.3, None, False),  # a dog, or a person that the net calls a dog: neither is believed
        (0.9, 0.3, None, True),
        (None, 0.3, "dog", False),
    ],
)
def test_where_the_face_detector_and_the_net_disagree_neither_is_believed(monkeypatch, score, animal, thing, people):
    probs = np.full(1000, (1 - animal) / 1000, np.float32)
    probs[207] += animal
    affect = Affect(0.5, 0.0)
    reading = Reading(affect, mood_labels(affect, 0.3, 0.3), 0.5, "photo-affect@1")
    happy = Labels.of("expression", [0, 0, 0, 1, 0, 0, 0])
    found = () if score is None else (Face(Box(0.3, 0.3, 0.6, 0.6), score),)
    scene = see_photo.Scene(reading, np.zeros(1, np.float32), probs)
    monkeypatch.setattr(see_photo, "look", lambda _: scene)
    monkeypatch.setattr(see_face, "find", lambda _: found)
    monkeypatch.setattr(see_face, "perceive", lambda *_: Reading(happy.expectation, happy, 1.0, "expression@1"))
    seen = notice(Photo(np.full((60, 80, 3), 128, np.uint8), "x.png", (80, 60)))
    assert (seen.named.thing and seen.named.thing.english) == thing
    assert bool(seen.faces) == people


def test_what_is_not_known_is_not_said():
    for name in ("13-*", "14-*"):  # stars and the earth are no class of the net
        found = described(name)
        assert not any(thing.english in " ".join(found.english) for thing in THINGS if len(thing.english) > 4)
        assert not PEOPLE_EN.search(" ".join(found.english))


@pytest.mark.parametrize("pixels", [np.zeros((40, 60, 3)), np.full((40, 60, 3), 255), np.full((1, 300, 3), 90)])
def test_pictures_with_nothing_in_them_are_described_too(pixels):
    found = words.describe(Photo(pixels.astype(np.uint8), "plain.png", pixels.shape[1::-1]))
    check_contract(found.english)
    check_contract(found.korean)


def test_a_language_that_is_not_spoken_is_refused():
    found = described("01-*")
    assert found.captions("ko") == found.korean
    with pytest.raises(BadValue, match="expected one of en, ko"):
        found.captions("fr")
    with pytest.raises(BadValue, match="three different"):
        words.Described(("A.", "A.", "B."), found.korean, (), found.reading, found.source)
