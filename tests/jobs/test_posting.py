"""Posting: one photo, three tunes that differ on purpose, and a match that is there first."""

import json
import socket
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from moodscore import jobs
from moodscore.affect import Affect
from moodscore.errors import BadMedia, BadValue
from moodscore.jobs import posting
from moodscore.media import Tune
from moodscore.music import answers, prompt_genres, styles
from moodscore.music.prompt import Prompt, Prompts
from moodscore.prepare import image
from moodscore.reading import Reading
from moodscore.schemes import mood_labels
from moodscore.see import words

BEE = Path(__file__).parents[2] / "examples" / "photos" / "04-bee-on-an-aster.jpg"
QUICK = jobs.PostChoices(seconds=10.0, seed=3, composer="rules")


@pytest.fixture(scope="module")
def told():
    """A post, and what was told while it was made: (name, result, thread)."""
    heard, shares = [], []
    posted = jobs.post(
        BEE,
        QUICK,
        lambda name, result: heard.append((name, result, threading.get_ident())),
        lambda stage, share: shares.append((stage, share)),
    )
    return posted, heard, shares


def test_three_tunes_have_roles_points_genres_and_reasons_of_their_own(told):
    posted, _, _ = told
    assert tuple(v.role for v in posted.variants) == answers.ROLES
    assert len({v.genre for v in posted.variants}) == 3
    assert posted.variants[0].asked == posted.reading.affect
    for one in posted.variants:
        slow, fast = styles.style(one.genre).bounds_bpm
        assert slow <= one.tempo_bpm <= fast
        assert set(one.instruments) - {"drums"} <= styles.style(one.genre).instruments
        assert one.genre in one.reason_en
        assert prompt_genres.named(one.genre).korean in one.reason_ko
        assert one.heard is not None
        assert one.off_asked == pytest.approx(one.heard.affect.distance(one.asked))
        assert one.off_photo == pytest.approx(one.heard.affect.distance(posted.reading.affect))
        assert one.scored.tune.duration_s == pytest.approx(10.0, abs=0.01)
        assert np.abs(one.scored.tune.samples).max() > 0.1
    assert len({v.scored.plan.seed for v in posted.variants}) == 3


def test_prompts_are_those_of_the_tunes_and_the_sentence_is_of_the_captions(told):
    posted, _, _ = told
    assert [p.genre for p in posted.prompts.prompts] == [v.genre for v in posted.variants]
    assert [p.affect for p in posted.prompts.prompts] == [v.asked for v in posted.variants]
    assert posted.variants[1].prompt == posted.prompts.prompts[1]
    assert "bee" in posted.prompts.sentence


def test_the_library_answers_before_any_tune_is_composed(told):
    posted, heard, shares = told
    names = [name for name, _, _ in heard]
    assert names[:3] == ["described", posting.LIBRARY, "prompts"]
    assert sorted(names[3:]) == sorted(answers.ROLES)
    assert posted.library.score is None
    assert posted.library.scored.cues
    assert posted.library.heard is not None
    assert posted.library.scored.tune.duration_s == pytest.approx(10.0, abs=0.01)
    assert [share for _, share in shares] == sorted(share for _, share in shares)
    assert shares[-1][1] == 1.0


def test_what_is_told_as_it_comes_is_what_is_handed_back(told):
    posted, heard, _ = told
    by_name = {name: result for name, result, _ in heard}
    assert by_name["described"] is posted.described
    assert by_name["prompts"] is posted.prompts
    assert tuple(by_name[role] for role in answers.ROLES) == posted.variants


def test_the_recipe_is_json_without_folders_and_the_same_every_time(told):
    posted, _, _ = told
    text = json.dumps(posted.as_dict(), allow_nan=False)
    assert str(BEE.parent) not in text
    said = json.loads(text)
    assert said["machine_made"] is True
    assert said["photo"] == BEE.name
    assert [t["plan"]["style"] for t in said["tunes"]] == [v.genre for v in posted.variants]
    again = jobs.post(image.open(BEE, want_side=words.SIDE), QUICK)
    assert json.dumps(again.as_dict()) == text
    assert all(
        np.array_equal(a.scored.tune.samples, b.scored.tune.samples)
        for a, b in zip(posted.variants, again.variants, strict=True)
    )


