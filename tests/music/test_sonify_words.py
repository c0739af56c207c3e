"""The text beside a played photo says what is heard, in both languages."""

import re

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from moodscore.media import Box, Photo
from moodscore.music import sonify, sonify_words, words_english, words_korean
from moodscore.schemes import MOODS


def photo(pixels):
    return Photo(np.ascontiguousarray(np.broadcast_to(pixels, (96, 192, 3)).astype(np.uint8)), "made.png", (192, 96))


def read(pixels, mood="peaceful", **more):
    return sonify.sweep(photo(pixels), MOODS[mood].place, **more)


def test_light_and_dark_are_told_as_they_lie():
    picture = np.zeros((96, 192, 3))
    picture[:32] = 255
    picture[64:, 128:] = 200
    told = sonify_words.describe(read(picture))
    assert "The top is almost white from left to right." in told.english
    assert "The middle is almost black from left to right." in told.english
    assert "The bottom is almost black from the left to the middle and bright on the right." in told.english
    assert "사진 위쪽은 왼쪽부터 오른쪽까지 거의 흽니다." in told.korean
    assert "사진 아래쪽에서 왼쪽부터 가운데까지 거의 검고, 오른쪽은 밝습니다." in told.korean


def test_faces_and_the_main_thing_are_told_with_their_time_and_place():
    told = sonify_words.describe(read(128, faces=[Box(0.0, 0.1, 0.2, 0.3)], main=Box(0.6, 0.1, 0.8, 0.3), sweep_s=10))
    assert told.english[-2:] == (
        "After 1.0 seconds a rising voice tells of a face far on the left.",
        "After 7.0 seconds two strokes of a bell tell where the eye goes first, on the right.",
    )
    assert told.korean[-2:] == (
        "1.0초에 올라가는 목소리가 왼쪽 끝에 얼굴이 있음을 알립니다.",
        "7.0초에 두 번 울리는 종소리가 눈길이 먼저 가는 곳이 오른쪽임을 알립니다.",
    )


def test_fine_detail_is_told():
    board = (np.indices((96, 192)).sum(0) % 2 * 255)[..., None]
    assert sum("full of detail" in said for said in sonify_words.describe(read(board)).english) == 3
    assert sum("결이 촘촘합니다" in said for said in sonify_words.describe(read(board)).korean) == 3
    assert not any("full of detail" in said for said in sonify_words.describe(read(90)).english)


@given(st.integers(0, 999), st.sampled_from(MOODS.names), st.sampled_from([5.0, 7.5, 10.0]))
@settings(max_examples=40)
def test_any_photo_is_told_in_whole_sentences_that_name_its_players(seed, mood, sweep_s):
    rng = np.random.default_rng(seed)
    stripes = np.kron(rng.integers(0, 256, (3, 6, 1)), np.ones((32, 32, 1)))
    seen = read(stripes, mood, sweep_s=sweep_s)
    told = sonify_words.describe(seen)
    assert len(told.english) == len(told.korean) == 6
    assert all(words_english.named(player) in told.english[1] for player in seen.players)
    assert all(words_korean.named(player) in told.korean[1] for player in seen.players)
    for sentence in told.english:
        assert re.fullmatch(r"[A-Z].*[a-z]\.", sentence), sentence
    for sentence in told.korean:
        assert re.fullmatch(r"[가-힣0-9.,() ]+니다\.", sentence), sentence
