"""Prompts carry what the photo said: feeling, mood, tempo, key words; and say who wrote them."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodscore.affect import Affect
from moodscore.errors import BadValue, NoAnswer
from moodscore.music import prompt, prompt_genres
from moodscore.music.prompt_genres import GENRES, LEVELS, fitting, named
from moodscore.reading import Reading
from moodscore.schemes import MOODS, mood_labels, mood_of

CAPTIONS = ("A dark picture in warm colours.", "The photo shows a bee.", "The photo feels peaceful: pleasant and calm.")
axis = st.floats(-1, 1)
words = st.lists(st.sampled_from(sorted({w for g in GENRES for w in g.content})), max_size=6)


def reading(valence, arousal):
    affect = Affect(valence, arousal)
    return Reading(affect, mood_labels(affect, 0.3, 0.3), 0.5, "photo-affect@1")


def good(genres=("jazz trio", "rock", "ambient"), **changed):
    rows = [{"genre": g, "text": f"Warm {g} in the evening.", "keywords": ["bee", "warm"]} for g in genres]
    return {"sentence": "A bee rests in warm, dark light.", "prompts": rows, **changed}


class Model:
    name = "model@test"

    def __init__(self, text):
        self.text, self.asked = text, []

    def answer(self, question, read):
        self.asked.append(question)
        return read(self.text)


@given(axis, axis, words)
def test_the_phrase_book_writes_three_prompts_of_different_genres_that_carry_all_numbers(valence, arousal, keywords):
    found = prompt.write(CAPTIONS, reading(valence, arousal), keywords)
    assert found == prompt.write(CAPTIONS, reading(valence, arousal), keywords)
    assert (found.source, found.note, found.sent) == ("phrase-book@1", "", ())
    assert len({p.genre for p in found.prompts}) == 3
    for one in found.prompts:
        assert one.mood == mood_of(Affect(valence, arousal)).name
        for part in (one.genre, one.mood, f"{one.tempo_bpm} bpm", f"valence {valence:+.2f}", f"arousal {arousal:+.2f}"):
            assert part in one.text
        assert all(word in one.text for word in keywords)


def test_three_captions_become_one_sentence():
    said = prompt.write(CAPTIONS, reading(0.3, -0.3)).sentence
    assert said == "A dark picture in warm colours; the photo shows a bee; the photo feels peaceful, pleasant and calm."
    assert prompt.merged(["A b.", "Seoul at night!", "I see."]) == "A b; Seoul at night; I see."
    for wrong in (CAPTIONS[:2], (*CAPTIONS[:2], " ")):
        with pytest.raises(BadValue, match="three captions"):
            prompt.write(wrong, reading(0, 0))


@given(axis, axis)
def test_a_livelier_feeling_is_never_slower_and_keeps_to_the_range_of_the_style(valence, arousal):
    for genre in GENRES:
        slow = genre.tempo_bpm(Affect(valence, min(arousal, 0.0)))
        fast = genre.tempo_bpm(Affect(valence, max(arousal, 0.0)))
        assert genre.slow_bpm <= slow <= fast <= genre.fast_bpm


def test_every_mood_has_its_genres_and_every_genre_is_some_feelings_first():
    firsts = {fitting(Affect(v / 10, a / 10))[0].name for v in range(-10, 11) for a in range(-10, 11)}
    assert firsts == {genre.name for genre in GENRES}
    expected = {
        "joyful": "acoustic folk",
        "intense": "rock",
        "quiet": "ambient",
        "sad": "piano ballad",
        "peaceful": "lo-fi",
    }
    for mood, genre in expected.items():
        assert genre in [g.name for g in fitting(MOODS[mood].place)], mood


def test_what_was_seen_can_change_the_choice_but_not_turn_it_round():
    calm = Affect(0.35, -0.15)
    assert fitting(calm, ["restaurant", "wine"])[0].name == "jazz trio"
    assert fitting(calm, ["field", "flower"])[0].name == "acoustic folk"
    assert "rock" not in [g.name for g in fitting(Affect(0.1, -0.8), ["guitar", "drum", "motorcycle", "car"])]
    assert named("로파이") == named("Lo-Fi") == next(g for g in GENRES if g.name == "lo-fi")


def test_a_model_is_told_the_captions_only_and_its_prompts_get_the_numbers():
    model = Model(json.dumps(good()))
    found = prompt.write(CAPTIONS, reading(0.3, -0.19), ["bee"], model)
    assert found.source == "model@test"
    assert found.note == ""
    assert found.sent == model.asked[0].captions == CAPTIONS
    assert found.sentence == "A bee rests in warm, dark light."
    first = found.prompts[0]
    assert first.genre == "jazz trio"
    assert first.keywords == ("bee", "warm")
    assert "valence +0.30, arousal -0.19" in first.text
    assert re.match(r"Warm jazz trio in the evening; jazz trio, peaceful mood, \w+ at \d+ bpm", first.text)
    assert json.loads(json.dumps(found.as_dict()))["prompts"][0]["genre"] == "jazz trio"


def test_prose_around_the_answer_is_passed_over():
    text = f"Sure! {{not json}} Here: ```json\n{json.dumps(good(), indent=2)}\n``` Enjoy {{}}."
    assert prompt.read_answer(text).sentence == "A bee rests in warm, dark light."


WRONG = {
    "no JSON": "I cannot do that.",
    "a list": "[1, 2]",
    "nested too deep": '{"prompts":' * 5000,
    "no sentence": json.dumps({"prompts": good()["prompts"]}),
    "more than was asked for": json.dumps(good(extra=1)),
    "two prompts": json.dumps(good(("rock", "ambient"))),
    "the same genre twice": json.dumps(good(("rock", "rock", "ambient"))),
    "a genre of its own": json.dumps(good(("rock", "polka", "ambient"))),
    "a number for a sentence": json.dumps(good(sentence=3)),
    "an empty sentence": json.dumps(good(sentence="\u0000 ")),
    "an endless sentence": json.dumps(good(sentence="a" * 5000)),
    "prompts by name": json.dumps(good(prompts={"a": 1})),
    "no key words": json.dumps(good(prompts=[{**row, "keywords": []} for row in good()["prompts"]])),
    "key words as text": json.dumps(good(prompts=[{**row, "keywords": "bee"} for row in good()["prompts"]])),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_answer_is_refused_and_the_phrase_book_says_that_it_stepped_in(what):
    with pytest.raises(NoAnswer, match="expected"):
        prompt.read_answer(WRONG[what])
    found = prompt.write(CAPTIONS, reading(0.3, -0.19), [], Model(WRONG[what]))
    assert found.source == "phrase-book@1"
    assert "phrase book wrote the prompts instead" in found.note
    assert found.sent == CAPTIONS
    assert found.prompts == prompt.write(CAPTIONS, reading(0.3, -0.19)).prompts


@given(st.text(max_size=200))
def test_whatever_a_model_says_it_is_read_or_refused(text):
    with pytest.raises(NoAnswer):
        prompt.read_answer(text)
    with pytest.raises(NoAnswer):
        prompt.read_answer('{"prompts": ' + text)


def test_reach_was_measured_for_every_genre_at_every_place():
    rows = prompt_genres._reach()
    assert set(rows) == {genre.name for genre in GENRES}
    for grid in rows.values():
        assert [len(row) for row in grid] == [len(LEVELS)] * len(LEVELS)
        assert all(0 <= value < 2 for row in grid for value in row)


@given(valence=st.floats(-1, 1), arousal=st.floats(-1, 1))
def test_reach_lies_between_what_was_measured_around(valence, arousal):
    for genre in GENRES:
        values = [value for row in prompt_genres._reach()[genre.name] for value in row]
        assert min(values) - 1e-9 <= prompt_genres.off(genre, Affect(valence, arousal)) <= max(values) + 1e-9


def test_a_genre_is_not_given_a_feeling_it_cannot_carry_for_what_is_seen():
    joyful, waterside = Affect(0.7, 0.45), ["waterside", "wild nature", "wide view"]
    assert "ambient" not in [genre.name for genre in fitting(joyful, waterside)]
    assert fitting(Affect(0.0, -0.6), waterside)[0].name == "ambient"
