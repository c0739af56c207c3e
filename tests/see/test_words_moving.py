"""What captions of clips and films may be relied on for: three, of a moving picture, with the way the feeling goes."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodscore.affect import Affect
from moodscore.prepare import image
from moodscore.schemes import MOODS
from moodscore.see import words, words_moving
from moodscore.trajectory import Trajectory

PHOTO = Path(__file__).parents[2] / "examples" / "photos" / "03-astronaut-smiling.jpg"
axis = st.floats(-1, 1)


@pytest.fixture(scope="module")
def moment():
    return words.describe(image.open(PHOTO, want_side=words.SIDE))


def feelings():
    places = st.lists(st.builds(Affect, axis, axis), min_size=1, max_size=6)
    return st.builds(
        lambda found, step: Trajectory.of([(k * step, a) for k, a in enumerate(found)], len(found) * step),
        places,
        st.floats(0.5, 200),
    )


@given(feeling=feelings(), photos=st.sampled_from([0, 1, 2, 32]))
@settings(max_examples=60)
def test_there_are_three_sentences_in_each_language_and_none_calls_a_clip_a_photo(moment, feeling, photos):
    told = words_moving.describe(moment, feeling, photos)
    for three in (told.english, told.korean):
        assert len(set(three)) == 3
        assert all(text.endswith(".") and text.count(". ") == 0 and text == text.strip() for text in three)
    assert all(text[0].isupper() for text in told.english)
    if not photos:
        assert not re.search("photo", " ".join(told.english))
        assert "사진" not in " ".join(told.korean)


def test_a_change_of_feeling_is_told_with_both_ends(moment):
    joyful, gloomy = MOODS["joyful"].place, MOODS["gloomy"].place
    told = words_moving.describe(moment, Trajectory.of([(0, gloomy), (20, gloomy), (40, joyful), (60, joyful)], 60.0))
    assert told.english[2] == "It begins gloomy and ends joyful."
    assert told.english[0].startswith("A clip of 1:00 minutes; one moment of it is a ")
    assert told.korean[2] == f"{MOODS['gloomy'].korean} 느낌으로 시작해 {MOODS['joyful'].korean} 느낌으로 끝납니다."


def test_a_feeling_that_stays_is_told_once_and_a_burst_by_its_moment(moment):
    peaceful = MOODS["peaceful"].place
    told = words_moving.describe(moment, Trajectory.hold(peaceful, 12.0), photos=6)
    assert told.english[0].startswith("A film of six photos; the first is a ")
    assert told.english[2] == "From beginning to end it feels peaceful."
    assert told.korean[0].startswith("사진 6장으로 만든 영상으로")
    burst = Trajectory.of([(0, peaceful), (7, peaceful), (8, Affect(0, 1)), (9, peaceful), (20, peaceful)], 20.0)
    assert words_moving.describe(moment, burst).english[2].endswith(", most stirring at 0:08.")


def test_people_seen_in_the_moment_are_told_of_the_frame(moment):
    told = words_moving.describe(moment, Trajectory.hold(Affect(0, 0), 1.0))
    assert told.english[1] == "In that moment, one person is seen in the frame, with a happy expression."
    assert told.english[0].startswith("A clip of 1 second;")
    assert told.english[2] == "From beginning to end it feels almost neutral."
