"""Posting: one photo -> captions, prompts, three tunes that differ on purpose, and a match from a library at once.

What is ready is told as it comes: the words, the library's match (the first that can be heard), then each tune. A better
tune that comes later, such as one by diffusion, is another `variant` with the role of the one that it replaces.
"""

from __future__ import annotations

import itertools
import threading
import zlib
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from moodscore.affect import Affect
from moodscore.errors import BadValue
from moodscore.jobs.asking import Endpoint
from moodscore.jobs.describing import describe_to_prompts, describer_of
from moodscore.jobs.matching import fitted, library_of
from moodscore.jobs.tuning import MAKER
from moodscore.jobs.values import Progress, Scored, silent
from moodscore.media import Photo, Score
from moodscore.music import (
    answers,
    audio_judge,
    composers,
    critic,
    diffusion,
    judge,
    plan,
    prompt,
    prompt_genres,
    styles,
    synth,
)
from moodscore.music.answers import ROLES, Answer
from moodscore.music.prompt import Prompt, Prompts
from moodscore.music.prompt_genres import Genre
from moodscore.prepare import image
from moodscore.reading import Reading
from moodscore.see import people, words
from moodscore.see.words import Described
from moodscore.trajectory import Trajectory

LIBRARY, CHOSEN = "library", "chosen"
DIFFUSION = "diffusion"
SHORTEST_S, LONGEST_S = 5.0, 600.0
PHOTO_SIDE = 1280  # pixels of the longer side that a post keeps of its photo
# Who composes a genre when nobody is named: by rule, of so many drafts the one that the critic hears nearest.
# On 40 points round the places of the eight genres the judge hears it .20 off in .1 s of CPU, the net .27 off in 1.3 s.
COMPOSER, DRAFTS = "rules", 8
SUGGESTED = 0.15  # plane units by which a language model's suggestion brings a genre nearer


@dataclass(frozen=True, slots=True)
class PostChoices:
    """What a user may choose about a post: seconds of each tune (5 .. 600), who composes, who captions, who is asked.

    `composer` is rules, neural or auto, which is rules: in a genre's style they were measured to follow the feeling better.
    Or it is diffusion: then each tune is first told as a score that is played, and again as it is drawn, without a score.
    `caption_model` is a BLIP by hub name or folder, or None for the embedded describer; `endpoint` a language model for the
    prompts, or None for the phrase book; `library` a folder of music to match from, or None for the one that ships. Raises
    BadValue for a length or a composer that cannot be.
    """

    seconds: float = 30.0
    seed: int = 0
    composer: str = composers.AUTO
    caption_model: str | None = None
    endpoint: Endpoint | None = None
    library: Path | None = None

    def __post_init__(self) -> None:
        if not SHORTEST_S <= self.seconds <= LONGEST_S:
            raise BadValue(f"seconds: expected {SHORTEST_S:g} .. {LONGEST_S:g}, got {self.seconds!r}")
        names = (*composers.NAMES, DIFFUSION)
        if self.composer not in names:
            raise BadValue(f"composer: expected one of {', '.join(names)}, got {self.composer!r}")