def test_nothing_waits_for_a_network(monkeypatch):
    def refused(*_):
        raise AssertionError("a connection was asked for")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    assert len(jobs.post(BEE, replace(QUICK, seconds=5.0)).variants) == 3


def test_a_tune_can_be_asked_for_at_any_place_in_any_genre():
    one = jobs.variant(Affect(-0.4, 0.7), "록", QUICK)
    assert (one.role, one.genre, one.asked, one.felt) == (posting.CHOSEN, "rock", Affect(-0.4, 0.7), Affect(-0.4, 0.7))
    assert one.scored.tune.recipe["genre"] == "rock"
    assert jobs.variant(Affect(0.0, -0.6), None, QUICK).genre == "ambient"
    with pytest.raises(BadValue, match="expected one of lo-fi"):
        jobs.variant(Affect(0, 0), "polka", QUICK)


def test_a_chosen_tune_remembers_the_photo_it_is_for(told):
    described = told[0].described
    one = jobs.variant(Affect(0.1, 0.8), "rock", QUICK, described)
    assert one.felt == described.reading.affect
    assert one.scored.tune.recipe["reading"]["mood"] == "peaceful"
    assert "bee" in one.prompt.keywords


def asked_at(valence, arousal):
    affect = Affect(valence, arousal)
    return answers.three(Reading(affect, mood_labels(affect, 0.25, 0.25), 0.5, "photo@1"))


def test_genres_fit_their_points_and_content_brings_one_nearer():
    plain = posting.genres_for(asked_at(-0.4, 0.6))
    assert plain[0].name in ("rock", "orchestral")
    assert len({genre.name for genre in plain}) == 3
    assert posting.genres_for(asked_at(-0.05, 0.5), ("castle", "mountains"))[0].name == "orchestral"


def test_a_model_s_suggestion_is_followed_where_it_fits_nearly_as_well():
    asked = asked_at(0.4, 0.0)
    plain = posting.genres_for(asked)
    prompts = tuple(
        Prompt(name, "text", Affect(0.4, 0.0), "joyful", 90, ("sea",)) for name in ("synthwave", "ambient", "rock")
    )
    liked = posting.genres_for(asked, (), Prompts("One.", prompts, "model@host"))
    assert [g.name for g in plain] != [g.name for g in liked]
    assert {g.name for g in liked} & {"synthwave", "ambient"}
    by_book = Prompts("One.", prompts, posting.prompt.PHRASE_BOOK)
    assert posting.genres_for(asked, (), by_book) == plain


def test_what_cannot_be_is_refused_before_any_work(tmp_path):
    with pytest.raises(BadValue, match="seconds"):
        jobs.PostChoices(seconds=2.0)
    with pytest.raises(BadValue, match="composer"):
        jobs.PostChoices(composer="human")
    with pytest.raises(BadMedia, match=r"no[.]jpg"):
        jobs.post(tmp_path / "no.jpg", QUICK)


def test_a_drawn_tune_replaces_the_played_one_when_it_comes(monkeypatch):
    time_s = np.arange(44100 * 2) / 44100
    wave = (0.2 * np.sin(2 * np.pi * 330 * time_s)).astype(np.float32)
    drawn = Tune(np.stack([wave, wave], 1), 44100, None, {"composer": "diffusion"})
    genres = []

    def compose(planned, seed, choices):
        genres.append(choices.genre)
        return drawn

    monkeypatch.setattr(posting.diffusion, "compose", compose)
    heard = []
    quick = replace(QUICK, seconds=5.0, composer="diffusion")
    posted = jobs.post(BEE, quick, lambda name, result: heard.append((name, result)))
    for role, last in zip(answers.ROLES, posted.variants, strict=True):
        played, after = (result for name, result in heard if name == role)
        assert played.score is not None
        assert after is last
        assert last.score is None
        assert last.heard.source.startswith("audio-judge@")
        assert last.scored.tune.recipe["composer"] == "diffusion"
        assert last.scored.tune.recipe["role"] == role
    assert sorted(genres) == sorted(v.genre for v in posted.variants)
    assert jobs.variant(Affect(0.1, 0.2), "rock", quick).score is None
