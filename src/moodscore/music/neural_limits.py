"""Limits: what each bar of a plan may hold when the composing net writes it, as numbers added to the net's logits.

Everything is written as if the tonic were C; `Key` says how a section's music is moved to its own key and into the ranges
of its instruments. Chords come from the mode's own palette (see `harmony`), cadences are asked for by name, and pitches
outside the scale of the sounding chord cost so much that they hardly come.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from moodscore.music import harmony
from moodscore.music.conditions import STYLES, vectors, wishes
from moodscore.music.instruments import INSTRUMENTS, voice_span
from moodscore.music.plan import BRIGHT_MODES, Plan, Section
from moodscore.music.tokens import (
    BASS,
    FIRST_LENGTH,
    FIRST_OF,
    INNER,
    LENGTHS,
    LEVELS,
    MELODY,
    NO_CHORD,
    QUALITIES,
    RANGES,
    VOCABULARY,
)

Biases = NDArray[np.float32]

NEVER = np.float32(-1e9)
ROLES = {MELODY: "melody", BASS: "bass", INNER: "figure"}
LENGTH_TICKS = np.repeat(np.array(LENGTHS), len(LEVELS))
_SUFFIX = {"": "", "m": "", "dim": "°", "7": "7", "maj7": "maj7", "m7": "7", "sus4": "sus4"}
_NUMERALS = ("I", "bII", "II", "bIII", "III", "IV", "bV", "V", "bVI", "VI", "bVII", "VII")
# What the critic heard in the training pieces lies nearly always inside these bounds; beyond, the net only guesses.
_DENSITY = (1.8, 5.5)  # sparser than this music falls apart, denser costs more tokens than it gives
_HEARD = ((-0.75, 0.7), (-0.85, 0.95))


@dataclass(frozen=True, slots=True)
class Key:
    """How a section's music leaves C: semitones up for each voice (melody, bass, inner), and the mode."""

    up: tuple[int, int, int]
    mode: str


@dataclass(frozen=True, slots=True, eq=False)
class BarLimits:
    """What one bar may hold.

    `chords` gives biases (97,) for the chord of each beat that must have one (beat 0 and picture changes); `free` those
    of a chord that comes by itself in mid-bar. `opening` bars strike on their first beat, with a `cut` on another chord.
    `melody_until` is the last tick at which the melody may begin a note, `ends` the ticks from this bar's start to the end
    of its section, `rest` how long the melody may be silent. Inner notes come at most `chord_notes` at once, and on every
    multiple of `pulse` ticks if that is not 0. `closing` bars hold only long notes of the tonic's chord. `voices` are those
    that play.
    """

    beats: int
    mode: str
    dissonance: float
    chords: dict[int, Biases]
    free: Biases
    ranges: tuple[tuple[int, int], ...]
    opening: bool
    cut: bool
    melody_until: int
    ends: int
    closing: bool
    pulse: int
    rest: int
    chord_notes: int
    voices: tuple[int, ...] = field(default=())


@lru_cache(maxsize=512)
def chord_name(number: int) -> str:
    """The Roman numeral of a chord number of the vocabulary, in C; augmented chords are named as major ones."""
    root, quality = divmod(number, len(QUALITIES))
    numeral = _NUMERALS[root]
    name = QUALITIES[quality]
    if name in ("m", "dim", "m7"):
        numeral = numeral.replace("V", "v").replace("I", "i")
    return numeral + _SUFFIX.get(name, "")


@lru_cache(maxsize=512)
def chord_number(name: str) -> int:
    """The chord number nearest to a Roman numeral: inversions are left to the bass, added ninths left out."""
    chord = harmony.chord(name, "T", 0, "ionian")
    intervals = {(pc - chord.root) % 12 for pc in chord.pcs}
    if 5 in intervals and 4 not in intervals and 3 not in intervals:
        quality = "sus4"
    elif 3 in intervals:
        quality = "dim" if 6 in intervals else "m7" if 10 in intervals else "m"
    else:
        quality = "maj7" if 11 in intervals else "7" if 10 in intervals else ""
    return chord.root * len(QUALITIES) + QUALITIES.index(quality)


def chord_in(number: int, tonic: int, mode: str) -> harmony.Chord:
    """The chord of a number of the vocabulary, in a key."""
    name = chord_name(number)
    root = number // len(QUALITIES)
    function = "T" if root == 0 else "D" if root in (7, 10, 11) else "P"
    return harmony.chord(name, function, tonic, mode)


def _biases(names: Sequence[tuple[str, float]], shade: float) -> Biases:
    """Only these chords, weighted as in the palette and by how major they are."""
    out = np.full(NO_CHORD + 1, NEVER, np.float32)
    for name, weight in names:
        number = chord_number(name)
        major = 1.0 if name.lstrip("b")[0].isupper() else -1.0
        out[number] = max(float(out[number]), 0.4 * float(np.log(weight)) + 1.8 * shade * major)
    return out


