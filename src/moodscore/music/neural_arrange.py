"""Arranging what the net wrote: bars in C become chords and events of a section's instruments; themes come back changed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace

from moodscore.music.arrange import Event, Harmony, accompany, first_beats
from moodscore.music.harmony import MODES
from moodscore.music.instruments import INSTRUMENTS
from moodscore.music.neural_limits import ROLES, chord_in, key_of, ranges_of
from moodscore.music.patterns import Stroke
from moodscore.music.plan import Plan, Section
from moodscore.music.tokens import BASS, DRUMS, MELODY, QUALITIES, TICKS, BarNotes, Struck

ACCENT = 0.4  # how much of the net's own loudness a player follows; the plan's dynamics do the rest


def harmonies(plan: Plan, index: int, bars: Sequence[BarNotes]) -> list[Harmony]:
    """The chords of section `index`, in its key."""
    section = plan.sections[index]
    out: list[Harmony] = []
    at = first_beats(plan)[section.first_bar]
    for bar in bars:
        borders = [*(beat for beat, _ in bar.chords), bar.beats]
        for (_, number), (start, end) in zip(bar.chords, itertools.pairwise(borders), strict=True):
            chord = chord_in(number, section.tonic, section.mode)
            out.append(Harmony(float(at + start), float(end - start), chord, index))
        at += bar.beats
    return out


def events(plan: Plan, index: int, bars: Sequence[BarNotes]) -> Iterator[Event]:
    """What melody, bass and figure (and the voice that doubles the melody) play in section `index`."""
    section = plan.sections[index]
    up = key_of(section).up
    placed = []
    at = first_beats(plan)[section.first_bar] * TICKS
    for bar in bars:
        placed += [replace(note, tick=at + note.tick) for note in bar.notes if note.voice != DRUMS]
        at += bar.beats * TICKS
    for note in _alone(placed, at):
        name = section.instrument(ROLES[note.voice])
        if name is None or (note.voice != MELODY and patterned(plan)):
            continue
        beat, beats = note.tick / TICKS, note.ticks / TICKS
        stroke = Stroke(beat, beats, note.pitch + up[note.voice], ACCENT * note.level)
        yield Event(ROLES[note.voice], name, stroke, index)
        if note.voice == MELODY:
            yield from _doubled(section, stroke, index)


def _alone(notes: Sequence[Struck], end: int) -> Iterator[Struck]:
    """The notes, none longer than the section; melody and bass sound one note at a time."""
    following: dict[int, int] = {}
    for note in sorted(notes, reverse=True):
        until = min(end, note.tick + note.ticks)
        if note.voice in (MELODY, BASS):
            until = min(until, following.get(note.voice, end))
            following[note.voice] = note.tick
        yield replace(note, ticks=until - note.tick)


def _doubled(section: Section, stroke: Stroke, index: int) -> Iterator[Event]:
    """The melody again, an octave away where the doubling instrument can."""
    name = section.instrument("double")
    if name is None:
        return
    played = INSTRUMENTS[name]
    for shift in (12, 0, -12) if section.affect.valence > -0.2 else (0, -12, 12):
        if played.low <= stroke.pitch + shift <= played.high:
            yield Event("double", name, replace(stroke, pitch=stroke.pitch + shift), index)
            return


def patterned(plan: Plan) -> bool:
    """Whether a style's own patterns accompany what the net sings."""
    return plan.style is not None and not plan.style.free


def sketch(plan: Plan) -> Plan:
    """What the net is asked for: the plan itself, or melody and bass where a style's patterns make up the rest."""
    if not patterned(plan):
        return plan
    return replace(plan, sections=tuple(_led(section) for section in plan.sections))


def _led(section: Section) -> Section:
    """A section without its figure, if melody and bass carry it."""
    if section.instrument("melody") is None or section.instrument("bass") is None:
        return section
    return replace(section, instruments=tuple(pair for pair in section.instruments if pair[0] != "figure"))


def behind(plan: Plan, chords: Sequence[Harmony], critic: bool = False) -> Iterator[Event]:
    """What is played beside the net's own: the held voices where a section has a pad, or all that a style accompanies with.

    The `critic`, who chooses between readings, is not given held voices: they are the same chords again.
    """
    if patterned(plan):
        return (event for event in accompany(plan, chords) if event.role != "pad" or not critic)
    return iter(()) if critic else (e for e in accompany(plan, chords) if e.role in ("pad", "strike"))


def recalled(bars: Sequence[BarNotes], before: Section, now: Section) -> list[BarNotes]:
    """A theme's bars for another section: in its mode, in the ranges of its instruments."""
    ranges = ranges_of(now)
    return [
        BarNotes(
            bar.beats,
            tuple((beat, _chord(number, before.mode, now.mode)) for beat, number in bar.chords),
            tuple(replace(n, pitch=_within(_bent(n.pitch, before.mode, now.mode), ranges[n.voice])) for n in bar.notes),
        )
        for bar in bars
    ]


def _bent(pitch: int, before: str, now: str) -> int:
    """A pitch on the same degree of another mode; pitches outside the mode stay."""
    old = MODES[before]
    pc = pitch % 12
    return pitch + MODES[now][old.index(pc)] - pc if pc in old else pitch


def _within(pitch: int, span: tuple[int, int]) -> int:
    low, high = span
    while pitch < low:
        pitch += 12
    while pitch > high and pitch - 12 >= low:
        pitch -= 12
    return pitch


def _chord(number: int, before: str, now: str) -> int:
    """A chord on the same degree of another mode, as a triad of that mode."""
    root, _ = divmod(number, len(QUALITIES))
    if before == now or root not in MODES[before]:
        return number
    scale, degree = MODES[now], MODES[before].index(root)
    third, fifth = ((scale[(degree + k) % 7] - scale[degree]) % 12 for k in (2, 4))
    quality = "dim" if fifth == 6 else "" if third == 4 else "m"
    return scale[degree] * len(QUALITIES) + QUALITIES.index(quality)
