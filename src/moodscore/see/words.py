"""Words: a photo becomes three captions, in English and Korean, and the key words music is asked for by.

The embedded describer needs nothing but the models that read the photo. Any other describer has the same interface: a
function from a photo and a seed to a `Described`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from moodscore.errors import BadValue
from moodscore.media import Photo
from moodscore.reading import Reading
from moodscore.see import people, words_captions, words_noticed
from moodscore.see.words_noticed import Noticed

EMBEDDED = "embedded"
VERSION = "describer@1"
LANGUAGES = ("en", "ko")
SIDE = words_noticed.SIDE  # the shorter side in pixels that `prepare.image.open` must keep


@dataclass(frozen=True, slots=True)
class Described:
    """A photo in words: three captions in each language (scene, people or main thing, feeling), and its reading.

    The three of a language differ, and each is one sentence. `keywords` are English, for prompts. `source` names what wrote
    the captions and the weights it read with, as name@version joined by "+". Raises BadValue when captions are missing.
    """

    english: tuple[str, str, str]
    korean: tuple[str, str, str]
    keywords: tuple[str, ...]
    reading: Reading
    source: str

    def __post_init__(self) -> None:
        for three in (self.english, self.korean):
            if len(three) != 3 or len({c.strip() for c in three} - {""}) != 3:
                raise BadValue(f"described: expected three different captions, got {three}")

    def captions(self, language: str = "en") -> tuple[str, str, str]:
        """The three captions in "en" or "ko"; raises BadValue for another language."""
        if language not in LANGUAGES:
            raise BadValue(f"language: expected one of {', '.join(LANGUAGES)}, got {language!r}")
        return self.english if language == "en" else self.korean

    def as_dict(self) -> dict[str, Any]:
        """The description as JSON-ready values."""
        return {
            "captions": {"en": list(self.english), "ko": list(self.korean)},
            "keywords": list(self.keywords),
            "source": self.source,
            "reading": self.reading.as_dict(),
        }


Describer = Callable[[Photo, int], Described]


def describe(photo: Photo, seed: int = 0) -> Described:
    """Describe a photo by the embedded describer; the same photo always gives the same words, whatever the `seed`.

    Raises UnknownModel and BadWeights when the photo reader is not there or not what its card says.
    """
    del seed  # nothing is drawn by chance; other describers need it
    return described(words_noticed.notice(photo))


def described(seen: Noticed) -> Described:
    """What was noticed, in words."""
    return Described(
        english=words_captions.in_english(seen),
        korean=words_captions.in_korean(seen),
        keywords=keywords(seen),
        reading=seen.reading,
        source="+".join((VERSION, *people.cards_of(seen.reading))),
    )


def keywords(seen: Noticed) -> tuple[str, ...]:
    """English key words of what was noticed, the most telling first: thing, place, people, expression, light, colours."""
    crowd = ("", "one person", "two people")[len(seen.faces)] if len(seen.faces) < 3 else "a group of people"
    face = f"{seen.expression} face" if seen.expression not in ("", "neutral") else ""
    colours = {"warm": "warm colours", "cold": "cold colours", "grey": "grey tones", "colourful": "many colours"}
    found = (
        seen.named.thing.english if seen.named.thing else "",
        seen.named.place.english.removeprefix("the ") if seen.named.place else "",
        crowd,
        face,
        {"close": "close-up", "wide": "wide view"}.get(seen.framing, ""),
        {"dark": "darkness", "bright": "bright light"}.get(seen.light.level, ""),
        colours.get(seen.light.colours, ""),
        *words_captions.colours_beside(seen),
    )
    return tuple(dict.fromkeys(word for word in found if word))
