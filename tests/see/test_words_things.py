"""Classes become words only when the net is sure enough of the word."""

import numpy as np
import pytest

from moodscore.grammar import english
from moodscore.see import words_things as things

NO_WORD = {981: "baseball player", 982: "bridegroom", 983: "scuba diver", 111: "roundworm", 110: "flatworm"}


def probs(**shares):
    """Probabilities with the shares of classes, c207=.4, the rest spread over all."""
    out = np.full(1000, (1 - sum(shares.values())) / 1000, np.float32)
    for name, share in shares.items():
        out[int(name[1:])] += share
    return out


def test_a_class_is_called_by_its_everyday_word():
    assert things.named(probs(c207=0.6)).thing.english == "dog"
    assert things.named(probs(c281=0.6)).thing.korean == "고양이"
    assert things.named(probs(c950=0.6)).thing.english == "fruit"


def test_breeds_that_the_net_cannot_tell_apart_add_up_to_their_word():
    spread = things.named(probs(**{f"c{k}": 0.05 for k in range(151, 159)}))
    assert spread.thing.english == "dog"
    assert spread.thing_share == pytest.approx(0.4, abs=0.02)


def test_a_net_that_wavers_between_animals_names_none():
    assert things.named(probs(c12=0.25, c40=0.2, c80=0.0, c307=0.2)).thing is None


def test_a_kind_is_said_when_its_words_are_likely_only_together():
    assert things.named(probs(c950=0.15, c937=0.15, c930=0.15)).thing.english == "food"


def test_nothing_is_said_of_an_even_spread_and_more_is_asked_in_the_dark():
    nothing = things.named(probs())
    assert nothing.thing is None
    assert nothing.place is None
    assert things.named(probs(c207=0.4)).thing.english == "dog"
    assert things.named(probs(c207=0.4), night=True).thing is None
    assert things.named(probs(c978=0.4), night=True).place is None


def test_places_are_told_from_what_belongs_there():
    assert things.named(probs(c978=0.4)).place.english == "the waterside"
    assert things.named(probs(c970=0.15, c975=0.16, c979=0.1)).place == things.WILD


@pytest.mark.parametrize("number", NO_WORD)
def test_classes_of_people_are_in_no_word(number):
    named = things.named(probs(**{f"c{number}": 0.9}))
    assert named.thing is None
    assert named.place is None


def test_no_class_is_in_two_words_and_all_are_classes():
    every = [number for _, ids in things._words() for number in ids]
    assert len(every) == len(set(every))
    assert all(0 <= n < 1000 for n in every)
    assert all(0 <= n < 1000 for _, ids in things._places() for n in ids)


def test_every_word_of_the_tables_reads_right():
    for thing, _ in (*things._words(), *things._places()):
        said = english.with_article(thing.english) if thing.one else thing.english
        assert not said.startswith(("a a ", "an a ", "a the ")), said
        assert thing.korean.strip()
        assert all("가" <= c <= "힣" or c == " " for c in thing.korean)
