"""Style patterns: figures, bass lines and grooves that belong to a genre, beside the general ones of `patterns`.

Each keeps its pulse whatever the density asked for: the groove is what a genre is known by. What a drummer, a guitarist or
a pianist plays in them is after the common practice of each style (M. Mulholland & T. Hojnacki, The Berklee Book of Jazz
Harmony, 2013, for comping and walking; D. Kernfeld, What to Listen For in Jazz, 1995, for the ride; M. Travis's picking as
taught by M. Hanson, The Art of Contemporary Travis Picking, 1986).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from moodscore.music import patterns
from moodscore.music.patterns import Slot, Stroke

Pattern = Callable[[Slot], list[Stroke]]
RollRow = tuple[int, str]

CONCERT_DRUM, ELECTRIC_SNARE, OPEN_HAT, CLAP = 36, 40, 46, 39


def _at(slot: Slot, hits: Sequence[tuple[float, float, float]], pitches: Sequence[int]) -> list[Stroke]:
    """All `pitches` at each (offset, beats, accent) that lies inside the slot."""
    return [
        Stroke(slot.beat + at, min(beats, slot.beats - at), pitch, accent)
        for at, beats, accent in hits
        if at < slot.beats - 1e-9
        for pitch in pitches
    ]


def _odd_bar(slot: Slot) -> bool:
    return int(slot.beat // 4) % 2 == 1


def dozing(slot: Slot) -> list[Stroke]:
    """Lo-fi chords: one that rings, one that comes late and stays."""
    return _at(
        slot, [(0.0, 1.25, 2.0), (1.5, 2.25, -4.0)] + ([(3.5, 0.5, -7.0)] if _odd_bar(slot) else []), slot.voices
    )


def comping(slot: Slot) -> list[Stroke]:
    """A jazz pianist's left hand: the Charleston, and its answer off the beat in every second bar."""
    hits = [(0.5, 0.5, -2.0), (2.5, 0.75, 2.0)] if _odd_bar(slot) else [(0.0, 0.75, 1.0), (1.5, 0.5, 3.0)]
    return _at(slot, hits, slot.voices)


def gated(slot: Slot) -> list[Stroke]:
    """A sequencer's sixteenths up and down two octaves of the chord, cut short, every beat stressed."""
    rungs = (*slot.ladder[:3], slot.ladder[0] + 12, *slot.ladder[2:0:-1])
    return [
        Stroke(slot.beat + t, min(0.2, slot.beats - t), rungs[k % len(rungs)], 5.0 if k % 4 == 0 else -2.0)
        for k, t in enumerate(slot.steps(0.25))
    ]


