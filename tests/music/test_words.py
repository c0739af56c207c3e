"""A tune in words says what is in its notes, in grammatical English and Korean."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodscore.affect import Affect
from moodscore.errors import BadValue
from moodscore.grammar import korean
from moodscore.media import Tune
from moodscore.music import plan, rules, words, words_english, words_korean
from moodscore.music.cues import _MODES_BY_VALENCE
from moodscore.music.instruments import INSTRUMENTS
from moodscore.music.words_facts import Change, Facts, Picked
from moodscore.schemes import MOODS
from moodscore.trajectory import Trajectory

SAD = Facts(
    duration_s=30.0,
    moods=(MOODS["sad"],),
    tonic=2,
    mode="harmonic",
    tempo_bpm=66.7,
    beats_per_bar=4,
    velocity=50.0,
    articulation=0.95,
    opening=("halo pad", "harp"),
    opening_melody="",
    changes=(
        Change(3.6, "horn", "first", ("contrabass", "tubular bells"), (), louder=1),
        Change(10.6, "viola", "new", (), ("horn",), key=(5, "ionian")),
        Change(75.2, "horn", "back", ("strings",), ("tubular bells", "viola"), louder=-1, faster=-1),
    ),
    left_out=0,
    slope=-1,
    leaps=0.2,
    slows=True,
    comes_home=True,
)


def composed(trajectory, seed=0):
    planned = plan.plan(trajectory, seed)
    return planned, rules.compose(planned, seed)


def test_the_english_text_as_it_reads():
    assert words_english.composed(SAD) == (
        "The music lasts 30 seconds and is meant to feel sad: it begins in D minor, which sounds dark.",
        "Its tempo is slow, like a heart at rest: about 67 beats a minute, 4 to a bar; it is soft, and its notes flow into "
        "each other.",
        "It begins with the breathy synthesiser pad and the harp, still without a melody.",
        "After 4 seconds the French horn begins the first melody; the double bass and tubular bells join; the music "
        "becomes louder.",
        "After 11 seconds the key changes to F major; the viola begins a new melody; the French horn falls silent.",
        "After 1 minute 15 seconds the French horn brings the first melody back; strings join; tubular bells and the viola "
        "fall silent; the music becomes softer and slower.",
        "The melody moves mostly in small steps and sinks on the whole.",
        "It slows down at the end and comes to rest on the home chord.",
    )


def test_the_korean_text_as_it_reads():
    assert words_korean.composed(SAD) == (
        "슬픈 느낌을 담은 30초 길이의 음악입니다. 라단조로 시작하며, 어둡게 들립니다.",
        "쉬고 있는 심장 박동처럼 느린 빠르기로, 1분에 약 67박이며 4박자입니다. 소리는 작고 음은 서로 부드럽게 이어집니다.",
        "선율 없이 숨결 같은 신시사이저 화음과 하프로 시작합니다.",
        "4초가 지나면 호른이 첫 선율을 시작하고, 콘트라베이스와 튜블러 벨이 더해지고, 소리가 커집니다.",
        "11초가 지나면 조가 바장조로 바뀌고, 비올라가 새 선율을 시작하고, 호른은 멎습니다.",
        "1분 15초가 지나면 호른이 첫 선율을 다시 연주하고, 현악기가 더해지고, 튜블러 벨과 비올라는 멎고, 소리가 작아지고, "
        "느려집니다.",
        "선율은 주로 가까운 음으로 움직이며 전체로는 내려갑니다.",
        "끝에서 느려지며 으뜸화음에서 편안히 끝맺습니다.",
    )


points = st.builds(Affect, st.floats(-1, 1), st.floats(-1, 1))


@given(points, points, st.integers(0, 99), st.floats(2, 60))
@settings(max_examples=12)
def test_what_is_said_of_any_tune_is_in_its_notes(start, end, seed, seconds):
    planned, score = composed(Trajectory.of([(0.0, start), (seconds / 2, end)], seconds), seed)
    facts = words.facts_of(planned, score)
    told = words.describe(planned, score)
    names = {words.DRUMS if t.drums else t.name.split(" (")[0] for t in score.tracks if t.notes}
    said = {n for c in facts.changes for n in (c.singer, *c.joins, *c.leaves) if n} | set(facts.opening)
    assert said <= names
    assert {c.singer for c in facts.changes} - {""} <= {
        t.name.split(" (")[0] for t in score.tracks if "melody" in t.name
    }
    assert f"about {facts.tempo_bpm:.0f} beats" in told.english[1]
    assert any(words_english.key_of(s.tonic, s.mode) in told.english[0] for s in planned.sections)
    assert [c.at_s for c in facts.changes] == sorted(c.at_s for c in facts.changes)
    assert len(facts.changes) <= words.MOST_CHANGES
    assert len(told.english) == len(told.korean)
    for sentence in told.english:
        assert re.fullmatch(r"[A-Z][^.]*\.", sentence), sentence
        assert "  " not in sentence
        assert not re.search(r"\b(strings|bells) (joins|falls|begins|brings|repeats|plays)\b", sentence)
    for sentence in told.korean:
        assert re.fullmatch(r"[가-힣0-9 ,()]+\.( [가-힣0-9 ,()]+\.)?", sentence), sentence
        assert sentence.endswith("니다.")


def test_a_tune_that_turns_from_sad_to_joyful_says_so():
    planned, score = composed(Trajectory.of([(0.0, MOODS["sad"].place), (60.0, MOODS["joyful"].place)], 60.0))
    text = " ".join(words.describe(planned, score).english)
    assert re.search(r"feel sad, then [\w, ]*joyful", text) or re.search(r"sad at first and joyful at last", text)
    assert "the key changes to" in text


def test_louder_and_softer_follow_the_notes():
    planned, score = composed(Trajectory.of([(0.0, Affect(0.2, -0.9)), (30.0, Affect(0.2, 0.9))], 40.0))
    changes = words.facts_of(planned, score).changes
    assert sum(c.louder for c in changes) > 0


def test_a_very_long_piece_tells_its_largest_changes_and_how_many_are_left_out():
    planned, score = composed(Trajectory.hold(MOODS["peaceful"].place, 400.0))
    facts = words.facts_of(planned, score)
    assert len(facts.changes) == words.MOST_CHANGES
    assert facts.left_out > 0
    assert f"{facts.left_out} smaller changes" in " ".join(words_english.composed(facts))


@pytest.mark.parametrize("name", [*INSTRUMENTS, words.DRUMS])
def test_every_instrument_has_a_korean_name_and_takes_its_particle(name):
    said = words_korean.named(name)
    assert re.fullmatch(r"[가-힣 ]+", said), f"{name} has no Korean name in music/words_korean.py"
    sentence = words_korean.composed(_with(name))[3]
    assert korean.marked(said, "이/가") + " 더해" in sentence


def _with(name):
    return replace(SAD, changes=(Change(5.0, "", "", (name,), ()),))


def test_every_mode_and_key_has_a_name_in_both_languages():
    for mode in {mode for _, modes in _MODES_BY_VALENCE for mode in modes}:
        for tonic in range(12):
            assert re.fullmatch(r"[A-G](-flat|-sharp)? [a-z]+", words_english.key_of(tonic, mode))
            assert re.fullmatch(r"(내림|올림)?[가-힣]( [가-힣]+ 선법|[장단]조)", words_korean.key_of(tonic, mode))


def test_picked_music_names_its_pieces_and_when_they_are_heard():
    pieces = [Picked("Rain", 0.0, MOODS["quiet"]), Picked("봄", 12.4, MOODS["joyful"])]
    assert words_english.picked(20.0, pieces, "rising") == (
        "The music lasts 20 seconds and is picked from 2 pieces of a library.",
        "From the beginning “Rain” is heard, which feels quiet.",
        "From 12 seconds on “봄” is heard, which feels joyful.",
        "It grows louder towards the end.",
    )
    assert words_korean.picked(20.0, pieces, "rising") == (
        "20초 길이의 음악으로, 모음에서 고른 2곡입니다.",
        "처음부터 “Rain”이 들리며, 고요한 느낌입니다.",
        "12초부터 “봄”이 들리며, 즐거운 느낌입니다.",
        "끝으로 갈수록 소리가 커집니다.",
    )


@pytest.mark.parametrize(
    ("gains", "course", "said"),
    [
        ((0.1, 0.1, 0.1), "even", "much the same"),
        ((0.05, 0.1, 0.3), "rising", "grows louder"),
        ((0.3, 0.3, 0.05), "falling", "grows softer"),
        ((0.1, 0.4, 0.1), "arch", "loudest in the middle"),
        ((0.4, 0.1, 0.4), "valley", "softest in the middle"),
        ((0.0, 0.0, 0.0), "silent", "nothing is heard"),
    ],
)
def test_recorded_sound_is_told_by_its_length_and_how_loudness_runs(gains, course, said):
    hum = np.sin(np.arange(61 * 8000) / 5)[:, None] * np.repeat(gains, 61 * 8000 // 3 + 1)[: 61 * 8000, None]
    tune = Tune(np.repeat(hum, 2, 1).astype(np.float32), 8000)
    assert words.course_of(tune) == course
    told = words.describe_sound(tune)
    assert told.english[0] == "The music is recorded sound of 1 minute 1 second."
    assert said in told.english[1].lower()
    assert len(told.korean) == 2


def test_a_sound_of_a_few_samples_is_told_too():
    for frames in (0, 1, 2, 5):
        assert (
            words.describe_sound(Tune(np.zeros((frames, 2), np.float32), 8000)).english[1] == "Nothing is heard in it."
        )


def test_there_are_two_languages():
    told = words.describe_sound(Tune(np.zeros((9, 2), np.float32), 8000))
    assert told.sentences("ko") == told.korean
    with pytest.raises(BadValue, match="en, ko"):
        told.sentences("fr")