@dataclass(frozen=True, slots=True)
class Variant:
    """One tune for a photo.

    `role` is faithful, neighbour, contrast, chosen (somebody chose the point) or library; `genre` is the English name of one
    of `prompt_genres.GENRES`, or "" from a library. `asked` is the point that music was asked for, `felt` the photo's own,
    `heard` what the judge hears in the score (in a library's piece: its reading; None where nothing was heard).
    `tempo_bpm` is the tempo before the closing ritardando, `instruments` who plays, the leading one first; 0 and nothing
    where they are not known. `reason_en` and `reason_ko` say in a line why it is offered.
    """

    role: str
    genre: str
    asked: Affect
    felt: Affect
    heard: Reading | None
    tempo_bpm: float
    instruments: tuple[str, ...]
    reason_en: str
    reason_ko: str
    scored: Scored
    prompt: Prompt | None = None

    @property
    def off_asked(self) -> float | None:
        """How far what is heard lies from what was asked for, in plane units; None where nothing was heard."""
        return self.heard.affect.distance(self.asked) if self.heard else None

    @property
    def off_photo(self) -> float | None:
        """How far what is heard lies from what was read in the photo, in plane units; None where nothing was heard."""
        return self.heard.affect.distance(self.felt) if self.heard else None

    @property
    def score(self) -> Score | None:
        """The notes; None for music from a library."""
        return self.scored.tune.score

    def as_dict(self) -> dict[str, Any]:
        """The variant as JSON-ready values, without its sound."""
        made = self.scored.plan.as_dict() if self.scored.plan else None
        return {
            "role": self.role,
            "genre": self.genre,
            "asked": _point(self.asked),
            "heard": self.heard.as_dict() if self.heard else None,
            "distance_to_asked": _rounded(self.off_asked),
            "distance_to_photo": _rounded(self.off_photo),
            "tempo_bpm": round(self.tempo_bpm, 2),
            "instruments": list(self.instruments),
            "reason": {"en": self.reason_en, "ko": self.reason_ko},
            "prompt": self.prompt.as_dict() if self.prompt else None,
            "composer": self.scored.tune.recipe.get("composer"),
            "plan": made,
            "pieces": [cue.as_dict() for cue in self.scored.cues],
        }


Result = Described | Prompts | Variant
OnResult = Callable[[str, Result], None]
"""Told "described", "prompts" or a variant's role, and the result, as soon as it is there; from one thread at a time."""


def unheard(name: str, result: Result) -> None:
    """The `OnResult` of somebody who waits for the whole post."""


@dataclass(frozen=True, slots=True)
class Posted:
    """A finished post: the photo (its longer side at most 1280 pixels), the words for it, its tunes, and the library's.

    `variants` are faithful, neighbour and contrast, of three different genres; prompt k of `prompts` is that of variant k.
    """

    photo: Photo
    described: Described
    prompts: Prompts
    variants: tuple[Variant, Variant, Variant]
    library: Variant
    choices: PostChoices

    @property
    def reading(self) -> Reading:
        """What was read in the photo."""
        return self.described.reading

    def as_dict(self) -> dict[str, Any]:
        """Everything the post was made by, JSON-ready and the same every time: no clock, no folder names."""
        return {
            "made_by": MAKER,
            "machine_made": True,
            "photo": self.photo.name,
            "seconds": self.choices.seconds,
            "seed": self.choices.seed,
            "composer": self.choices.composer,
            "cards": list(people.cards_of(self.reading)),
            **self.described.as_dict(),
            "prompts": self.prompts.as_dict(),
            "tunes": [variant.as_dict() for variant in self.variants],
            "library": self.library.as_dict(),
        }


def post(
    photo: Path | Photo,
    choices: PostChoices | None = None,
    on_result: OnResult = unheard,
    progress: Progress = silent,
) -> Posted:
    """Photo -> post: describe it, match a piece, choose three points and genres, write the prompts, compose, play and judge.

    A `Photo` that is open already keeps at least `words.SIDE` pixels of its shorter side, where it had them. Raises BadMedia
    for a photo or library that cannot be read, MissingExtra without the extra of a caption model.
    """
    wanted = choices or PostChoices()
    told = _Told(on_result, progress, 3 + len(ROLES) * (2 if wanted.composer == DIFFUSION else 1))
    opened = photo if isinstance(photo, Photo) else image.open(photo, want_side=words.SIDE)
    described = describer_of(wanted.caption_model)(opened, wanted.seed)
    told.of("described", described)
    matched = match(described.reading, wanted)
    told.of(LIBRARY, matched)
    suggested = describe_to_prompts(described, wanted.endpoint)
    asked = answers.three(described.reading)
    genres = genres_for(asked, described.keywords, suggested)
    prompts = _aligned(suggested, asked, genres, described.keywords)
    told.of("prompts", prompts)
    make = partial(_composed, described=described, choices=wanted)

    def one(which: tuple[Answer, Genre, Prompt]) -> Variant:
        made = make(*which)
        told.of(made.role, made)
        if wanted.composer == DIFFUSION:
            made = _drawn(made)
            told.of(made.role, made)
        return made

    with ThreadPoolExecutor(max_workers=len(ROLES)) as pool:
        first, second, third = pool.map(one, zip(asked, genres, prompts.prompts, strict=True))
    kept = image.thumbnail(opened, PHOTO_SIDE)
    return Posted(kept, described, prompts, (first, second, third), matched, wanted)


