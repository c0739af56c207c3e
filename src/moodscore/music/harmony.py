"""Harmony: modes, chords, functional progressions that cadence, and voice leading.

Progressions walk between tonic (T), predominant (P) and dominant (D) functions as in common practice (W. Piston, Harmony;
D. Tymoczko, A Geometry of Music, 2011, ch. 7), with each mode's own chords in the roles. Voicings are chosen so that common
tones stay and the others move by the nearest way, without parallel fifths or octaves against the bass.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from moodscore.errors import BadValue

MODES: dict[str, tuple[int, ...]] = {
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "ionian": (0, 2, 4, 5, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "aeolian": (0, 2, 3, 5, 7, 8, 10),
    "harmonic": (0, 2, 3, 5, 7, 8, 11),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
}

# For each mode the chords that can stand for each function, most usual first, with weights; "X" is where a deceptive cadence
# goes, "C" the dominants strong enough for a close.
PALETTES: dict[str, dict[str, tuple[tuple[str, float], ...]]] = {
    "lydian": {
        "T": (("I", 6), ("iii", 0.5), ("vi", 0.8)),
        "P": (("II", 2.5), ("IV", 2), ("vi", 1)),
        "D": (("V", 4), ("II/3", 1)),
        "C": (("V", 1),),
        "X": (("vi", 1),),
    },
    "ionian": {
        "T": (("I", 6), ("I/3", 1.5), ("vi", 1.6), ("iii", 0.4)),
        "P": (("IV", 4), ("ii", 2), ("ii/3", 1)),
        "D": (("V", 4), ("V7", 2), ("V/3", 0.8)),
        "C": (("V", 2), ("V7", 3)),
        "X": (("vi", 1),),
    },
    "mixolydian": {
        "T": (("I", 6), ("vi", 0.8), ("I/3", 0.8)),
        "P": (("IV", 3), ("ii", 1), ("bVII", 2)),
        "D": (("bVII", 3), ("v", 1), ("V", 1)),
        "C": (("bVII", 2), ("V", 1)),
        "X": (("vi", 1), ("IV", 1)),
    },
    "dorian": {
        "T": (("i", 6), ("i/3", 1), ("bIII", 1.5)),
        "P": (("IV", 3), ("ii", 0.8), ("bVII", 1)),
        "D": (("bVII", 2), ("v", 1.5), ("V", 1)),
        "C": (("V", 1), ("bVII", 1), ("v", 0.6)),
        "X": (("bVII", 1), ("IV", 1)),
    },
    "aeolian": {
        "T": (("i", 6), ("i/3", 1), ("bVI", 1.6), ("bIII", 1)),
        "P": (("iv", 3), ("bVI", 1.6), ("ii°/3", 1)),
        "D": (("V", 2.5), ("bVII", 1.6), ("v", 1)),
        "C": (("V", 2), ("V7", 2)),
        "X": (("bVI", 1),),
    },
    "harmonic": {
        "T": (("i", 6), ("bVI", 1.2), ("i/3", 1)),
        "P": (("iv", 3), ("ii°/3", 1.5), ("bVI", 1), ("bII/3", 0.5)),
        "D": (("V", 3), ("V7", 2), ("vii°7", 1)),
        "C": (("V", 1), ("V7", 2)),
        "X": (("bVI", 1),),
    },
    "phrygian": {
        "T": (("i", 6), ("bVI", 1), ("i/3", 1)),
        "P": (("bII", 3), ("iv", 2), ("bvii", 0.8)),
        "D": (("bvii", 2), ("bII", 1.5), ("V", 1)),
        "C": (("bII", 1), ("V7", 1)),
        "X": (("bVI", 1),),
    },
}
# Minor triads a tritone or a major third away: the colours of menace in film music (F. Lehman, Hollywood
# Harmony, 2018). They join the predominants as dissonance grows beyond what a mode offers.
MENACE = (("bv", 0.8), ("bvi", 1.6))
MENACE_FROM = 0.55
_NEXT = {
    "T": (("P", 0.5), ("T", 0.3), ("D", 0.2)),
    "P": (("D", 0.5), ("T", 0.3), ("P", 0.2)),
    "D": (("T", 0.85), ("P", 0.15)),
}
_TAILS = {
    "half": ("P", "D"),
    "open": ("P", "C"),
    "lead": ("D",),
    "authentic": ("P", "C", "T"),
    "deceptive": ("P", "C", "X"),
    "final": ("T",),
}
_DEGREES = {"i": 0, "ii": 2, "iii": 4, "iv": 5, "v": 7, "vi": 9, "vii": 11}
_NAME = re.compile(r"(b?)([ivIV]+)(°|ø)?(maj7|7|add9|sus4|sus2|b9)?(?:/([35]))?")


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord: Roman name, function, root and bass pitch classes, its pitch classes (root first), and its scale's."""

    name: str
    function: str
    root: int
    bass: int
    pcs: tuple[int, ...]
    scale: tuple[int, ...]

    @property
    def third(self) -> int:
        """The pitch class above the root in thirds (or the suspended tone)."""
        return self.pcs[1]