def palette(section: Section, functions: str = "TPDCX") -> Biases:
    """Biases (97,) of the chords a section's mode has for these functions, and sevenths where the music is sharp."""
    said = harmony.PALETTES[section.mode]
    names = [row for function in functions for row in said[function]]
    if section.dissonance > harmony.MENACE_FROM and "P" in functions:
        names += harmony.MENACE
    scale = set(harmony.MODES[section.mode])
    sevenths = [(n + s, 0.15 + section.dissonance) for n, _ in names for s in ("7", "maj7") if n[-1] in "iIvV"]
    names += [(n, w) for n, w in sevenths if set(harmony.chord(n, "T", 0, section.mode).pcs) <= scale]
    return _biases(names, section.shade)


def key_of(section: Section) -> Key:
    """How far each voice of a section is moved from C: to its tonic, and by octaves to where its instrument plays."""
    near = section.tonic if section.tonic <= 6 else section.tonic - 12
    ups = []
    for voice in (MELODY, BASS, INNER):
        low, high = _played(section, voice)
        floor, ceiling = RANGES[voice]

        def room(up: int, low: int = low, high: int = high, floor: int = floor, ceiling: int = ceiling) -> int:
            return min(high - up, ceiling - 1) - max(low - up, floor)

        ups.append(max((near, near + 12, near - 12), key=room) if room(near) < 11 else near)
    return Key((ups[0], ups[1], ups[2]), section.mode)


def _played(section: Section, voice: int) -> tuple[int, int]:
    """The pitches a voice may sound in a section: lowest, highest."""
    name = section.instrument(ROLES[voice])
    if name is None:
        return RANGES[voice]
    played = INSTRUMENTS[name]
    if voice == MELODY:
        return voice_span(name, section.register)
    if voice == BASS:
        return played.low, min(played.high, 51)
    floor = 43 if section.instrument("bass") is None else 52 if section.register > 66 else 48
    low = max(played.low, floor)
    return low, max(low + 13, min(played.high, round(section.register) - 3))


def ranges_of(section: Section) -> tuple[tuple[int, int], ...]:
    """(lowest, highest) pitch in C of melody, bass and inner notes; lowest above highest where the role rests."""
    key = key_of(section)
    out = []
    for voice in (MELODY, BASS, INNER):
        low, high = _played(section, voice)
        out.append((low - key.up[voice], high - key.up[voice]) if section.instrument(ROLES[voice]) else (1, 0))
    return tuple(out)


@lru_cache(maxsize=8192)
def pitch_biases(
    number: int, mode: str, tonic_only: bool, ranges: tuple[tuple[int, int], ...], strength: float
) -> tuple[Biases, Biases]:
    """Biases (VOCABULARY,) of notes over a chord: where beats are weak, and on strong beats.

    `tonic_only` leaves the melody and the bass nothing but the tonic and the inner notes the chord.
    """
    chord = chord_in(number, 0, mode)
    weak, strong = np.zeros(VOCABULARY, np.float32), np.zeros(VOCABULARY, np.float32)
    weak[FIRST_OF[3] : FIRST_LENGTH] = strong[FIRST_OF[3] : FIRST_LENGTH] = NEVER
    for voice, (foreign, off_chord) in {MELODY: (7.0, 0.6), BASS: (9.0, 2.5), INNER: (9.0, 2.0)}.items():
        low, high = ranges[voice]
        for pitch in range(*RANGES[voice]):
            at, pc = FIRST_OF[voice] + pitch - RANGES[voice][0], pitch % 12
            if not low <= pitch <= high:
                weak[at] = strong[at] = NEVER
                continue
            if tonic_only and (pc != 0 if voice != INNER else pc not in chord.pcs):
                weak[at] = strong[at] = NEVER
                continue
            cost = foreign if pc not in chord.scale else 0.0
            inside = pc in chord.pcs
            cost += 0.15 * max(0, pitch - 43) if voice == BASS else 0.0
            weak[at] = -cost - (0.0 if inside or voice == MELODY else 0.6) * off_chord * strength
            strong[at] = -cost - (0.0 if inside else off_chord * strength) + (voice == BASS and pc == chord.root) * 1.5
    return weak, strong


def conditions(plan: Plan) -> NDArray[np.float32]:
    """(bars, WIDTH) what the plan asks of each bar, as the net reads it."""
    count = len(plan.bars)
    said: dict[str, list[float]] = {name: [] for name in _ASKED}
    for section in plan.sections:
        key = key_of(section)
        for bar in range(section.first_bar, section.first_bar + section.bars):
            for name, value in _asked(plan, section, key, bar).items():
                said[name].append(value)
    return vectors(wishes(count, **said, bars_left=np.arange(count)[::-1], bars_before=np.arange(count)))


# fmt: off
_ASKED = (
    "valence", "arousal", "tempo_bpm", "density_hz", "melody_hz", "register", "dynamics", "articulation", "mode",
    "melody", "bass", "inner", "drums", "style", "beats",
)
# fmt: on


