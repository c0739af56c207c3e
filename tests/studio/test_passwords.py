"""Passwords: which are refused, and what is stored."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodscore.studio import passwords
from moodscore.studio.guessable import WORDS, parts
from moodscore.studio.refusals import Refused


@pytest.mark.parametrize(
    "password",
    [
        "password1234", "P@ssw0rd2024!", "iloveyou2024", "qwertyuiop", "1q2w3e4r5t6y", "aaaaaaaaaa", "abcabcabcabc",
        "monkeydragon", "1234567890", "0987654321",
        "19900101mina", "비밀번호1234567", "사랑해사랑해사랑해사랑해", "qwer1234asdf",
        "mina_mina_mina", "letmein!!!!", "Summer2024!", "dkssudgktpdy1", "q1w2e3r4t5y6",
    ],
)  # fmt: skip
def test_what_many_people_choose_is_refused(password):
    with pytest.raises(Refused, match="easily guessed"):
        passwords.check(password, "mina")


@pytest.mark.parametrize(
    "password",
    ["lamp-sea-folder", "correct horse", "kfj38slq0z", "우리집앞산에눈이왔다", "sunshine on my teacup", "!Qm4z&w7Kp"],
)
def test_what_few_people_choose_is_taken(password):
    passwords.check(password, "mina")


@given(st.sampled_from(sorted(WORDS)), st.sampled_from(sorted(WORDS)), st.integers(1950, 2029))
def test_two_common_words_and_a_year_are_not_enough(one, two, year):
    assert parts(f"{one.title()}{two}{year}") < passwords.FEWEST_PARTS


@given(st.text(min_size=1, max_size=40), st.characters(codec="utf-8"))
def test_a_letter_more_is_at_most_a_part_more(text, letter):
    from moodscore.studio.guessable import _parts

    assert _parts(text + letter, WORDS) <= _parts(text, WORDS) + 1


def test_what_is_stored_is_argon2id_with_a_salt_of_its_own():
    one, two = passwords.hashed("lamp-sea-folder"), passwords.hashed("lamp-sea-folder")
    assert one != two
    assert one.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.matches("lamp-sea-folder", one)
    assert not passwords.matches("lamp-sea-folder!", one)
    assert not passwords.matches("lamp-sea-folder", None)
    assert not passwords.matches("lamp-sea-folder", "none")


def test_composed_and_decomposed_hangul_are_one_password():
    import unicodedata

    typed_on_a_mac = unicodedata.normalize("NFD", "우리집앞산에눈이왔다")
    assert passwords.matches(typed_on_a_mac, passwords.hashed("우리집앞산에눈이왔다"))


def test_a_made_up_password_is_taken_and_new_each_time():
    made = {passwords.made_up() for _ in range(20)}
    assert len(made) == 20
    for password in made:
        passwords.check(password)
