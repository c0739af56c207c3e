import hashlib
import json
import shutil
from dataclasses import replace

import pytest

from moodscore.errors import BadWeights, UnknownModel
from moodscore.weights import store
from moodscore.weights.card import Card
from moodscore.weights.session import Session

NAMES = sorted(store.cards())


@pytest.mark.parametrize("name", NAMES)
def test_every_card_that_ships_has_the_weights_it_describes(name):
    card = store.card(name)
    session = store.session(name)
    assert set(card.outputs) <= set(session.outputs), "an output the card promises is missing"
    assert card.licence
    assert card.limits, "a card says what the model cannot do"
    assert store.session(name) is session, "opened once"


@pytest.mark.parametrize("name", NAMES)
def test_a_card_survives_being_written_and_read(name, tmp_path):
    card = store.card(name)
    card.write(tmp_path / "card.json")
    assert Card.read(tmp_path / "card.json") == card


def test_an_unknown_model_is_answered_with_the_known_ones():
    with pytest.raises(UnknownModel, match=r"expected one of .*got 'telepathy'"):
        store.card("telepathy")


def test_weights_that_were_tampered_with_are_refused(tmp_path):
    card = store.card(NAMES[0])
    shutil.copy(store.FILES / card.file, tmp_path / card.file)
    assert hashlib.sha256(store.checked_bytes(card, tmp_path)).hexdigest() == card.sha256
    with open(tmp_path / card.file, "ab") as file:
        file.write(b"!")
    with pytest.raises(BadWeights, match="expected sha256"):
        store.checked_bytes(card, tmp_path)


def test_missing_weights_are_named(tmp_path):
    with pytest.raises(BadWeights, match=r"gone\.onnx.*reinstall"):
        store.checked_bytes(replace(store.card(NAMES[0]), file="gone.onnx"), tmp_path)


def test_bytes_that_are_no_model_are_refused():
    with pytest.raises(BadWeights, match="thing@1: expected an ONNX model"):
        Session(b"not a model", "thing@1")


@pytest.mark.parametrize("text", ["", "[]", "{}", json.dumps({"name": "x"})])
def test_a_broken_card_is_refused_by_name(text, tmp_path):
    (tmp_path / "odd.json").write_text(text)
    with pytest.raises(BadWeights, match=r"odd\.json: expected a model card"):
        Card.read(tmp_path / "odd.json")


def test_models_can_be_closed_and_open_again_by_themselves():
    first = store.session(NAMES[0])
    store.release()
    again = store.session(NAMES[0])
    assert again is not first
    assert again.outputs == first.outputs
