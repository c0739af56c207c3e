"""Korean: what there is to say of a tune, in sentences for somebody who does not hear it."""

from __future__ import annotations

from collections.abc import Sequence

from moodscore.grammar.korean import both, marked
from moodscore.grammar.music import INSTRUMENTS
from moodscore.music.words_facts import MOST_MOODS, Change, Facts, Picked

_TONICS = ("다", "내림라", "라", "내림마", "마", "바", "올림바", "사", "내림가", "가", "내림나", "나")
_MODES = {
    "ionian": ("장조", "밝게 들립니다", ""),
    "lydian": (" 리디아 선법", "밝고 떠오르는 듯 들립니다", "넷째 음을 올린 장음계"),
    "mixolydian": (" 믹솔리디아 선법", "밝으면서 느긋하게 들립니다", "일곱째 음을 내린 장음계"),
    "dorian": (" 도리아 선법", "슬프기보다 아련하게 들립니다", "여섯째 음을 올린 단음계"),
    "aeolian": ("단조", "어둡게 들립니다", ""),
    "harmonic": ("단조", "어둡게 들립니다", ""),
    "phrygian": (" 프리지아 선법", "어둡고 불안하게 들립니다", "둘째 음을 내린 단음계"),
}
_PACES = (
    "쉬고 있는 심장보다도 느린, 아주 느린 빠르기",
    "쉬고 있는 심장 박동처럼 느린 빠르기",
    "느긋하게 걷는 듯한 보통 빠르기",
    "힘차게 걷는 듯한 조금 빠른 빠르기",
    "가볍게 뛰는 듯한 빠른 빠르기",
    "달리는 듯한 아주 빠른 빠르기",
)
_LEVELS = ("아주 작고", "작고", "크지도 작지도 않고", "크고", "아주 크고")
_TOUCHES = ("음은 짧게 끊어집니다", "음은 또렷이 나뉩니다", "음은 서로 부드럽게 이어집니다")
_THEMES = {
    "first": "첫 선율을 시작합니다",
    "new": "새 선율을 시작합니다",
    "again": "같은 선율을 조금 바꾸어 다시 연주합니다",
    "back": "첫 선율을 다시 연주합니다",
    "earlier": "앞서 나온 선율을 다시 연주합니다",
}
_COURSES = {
    "even": "처음부터 끝까지 소리의 크기가 비슷합니다",
    "rising": "끝으로 갈수록 소리가 커집니다",
    "falling": "끝으로 갈수록 소리가 작아집니다",
    "arch": "가운데에서 소리가 가장 큽니다",
    "valley": "가운데에서 소리가 가장 작습니다",
    "silent": "아무 소리도 들리지 않습니다",
}


def composed(facts: Facts) -> tuple[str, ...]:
    """A composed piece: what it is, how it begins, what changes, how the melody moves, how it ends."""
    parts = [_whole(facts), _sound(facts), _opening(facts)]
    parts += [_change(change) for change in facts.changes]
    if facts.left_out:
        parts.append(f"그 사이의 작은 변화 {facts.left_out}가지는 여기에 적지 않았습니다")
    parts += [_line(facts), _end(facts)]
    return tuple(f"{part}." for part in parts)


def picked(duration_s: float, pieces: Sequence[Picked], course: str) -> tuple[str, ...]:
    """Music that was picked: how long it is, which piece is heard from when and feels how, how loudness runs."""
    if not pieces:
        return f"{_length(duration_s)} 길이의 녹음된 소리입니다.", f"{_COURSES[course]}."
    parts = [f"{_length(duration_s)} 길이의 음악으로, 모음에서 고른 {len(pieces)}곡입니다"]
    for piece in pieces:
        when = "처음부터" if piece.at_s < 1.0 else f"{_length(piece.at_s)}부터"
        parts.append(f"{when} {marked(f'“{piece.title}”', '이/가')} 들리며, {piece.mood.korean} 느낌입니다")
    return tuple(f"{part}." for part in [*parts, _COURSES[course]])


def named(instrument: str) -> str:
    """An instrument's Korean name; the English one where none is known."""
    return INSTRUMENTS.get(instrument, instrument)


def key_of(tonic: int, mode: str) -> str:
    """A key as Korean names it: 라단조, 바장조, 라 도리아 선법."""
    return f"{_TONICS[tonic]}{_MODES[mode][0]}"