def _asked(plan: Plan, section: Section, key: Key, number: int) -> dict[str, float]:
    bar, affect = plan.bars[number], plan.bar_affects[number]
    sings = section.instrument("melody") is not None
    return {
        "valence": float(np.clip(affect.valence, *_HEARD[0])),
        "arousal": float(np.clip(affect.arousal, *_HEARD[1])),
        "tempo_bpm": float(np.clip(60.0 * bar.beats / (bar.end_s - bar.start_s), 40.0, 220.0)),
        "density_hz": float(np.clip(1.35 * section.density, *_DENSITY)),
        "melody_hz": 0.4 + 0.42 * section.density if sings else np.nan,
        "register": section.register - key.up[MELODY] if sings else np.nan,
        "dynamics": section.dynamics,
        "articulation": section.articulation,
        "mode": float(section.mode in BRIGHT_MODES),
        "melody": float(sings),
        "bass": float(section.instrument("bass") is not None),
        "inner": float(section.instrument("figure") is not None),
        "drums": 0.0,
        "style": float(STYLES.index(_style(section))),
        "beats": float(bar.beats),
    }


def _style(section: Section) -> str:
    """The kind of texture a section borrows: songs with accompaniment where bright, piano music where dark or calm."""
    if section.affect.valence > 0.0 or section.affect.arousal > 0.3:
        return "pop"
    return "classical"


def limits(plan: Plan, index: int) -> list[BarLimits]:
    """The limits of each bar of section number `index`."""
    section = plan.sections[index]
    ranges, anything = ranges_of(section), palette(section)
    bars = plan.bars_of(section)
    left = sum(bar.beats for bar in bars) * 12
    out = []
    for k, bar in enumerate(bars):
        last = k == len(bars) - 1
        asked = _chords(plan, index, k)
        closing = last and section.cadence == "final"
        free = bar.beats >= 4 and not last and not _nearing(section, k) and not any(bar.hits)
        beats = (0, *(h for h in bar.hits if h))
        chords = {beat: asked if beat == beats[-1] else anything for beat in beats}
        if k == 0 and (len(beats) > 1 or not last):
            chords[0] = palette(section, "T") if section.cadence != "lead" else anything
        out.append(
            BarLimits(
                beats=bar.beats,
                mode=section.mode,
                dissonance=section.dissonance,
                chords=chords,
                free=anything if free else np.full(NO_CHORD + 1, NEVER, np.float32),
                ranges=ranges,
                opening=k == 0 or bool(bar.hits),
                cut=0 in bar.hits,
                melody_until=bar.beats // 2 * 12 if last and len(bars) > 1 else bar.beats * 12,
                ends=left,
                closing=closing,
                pulse=_pulse(section),
                rest=12 if section.density > 2.5 else 24,
                chord_notes=2 if section.density > 4.0 else 3,
                voices=tuple(v for v in (MELODY, BASS, INNER) if ranges[v][0] <= ranges[v][1]),
            )
        )
        left -= bar.beats * 12
    return out


def _pulse(section: Section) -> int:
    """Ticks between the strokes that an accompaniment of this density cannot leave out; 0 where it may float."""
    if section.instrument("figure") is None:
        return 0
    a_beat = section.density * 60.0 / section.tempo_bpm
    return 12 if a_beat > 1.7 and section.affect.arousal > 0.3 else 24 if a_beat > 1.1 else 0


def _chords(plan: Plan, index: int, bar: int) -> Biases:
    """The chords that may end bar number `bar` of a section: the cadence's where it nears, else any of the mode."""
    section = plan.sections[index]
    left = section.bars - 1 - bar
    following = plan.sections[index + 1] if index + 1 < len(plan.sections) else None
    if left == 0:
        if following and section.bars >= 3 and following.tonic != section.tonic:
            return _turn(section, following)
        ends = {"half": "D", "open": "C", "lead": "TD", "authentic": "T", "deceptive": "X", "final": "T"}
        found = palette(section, ends[section.cadence])
        if section.cadence in ("authentic", "final"):
            home = chord_number(harmony.PALETTES[section.mode]["T"][0][0])
            return np.where(np.arange(len(found)) == home, np.float32(0), NEVER).astype(np.float32)
        return found
    return palette(section, "DC") if _nearing(section, bar) else palette(section)


def _nearing(section: Section, bar: int) -> bool:
    """Whether the bar prepares a close."""
    return bar == section.bars - 2 and section.cadence in ("authentic", "deceptive")


def _turn(section: Section, following: Section) -> Biases:
    """The next key's dominant, seen from this one."""
    number = chord_number(harmony.PALETTES[following.mode]["C"][0][0])
    root, quality = divmod(number, len(QUALITIES))
    moved = (root + following.tonic - section.tonic) % 12 * len(QUALITIES) + quality
    return np.where(np.arange(NO_CHORD + 1) == moved, np.float32(0), NEVER).astype(np.float32)
