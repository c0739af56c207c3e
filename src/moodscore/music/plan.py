"""Plan: a feeling over time becomes the outline of a piece: bars, sections, keys, tempi, cues and instruments.

A section is a phrase. Its cues come from the mean feeling while it sounds (see `cues`); its bars come from `grid`, so that
every change of picture falls on a beat; its letter and cadence come from `form`.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from moodscore.affect import Affect
from moodscore.errors import BadValue
from moodscore.music import form
from moodscore.music.casting import Cast, Casting
from moodscore.music.cues import Cues, cues, mode_of
from moodscore.music.grid import Bar, lay
from moodscore.music.instruments import ENSEMBLES, ensemble_for
from moodscore.music.styles import Style
from moodscore.trajectory import Trajectory

LONGEST_S = 3600.0
SHORTEST_S = 0.5
AWAY = (0, 5, 0, 7, 0, -2)  # semitones from home of each block of four phrases
BRIGHT_MODES = ("lydian", "ionian", "mixolydian")
PITCH_NAMES = ("C", "D♭", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")


@dataclass(frozen=True, slots=True)
class Section:
    """One phrase of a piece.

    `tonic` is a pitch class 0..11 and `mode` the scale's name; `tempo_bpm` is the tempo reached (beats fit the pictures);
    `density` is accompaniment onsets a second, `register` the melody's middle (MIDI pitch), `dynamics` the mean velocity,
    `articulation` the sounding share of a note, `dissonance` the share of sharpened chords, `ascent` -1 falling .. 1 rising
    lines, `leap` 0..1, `shade` -1 minor .. 1 major chords. `instruments` are (role, instrument) pairs; `figure`,
    `bass_line` and `kit` name the patterns they play.
    """

    label: str
    cadence: str
    block: int
    first_bar: int
    bars: int
    start_s: float
    end_s: float
    affect: Affect
    tonic: int
    mode: str
    tempo_bpm: float
    density: float
    register: float
    dynamics: float
    articulation: float
    dissonance: float
    ascent: float
    leap: float
    shade: float
    ensemble: str
    instruments: tuple[tuple[str, str], ...]
    figure: str
    bass_line: str
    kit: str
    swing: float
    strikes: str = ""

    def instrument(self, role: str) -> str | None:
        """The instrument that plays `role` (melody, double, figure, pad, bass, strike), or None when the role rests."""
        return dict(self.instruments).get(role)

    @property
    def theme(self) -> str:
        """The letter without its primes."""
        return self.label.rstrip("'")

    @property
    def variation(self) -> int:
        """How many primes the letter has."""
        return self.label.count("'")

    def as_dict(self) -> dict[str, Any]:
        """The section as JSON-ready values."""
        out: dict[str, Any] = {
            name: getattr(self, name)
            for name in ("label", "cadence", "first_bar", "bars", "mode", "ensemble", "figure", "bass_line", "kit")
        }
        for name in ("start_s", "end_s", "tempo_bpm", "density", "register", "dynamics", "articulation", "dissonance"):
            out[name] = round(getattr(self, name), 4)
        out["key"] = f"{PITCH_NAMES[self.tonic]} {self.mode}"
        out["valence"], out["arousal"] = round(self.affect.valence, 4), round(self.affect.arousal, 4)
        out["instruments"] = dict(self.instruments)
        return out


@dataclass(frozen=True, slots=True)
class Plan:
    """The outline of a piece: exact length, metre, bars with the time of each beat, the sections over them, and its seed.

    `style` is the genre it is arranged as, or None where the feeling alone says who plays what.
    """

    duration_s: float
    metre: int
    bars: tuple[Bar, ...]
    sections: tuple[Section, ...]
    seed: int
    bar_affects: tuple[Affect, ...]
    style: Style | None = None

    def bars_of(self, section: Section) -> tuple[Bar, ...]:
        """The bars of one section."""
        return self.bars[section.first_bar : section.first_bar + section.bars]

    @property
    def summary(self) -> str:
        """One line for people: keys in order, tempo range in beats a minute, metre, number of sections, who plays."""
        keys = [f"{PITCH_NAMES[s.tonic]} {s.mode}" for s in self.sections]
        tempi = sorted(round(s.tempo_bpm) for s in self.sections if s.label != "coda" or len(self.sections) == 1)
        pace = f"{tempi[0]}" if tempi[0] == tempi[-1] else f"{tempi[0]}-{tempi[-1]}"
        players = list(dict.fromkeys(name for s in self.sections for _, name in s.instruments))
        drums = ["percussion"] if any(s.kit for s in self.sections) else []
        way = " > ".join(key for key, _ in itertools.groupby(keys))
        count = f"{len(keys)} section{'s' if len(keys) > 1 else ''}"
        return f"{way}; {pace} bpm in {self.metre}; {count}; {', '.join(players + drums)}"

    def as_dict(self) -> dict[str, Any]:
        """The plan as JSON-ready values, the same every time."""
        styled = {"style": self.style.name} if self.style else {}
        return {
            **styled,
            "duration_s": round(self.duration_s, 4),
            "metre": self.metre,
            "seed": self.seed,
            "bars": [{"beats_s": [round(t, 4) for t in bar.beats_s], "hits": list(bar.hits)} for bar in self.bars],
            "sections": [section.as_dict() for section in self.sections],
        }


def plan(trajectory: Trajectory, seed: int = 0, changes_s: Sequence[float] = (), style: Style | None = None) -> Plan:
    """The outline of a piece that follows `trajectory`, for `seed`, with beats on the picture changes `changes_s` (seconds).

    A `style` says who plays, in which groove and how fast (see `styles`); without one the feeling does. Changes less than
    0.25 s from the one before, or from either end, are passed over. Raises BadValue when the trajectory
    is shorter than 0.5 s or longer than an hour.
    """
    duration = trajectory.duration_s
    if not SHORTEST_S <= duration <= LONGEST_S:
        raise BadValue(
            f"plan: expected a duration of {SHORTEST_S} to {LONGEST_S:g} s, got {duration!r}; split the film"
        )
    rng = np.random.default_rng([seed % 2**32, 11])
    overall = trajectory.mean()
    pace = 2.0 ** rng.uniform(-0.05, 0.05)
    ensembles = style.ensembles if style else ENSEMBLES
    metre = 3 if ensemble_for(overall, None, ensembles).threes and not len(changes_s) and rng.random() < 0.3 else 4
    window = min(14.0, duration / 2)

    def tempo_bpm(time_s: float) -> float:
        start = min(max(0.0, time_s - window / 2), duration - window)
        feeling = trajectory.mean(start, start + window, 9)
        return style.tempo_bpm(feeling, float(pace)) if style else float(pace) * cues(feeling).tempo_bpm

    bars = lay(duration, changes_s, tempo_bpm, metre, style.bounds_bpm if style else None)
    affects = tuple(trajectory.mean(bar.start_s, bar.end_s, 5) for bar in bars)
    outline = form.phrases(len(bars), _pull(bars, affects), overall.valence < -0.1)
    sections = _sections(outline, bars, affects, rng, style)
    return Plan(duration, metre, bars, sections, seed, affects, style)


def _pull(bars: Sequence[Bar], affects: Sequence[Affect]) -> list[float]:
    """How much a phrase border is wanted before each bar: where the feeling jumps, and a little where a picture changes."""
    pull = [0.0]
    for (_, before), (bar, after) in itertools.pairwise(zip(bars, affects, strict=True)):
        pull.append(2.0 * before.distance(after) + (0.2 if 0 in bar.hits else 0.0))
    return pull


def _mean(affects: Sequence[Affect], bars: Sequence[Bar]) -> Affect:
    weights = [bar.end_s - bar.start_s for bar in bars]
    total = sum(weights)
    return Affect.clipped(
        sum(w * a.valence for w, a in zip(weights, affects, strict=True)) / total,
        sum(w * a.arousal for w, a in zip(weights, affects, strict=True)) / total,
    )


def _sections(
    outline: Sequence[form.Phrase],
    bars: Sequence[Bar],
    affects: Sequence[Affect],
    rng: np.random.Generator,
    style: Style | None,
) -> tuple[Section, ...]:
    """Fill each phrase with the cues of its mean feeling; keys and ensembles follow from one section to the next."""
    home, modal = int(rng.integers(12)), int(rng.integers(60))
    casting = Casting(rng, style.ensembles if style else ENSEMBLES)
    share = style.density if style else 1.0
    sections: list[Section] = []
    at = 0
    for k, phrase in enumerate(outline):
        span = slice(at, at + phrase.bars)
        feeling = _mean(affects[span], bars[span])
        if phrase.label == "coda" and sections:
            feeling = sections[-1].affect.toward(feeling, 0.5)
        expressed = style.leaning(feeling) if style else feeling
        key = _key(sections, expressed, phrase, home, modal)
        section = _section(phrase, at, bars[span], expressed, key, casting.cast(phrase, feeling, k))
        sections.append(replace(section, affect=feeling, density=share * section.density))
        at += phrase.bars
    return tuple(sections)


def _key(before: Sequence[Section], feeling: Affect, phrase: form.Phrase, home: int, modal: int) -> tuple[int, str]:
    """The key of a phrase: the mode its valence asks for; crossing between bright and dark goes to the relative key.

    A standing feeling stays in its mode; its second, fourth ... blocks of four phrases move a fourth or a fifth away, and
    the last phrase comes home.
    """
    if phrase.label == "coda" and before:
        return before[-1].tonic, before[-1].mode
    mode = mode_of(feeling, modal)
    bright = mode in BRIGHT_MODES
    began_bright = before[0].mode in BRIGHT_MODES if before else bright
    relative = 0 if bright == began_bright else 3 if bright else -3
    away = 0 if phrase.cadence == "open" else AWAY[phrase.block % len(AWAY)]
    return (home + relative + away) % 12, mode


def _section(
    phrase: form.Phrase,
    first_bar: int,
    bars: Sequence[Bar],
    feeling: Affect,
    key: tuple[int, str],
    cast: Cast,
) -> Section:
    wanted: Cues = cues(feeling)
    beats = sum(bar.beats for bar in bars)
    return Section(
        label=phrase.label,
        cadence=phrase.cadence,
        block=phrase.block,
        first_bar=first_bar,
        bars=phrase.bars,
        start_s=bars[0].start_s,
        end_s=bars[-1].end_s,
        affect=feeling,
        tonic=key[0],
        mode=key[1],
        tempo_bpm=60.0 * beats / (bars[-1].end_s - bars[0].start_s),
        density=wanted.density_hz,
        register=wanted.register,
        dynamics=wanted.dynamics,
        articulation=wanted.articulation,
        dissonance=wanted.dissonance,
        ascent=wanted.ascent,
        leap=wanted.leap,
        shade=wanted.shade,
        ensemble=cast.ensemble.name,
        instruments=cast.roles,
        figure=cast.figure,
        bass_line=cast.bass_line,
        kit=cast.kit,
        swing=cast.ensemble.swing,
        strikes=cast.ensemble.strikes,
    )