def picked(slot: Slot) -> list[Stroke]:
    """Travis picking: the thumb alternates on the beats, fingers answer between, strings ring on."""
    rungs = slot.ladder
    thumb, fingers = (rungs[0], rungs[1]), (rungs[min(3, len(rungs) - 1)], rungs[min(2, len(rungs) - 1)], rungs[-1])
    return [
        Stroke(
            slot.beat + t,
            min(1.5, slot.beats - t),
            (fingers[k // 2 % 3] if k % 2 else thumb[k // 2 % 2]),
            -3.0 * (k % 2),
        )
        for k, t in enumerate(slot.steps(0.5))
    ]


def swell(slot: Slot) -> list[Stroke]:
    """Voices that come in one after the other and stay: a chord that opens slowly."""
    step = min(1.0, slot.beats / (2 * len(slot.voices)))
    return [Stroke(slot.beat + k * step, slot.beats - k * step, p, -2.0 * k) for k, p in enumerate(slot.voices)]


def _power(slot: Slot) -> tuple[int, ...]:
    """Root, fifth and octave on a guitar's low strings; the fifth only where the chord has it."""
    root = slot.ladder[0] % 12 + 36
    root += 12 if root < 40 else 0
    tones = {p % 12 for p in slot.ladder}
    return (root, root + 7, root + 12) if (root + 7) % 12 in tones else (root, root + 12)


def power(slot: Slot) -> list[Stroke]:
    """Power chords struck on one and on the push before three, ringing."""
    return _at(slot, [(0.0, 1.4, 4.0), (1.5, 2.4, 2.0)], _power(slot))


def chug(slot: Slot) -> list[Stroke]:
    """Eighths on muted low strings, full chords on one and on the push."""
    full, low = _power(slot), _power(slot)[:2]
    out = []
    for k, t in enumerate(slot.steps(0.5)):
        loud = k % 8 in (0, 3)
        out += [
            Stroke(slot.beat + t, min(0.5 if loud else 0.32, slot.beats - t), p, 5.0 if loud else -4.0)
            for p in (full if loud else low)
        ]
    return out


def eighths(slot: Slot) -> list[Stroke]:
    """A rock bassist's eighths on the root, the last one leading on."""
    steps = slot.steps(0.5)
    last = slot.following + (-1 if slot.following > slot.bass else 2) if slot.following != slot.bass else slot.bass
    return [
        Stroke(
            slot.beat + t,
            min(0.45, slot.beats - t),
            last if k == len(steps) - 1 and k > 3 else slot.bass,
            4.0 if k % 4 == 0 else -1.0,
        )
        for k, t in enumerate(steps)
    ]


def sequenced(slot: Slot) -> list[Stroke]:
    """A synthesizer's bass in sixteenths that leave room for the bass drum: root, root, octave."""
    marks = (0, 0, 12)  # after the beat
    return [
        Stroke(slot.beat + t, min(0.22, slot.beats - t), slot.bass + marks[k % 4 - 1], 3.0 if k % 4 == 2 else -2.0)
        for k, t in enumerate(slot.steps(0.25))
        if k % 4
    ] + [Stroke(slot.beat, min(0.25, slot.beats), slot.bass, 2.0)]


def lazy(slot: Slot) -> list[Stroke]:
    """A laid-back bass: a long root, a short one late in the bar, and the fifth below it."""
    fifth = slot.bass - 5 if slot.bass - 5 >= 28 else slot.bass + 7
    tones = {v % 12 for v in slot.voices}
    other = fifth if fifth % 12 in tones else slot.bass
    hits = [(0.0, 1.5, slot.bass, 1.0), (2.5, 0.5, slot.bass, -4.0), (3.0, 0.9, other, -1.0)]
    return [Stroke(slot.beat + at, min(n, slot.beats - at), p, x) for at, n, p, x in hits if at < slot.beats - 1e-9]


def timpani(slot: Slot) -> list[Stroke]:
    """The root with the chord, and a roll that grows into the next one in every second bar."""
    out = [Stroke(slot.beat, min(1.0, slot.beats), slot.bass, 5.0)]
    if slot.beats >= 4 and _odd_bar(slot):
        out += [Stroke(slot.beat + slot.beats - 1 + k / 4, 0.25, slot.bass, -8.0 + 4.0 * k) for k in range(4)]
    elif slot.beats >= 4:
        out.append(Stroke(slot.beat + 2.0, 1.0, slot.bass, -2.0))
    return out


def bell(slot: Slot) -> list[Stroke]:
    """One far stroke where a second bar begins."""
    return [] if _odd_bar(slot) else [Stroke(slot.beat, max(slot.beats, 3.0), slot.bass, -10.0)]


FIGURES: dict[str, Pattern] = {
    **patterns.FIGURES,
    "dozing": dozing,
    "comping": comping,
    "gated": gated,
    "picked": picked,
    "swell": swell,
    "power": power,
    "chug": chug,
}
BASSES: dict[str, Pattern] = {**patterns.BASSES, "eighths": eighths, "sequenced": sequenced, "lazy": lazy}
STRIKES: dict[str, Pattern] = {"timpani": timpani, "bell": bell}

KITS: dict[str, tuple[RollRow, ...]] = {
    **patterns.KITS,
    "dusty": (
        (patterns.KICK, "7.....4...6....."),
        (patterns.SNARE, "....6.......6..2"),
        (patterns.HAT, "4.2.4.3.4.2.4.33"),
    ),
    "two feel": (
        (patterns.RIDE, "5.......5......."),
        (patterns.PEDAL_HAT, "....4.......4..."),
        (patterns.SNARE, "3.......3......."),
    ),
    "ride": (
        (patterns.RIDE, "5...7.4.5...7.4."),
        (patterns.PEDAL_HAT, "....5.......5..."),
        (patterns.KICK, "3...2...3...2..."),
        (patterns.SNARE, "......2.......3."),
    ),
    "slow gate": (
        (patterns.KICK, "8.......7......."),
        (ELECTRIC_SNARE, "........8......."),
        (patterns.HAT, "4...4...4...4..."),
    ),
    "gate": (
        (patterns.KICK, "8...7...8...7..."),
        (ELECTRIC_SNARE, "....8.......8..."),
        (patterns.HAT, "3.....3.3.....3."),
        (OPEN_HAT, "..4...4...4...4."),
    ),
    "porch": (
        (patterns.SHAKER, "5.3.5.3.5.3.5.34"),
        (patterns.KICK, "6.......5....3.."),
        (patterns.TAMBOURINE, "....5.......5..."),
    ),
    "concert": (
        (CONCERT_DRUM, "8.......5......."),
        (patterns.SNARE, "4..33.4.4..33.44"),
    ),
    "side stick": (
        (patterns.KICK, "7.........5....."),
        (patterns.STICK, "....6.......6..."),
        (patterns.HAT, "4...4...4...4..."),
    ),
    "backbeat": (
        (patterns.KICK, "9.....5.8.7....."),
        (patterns.SNARE, "....9.......9..."),
        (patterns.HAT, "6.5.6.5.6.5.6.5."),
    ),
}
# What leads into a new part, of which the second half is played; toms, where a kit has nothing of its own.
FILLS: dict[str, tuple[RollRow, ...]] = {
    "dusty": (
        (patterns.SNARE, "............4.56"),
        (patterns.HAT, "........4.3....."),
        (patterns.KICK, "........6......."),
    ),
    "ride": ((patterns.SNARE, "........3.4.5.6."), (patterns.RIDE, "........5...7...")),
    "two feel": ((patterns.RIDE, "........5......."),),
    "porch": ((patterns.TAMBOURINE, "........4.5.5566"), (patterns.KICK, "........6.......")),
    "concert": (
        (patterns.SNARE, "........34455678"),
        (CONCERT_DRUM, "........6...7..."),
    ),
}
# Kits on which a loud part does not open with a cymbal.
WITHOUT_CYMBAL = ("dusty", "two feel", "porch", "side stick")