@lru_cache(maxsize=4096)
def chord(name: str, function: str, tonic: int, mode: str) -> Chord:
    """The chord with a Roman `name` ("bVI", "ii°/3", "V7") in a key; its scale is the mode bent to hold its tones."""
    match = _NAME.fullmatch(name)
    if match is None:
        raise BadValue(f"chord: expected a Roman numeral such as 'bVI' or 'ii°/3', got {name!r}")
    flat, numeral, dim, extra, inversion = match.groups()
    root = (_DEGREES[numeral.lower()] - (1 if flat else 0)) % 12
    intervals = _intervals(numeral.isupper(), dim, extra)
    tones = [(root + i) % 12 for i in intervals]
    scale = [
        t for t in MODES[mode] if t in tones or not any((t - c) % 12 in (1, 11) and c not in MODES[mode] for c in tones)
    ]
    scale = sorted(set(scale) | set(tones))
    bass = tones[{None: 0, "3": 1, "5": 2}[inversion]]
    return Chord(
        name,
        function,
        (root + tonic) % 12,
        (bass + tonic) % 12,
        tuple((t + tonic) % 12 for t in tones),
        tuple((t + tonic) % 12 for t in scale),
    )


def _intervals(major: bool, dim: str | None, extra: str | None) -> tuple[int, ...]:
    third, fifth = (4 if major else 3), 7
    if dim:
        third, fifth = 3, 6
    seventh = 9 if dim == "°" else 10
    if extra in ("sus4", "sus2"):
        return (0, 5 if extra == "sus4" else 2, 7)
    added = {None: (), "7": (seventh,), "maj7": (11,), "add9": (2,), "b9": (10, 1)}[extra]
    return (0, third, fifth, *added)


def functions(count: int, cadence: str, draws: Sequence[float]) -> list[str]:
    """Functions for `count` chords, from the tonic to the cadence's own ending; `draws` in [0, 1) choose the way."""
    tail = list(_TAILS[cadence])
    if cadence == "final" and count >= 3:
        tail = ["P", "C", "T"]
    if cadence == "lead" and count == 1:
        return ["T"]
    if count == 2 and cadence in ("half", "open"):
        return ["T", tail[-1]]
    if count <= len(tail):
        return tail[-count:]
    walk = ["T"]
    for k in range(1, count - len(tail)):
        walk.append(_drawn(_NEXT[walk[-1]], draws[k % len(draws)]))
    return walk + tail


def _drawn(options: Sequence[tuple[str, float]], draw: float) -> str:
    """The option that a draw in [0, 1) falls on, each as wide as its weight."""
    reach = draw * sum(weight for _, weight in options)
    for name, weight in options:
        reach -= weight
        if reach < 0:
            return name
    return options[-1][0]


def progression(
    count: int, key: tuple[int, str], cadence: str, colour: tuple[float, float], rng: np.random.Generator
) -> list[Chord]:
    """`count` chords in `key` (tonic pitch class, mode) that end with `cadence`.

    `colour` is (dissonance 0..1, the share that is sharpened; shade -1..1, whether minor or major triads are preferred).
    The same generator gives phrases of different lengths and cadences the same beginning.
    """
    tonic, mode = key
    draws = rng.random((64, 3))
    out: list[Chord] = []
    for k, function in enumerate(functions(count, cadence, [float(d) for d in draws[:, 0]])):
        _, choice, sharpening = (float(d) for d in draws[k % len(draws)])
        before = out[-1].root if out else None
        options = _weighted(mode, function, colour, None if before is None else (before - tonic) % 12)
        name = "" if function == "T" and k in (0, count - 1) else _drawn(options, choice)
        name = name or PALETTES[mode][function][0][0]
        if k < count - 1:
            name = _coloured(name, function, colour[0], sharpening)
        out.append(chord(name, function, tonic, mode))
    return out


