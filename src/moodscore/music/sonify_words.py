"""The text beside a photo that is played: how it is played, how light and dark run through it, what the signs say."""

from __future__ import annotations

from collections.abc import Sequence

from moodscore.grammar import korean
from moodscore.grammar.english import listed, sentence
from moodscore.music import words_english, words_korean
from moodscore.music.sonify import BANDS, DETAIL, FACE, Mark, Sweep
from moodscore.music.words import Told

_SHADES = (
    (12.0, "almost black", "거의 검습니다"),
    (38.0, "dark", "어둡습니다"),
    (62.0, "of middle brightness", "중간 밝기입니다"),
    (88.0, "bright", "밝습니다"),
    (101.0, "almost white", "거의 흽니다"),
)
_PARTS_EN = ("on the left", "in the middle", "on the right")
_PARTS_KO = ("왼쪽은", "가운데는", "오른쪽은")
_BANDS_KO = ("위쪽", "가운데 높이", "아래쪽")
_PLACES = (
    (0.2, "far on the left", "왼쪽 끝"),
    (0.4, "on the left", "왼쪽"),
    (0.6, "in the middle", "가운데"),
    (0.8, "on the right", "오른쪽"),
    (1.1, "far on the right", "오른쪽 끝"),
)


def describe(read: Sweep) -> Told:
    """What is heard when a photo is played, in English and in Korean, as many sentences in each."""
    return Told(tuple(map(sentence, _english(read))), tuple(f"{said}." for said in _korean(read)))


def _english(read: Sweep) -> list[str]:
    players = [words_english.named(p) for p in read.players]
    said = [
        f"the photo is played from left to right in {read.sweep_s:g} seconds, from the left ear to the right",
        f"its top third is played by {players[0]}, its middle by {players[1]} and its bottom by {players[2]}: the brighter, "
        "the higher the tone",
        "where brightness changes, a tone is louder; where there is fine detail, it is repeated faster",
    ]
    for row, band in enumerate(BANDS):
        runs = _runs(_shades(read, row))
        parts = [f"{_SHADES[shade][1]} {_where_en(first, last)}" for shade, first, last in runs]
        whole = _SHADES[runs[0][0]][1] + " from left to right"
        detail = ", and full of detail" if _detailed(read, row) else ""
        said.append(f"the {band} is {listed(parts) if len(runs) > 1 else whole}{detail}")
    return said + [_mark_en(mark) for mark in read.marks]


def _korean(read: Sweep) -> list[str]:
    players = [words_korean.named(p) for p in read.players]
    first, second, third = (korean.marked(p, "이/가") for p in players)
    said = [
        f"사진을 {read.sweep_s:g}초 동안 왼쪽에서 오른쪽으로, 왼쪽 귀에서 오른쪽 귀로 들려줍니다",
        f"위쪽은 {first}, 가운데 높이는 {second}, 아래쪽은 {third} 연주하며 밝을수록 음이 높습니다",
        "밝기가 바뀌는 곳은 소리가 크고, 결이 고운 곳은 소리가 빠르게 되풀이됩니다",
    ]
    for row, band in enumerate(_BANDS_KO):
        runs = _runs(_shades(read, row))
        parts = [f"{_where_ko(first, last)} {_SHADES[shade][2]}" for shade, first, last in runs]
        if len(parts) == 1:
            parts = [f"왼쪽부터 오른쪽까지 {_SHADES[runs[0][0]][2]}"]
        parts += ["결이 촘촘합니다"] if _detailed(read, row) else []
        where = f"{band}에서" if len(runs) > 1 else korean.marked(band, "은/는")
        said.append(f"사진 {where} {', '.join([*map(_and, parts[:-1]), parts[-1]])}")
    return said + [_mark_ko(mark) for mark in read.marks]


def _shades(read: Sweep, row: int) -> list[int]:
    """The shade of the left, the middle and the right third of a band, as a place in _SHADES."""
    width = read.light.shape[1]
    thirds = [read.light[row, width * k // 3 : width * (k + 1) // 3].mean() for k in range(3)]
    return [next(k for k, (most, _, _) in enumerate(_SHADES) if light < most) for light in thirds]


def _runs(shades: Sequence[int]) -> list[tuple[int, int, int]]:
    """(shade, first third, last third) of each stretch of one shade."""
    out: list[tuple[int, int, int]] = []
    for k, shade in enumerate(shades):
        if out and out[-1][0] == shade:
            out[-1] = (shade, out[-1][1], k)
        else:
            out.append((shade, k, k))
    return out


def _where_en(first: int, last: int) -> str:
    if first == last:
        return _PARTS_EN[first]
    return "from the left to the middle" if first == 0 else "from the middle to the right"


def _where_ko(first: int, last: int) -> str:
    if first == last:
        return _PARTS_KO[first]
    return "왼쪽부터 가운데까지" if first == 0 else "가운데부터 오른쪽까지"


def _and(clause: str) -> str:
    """A clause before another: 어둡습니다 -> 어둡고, 중간 밝기입니다 -> 중간 밝기이고, 거의 흽니다 -> 거의 희고."""
    return clause.replace("습니다", "고").replace("입니다", "이고").replace("흽니다", "희고")


def _detailed(read: Sweep, row: int) -> bool:
    return float((read.spread[row] >= DETAIL[1]).mean()) >= 0.5


def _mark_en(mark: Mark) -> str:
    where = next(english for most, english, _ in _PLACES if mark.across < most)
    if mark.kind == FACE:
        return f"after {mark.at_s:.1f} seconds a rising voice tells of a face {where}"
    return f"after {mark.at_s:.1f} seconds two strokes of a bell tell where the eye goes first, {where}"


def _mark_ko(mark: Mark) -> str:
    where = next(korean_ for most, _, korean_ in _PLACES if mark.across < most)
    if mark.kind == FACE:
        return f"{mark.at_s:.1f}초에 올라가는 목소리가 {where}에 얼굴이 있음을 알립니다"
    return f"{mark.at_s:.1f}초에 두 번 울리는 종소리가 눈길이 먼저 가는 곳이 {where}임을 알립니다"
