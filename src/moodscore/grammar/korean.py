"""Korean grammar: the particle that fits the noun before it, whatever the noun ends in.

The rule is of sound: a noun that ends in a consonant takes one form, one that ends in a vowel the other; before 으로/로 an
ending ㄹ counts as a vowel. Digits are read in Sino-Korean (3 삼, 10 십), single Latin letters by their Korean names (L 엘),
and Latin words by their last letters, as loan words usually sound.
Source: National Institute of the Korean Language, Standard Korean grammar, on the allomorphs of particles (조사의 이형태).
"""

from __future__ import annotations

import re
import unicodedata

# after a consonant, after a vowel
PARTICLES = {
    "은/는": ("은", "는"),
    "이/가": ("이", "가"),
    "을/를": ("을", "를"),
    "과/와": ("과", "와"),
    "으로/로": ("으로", "로"),
    "이나/나": ("이나", "나"),
    "이라/라": ("이라", "라"),
    "아/야": ("아", "야"),
}
_TWINS = {"는/은": "은/는", "가/이": "이/가", "를/을": "을/를", "와/과": "과/와", "로/으로": "으로/로"}
_RIEUL = 8  # the place of ㄹ among the 28 final sounds of a Hangul syllable
_DIGITS = {
    "0": 21,
    "1": 8,
    "2": 0,
    "3": 16,
    "4": 0,
    "5": 0,
    "6": 1,
    "7": 8,
    "8": 8,
    "9": 0,
}  # 영 일 이 삼 사 오 육 칠 팔 구
_TENS = ((12, 0), (8, 1), (3, 4), (2, 1), (1, 17))  # noughts at the end -> 조, 억, 천 or 만, 백, 십
_LETTERS = {"l": _RIEUL, "r": _RIEUL, "m": 16, "n": 4}  # 엘 알 엠 엔; the other letters' names end in a vowel
_LOAN_ENDS = {"l": _RIEUL, "m": 16, "n": 4, "ng": 21, "b": 17, "p": 17, "k": 1, "c": 1, "ck": 1, "t": 19}


def final_sound(noun: str) -> int:
    """The final consonant of a noun as its index among the 28 finals of a Hangul syllable: 0 none, 8 ㄹ.

    What stands in brackets at the end, and marks, are passed over; a noun without a letter or digit counts as ending in a
    vowel.
    """
    plain = unicodedata.normalize("NFC", noun)
    said = re.sub(r"[\W_]+$", "", re.sub(r"(?<=\w)\s*\([^()]*\)\W*$", "", plain))
    if not said:
        return 0
    last = said[-1]
    if "가" <= last <= "힣":
        return (ord(last) - ord("가")) % 28
    if last.isascii() and last.isdigit():
        return _final_of_number(re.findall(r"[0-9]+$", said)[0])
    if last.isascii() and last.isalpha():
        return _final_of_latin(re.findall(r"[A-Za-z]+$", said)[0])
    return 0


def _final_of_number(digits: str) -> int:
    noughts = len(digits) - len(digits.rstrip("0"))
    if noughts == len(digits) or noughts == 0:
        return _DIGITS[digits[-1]]
    return next(final for least, final in _TENS if noughts >= least)


def _final_of_latin(word: str) -> int:
    if len(word) == 1 or word.isupper():
        return _LETTERS.get(word[-1].lower(), 0)
    low = word.lower()
    return _LOAN_ENDS.get(low[-2:], _LOAN_ENDS.get(low[-1], 0))


def particle(noun: str, pair: str) -> str:
    """The form of `pair`, such as "은/는" (either order), that follows `noun`; raises KeyError for an unknown pair."""
    name = _TWINS.get(pair, pair)
    closed, open_ = PARTICLES[name]
    final = final_sound(noun)
    vowel = final == 0 or (name == "으로/로" and final == _RIEUL)
    return open_ if vowel else closed


def marked(noun: str, pair: str) -> str:
    """The noun with its particle: ("산", "은/는") -> "산은"."""
    return noun + particle(noun, pair)


def both(one: str, other: str) -> str:
    """Two nouns as one: "산과 바다"."""
    return f"{marked(one, '과/와')} {other}"


_COUNTS = {1: "한", 2: "두", 3: "세", 4: "네", 5: "다섯", 6: "여섯", 7: "일곱", 8: "여덟", 9: "아홉", 10: "열"}


def people(count: int) -> str:
    """So many people: "한 사람", "두 사람", "열 사람", "11명의 사람"; `count` is at least 1."""
    return f"{_COUNTS[count]} 사람" if count in _COUNTS else f"{count}명의 사람"
