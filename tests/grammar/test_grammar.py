"""Particles and articles are right for any noun."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodscore.grammar import english, korean

syllables = st.text(st.characters(min_codepoint=ord("가"), max_codepoint=ord("힣")), min_size=1, max_size=4)
PAIRS = sorted(korean.PARTICLES)


def closes(noun: str) -> bool:
    """Whether the last syllable, taken apart by Unicode, has a final consonant."""
    return len(unicodedata.normalize("NFD", noun[-1])) == 3


@given(syllables, st.sampled_from(PAIRS))
def test_a_particle_follows_the_last_sound(noun, pair):
    closed, open_ = korean.PARTICLES[pair]
    rieul = unicodedata.normalize("NFD", noun[-1])[2:] == "\u11af"
    expected = open_ if not closes(noun) or (pair == "으로/로" and rieul) else closed
    assert korean.marked(noun, pair) == noun + expected


@given(syllables, st.sampled_from(PAIRS))
def test_marks_spelling_and_order_of_the_pair_do_not_matter(noun, pair):
    found = korean.particle(noun, pair)
    one, other = pair.split("/")
    assert korean.particle(f"“{noun}”", pair) == found
    assert korean.particle(f"{noun}(note)", pair) == found
    assert korean.particle(unicodedata.normalize("NFD", noun), pair) == found
    if pair in ("은/는", "이/가", "을/를", "과/와", "으로/로"):
        assert korean.particle(noun, f"{other}/{one}") == found


@pytest.mark.parametrize(
    ("noun", "said"),
    [
        ("산", "산은 산이 산을 산과 산으로"),
        ("바다", "바다는 바다가 바다를 바다와 바다로"),
        ("물", "물은 물이 물을 물과 물로"),
        ("3", "3은 3이 3을 3과 3으로"),
        ("7", "7은 7이 7을 7과 7로"),
        ("2", "2는 2가 2를 2와 2로"),
        ("10", "10은 10이 10을 10과 10으로"),
        ("20000", "20000은 20000이 20000을 20000과 20000으로"),
        ("L", "L은 L이 L을 L과 L로"),
        ("F", "F는 F가 F를 F와 F로"),
        ("Seoul", "Seoul은 Seoul이 Seoul을 Seoul과 Seoul로"),
        ("", "는 가 를 와 로"),
    ],
)
def test_particles_of_words_digits_and_letters(noun, said):
    pairs = ("은/는", "이/가", "을/를", "과/와", "으로/로")
    assert " ".join(korean.marked(noun, pair) for pair in pairs) == said


def test_people_are_counted_the_korean_way():
    assert [korean.people(n) for n in (1, 2, 10, 11)] == ["한 사람", "두 사람", "열 사람", "11명의 사람"]
    assert korean.both("산", "바다") == "산과 바다"


@pytest.mark.parametrize(
    "said",
    """a dog/an apple/an hour/a unicorn/a one-way street/an honest face/an umbrella/an unusual view/a usual view/an urn
    an 8/an 11/an 18/a 110/an 80/a 1/an 11000/an LP/a UFO/an X/a European city/a ukulele/an uninteresting wall/an orange
    a unanimous vote""".replace("\n    ", "/").split("/"),
)
def test_the_article_follows_the_sound(said):
    _, noun = said.split(" ", 1)
    assert english.with_article(noun) == said


@given(st.text(max_size=30))
def test_any_text_gets_some_article_and_ends_as_one_sentence(text):
    assert english.article(text) in ("a", "an")
    assert english.sentence(text).endswith(".")


@given(st.lists(st.text("abc", min_size=1, max_size=4), min_size=1, max_size=6))
def test_a_list_names_every_part_and_has_one_and(parts):
    said = english.listed(parts)
    assert said.replace(" and ", ", ").split(", ") == parts
    assert said.count(" and ") == (len(parts) > 1)


def test_everything_that_can_play_has_a_korean_name():
    from moodscore.grammar.music import in_korean
    from moodscore.music.instruments import INSTRUMENTS
    from moodscore.music.prompt_genres import GENRES
    from moodscore.music.tokens import VOICES

    names = [*INSTRUMENTS, *(genre.name for genre in GENRES), "drums", "percussion"]
    assert "drums" in VOICES
    for name in names:
        assert all("가" <= letter <= "힣" or not letter.isalpha() for letter in in_korean(name)), name
