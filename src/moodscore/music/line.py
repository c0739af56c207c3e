"""Line: the melody of a whole plan, phrase by phrase, from the motifs of its themes."""

from __future__ import annotations

import bisect
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from moodscore.music import melody
from moodscore.music.arrange import Event, Harmony, first_beats, theme_rng
from moodscore.music.instruments import INSTRUMENTS, voice_span
from moodscore.music.melody import Cue, Motif
from moodscore.music.patterns import Stroke
from moodscore.music.plan import Plan, Section

# Which motif each bar of a phrase states: m the theme's motif, n its answer, f the motif's first half twice, c the close.
_PHRASES = {
    1: ("c",),
    2: ("mc",),
    3: ("mmc", "mnc"),
    4: ("mmnc", "mnmc", "mmfc"),
    5: ("mmnnc", "mnmfc"),
    6: ("mnmnfc", "mmnmnc"),
    7: ("mnmnmfc",),
    8: ("mnmfmnfc", "mmnfmmnc"),
}
STEP = 1.72  # mean semitones in a scale step


def sing(plan: Plan, chords: Sequence[Harmony], seed: int) -> Iterator[Event]:
    """Melody events of the whole piece, and of the voice that doubles it."""
    before: int | None = None
    for k, section in enumerate(plan.sections):
        name = section.instrument("melody")
        if name is None:
            continue
        rng = theme_rng(seed, plan, f"{section.label}/{section.block}", 41)
        cues = _coda(plan, section, chords) if section.label == "coda" else _phrase(plan, section, chords, seed, rng)
        span = voice_span(name, section.register)
        lifted = [_moved(cue, section.register, (span[0] + span[1]) / 2) for cue in cues]
        near = before if before is not None and span[0] <= before <= span[1] else None
        pitches = melody.pitch(lifted, span, near)
        before = pitches[-1] if pitches else before
        for cue, pitch in zip(cues, pitches, strict=True):
            stroke = Stroke(cue.beat, cue.beats, pitch, 4.0 * cue.weight)
            yield Event("melody", name, stroke, k)
            yield from _doubled(section, stroke, k)
        yield from _echo(section, cues, pitches, k)


def _moved(cue: Cue, register: float, middle: float) -> Cue:
    return replace(cue, height=cue.height - register + middle)


def _doubled(section: Section, stroke: Stroke, index: int) -> Iterator[Event]:
    name = section.instrument("double")
    if name is None:
        return
    played = INSTRUMENTS[name]
    bright = section.affect.valence > -0.2
    for shift in (12, 0, -12) if bright else (0, -12, 12):
        pitch = stroke.pitch + shift
        if played.low <= pitch <= played.high:
            yield Event("double", name, Stroke(stroke.beat, stroke.beats, pitch, stroke.accent), index)
            return


def _echo(section: Section, cues: Sequence[Cue], pitches: Sequence[int], index: int) -> Iterator[Event]:
    """An answer while the last note of a phrase is held: its last moves again, in another voice, on the held chord."""
    name = section.instrument("echo")
    if name is None or len(cues) < 4 or cues[-1].beats < 1.7:
        return
    played, last = INSTRUMENTS[name], cues[-1]
    raised = 12 if pitches[-1] + 16 <= played.high else 0
    for k, pitch in enumerate(pitches[-4:-1]):
        tones = last.chord if k == 2 else last.scale
        options = [p for p in range(played.low, played.high + 1) if p % 12 in tones]
        near = min(options, key=lambda p: (abs(p - pitch - raised), p))
        yield Event("echo", name, Stroke(last.beat + 0.5 * (k + 1), 0.5 if k < 2 else 0.7, near), index)


def _motifs(plan: Plan, section: Section, seed: int) -> tuple[Motif, Motif]:
    """The theme's motif and its answer, as first stated unless the music has become much livelier or calmer since.

    Contrasting themes turn the contour upside down more often than not.
    """
    rng = theme_rng(seed, plan, section.theme, 31)
    first = next(s for s in plan.sections if s.theme == section.theme)
    if abs(math.log2(section.density / first.density)) > 0.7:
        first = section
    per_beat = (0.4 + 0.42 * first.density) * 60.0 / first.tempo_bpm
    one = melody.invent(plan.metre, per_beat, first.ascent, first.leap, rng)
    two = melody.invent(plan.metre, 1.15 * per_beat, -0.5 * first.ascent, first.leap, rng)
    if section.theme in ("B", "D") and rng.random() < 0.6:
        one = one.inverted()
    return one, two


