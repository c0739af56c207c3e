"""Making: what a studio's worker asks for, one piece at a time, so that each piece can be kept as soon as it is there.

`posting.post` makes the same three tunes in one go; here each is asked for by itself, and a tune becomes the files and
numbers that a player needs.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from moodscore.affect import Affect
from moodscore.jobs.filming import FilmChoices, photos_to_film
from moodscore.jobs.posting import PostChoices, Variant, genres_for, match, variant
from moodscore.jobs.speaking import describe_tune
from moodscore.jobs.values import Progress, Scored, silent
from moodscore.media import Film, Photo, Score, Tune
from moodscore.music import answers, composers, export, prompt_genres
from moodscore.music.answers import Answer
from moodscore.prepare import image
from moodscore.see import words
from moodscore.see.words import Described as Described

PEAKS = 200
MOST_NOTES = 3000  # of a roll; more cannot be told apart on a screen
BIT_RATE = 160_000
WARM_S = 5.0


@dataclass(frozen=True, slots=True)
class Ask:
    """A tune that a photo asks for: its role, its place on the plane, its genre, and why, in both languages."""

    role: str
    affect: Affect
    genre: str
    why_en: str
    why_ko: str


@dataclass(frozen=True, slots=True)
class MadeTune:
    """A tune that is ready to be kept, in plain values: why it is there, what was asked for, what a judge heard, its files.

    `asked` and `heard` are (valence, arousal); `reason` and `words` are (English, Korean).
    """

    role: str
    title: str
    genre: str
    asked: tuple[float, float]
    heard: tuple[float, float] | None
    tempo_bpm: float
    instruments: tuple[str, ...]
    reason: tuple[str, str]
    words: tuple[str, str]
    composer: str
    files: TuneFiles


@dataclass(frozen=True, slots=True)
class TuneFiles:
    """A tune as files and as what a player draws.

    `audio` is an M4A (AAC) and `midi` its notes, None where there are none; both carry tags. `peaks` are the loudest sample
    of each of `PEAKS` equal stretches, 0 .. 1 of the loudest. `notes` are (start_s, end_s, pitch, track), drums left out.
    """

    audio: bytes
    midi: bytes | None
    peaks: tuple[float, ...]
    notes: tuple[tuple[float, float, int, int], ...]
    duration_s: float


def described_to_asks(described: Described) -> tuple[Ask, ...]:
    """What was seen in a photo -> the three tunes it asks for: three places, three genres, three reasons."""
    three = answers.three(described.reading)
    genres = genres_for(three, described.keywords)
    return tuple(Ask(a.role, a.affect, g.name, a.why_en, a.why_ko) for a, g in zip(three, genres, strict=True))


def ask_to_variant(ask: Ask, described: Described | None = None, choices: PostChoices | None = None) -> Variant:
    """One tune that was asked for -> the tune, played and judged, with its reason."""
    made = variant(ask.affect, ask.genre, choices, described, ask.role)
    genre = prompt_genres.named(ask.genre)
    korean = genre.korean if genre else ask.genre
    english, reason_ko = answers.reason(
        Answer(ask.role, ask.affect, ask.why_en, ask.why_ko), ask.genre, korean, made.tempo_bpm
    )
    return replace(made, reason_en=english, reason_ko=reason_ko)


def place_to_ask(affect: Affect, role: str, keywords: Collection[str] = ()) -> Ask:
    """A place on the plane that somebody chose -> the tune it asks for, of the genre that fits best."""
    genre = prompt_genres.fitting(affect, keywords, 1)[0]
    return Ask(
        role, affect, genre.name, "is for the place you chose on the plane", "고른 자리의 느낌을 담은 음악입니다"
    )


def described_to_match(described: Described, choices: PostChoices | None = None) -> Variant:
    """What was seen in a photo -> the pieces of a library that lie nearest, which can be heard at once."""
    return match(described.reading, choices or PostChoices())


def variant_to_made(variant: Variant, role: str = "") -> MadeTune:
    """A tune for a photo -> the same in plain values, under another role if one is given."""
    scored = variant.scored
    longest = max(scored.cues, key=lambda cue: cue.end_s - cue.start_s) if scored.cues else None
    return MadeTune(
        role=role or variant.role,
        title=title_of(longest.piece.name) if longest else "",
        genre=variant.genre,
        asked=pair_of(variant.asked),
        heard=pair_of(variant.heard.affect) if variant.heard else None,
        tempo_bpm=variant.tempo_bpm,
        instruments=variant.instruments,
        reason=(variant.reason_en, variant.reason_ko),
        words=words_of(scored),
        composer=str(scored.tune.recipe.get("composer", "")),
        files=tune_to_files(scored.tune),
    )


def words_of(scored: Scored) -> tuple[str, str]:
    """A tune in words, for people who do not hear it: English and Korean."""
    told = describe_tune(scored)
    return " ".join(told.english), " ".join(told.korean)


def pair_of(affect: Affect) -> tuple[float, float]:
    """A place as (valence, arousal), to 4 decimals."""
    return round(affect.valence, 4), round(affect.arousal, 4)


def title_of(name: str) -> str:
    """What people call a piece of a library, from its file's name."""
    return Path(name).stem.replace("_", " ").replace("-", " ").strip().capitalize()