class _Told:
    """Tells results one at a time, whichever thread they come from, and how many of them there are."""

    def __init__(self, on_result: OnResult, progress: Progress, expected: int) -> None:
        self._on_result, self._progress, self._expected = on_result, progress, expected
        self._lock, self._count = threading.Lock(), 0

    def of(self, name: str, result: Result) -> None:
        with self._lock:
            self._count += 1
            self._on_result(name, result)
            self._progress("post", self._count / self._expected)


def match(reading: Reading, choices: PostChoices) -> Variant:
    """The instant answer: pieces of a library for the photo's own point, as long as the tunes."""
    library = library_of(choices.library)
    trajectory = Trajectory.hold(reading.affect, choices.seconds)
    scored = fitted(library, trajectory, seed=choices.seed)
    longest = max(scored.cues, key=lambda cue: cue.end_s - cue.start_s)
    name = Path(longest.piece.name).stem
    return Variant(
        LIBRARY,
        "",
        reading.affect,
        reading.affect,
        longest.piece.reading,
        0.0,
        (),
        f"Is there at once: {name}, the piece of the library that lies nearest to the photo.",
        f"바로 들을 수 있는 곡: 음악 모음에서 사진의 느낌에 가장 가까운 {name}.",
        scored,
    )


def genres_for(
    asked: Sequence[Answer], keywords: Collection[str] = (), suggested: Prompts | None = None
) -> tuple[Genre, ...]:
    """A genre for each point, never one twice: those that together fit best.

    Key words of the photo and what a language model suggested bring a genre nearer.
    """
    liked = {p.genre for p in suggested.prompts} if suggested and suggested.source != prompt.PHRASE_BOOK else set()

    costs = [
        {
            g.name: prompt_genres.misfit(g, a.affect, keywords) - SUGGESTED * (g.name in liked)
            for g in prompt_genres.GENRES
        }
        for a in asked
    ]

    def cost(chosen: tuple[Genre, ...]) -> float:
        return sum(of[genre.name] for of, genre in zip(costs, chosen, strict=True))

    return min(itertools.permutations(prompt_genres.GENRES, len(asked)), key=cost)


def _aligned(suggested: Prompts, asked: Sequence[Answer], genres: Sequence[Genre], keywords: Sequence[str]) -> Prompts:
    """The prompts of the three tunes; where a model wrote one for a tune's genre, its key words are kept."""
    written = {p.genre: p for p in suggested.prompts} if suggested.source != prompt.PHRASE_BOOK else {}
    first, second, third = (
        prompt.prompt_for(genre, answer.affect, written[genre.name].keywords if genre.name in written else keywords)
        for answer, genre in zip(asked, genres, strict=True)
    )
    return replace(suggested, prompts=(first, second, third))


def variant(
    affect: Affect,
    genre: str | None = None,
    choices: PostChoices | None = None,
    described: Described | None = None,
    role: str = CHOSEN,
) -> Variant:
    """One tune for any point and genre (the best fitting one by default), played and judged.

    `described` is the photo it is for, if it is for one. Raises BadValue for a genre that does not exist.
    """
    keywords = described.keywords if described else ()
    found = prompt_genres.named(genre) if genre is not None else prompt_genres.fitting(affect, keywords, 1)[0]
    if found is None:
        names = ", ".join(g.name for g in prompt_genres.GENRES)
        raise BadValue(f"genre: expected one of {names}, got {genre!r}")
    answer = Answer(role, affect, "was asked for at this place of the plane", "고른 자리의 느낌을 담은 음악입니다")
    written = prompt.prompt_for(found, affect, keywords)
    wanted = choices or PostChoices()
    made = _composed(answer, found, written, described, wanted)
    return _drawn(made) if wanted.composer == DIFFUSION else made