def _phrase(plan: Plan, section: Section, chords: Sequence[Harmony], seed: int, rng: np.random.Generator) -> list[Cue]:
    """The notes of one phrase, before their pitches are found."""
    one, two = _motifs(plan, section, seed)
    theme = theme_rng(seed, plan, section.theme, 51)
    shapes = _PHRASES[min(section.bars, 8)]
    shape = shapes[int(theme.integers(len(shapes)))]
    rise = 1 if theme.random() < 0.5 + 0.3 * section.ascent else -1
    lift = STEP if section.theme != "A" else 0.0
    shortest = max(0.25, 0.16 * section.tempo_bpm / 60.0)
    cues: list[Cue] = []
    at = first_beats(plan)[section.first_bar]
    for k, bar in enumerate(plan.bars_of(section)):
        kind = shape[min(k, len(shape) - 1)] if k < section.bars - 1 else "c"
        motif = two if kind == "n" else one
        if kind == "f":
            half = [n for n, t in enumerate(motif.onsets) if t < 2]
            motif = Motif(
                (*(motif.onsets[n] for n in half), *(motif.onsets[n] + 2 for n in half)),
                (*(motif.steps[n] for n in half), *(motif.steps[n] + rise for n in half)),
            )
        varied = section.variation if k or section.variation > 1 else 0  # a first variation begins as the theme did
        if varied and kind != "c":
            motif = motif.ornamented(rng, shortest)
        middle = sum(motif.steps) / len(motif.steps)
        base = section.register + lift + STEP * (varied + rise * (min(k, 3) - 1.0) - middle)
        if kind == "c":
            cues += _close(motif.within(bar.beats), at, bar.beats, base, section, chords)
        else:
            cues += _statement(motif.within(bar.beats), at, bar.beats, base, chords)
        at += bar.beats
    return cues


def _statement(motif: Motif, at: float, beats: float, base: float, chords: Sequence[Harmony]) -> list[Cue]:
    ends = [*motif.onsets[1:], float(beats)]
    return [
        _cue(at + onset, end - onset, base + STEP * step, at, chords)
        for onset, end, step in zip(motif.onsets, ends, motif.steps, strict=True)
    ]


def _close(motif: Motif, at: float, beats: int, base: float, section: Section, chords: Sequence[Harmony]) -> list[Cue]:
    """A closing bar: the motif's head, then a long goal note and a breath."""
    goal = beats // 2 if beats >= 3 else max(0, beats - 1)
    if section.cadence == "authentic" and section.bars > 1:
        goal = min(goal, 2)
    head = [n for n, t in enumerate(motif.onsets) if t < goal]
    cues = []
    for n in head:
        end = motif.onsets[n + 1] if n + 1 in head else float(goal)
        cues.append(_cue(at + motif.onsets[n], end - motif.onsets[n], base + STEP * motif.steps[n], at, chords))
    last = _cue(at + goal, max(0.75, beats - goal - 0.25), base - 1.0, at, chords)
    must = (section.tonic,) if section.cadence == "authentic" and section.tonic in last.chord else last.chord[:3]
    return [*cues, replace(last, weight=1.0, must=must)]


def _coda(plan: Plan, section: Section, chords: Sequence[Harmony]) -> list[Cue]:
    """The final tonic."""
    at = first_beats(plan)[section.first_bar]
    beats = sum(bar.beats for bar in plan.bars_of(section))
    last = _cue(float(at), float(beats), section.register - 1.0, float(at), chords)
    return [replace(last, weight=1.0, must=(section.tonic,))]


def _cue(beat: float, beats: float, height: float, bar_beat: float, chords: Sequence[Harmony]) -> Cue:
    offset = beat - bar_beat
    whole = abs(offset - round(offset)) < 1e-9
    weight = 1.0 if offset < 1e-9 else 0.75 if whole and round(offset) % 2 == 0 else 0.5 if whole else 0.1
    slot = chords[bisect.bisect_right(chords, beat + 1e-9, key=lambda c: c.beat) - 1]
    return Cue(beat, beats, height, weight, slot.chord.pcs, slot.chord.scale, bass=slot.chord.bass)
