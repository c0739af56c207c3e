"""Arrange: chords for every bar of a plan, and what pad, figure, bass and percussion make of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from moodscore.music import harmony, patterns, style_patterns
from moodscore.music.grid import Bar
from moodscore.music.harmony import Chord
from moodscore.music.instruments import INSTRUMENTS, voice_span
from moodscore.music.patterns import Slot, Stroke
from moodscore.music.plan import Plan, Section

SLOW_BAR_S = 2.9


@dataclass(frozen=True, slots=True)
class Event:
    """A note before it is performed: who plays it in which role, and the stroke, in beats from the start of the piece."""

    role: str
    instrument: str
    stroke: Stroke
    section: int


@dataclass(frozen=True, slots=True)
class Harmony:
    """A chord over a stretch of the piece: first beat, length in beats, the section it belongs to."""

    beat: float
    beats: float
    chord: Chord
    section: int


def first_beats(plan: Plan) -> list[int]:
    """The number of beats before each bar, and before the end."""
    out = [0]
    for bar in plan.bars:
        out.append(out[-1] + bar.beats)
    return out


def theme_rng(seed: int, plan: Plan, theme: str, salt: int) -> np.random.Generator:
    """The generator that belongs to a theme, so that its later statements begin alike."""
    return np.random.default_rng([seed % 2**32, plan.seed % 2**32, salt, *theme.encode()])


def harmonise(plan: Plan, seed: int) -> list[Harmony]:
    """A chord for every slot of the piece: one a bar, more where pictures change inside it or the bar is slow."""
    starts = first_beats(plan)
    out: list[Harmony] = []
    for k, section in enumerate(plan.sections):
        slots = _slots(plan.bars_of(section), starts[section.first_bar], section)
        rng = theme_rng(seed, plan, "A" if section.theme == "intro" else section.theme, 21)
        key = (section.tonic, section.mode)
        chords = harmony.progression(len(slots), key, section.cadence, (section.dissonance, section.shade), rng)
        following = plan.sections[k + 1] if k + 1 < len(plan.sections) else None
        if following and (following.tonic, following.mode) != key:
            chords = harmony.pivot(chords, (following.tonic, following.mode))
        out += [Harmony(beat, beats, chord, k) for (beat, beats), chord in zip(slots, chords, strict=True)]
    return out


def _slots(bars: Sequence[Bar], start: int, section: Section) -> list[tuple[float, float]]:
    """(first beat, beats) of each chord of a section."""
    out: list[tuple[float, float]] = []
    at = start
    for k, bar in enumerate(bars):
        cuts = {0, *bar.hits}
        closing = k == len(bars) - 1 and section.cadence == "open" and len(bars) <= 2 and bar.beats >= 4
        if bar.beats >= 4 and section.cadence != "final" and (bar.end_s - bar.start_s > SLOW_BAR_S or closing):
            cuts.add(2)
        if section.cadence == "final" and len(bars) == 1 and section.label == "A" and bar.beats >= 2:
            cuts |= {bar.beats // 2}
        out += [(float(at + a), float(b - a)) for a, b in itertools.pairwise([*sorted(cuts), bar.beats])]
        at += bar.beats
    return out


def _span(instrument: str, middle: float, width: int, floor: int) -> tuple[int, int]:
    """A span of pitches around `middle`, not below `floor`, that the instrument can play."""
    played = INSTRUMENTS[instrument]
    low = max(floor, int(np.clip(round(middle - width / 2), played.low, max(played.low, played.high - width))))
    return low, min(played.high, low + width)


def bass_line(plan: Plan, chords: Sequence[Harmony]) -> list[int]:
    """A bass pitch for each chord: near the last one, inside the bass instruments' common range, lower in darker music."""
    out: list[int] = []
    for slot in chords:
        section = plan.sections[slot.section]
        middle = 41.0 + 0.9 * (section.register - 69.5)
        options = [p for p in range(28, 53) if p % 12 == slot.chord.bass]
        before = out[-1] if out else middle
        out.append(min(options, key=lambda p: (abs(p - before) + 0.8 * abs(p - middle), p)))
    return out


def accompany(plan: Plan, chords: Sequence[Harmony]) -> Iterator[Event]:
    """Events of pad, figure and bass for every chord, voices led from each chord to the next."""
    basses = bass_line(plan, chords)
    held: dict[str, tuple[int, ...]] = {}
    for k, slot in enumerate(chords):
        section = plan.sections[slot.section]
        unit = patterns.unit_for(section.density, 60.0 / section.tempo_bpm)
        for role in ("figure", "pad"):
            name = section.instrument(role)
            if name is None or (role == "pad" and section.figure == "block" and section.affect.arousal > -0.3):
                continue
            span = _span(name, _middle(section, role), 16, min(basses[k] + 7, 52))
            motion = (basses[max(k - 1, 0)], basses[k])
            voices = harmony.voicing(slot.chord, held.get(role, ()), motion, span, _voices(section, role))
            held[role] = voices
            ladder = _ladder(slot.chord, name, basses[k], _middle(section, role) + 8)
            here = Slot(slot.beat, slot.beats, voices, basses[k], unit, basses[k], ladder or voices)
            for stroke in _accompaniment(role, section, here):
                yield Event(role, name, stroke, slot.section)
        name = section.instrument("bass")
        if name is not None:
            following = basses[min(k + 1, len(basses) - 1)]
            here = Slot(slot.beat, slot.beats, held.get("figure", ()), basses[k], unit, following)
            line = patterns.hold if section.cadence == "final" else style_patterns.BASSES[section.bass_line]
            for stroke in line(here):
                yield Event("bass", name, _in_range(stroke, name), slot.section)
        yield from _struck(section, slot, basses[k])