def _length(seconds: float) -> str:
    whole = max(1, round(seconds))
    minutes, rest = divmod(whole, 60)
    return " ".join(f"{n}{unit}" for n, unit in ((minutes, "분"), (rest, "초")) if n)


def _whole(facts: Facts) -> str:
    _, sounds, scale = _MODES[facts.mode]
    key = marked(key_of(facts.tonic, facts.mode) + (f"({scale})" if scale else ""), "으로/로")
    begins = " 시작하며" if any(change.key for change in facts.changes) else ""
    return f"{_moods(facts)} 느낌을 담은 {_length(facts.duration_s)} 길이의 음악입니다. {key}{begins}, {sounds}"


def _moods(facts: Facts) -> str:
    """The moods in order; of many the first and the last."""
    names = [mood.korean for mood in facts.moods]
    if len(names) == 1:
        return names[0]
    return (
        f"{', '.join(names[:-1])}, 다음에 {names[-1]}"
        if len(names) <= MOST_MOODS
        else f"처음에 {names[0]}, 끝에 {names[-1]}"
    )


def _sound(facts: Facts) -> str:
    pace = f"{_PACES[facts.pace]}로, 1분에 약 {facts.tempo_bpm:.0f}박이며 {facts.beats_per_bar}박자입니다"
    return f"{pace}. 소리는 {_LEVELS[facts.level]} {_TOUCHES[facts.touch]}"


def _opening(facts: Facts) -> str:
    others = [name for name in facts.opening if name != facts.opening_melody]
    if not facts.opening_melody:
        return f"선율 없이 {marked(_all(others), '으로/로')} 시작합니다" if others else "고요로 시작합니다"
    under = f"{_all(others)} 위에서 " if others else ""
    return f"처음부터 {under}{marked(named(facts.opening_melody), '이/가')} 선율을 연주합니다"


def _all(names: Sequence[str]) -> str:
    """Instruments as one: "하프와 호른", "하프, 호른과 첼로"."""
    said = [named(name) for name in names]
    if len(said) < 2:
        return "".join(said)
    return ", ".join([*said[:-2], both(said[-2], said[-1])])


def _change(change: Change) -> str:
    said = []
    if change.key is not None:
        said.append(f"조가 {marked(key_of(*change.key), '으로/로')} 바뀝니다")
    if change.singer:
        said.append(f"{marked(named(change.singer), '이/가')} {_THEMES[change.theme]}")
    if change.joins:
        said.append(f"{marked(_all(change.joins), '이/가')} 더해집니다")
    if change.leaves:
        said.append(f"{marked(_all(change.leaves), '은/는')} 멎습니다")
    said += filter(None, (_DEGREES[change.louder][0], _DEGREES[change.faster][1]))
    return f"{_length(change.at_s)}가 지나면 {_joined(said) or '앞과 비슷한 새 부분이 시작됩니다'}"


_DEGREES = {-1: ("소리가 작아집니다", "느려집니다"), 0: ("", ""), 1: ("소리가 커집니다", "빨라집니다")}


def _joined(said: Sequence[str]) -> str:
    """Clauses as one sentence: all but the last end in -고."""
    before = [
        clause.removesuffix("습니다") + "고" if clause.endswith("습니다") else _to_go(clause) for clause in said[:-1]
    ]
    return ", ".join([*before, *said[-1:]])


def _to_go(clause: str) -> str:
    """A clause that ends in -ㅂ니다 with -고: 시작합니다 -> 시작하고."""
    stem = clause.removesuffix("니다")
    return stem[:-1] + chr(ord(stem[-1]) - 17) + "고"  # 17 is the place of ㅂ among the final sounds


def _line(facts: Facts) -> str:
    few, some, many = "주로 가까운 음으로 움직이며", "가까운 음과 먼 음을 오가며", "주로 먼 음으로 건너뛰며"
    steps = few if facts.leaps < 0.35 else some if facts.leaps < 0.6 else many
    ways = {-1: "전체로는 내려갑니다", 0: "비슷한 높이에 머뭅니다", 1: "전체로는 올라갑니다"}
    return f"선율은 {steps} {ways[facts.slope]}"


def _end(facts: Facts) -> str:
    slows = "끝에서 느려지며" if facts.slows else "끝까지 빠르기를 지키며"
    return f"{slows} {'으뜸화음에서 편안히 끝맺습니다' if facts.comes_home else '맺지 않고 멈춥니다'}"
