"""Patterns: how a chord is played: held, broken, strummed, driven; bass lines; percussion.

Every pattern is a function of a slot (start and length in beats), the voices of its chord, and the unit (beats) whose pulse
comes nearest the wanted onsets a second. It returns `Stroke`s in beats.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

UNITS = (4.0, 2.0, 1.0, 0.5, 0.25)


@dataclass(frozen=True, slots=True)
class Stroke:
    """One note to play: start and length in beats, pitch, and how much louder (velocity steps) than its part."""

    beat: float
    beats: float
    pitch: int
    accent: float = 0.0


@dataclass(frozen=True, slots=True)
class Slot:
    """A stretch with one chord: first beat and length in beats, voices low to high, bass pitch, unit, next bass pitch.

    `ladder` holds the chord's tones from a root upwards, for figures wider than the voices.
    """

    beat: float
    beats: float
    voices: tuple[int, ...]
    bass: int
    unit: float
    following: int
    ladder: tuple[int, ...] = ()

    def steps(self, unit: float | None = None) -> list[float]:
        """Offsets of the unit's pulse inside the slot."""
        step = unit or self.unit
        return [k * step for k in range(max(1, math.ceil(self.beats / step - 1e-9)))]


def unit_for(onsets_hz: float, beat_s: float, finest: float = 0.25) -> float:
    """The unit in beats whose pulse is nearest `onsets_hz` a second, from whole bars to sixteenths."""
    usable = [u for u in UNITS if u >= finest]
    return min(usable, key=lambda u: abs(math.log(1.0 / (u * beat_s) / onsets_hz)))


def _metric(offset: float) -> float:
    return 6.0 if offset < 1e-9 else 2.0 if abs(offset - round(offset)) < 1e-9 else -3.0


def pad(slot: Slot) -> list[Stroke]:
    """All voices held."""
    return [Stroke(slot.beat, slot.beats, p) for p in slot.voices]


def block(slot: Slot) -> list[Stroke]:
    """All voices together on a slow pulse, as in Chopin's prelude in E minor."""
    step = max(1.0, slot.unit)
    return [
        Stroke(slot.beat + t, min(step, slot.beats - t), p, _metric(t)) for t in slot.steps(step) for p in slot.voices
    ]


def _run(slot: Slot, order: Sequence[int], ring: float = 1.0) -> list[Stroke]:
    """The pitches of `order` one after the other at the slot's unit, each lasting `ring` units inside the chord."""
    out = []
    for k, t in enumerate(slot.steps()):
        p = order[k % len(order)]
        length = min(ring * slot.unit, slot.beats - t)
        out.append(Stroke(slot.beat + t, length, p, _metric(t) * 0.6))
    return out


def arpeggio(slot: Slot) -> list[Stroke]:
    """Up the ladder of chord tones and down again."""
    rungs = slot.ladder[:5]
    return _run(slot, (*rungs, *reversed(rungs[1:-1])), ring=1.0)


