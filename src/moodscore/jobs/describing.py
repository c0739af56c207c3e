"""Describing: photo, clip or film -> three captions -> one sentence and three prompts for music."""

from __future__ import annotations

from pathlib import Path

from moodscore.jobs.asking import Endpoint
from moodscore.music import prompt
from moodscore.music.prompt import Prompts
from moodscore.prepare import image
from moodscore.see import words, words_blip, words_moving
from moodscore.see.words import Described, Describer
from moodscore.trajectory import Trajectory

CAPTION_MODEL = words_blip.MODEL


def describe(path: Path, describer: Describer = words.describe, seed: int = 0) -> Described:
    """Photo -> captions: open, notice, say it in English and in Korean."""
    return describer(image.open(path, want_side=words.SIDE), seed)


def describe_moving(moment: Path, feeling: Trajectory, photos: int = 0) -> Described:
    """A moment of a clip, or the first of the `photos` of a film, and the feeling over time -> captions of the whole."""
    return words_moving.describe(describe(moment), feeling, photos)


def describer_of(model: str | None = None) -> Describer:
    """The embedded describer, or BLIP by hub name or local folder; raises MissingExtra without the extra "captions"."""
    return words.describe if model is None else words_blip.load(model)


def describe_to_prompts(described: Described, endpoint: Endpoint | None = None) -> Prompts:
    """Captions -> prompts: by the phrase book, or by the model at an endpoint, which is told the captions only."""
    return prompt.write(described.english, described.reading, described.keywords, endpoint)
