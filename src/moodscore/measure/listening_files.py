"""The files of a listening test: the key that says what was meant, and the answers that participants sent back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from moodscore.affect import Affect
from moodscore.errors import BadMedia, BadValue
from moodscore.measure.listening import Answer
from moodscore.schemes import MOODS

KEY, RESULTS = "moodscore-listening-key", "moodscore-listening-results"
_REMEDY = {
    KEY: "name the .key.json that was written beside the page",
    RESULTS: "name the file that the page saved at its end",
}


@dataclass(frozen=True, slots=True)
class Meant:
    """What a clip was meant to be: its mood's English name, its place on the plane, and who composed it."""

    mood: str
    target: Affect
    composer: str


@dataclass(frozen=True, slots=True)
class Key:
    """The key of a test: its name, and what each clip was meant to be."""

    test: str
    clips: dict[str, Meant]


def read_key(text: str, name: str) -> Key:
    """The key in a file's text; raises BadMedia, naming the file, for anything else."""
    raw = opened(text, name, KEY)
    try:
        clips = {
            str(clip): Meant(
                MOODS[entry["mood"]].name,
                Affect(entry["valence"], entry["arousal"]),
                str(entry.get("composer", "unknown")),
            )
            for clip, entry in raw["clips"].items()
        }
        return Key(str(raw["test"]), clips)
    except (AttributeError, KeyError, TypeError, BadValue) as error:
        raise _broken(name, KEY, error) from error


def read_answers(text: str, name: str, key: Key) -> list[Answer]:
    """The answers in a file's text, joined with the key.

    Raises BadMedia, naming the file, when it is no file of answers, is damaged, or belongs to another test.
    """
    raw = opened(text, name, RESULTS)
    if raw.get("test") != key.test:
        raise BadMedia(
            f"{name}: expected answers to test {key.test}, got answers to {raw.get('test')!r}; name its own key"
        )
    try:
        participant = str(raw["participant"])
        answers = [_answer(entry, participant, key) for entry in raw["answers"]]
    except (AttributeError, KeyError, TypeError, BadValue) as error:
        raise _broken(name, RESULTS, error) from error
    if len({a.clip for a in answers}) < len(answers):
        raise BadMedia(f"{name}: expected one answer for each clip, got one twice; {_REMEDY[RESULTS]}")
    return answers


def distinct(files: Sequence[tuple[str, Sequence[Answer]]]) -> list[Answer]:
    """All answers of several files; raises BadMedia when one participant is in two of them."""
    owner: dict[str, str] = {}
    for name, answers in files:
        for participant in {a.participant for a in answers}:
            if participant in owner:
                raise BadMedia(
                    f"{name}: expected another participant than in {owner[participant]}, got the same; name one"
                )
            owner[participant] = name
    return [answer for _, answers in files for answer in answers]


def _answer(entry: dict[str, Any], participant: str, key: Key) -> Answer:
    clip = str(entry["clip"])
    if clip not in key.clips:
        raise BadValue(f"clip {clip!r} is not in the key")
    meant = key.clips[clip]
    if entry.get("unplayable"):
        return Answer(participant, clip, meant.composer, meant.mood, meant.target, None, None)
    heard = Affect(entry["valence"], entry["arousal"])
    return Answer(participant, clip, meant.composer, meant.mood, meant.target, MOODS[entry["mood"]].name, heard)


def opened(text: str, name: str, form: str) -> dict[str, Any]:
    """The JSON object in a file's text; raises BadMedia, naming the file, when it is not of `form`, `KEY` or `RESULTS`."""
    what = "the key of a listening test" if form == KEY else "the answers of a listening test"
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadMedia(f"{name}: expected {what}, got {error}; {_REMEDY[form]}") from error
    found = raw.get("format") if isinstance(raw, dict) else type(raw).__name__
    if found != form or not isinstance(raw, dict):
        raise BadMedia(f"{name}: expected {what}, got {found or 'another JSON file'!r}; {_REMEDY[form]}")
    if raw.get("version") != 1:
        raise BadMedia(f"{name}: expected version 1, got {raw.get('version')!r}; use the moodscore that wrote it")
    return raw


def _broken(name: str, form: str, error: Exception) -> BadMedia:
    said = f"no {error}" if isinstance(error, KeyError) else str(error)
    return BadMedia(f"{name}: expected an undamaged file, got {said}; {_REMEDY[form]}")
