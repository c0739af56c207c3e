"""Prompts: three captions of a photo and its feeling become one sentence, three genres and three prompts for music.

A phrase book writes them. A caller may bring a language model, as an `Ask`; it is told the three captions and nothing else
about the photo, and valence, arousal, mood and tempo are put into its prompts here. When it fails, the phrase book writes
and the result says so.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from moodscore.affect import Affect
from moodscore.errors import BadValue, NoAnswer
from moodscore.music.prompt_genres import GENRES, Genre, fitting, named
from moodscore.reading import Reading
from moodscore.schemes import mood_of

PHRASE_BOOK = "phrase-book@1"
LONGEST = 600  # characters of a sentence or a prompt from a model
NEUTRAL = 0.17  # distance from the centre of the plane below which a mood is only slight
MOST_BRACES = 50  # places in an answer where its JSON is looked for
MOST_WORDS = 12  # key words of a prompt
_PLAIN_STARTS = {"a", "an", "the", "one", "two", "light", "there", "this", "some", "several", "many", "in", "on", "it"}


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt for music: its genre and text, the feeling and mood asked for, tempo in beats a minute, key words.

    `text` holds all the others in words and numbers, so that it can be given to a model as it is.
    """

    genre: str
    text: str
    affect: Affect
    mood: str
    tempo_bpm: int
    keywords: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The prompt as JSON-ready values."""
        return {
            "genre": self.genre,
            "text": self.text,
            "valence": round(self.affect.valence, 4),
            "arousal": round(self.affect.arousal, 4),
            "mood": self.mood,
            "tempo_bpm": self.tempo_bpm,
            "keywords": list(self.keywords),
        }


@dataclass(frozen=True, slots=True)
class Prompts:
    """One sentence for a photo and three prompts of different genres, the best fitting first.

    `source` is who wrote them; `note` says why the phrase book had to step in, or is ""; `sent` is every piece of text about
    the photo that was given to a model, and is empty when none was asked.
    """

    sentence: str
    prompts: tuple[Prompt, Prompt, Prompt]
    source: str
    note: str = ""
    sent: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The prompts as JSON-ready values."""
        prompts = [prompt.as_dict() for prompt in self.prompts]
        return {
            "sentence": self.sentence,
            "prompts": prompts,
            "source": self.source,
            "note": self.note,
            "sent": list(self.sent),
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model answered, checked: one sentence, and three times a genre, a text and key words."""

    sentence: str
    rows: tuple[tuple[Genre, str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What a model is asked: the task, the captions, and the JSON schema of the answer."""

    task: str
    captions: tuple[str, ...]
    schema: Mapping[str, Any]


class Ask(Protocol):
    """A way to ask a language model."""

    @property
    def name(self) -> str:
        """Which model, and where it is."""
        ...

    def answer(self, question: Question, read: Callable[[str], Answer]) -> Answer:
        """Ask, and give what `read` made of the text; raises NoAnswer, saying why, when nothing usable came."""
        ...


def write(captions: Sequence[str], reading: Reading, keywords: Sequence[str] = (), ask: Ask | None = None) -> Prompts:
    """Prompts for a photo with these three English `captions`, this `reading` and these English `keywords`.

    Without `ask` the phrase book writes, the same every time. Raises BadValue unless there are three captions.
    """
    three = tuple(" ".join(caption.split()) for caption in captions)
    if len(three) != 3 or not all(three):
        raise BadValue(f"prompts: expected three captions, got {len([c for c in three if c])}")
    if ask is None:
        return _by_phrase_book(three, reading.affect, keywords)
    try:
        answer = ask.answer(Question(TASK, three, SCHEMA), read_answer)
    except NoAnswer as error:
        note = f"{error}; the embedded phrase book wrote the prompts instead"
        return _by_phrase_book(three, reading.affect, keywords, note, three)
    first, second, third = (prompt_for(genre, reading.affect, words, text) for genre, text, words in answer.rows)
    return Prompts(answer.sentence, (first, second, third), ask.name, sent=three)


def prompt_for(genre: Genre, affect: Affect, keywords: Sequence[str] = (), text: str = "") -> Prompt:
    """A prompt for a genre and a feeling: a model's `text`, or the phrase book's, and the numbers it must carry."""
    mood, tempo = mood_of(affect).name, genre.tempo_bpm(affect)
    degree = "slightly " if affect.radius < NEUTRAL else ""
    words = tuple(dict.fromkeys(keywords))[:MOST_WORDS]
    said = text.strip().rstrip(".") or f"{degree}{mood} {genre.name}, {genre.sound}"
    pace = f"{_pace(tempo)} at {tempo} bpm"
    parts = [said, f"{genre.name}, {degree}{mood} mood, {pace}" if text else pace, _feel(affect)]
    if words:
        parts.append(f"evoking {', '.join(words)}")
    numbers = f"valence {affect.valence:+.2f}, arousal {affect.arousal:+.2f}"
    return Prompt(genre.name, f"{'; '.join(parts)}; {numbers}", affect, mood, tempo, words)


def merged(captions: Sequence[str]) -> str:
    """Several sentences as one, joined by semicolons."""
    parts = [caption.strip().rstrip(".!?").replace(": ", ", ") for caption in captions]
    return "; ".join([parts[0], *map(_lowered, parts[1:])]) + "."


def _lowered(text: str) -> str:
    first = text.split(" ", 1)[0]
    return text[:1].lower() + text[1:] if first.lower() in _PLAIN_STARTS else text


def _pace(tempo_bpm: int) -> str:
    return "slow" if tempo_bpm < 76 else "moderate" if tempo_bpm < 112 else "fast"


def _feel(affect: Affect) -> str:
    pleasant = "uplifting" if affect.valence > 0.15 else "dark" if affect.valence < -0.15 else "bittersweet"
    return f"{pleasant} and {'energetic' if affect.arousal > 0.15 else 'calm' if affect.arousal < -0.15 else 'steady'}"


def _by_phrase_book(
    captions: tuple[str, ...], affect: Affect, keywords: Sequence[str], note: str = "", sent: tuple[str, ...] = ()
) -> Prompts:
    first, second, third = (prompt_for(genre, affect, keywords) for genre in fitting(affect, keywords))
    return Prompts(merged(captions), (first, second, third), PHRASE_BOOK, note, sent)


TASK = (
    "You are given three captions of one photo. Merge them into one English sentence. Choose three different music genres "
    "from the list in the schema that fit the photo, the best first, and write for each a short English prompt for a music "
    "generator: instruments, groove, atmosphere. Add 3 to 6 key words to each. Use only what the captions say. "
    "Answer with one JSON object that follows this schema, and nothing else: "
)

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["sentence", "prompts"],
    "properties": {
        "sentence": {"type": "string"},
        "prompts": {
            "type": "array",
            "minItems": 3,
            "maxItems": 3,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["genre", "text", "keywords"],
                "properties": {
                    "genre": {"type": "string", "enum": [genre.name for genre in GENRES]},
                    "text": {"type": "string"},
                    "keywords": {"type": "array", "items": {"type": "string"}},
                },
            },
        },
    },
}