def broken(slot: Slot) -> list[Stroke]:
    """A pianist's left hand: root, fifth, octave, tenth and back, in open position, each note ringing into the next."""
    rungs = slot.ladder
    order = (0, 2, 3, 4, 3, 2) if len(rungs) > 4 else (0, len(rungs) // 2, len(rungs) - 1, len(rungs) // 2)
    return _run(slot, tuple(rungs[k] for k in order), ring=2.0)


def rolled(slot: Slot) -> list[Stroke]:
    """A last chord spread upwards over two beats and left to ring."""
    rungs = slot.ladder[:6]
    step = min(0.5, 0.5 * slot.beats / len(rungs))
    return [Stroke(slot.beat + k * step, slot.beats - k * step, p, -1.0 * k) for k, p in enumerate(rungs)]


def alberti(slot: Slot) -> list[Stroke]:
    """Low, high, middle, high."""
    v = slot.voices
    return _run(slot, (v[0], v[-1], v[len(v) // 2], v[-1]))


def ostinato(slot: Slot) -> list[Stroke]:
    """A short figure that insists: root, root, fifth, root, third, root, fifth, octave."""
    v = slot.voices
    return _run(slot, (v[0], v[0], v[-1], v[0], v[1], v[0], v[-1], v[1]))


def tremolo(slot: Slot) -> list[Stroke]:
    """Outer voices alternating against the held inner one."""
    v = slot.voices
    return [*_run(slot, (v[0], v[-1])), Stroke(slot.beat, slot.beats, v[len(v) // 2])]


def driving(slot: Slot) -> list[Stroke]:
    """Repeated chords, accents in groups of three, three and two."""
    unit = max(0.5, slot.unit)
    out = []
    for k, t in enumerate(slot.steps(unit)):
        accent = 7.0 if k % 8 in (0, 3, 6) else -3.0
        tones = slot.voices if k % 8 in (0, 3, 6) else slot.voices[-1:]
        out += [Stroke(slot.beat + t, min(unit, slot.beats - t), p, accent) for p in tones]
    return out


def stabs(slot: Slot) -> list[Stroke]:
    """Short chords on the accents of three, three and two, silence between."""
    hits = [t for k, t in enumerate(slot.steps(0.5)) if k % 8 in (0, 3, 6)]
    return [Stroke(slot.beat + t, min(0.5, slot.beats - t), p, 6.0) for t in hits for p in slot.voices]


def stride(slot: Slot) -> list[Stroke]:
    """The bass has the beat, the chord answers off it; in three it answers twice, as in a waltz."""
    unit = 1.0 if slot.beats == 3 else max(0.5, min(1.0, slot.unit * 2))
    out = []
    for k, t in enumerate(slot.steps(unit)):
        if k % 2 or slot.beats <= unit or (k and slot.beats == 3):
            out += [Stroke(slot.beat + t, min(unit, slot.beats - t), p, -1.0) for p in slot.voices]
    return out


def strum(slot: Slot) -> list[Stroke]:
    """A guitarist's right hand: a full stroke on the beat, lighter ones between, strings a moment apart."""
    unit = max(0.5, slot.unit)
    out = []
    for k, t in enumerate(slot.steps(unit)):
        if unit <= 0.5 and k % 8 in (1, 4):
            continue
        down = k % 2 == 0
        tones = slot.voices if down else tuple(reversed(slot.voices[1:]))
        for n, p in enumerate(tones):
            out.append(
                Stroke(
                    slot.beat + t + 0.02 * n,
                    max(0.1, min(2 * unit, slot.beats - t) - 0.02 * n),
                    p,
                    2.0 if down else -4.0,
                )
            )
    return out


FIGURES: dict[str, Callable[[Slot], list[Stroke]]] = {
    "block": block,
    "arpeggio": arpeggio,
    "broken": broken,
    "alberti": alberti,
    "ostinato": ostinato,
    "tremolo": tremolo,
    "driving": driving,
    "stabs": stabs,
    "stride": stride,
    "strum": strum,
}


def _fifth(slot: Slot) -> int:
    """The chord's fifth near the bass, or the bass itself when the chord has none."""
    for p in (slot.bass - 5, slot.bass + 7):
        if p % 12 in {v % 12 for v in slot.voices} and p >= 28:
            return p
    return slot.bass


def hold(slot: Slot) -> list[Stroke]:
    """One long root."""
    return [Stroke(slot.beat, slot.beats, slot.bass)]


def pedal(slot: Slot) -> list[Stroke]:
    """The root, struck again halfway."""
    half = slot.beats / 2 if slot.beats >= 2 else slot.beats
    return [Stroke(slot.beat + t, half, slot.bass, -4.0 if t else 0.0) for t in slot.steps(half)]


def root_fifth(slot: Slot) -> list[Stroke]:
    """Root and fifth by turns."""
    unit = 2.0 if slot.beats >= 4 else 1.0
    return [
        Stroke(slot.beat + t, min(unit, slot.beats - t), slot.bass if k % 2 == 0 else _fifth(slot), -2.0 * (k % 2))
        for k, t in enumerate(slot.steps(unit))
    ]


def pulse(slot: Slot) -> list[Stroke]:
    """The root repeated."""
    unit = min(1.0, max(0.5, slot.unit * 2))
    return [Stroke(slot.beat + t, min(unit, slot.beats - t), slot.bass, _metric(t)) for t in slot.steps(unit)]


def octaves(slot: Slot) -> list[Stroke]:
    """Root and its octave by turns."""
    return [
        Stroke(slot.beat + t, min(0.5, slot.beats - t), slot.bass + 12 * (k % 2), 4.0 - 6 * (k % 2))
        for k, t in enumerate(slot.steps(0.5))
    ]


def walk(slot: Slot) -> list[Stroke]:
    """A note a beat: root, third or fifth, and a step into the next root."""
    out = []
    inner = sorted(p for v in slot.voices for p in (v - 12, v - 24) if slot.bass < p <= slot.bass + 9)
    steps = slot.steps(1.0)
    for k, t in enumerate(steps):
        p = slot.bass if k == 0 or not inner else inner[(k - 1) % len(inner)]
        if k == len(steps) - 1 and k:
            p = slot.following + (2 if slot.following < slot.bass else -1 if slot.following > slot.bass else 7)
        out.append(Stroke(slot.beat + t, min(1.0, slot.beats - t), p, _metric(t)))
    return out


BASSES: dict[str, Callable[[Slot], list[Stroke]]] = {
    "hold": hold,
    "pedal": pedal,
    "root_fifth": root_fifth,
    "pulse": pulse,
    "octaves": octaves,
    "walk": walk,
}

KICK, STICK, SNARE, HAT, PEDAL_HAT = 36, 37, 38, 42, 44
FLOOR, LOW_TOM, MID_TOM, HIGH_TOM, CRASH, RIDE, TAMBOURINE, SHAKER, BLOCK = 41, 45, 47, 50, 49, 51, 54, 70, 76

# Sixteen steps to four beats: '.' rests, '1'..'9' softer and louder. Bars of other lengths take as many beats as they have.
KITS: dict[str, tuple[tuple[int, str], ...]] = {
    "brushes": ((PEDAL_HAT, "....5.......5..."), (RIDE, "5...6..45...6..4"), (KICK, "5.......4.......")),
    "light": ((SHAKER, "6.5.7.5.6.5.7.56"), (KICK, "7.......6.5....."), (STICK, "....6.......6...")),
    "ticking": ((BLOCK, "5.2.3.2.4.2.3.22"), (FLOOR, "5.........3....."), (PEDAL_HAT, "....3.......3...")),
    "pop": (
        (KICK, "8.....5.7.4....."),
        (SNARE, "....8.......8..3"),
        (HAT, "5.4.6.4.5.4.6.44"),
        (TAMBOURINE, "....4.......4..."),
    ),
    "epic": (
        (FLOOR, "8..5..6.8..5..66"),
        (LOW_TOM, "..4..5..6.4..5.."),
        (KICK, "9.......7......."),
        (SNARE, "....5.3.....6.43"),
    ),
    "war": (
        (KICK, "9.4.6.4.8.4.6.5."),
        (FLOOR, "8..6..7.8..6..77"),
        (SNARE, "....8..4..4.9.55"),
        (HAT, "5.5.6.5.5.5.6.5."),
    ),
}
# Which beat of a pattern each beat of a bar plays, for bars of other lengths than four.
BEATS = {3: (0, 1, 1), 5: (0, 1, 2, 3, 1), 6: (0, 1, 1, 2, 3, 3)}
FILL: tuple[tuple[int, str], ...] = (
    (HIGH_TOM, "66.5............"),
    (MID_TOM, "....66.5........"),
    (FLOOR, "........77.78.88"),
)
