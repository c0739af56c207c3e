"""Words: a tune, described for somebody who does not hear it: key, tempo, who plays, and how it moves over time.

What is said is read from the notes that were written and the plan they follow: an instrument is named where it sounds, a
melody is said to come back where the plan has it come back. Of music that was picked, its pieces are told.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from moodscore.errors import BadValue
from moodscore.media import Note, Score, Tune
from moodscore.music import words_english, words_korean
from moodscore.music.match import Cue
from moodscore.music.plan import Plan, Section
from moodscore.music.words_facts import Change, Facts, Picked
from moodscore.schemes import mood_of

DRUMS = "percussion"
MOST_CHANGES = 8  # of a long piece only the largest changes are told
_EARLY_S = 0.15  # a player may be this much before the beat
_LOUDER = 6.0  # velocity steps by which a section is told to be louder or softer than the one before
_FASTER = 1.08  # ratio of tempi from which a change of tempo is told
_SLOWS = 0.9  # ratio of the last tempo to the one before below which a piece slows down
_LEAP = 3  # semitones from which an interval is a leap
_SILENT = 1e-9  # mean square below which nothing is heard
_EVEN_DB = 3.0  # difference between thirds up to which loudness stays the same
_SLOPE = 2.0  # semitones that a melody must rise or fall from its first third to its last


@dataclass(frozen=True, slots=True)
class Told:
    """A tune in words: sentences in English and, as many, in Korean."""

    english: tuple[str, ...]
    korean: tuple[str, ...]

    def sentences(self, language: str = "en") -> tuple[str, ...]:
        """The sentences in "en" or "ko"; raises BadValue for another language."""
        if language not in ("en", "ko"):
            raise BadValue(f"language: expected one of en, ko, got {language!r}")
        return self.english if language == "en" else self.korean

    def as_dict(self) -> dict[str, list[str]]:
        """The sentences as JSON-ready values."""
        return {"en": list(self.english), "ko": list(self.korean)}


def describe(plan: Plan, score: Score) -> Told:
    """Describe a tune that was composed by its plan and its notes; the same tune always gives the same words."""
    facts = facts_of(plan, score)
    return Told(words_english.composed(facts), words_korean.composed(facts))


def describe_sound(tune: Tune, cues: Sequence[Cue] = ()) -> Told:
    """Describe recorded sound by the `cues` of a library it was picked from, by its length and how loudness runs."""
    picked = [Picked(_title(cue.piece.name), cue.start_s, mood_of(cue.affect)) for cue in cues]
    course = course_of(tune)
    return Told(
        words_english.picked(tune.duration_s, picked, course), words_korean.picked(tune.duration_s, picked, course)
    )


def course_of(tune: Tune) -> str:
    """How loudness runs over the thirds of a tune: "even", "rising", "falling", "arch", "valley" or "silent"."""
    thirds = [
        float(np.mean(np.square(part, dtype=np.float64))) for part in np.array_split(tune.samples, 3) if part.size
    ]
    if len(thirds) < 3 or max(thirds) < _SILENT:
        return "silent" if not thirds or max(thirds) < _SILENT else "even"
    first, middle, last = (10.0 * math.log10(max(power, _SILENT)) for power in thirds)
    if max(first, middle, last) - min(first, middle, last) < _EVEN_DB:
        return "even"
    if middle > max(first, last) + _EVEN_DB / 2:
        return "arch"
    if middle < min(first, last) - _EVEN_DB / 2:
        return "valley"
    return "rising" if last > first else "falling"


def facts_of(plan: Plan, score: Score) -> Facts:
    """What there is to say of a piece that was composed."""
    first = plan.sections[0]
    body = [s for s in plan.sections if s.label != "coda"] or list(plan.sections)
    lasting = sum(s.end_s - s.start_s for s in body)
    changes = list(_changes(plan.sections, score))
    told = sorted(sorted(changes, key=_weight, reverse=True)[:MOST_CHANGES], key=lambda c: c.at_s)
    return Facts(
        duration_s=plan.duration_s,
        moods=tuple(mood for mood, _ in itertools.groupby(mood_of(s.affect) for s in body)),
        tonic=first.tonic,
        mode=first.mode,
        tempo_bpm=sum(s.tempo_bpm * (s.end_s - s.start_s) for s in body) / lasting,
        beats_per_bar=plan.metre,
        velocity=_velocity(score.notes),
        articulation=sum(s.articulation for s in body) / len(body),
        opening=tuple(sorted(_players(first, score))),
        opening_melody=_melody(first, score),
        changes=tuple(told),
        left_out=len(changes) - len(told),
        slope=_slope(score),
        leaps=_leaps(score),
        slows=plan.sections[-1].tempo_bpm < _SLOWS * body[-1].tempo_bpm,
        comes_home=plan.sections[-1].cadence == "final",
    )


def _title(name: str) -> str:
    """The name of a piece without its folders and its suffix."""
    last = name.rsplit("/", 1)[-1]
    return last.rsplit(".", 1)[0] or last


def _sounding(section: Section, score: Score) -> Iterator[tuple[str, str, list[Note]]]:
    """(instrument, its roles, its notes) of every track that plays in a section."""
    for track in score.tracks:
        inside = [n for n in track.notes if section.start_s - _EARLY_S <= n.start_s < section.end_s - _EARLY_S]
        if inside:
            name, _, roles = track.name.partition(" (")
            yield (DRUMS if track.drums else name), roles.rstrip(")"), inside


def _players(section: Section, score: Score) -> set[str]:
    return {name for name, _, _ in _sounding(section, score)}


def _melody(section: Section, score: Score) -> str:
    """Who sings in a section: the instrument with most notes of the melody; "" where nobody does."""
    wanted = section.instrument("melody")
    sung = [(len(notes), name) for name, roles, notes in _sounding(section, score) if "melody" in roles]
    return max((row for row in sung if row[1] == wanted), default=max(sung, default=(0, "")))[1]


def _velocity(notes: Sequence[Note]) -> float:
    return sum(n.velocity for n in notes) / max(1, len(notes))


def _changes(sections: Sequence[Section], score: Score) -> Iterator[Change]:
    """What happens at the beginning of each section after the first; the last chord is told as the end."""
    themes: list[str] = [sections[0].theme] if _melody(sections[0], score) else []
    for before, now in itertools.pairwise(sections):
        if now.label == "coda":
            continue
        had, has = _players(before, score), _players(now, score)
        singer = _melody(now, score)
        louder = _loudness(now, score) - _loudness(before, score)
        ratio = now.tempo_bpm / before.tempo_bpm
        yield Change(
            at_s=now.start_s,
            singer=singer,
            theme=_theme(now.theme, before.theme, themes) if singer else "",
            joins=tuple(sorted(has - had - {singer})),
            leaves=tuple(sorted(had - has)),
            louder=0 if abs(louder) < _LOUDER else 1 if louder > 0 else -1,
            faster=1 if ratio > _FASTER else -1 if ratio < 1 / _FASTER else 0,
            key=(now.tonic, now.mode) if (now.tonic, now.mode) != (before.tonic, before.mode) else None,
        )
        if singer and now.theme not in themes:
            themes.append(now.theme)


def _theme(now: str, before: str, heard: Sequence[str]) -> str:
    """What the melody of a section is: the first, a new one, again the one before, or one that comes back."""
    if not heard:
        return "first"
    if now not in heard:
        return "new"
    if now == before:
        return "again"
    return "back" if now == heard[0] else "earlier"


def _loudness(section: Section, score: Score) -> float:
    return _velocity([note for _, _, notes in _sounding(section, score) for note in notes])


def _weight(change: Change) -> tuple[float, float]:
    """How much a change matters: a new key and a new theme most; the earlier of equals."""
    size = 3.0 * (change.key is not None) + 2.0 * (change.theme in ("first", "new", "back"))
    size += abs(change.louder) + abs(change.faster) + 0.5 * (len(change.joins) + len(change.leaves))
    return size, -change.at_s


def _tune_of(score: Score) -> list[int]:
    """The pitches of the melody in order of time."""
    sung = [n for t in score.tracks if "melody" in t.name for n in t.notes]
    return [n.pitch for n in sorted(sung, key=lambda n: (n.start_s, n.pitch))]


def _slope(score: Score) -> int:
    """Whether the melody climbs (1), falls (-1) or stays (0) between its first and its last third."""
    pitches = _tune_of(score)
    third = len(pitches) // 3
    if third < 2:
        return 0
    rise = sum(pitches[-third:]) / third - sum(pitches[:third]) / third
    return 0 if abs(rise) < _SLOPE else 1 if rise > 0 else -1


def _leaps(score: Score) -> float:
    """The share of the melody's steps that are leaps, 0..1; repeated notes are no steps."""
    moves = [abs(b - a) for a, b in itertools.pairwise(_tune_of(score)) if a != b]
    return sum(move >= _LEAP for move in moves) / max(1, len(moves))