def read_answer(text: str) -> Answer:
    """The answer in a model's text, prose around it passed over; raises NoAnswer, saying what is wrong with it."""
    found = _first_object(text)
    _exactly(found, ("sentence", "prompts"), "the answer")
    rows = found["prompts"]
    if not isinstance(rows, list) or len(rows) != 3:
        raise NoAnswer("expected a list of three prompts in the answer")
    read = tuple(_read_row(row) for row in rows)
    if len({genre.name for genre, _, _ in read}) != 3:
        raise NoAnswer("expected three different genres in the answer")
    return Answer(_line(found["sentence"], "sentence"), read)


def _read_row(row: object) -> tuple[Genre, str, tuple[str, ...]]:
    found = _exactly(row, ("genre", "text", "keywords"), "a prompt")
    genre = named(_line(found["genre"], "genre"))
    if genre is None:
        raise NoAnswer(f"expected a genre of the list, got {str(found['genre'])[:40]!r}")
    words = found["keywords"]
    if not isinstance(words, list) or not 1 <= len(words) <= MOST_WORDS:
        raise NoAnswer(f"expected 1 to {MOST_WORDS} key words in a prompt")
    return genre, _line(found["text"], "text"), tuple(_line(word, "key word") for word in words)


def _exactly(value: object, names: tuple[str, ...], what: str) -> dict[str, Any]:
    if not isinstance(value, dict) or set(value) != set(names):
        raise NoAnswer(f"expected {what} to be an object with exactly {', '.join(names)}")
    return value


def _line(value: object, what: str) -> str:
    """Text on one line without control characters."""
    if not isinstance(value, str):
        raise NoAnswer(f"expected text as {what}")
    line = " ".join("".join(c if c.isprintable() else " " for c in value).split())
    if not 1 <= len(line) <= LONGEST:
        raise NoAnswer(f"expected 1 to {LONGEST} characters as {what}, got {len(line)}")
    return line


def _first_object(text: str) -> Any:  # noqa: ANN401  (JSON is what it is)
    """The first JSON object in a text that has a "prompts"."""
    decoder, start = json.JSONDecoder(), text.find("{")
    for _ in range(MOST_BRACES):
        if start < 0:
            break
        try:
            found, _ = decoder.raw_decode(text, start)
            if isinstance(found, dict) and "prompts" in found:
                return found
        except (ValueError, RecursionError):
            pass
        start = text.find("{", start + 1)
    raise NoAnswer("expected one JSON object in the answer, found none")
