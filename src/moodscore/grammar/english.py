"""English grammar: articles by sound, lists and numbers in words."""

from __future__ import annotations

import re
from collections.abc import Sequence

_VOWEL_LETTERS = "aeiou"
_SPELT_WITH_A_VOWEL = "aefhilmnorsx"  # letters whose names begin with a vowel: an F, an SOS
_SILENT_H = ("hour", "honest", "honour", "honor", "heir")
_SOUNDS_YOU = re.compile(r"(uni(?!n|m|d)|unanim|u(s[aeiu]|t[ei]|k|r[aeiou]|b[io])|eu|ewe|ufo\b|u\b|u-|one|once)")
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def article(noun: str) -> str:
    """The article, "a" or "an", by the sound that `noun` begins with: a unicorn, an hour, an 8, an LP."""
    word = re.split(r"[\s]", noun.strip())[0].strip("\"'“‘(")
    if not word:
        return "a"
    if word[0].isdigit():
        return "an" if _number_begins_with_a_vowel(word) else "a"
    letters = re.match(r"[^\W\d_]+", word)
    if letters and letters[0].isupper() and len(letters[0]) <= 4 and letters[0] not in ("NASA", "UNO"):
        return "an" if letters[0][0].lower() in _SPELT_WITH_A_VOWEL else "a"
    low = word.lower()
    if low.startswith(_SILENT_H):
        return "an"
    if _SOUNDS_YOU.match(low):
        return "a"
    return "an" if low[0] in _VOWEL_LETTERS else "a"


def _number_begins_with_a_vowel(word: str) -> bool:
    """Whether a number in digits begins with eight, eleven or eighteen when read: 8, 80, 800, 11, 18, 11,000."""
    digits = re.match(r"[0-9,]+", word)
    whole = digits[0].replace(",", "") if digits else ""
    lead = whole[: (len(whole) - 1) % 3 + 1]
    return lead.startswith("8") or lead in ("11", "18")


def with_article(noun: str) -> str:
    """The noun with "a" or "an" before it."""
    return f"{article(noun)} {noun}"


def listed(parts: Sequence[str]) -> str:
    """The parts as one: "a", "a and b", "a, b and c"; nothing is ""."""
    if len(parts) <= 1:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def number(count: int) -> str:
    """A count in words to twelve, in digits above; `count` is at least 0."""
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)


def sentence(text: str) -> str:
    """The text with a capital and a full stop."""
    trimmed = " ".join(text.split()).rstrip(".")
    return trimmed[:1].upper() + trimmed[1:] + "."


def clock(seconds: float) -> str:
    """A length, or a moment, as minutes and seconds: 1:05."""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"