def tune_to_files(tune: Tune) -> TuneFiles:
    """A tune -> its files, its wave and its notes."""
    audio = export.encode(tune, ".m4a", BIT_RATE)
    midi = export.encode(tune, ".mid") if tune.score is not None else None
    return TuneFiles(audio, midi, peaks_of(tune), notes_of(tune.score), tune.duration_s)


def peaks_of(tune: Tune, count: int = PEAKS) -> tuple[float, ...]:
    """The loudest sample of each of `count` equal stretches, 0 .. 1 of the loudest of all, to 3 decimals."""
    loud = np.abs(tune.samples).max(axis=1)
    edges = np.linspace(0, len(loud), count + 1).astype(int)
    found = np.array([loud[a:b].max(initial=0.0) for a, b in itertools.pairwise(edges)])
    top = float(found.max(initial=0.0)) or 1.0
    return tuple(round(float(p) / top, 3) for p in found)


def notes_of(score: Score | None) -> tuple[tuple[float, float, int, int], ...]:
    """The notes of a score in order of time, as (start_s, end_s, pitch, track); drums have no pitch and are left out."""
    if score is None:
        return ()
    pitched = [t for t in score.tracks if not t.drums]
    found = sorted((round(n.start_s, 3), round(n.end_s, 3), n.pitch, k) for k, t in enumerate(pitched) for n in t.notes)
    return tuple(found[:MOST_NOTES])


def size_for(width: int, height: int) -> str:
    """The size of film, by name, that a picture of so many pixels fills best."""
    return "720p" if width > 1.2 * height else "vertical" if height > 1.2 * width else "square"


def photo_and_tune_to_film(photo: Path, audio: Path, out: Path, seconds: float, progress: Progress = silent) -> Film:
    """A photo that was made anew and the tune chosen for it -> a film of both, in its shape, to save and to show."""
    size = size_for(*image.open(photo, want_side=1).full_size)
    choices = FilmChoices(seconds=seconds, music=audio, strict=True, size=size)
    return photos_to_film([photo], out, choices, progress)[1]


def warm_up(composer: str = composers.AUTO) -> None:
    """Load every model and instrument that a photo's post needs, by making a small one."""
    grey = np.linspace(60, 190, 256 * 256 * 3).reshape(256, 256, 3).astype(np.uint8)
    seen = words.describe(Photo(grey, "warm", (256, 256)))
    choices = PostChoices(seconds=WARM_S, composer=composer)
    tune_to_files(described_to_match(seen, choices).scored.tune)
    for ask in described_to_asks(seen)[:1]:
        variant_to_made(ask_to_variant(ask, seen, choices))