def _drawn(made: Variant) -> Variant:
    """The same tune drawn by diffusion, in its plan's beats and chords and its genre, and heard by the judge of sound."""
    planned = made.scored.plan
    assert planned is not None
    tune = diffusion.compose(planned, planned.seed, diffusion.Choices(genre=made.genre))
    tune = replace(tune, recipe={**made.scored.tune.recipe, **tune.recipe, "composer": DIFFUSION})
    heard = audio_judge.hear(tune.samples, tune.rate)
    return replace(made, heard=heard, instruments=(), scored=Scored(planned, tune))


def _composed(
    answer: Answer,
    genre: Genre,
    written: Prompt,
    described: Described | None,
    choices: PostChoices,
) -> Variant:
    """Compose in the genre's style, play and judge one tune."""
    planned, score = _drafted(answer, genre, choices)
    score = replace(score, recipe={**_origin(answer, genre, described), **score.recipe})
    tempo_bpm = score.tempos[0][1]
    english, korean = answers.reason(answer, genre.name, genre.korean, tempo_bpm)
    return Variant(
        role=answer.role,
        genre=genre.name,
        asked=answer.affect,
        felt=described.reading.affect if described else answer.affect,
        heard=judge.hear(score),
        tempo_bpm=tempo_bpm,
        instruments=tuple(dict.fromkeys(track.name.split(" (")[0] for track in score.tracks)),
        reason_en=english,
        reason_ko=korean,
        scored=Scored(planned, synth.play(score)),
        prompt=written,
    )


def _drafted(answer: Answer, genre: Genre, choices: PostChoices) -> tuple[plan.Plan, Score]:
    """The plan and the score: of several drafts, where they cost next to nothing, the one nearest to the critic's ear."""
    composer = COMPOSER if choices.composer in (composers.AUTO, DIFFUSION) else choices.composer
    seed = _seed(answer, genre, choices.seed)
    trajectory, style = Trajectory.hold(answer.affect, choices.seconds), styles.style(genre.name)
    plans = [plan.plan(trajectory, seed + k, style=style) for k in range(DRAFTS if composer == COMPOSER else 1)]
    scores = tuple(composers.compose(planned, planned.seed, composer) for planned in plans)
    if len(scores) == 1:
        return plans[0], scores[0]
    heard = critic.hear_all(scores)
    best = min(range(len(scores)), key=lambda k: heard[k].distance(answer.affect))
    return plans[best], replace(
        scores[best], recipe={"draft": best + 1, "of_drafts": len(scores), **scores[best].recipe}
    )


def _seed(answer: Answer, genre: Genre, seed: int) -> int:
    """A seed of a tune's own, so that neither three tunes nor two photos share key and players: the same for the same."""
    about = f"{seed} {answer.role} {genre.name} {answer.affect.valence:.4f} {answer.affect.arousal:.4f}"
    return zlib.crc32(about.encode())


def _origin(answer: Answer, genre: Genre, described: Described | None) -> dict[str, Any]:
    """What of a tune's recipe travels in its files: who made it, of what, and why."""
    reading = described.reading if described else None
    return {
        "made_by": MAKER,
        "machine_made": True,
        "role": answer.role,
        "genre": genre.name,
        "asked": _point(answer.affect),
        "cards": list(people.cards_of(reading)) if reading else [],
        "reading": reading.as_dict() if reading else None,
    }


def _point(affect: Affect) -> dict[str, float]:
    return {"valence": round(affect.valence, 4), "arousal": round(affect.arousal, 4)}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