def _struck(section: Section, slot: Harmony, bass: int) -> Iterator[Event]:
    """What marks a chord: timpani, a far bell."""
    name = section.instrument("strike")
    if name is not None:
        here = Slot(slot.beat, slot.beats, (), bass, 1.0, bass)
        line = patterns.hold if section.cadence == "final" else style_patterns.STRIKES[section.strikes]
        for stroke in line(here):
            yield Event("strike", name, _in_range(stroke, name), slot.section)


def _middle(section: Section, role: str) -> float:
    """The middle pitch of an accompanying part: well under the melody, not so low that close chords turn to mud."""
    singer = section.instrument("melody")
    low, high = voice_span(singer, section.register) if singer else (0, round(2 * section.register))
    return float(np.clip((low + high) / 2 - (11.0 if role == "pad" else 12.0), 51.0, 65.0))


def _voices(section: Section, role: str) -> int:
    """Texture thickens with arousal: pads under a figure, and repeated chords, are two voices until the music is roused."""
    thin = role == "pad" or section.figure == "block"
    return 2 if thin and section.affect.arousal < 0.3 and section.cadence != "final" else 3


def _ladder(chord: Chord, instrument: str, bass: int, ceiling: float) -> tuple[int, ...]:
    """The chord's triad tones upwards to `ceiling`, from a root when one is near the bottom, else from another tone.

    The bottom is a fifth above the bass, but not above G3; there are always at least five tones.
    """
    played = INSTRUMENTS[instrument]
    lowest = max(played.low, min(bass + 7, 55))
    tones = [p for p in range(lowest, min(played.high, lowest + 30) + 1) if p % 12 in chord.pcs[:3]]
    root = next(k for k, p in enumerate(tones) if p % 12 == chord.root)
    tones = tones[root:] if tones[root] <= lowest + 6 else tones
    return tuple(p for k, p in enumerate(tones) if k < 5 or p <= ceiling)


def _accompaniment(role: str, section: Section, slot: Slot) -> list[Stroke]:
    if section.cadence == "final":
        return patterns.rolled(slot) if role == "figure" and section.affect.arousal < 0.3 else patterns.pad(slot)
    return patterns.pad(slot) if role == "pad" else style_patterns.FIGURES[section.figure](slot)


def _in_range(stroke: Stroke, instrument: str) -> Stroke:
    """The stroke, moved by octaves into the instrument's range."""
    played, pitch = INSTRUMENTS[instrument], stroke.pitch
    while pitch < played.low:
        pitch += 12
    while pitch > played.high:
        pitch -= 12
    return Stroke(stroke.beat, stroke.beats, pitch, stroke.accent)


def percussion(plan: Plan) -> Iterator[Event]:
    """Drum events: the kit's pattern in every bar, a fill before a new part, a cymbal on it."""
    starts = first_beats(plan)
    for k, section in enumerate(plan.sections):
        if not section.kit:
            continue
        loud = section.affect.arousal > 0.3
        if section.cadence == "final":
            yield from _drum(
                k, starts[section.first_bar], 1, ((patterns.KICK, "7..."), (patterns.CRASH, "6..." if loud else "...."))
            )
            continue
        for n in range(section.bars):
            bar = section.first_bar + n
            turning = loud and n == section.bars - 1 and section.bars > 1 and section.label != "intro"
            rows = style_patterns.KITS[section.kit]
            yield from _drum(k, starts[bar], plan.bars[bar].beats, rows, half=turning)
            if turning:
                fill = style_patterns.FILLS.get(section.kit, patterns.FILL)
                yield from _drum(k, starts[bar + 1] - 2, 2, tuple((d, row[8:]) for d, row in fill))
            if n == 0 and loud and section.variation != 1 and section.kit not in style_patterns.WITHOUT_CYMBAL:
                yield from _drum(k, starts[bar], 1, ((patterns.CRASH, "7..."),))


def _drum(section: int, start: int, beats: int, rows: Sequence[tuple[int, str]], half: bool = False) -> Iterator[Event]:
    order = patterns.BEATS.get(beats, tuple(range(beats)))
    for beat, source in enumerate(order[: max(1, beats - (2 if half else 0))]):
        for pitch, row in rows:
            for step in range(4):
                mark = row[(4 * source + step) % len(row)]
                if mark != ".":
                    at = start + beat + step / 4
                    yield Event("drums", "drums", Stroke(at, 0.2, pitch, (int(mark) - 5) * 7.0), section)