def _weighted(mode: str, function: str, colour: tuple[float, float], before: int | None) -> list[tuple[str, float]]:
    """The chords that may stand for a function, with weights; the root just heard (from the tonic) is unlikely again."""
    dissonance, shade = colour
    options = list(PALETTES[mode][function])
    if function == "P" and dissonance > MENACE_FROM:
        options += [(n, 6.0 * (dissonance - MENACE_FROM) * w) for n, w in MENACE]
    return [
        (name, weight * _liking(name, shade) * (0.08 if chord(name, function, 0, mode).root == before else 1.0))
        for name, weight in options
    ]


def _liking(name: str, shade: float) -> float:
    """How much a chord is preferred for its quality alone: major triads in bright music, minor and diminished in dark."""
    numeral = name.lstrip("b")
    return float(np.exp((1.5 if numeral[0].isupper() else -1.5) * shade))


def _coloured(name: str, function: str, dissonance: float, draw: float) -> str:
    """The chord made sharper where the music is tense, or given a soft ninth where it is not."""
    if name.rstrip("/35") != name or name.endswith(("7", "°")):
        return name
    if function in ("D", "C") and name == "V" and draw < dissonance:
        return "Vb9" if draw < 0.35 * dissonance else "V7"
    if function in ("P", "X") and draw < 0.6 * dissonance:
        return name + ("maj7" if name[-1].isupper() else "7")
    return name + "add9" if name in ("I", "i") and draw < 0.35 else name


def pivot(before: Sequence[Chord], key: tuple[int, str]) -> list[Chord]:
    """The end of a phrase that moves to `key`: a chord both keys share, then the new key's dominant."""
    tonic, mode = key
    out = list(before)
    if len(out) >= 2:
        scale = {(t + tonic) % 12 for t in MODES[mode]}
        shared = [chord(n, "P", tonic, mode) for n, _ in PALETTES[mode]["P"]]
        old = set(out[0].scale)
        both = [c for c in shared if set(c.pcs) <= old & scale]
        if both:
            out[-2] = both[0]
    if len(out) >= 3:
        out[-1] = chord(PALETTES[mode]["C"][0][0], "C", tonic, mode)
    return out


@lru_cache(maxsize=16384)
def _voicings(pcs: tuple[int, ...], low: int, high: int, voices: int) -> tuple[tuple[int, ...], ...]:
    """All close or slightly open voicings: ascending, at most a tenth wide in total, every tone of a triad present."""
    pitches = [p for p in range(low, high + 1) if p % 12 in pcs]
    need = min(voices, len(pcs))
    whole = [
        c for c in itertools.combinations(pitches, voices) if c[-1] - c[0] <= 16 and len({p % 12 for p in c}) >= need
    ]
    clear = [c for c in whole if all(b - a >= 2 for a, b in itertools.pairwise(c))]
    return tuple(clear or whole)


def voicing(
    target: Chord, before: tuple[int, ...], bass: tuple[int, int], span: tuple[int, int], voices: int = 3
) -> tuple[int, ...]:
    """The voicing of `target` inside `span` (low, high) that moves least from `before`; `bass` is its (then, now)."""
    pcs = target.pcs if len(target.pcs) <= voices else _essential(target, voices)
    options = _voicings(pcs, span[0], span[1], voices)
    middle = (span[0] + span[1]) / 2
    return min(options, key=lambda v: (_voicing_cost(v, before, bass, middle), v))


def _essential(target: Chord, voices: int) -> tuple[int, ...]:
    """The tones to keep when there are fewer voices than tones: third, then added tones, then the root, then the fifth."""
    root, third, fifth, *added = target.pcs
    ninth = len(added) == 1 and (added[0] - root) % 12 == 2
    order = (third, *added, fifth, root) if ninth else (third, *added, root, fifth)
    return order[:voices]


def _voicing_cost(v: tuple[int, ...], before: tuple[int, ...], bass: tuple[int, int], middle: float) -> float:
    cost = 0.25 * abs(sum(v) / len(v) - middle)
    if not before:
        return cost
    cost += float(sum(abs(a - b) for a, b in zip(v, before, strict=False)))
    then, now = bass
    for a, b in zip(before, v, strict=False):
        if a != b and now != then and (a - then) % 12 == (b - now) % 12 and (b - now) % 12 in (0, 7):
            cost += 4.0
    for (a, b), (c, d) in itertools.combinations(zip(before, v, strict=False), 2):
        if a != b and (a - c) % 12 == (b - d) % 12 and (b - d) % 12 in (0, 5, 7):
            cost += 2.5
    return cost
