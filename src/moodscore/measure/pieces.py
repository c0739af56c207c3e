"""Pieces: measures of what a score is like as music, to hold composed pieces against real ones.

Every measure reads notes alone. The melody is the part a track names so ("melody" in its name); where none does, the track
that lies highest. Drums are left out.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from moodscore.errors import BadValue
from moodscore.media import Note, Score

Array = NDArray[np.float64]
TOGETHER_S = 0.05
_SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10, 11))  # major; minor with its leading tone
# How rough an interval sounds, 0 .. 1, by semitones modulo the octave.
_ROUGH = np.array([0.0, 1.0, 0.5, 0.1, 0.05, 0.05, 0.7, 0.0, 0.15, 0.1, 0.35, 0.8])


def pitched(score: Score) -> list[Note]:
    """All notes that are not drums, in order of time."""
    return sorted((n for t in score.tracks if not t.drums for n in t.notes), key=lambda n: (n.start_s, n.pitch))


def melody(score: Score) -> list[Note]:
    """The melody, one note at a time: where several start together, the highest."""
    tracks = [t for t in score.tracks if t.notes and not t.drums]
    named = [t for t in tracks if "melody" in t.name.lower()]
    chosen = named or sorted(tracks, key=lambda t: -float(np.mean([n.pitch for n in t.notes])))[:1]
    out: list[Note] = []
    for note in sorted((n for t in chosen for n in t.notes), key=lambda n: (n.start_s, n.pitch)):
        if out and note.start_s - out[-1].start_s < TOGETHER_S:
            out[-1] = max(out[-1], note, key=lambda n: n.pitch)
        else:
            out.append(note)
    return out


def validate(score: Score) -> None:
    """Raise BadValue unless the melody has at least six notes."""
    count = len(melody(score))
    if count < 6:
        raise BadValue(f"pieces: expected a melody of six notes or more, got {count}")


def steps(line: Sequence[Note]) -> Array:
    """Signed semitones from each note of a line to the next."""
    return np.diff(np.array([n.pitch for n in line], np.float64))


def sounding(score: Score, every_s: float = 0.05) -> Array:
    """How many pitched notes sound at each of evenly spaced moments."""
    notes = pitched(score)
    starts, ends = np.sort([n.start_s for n in notes]), np.sort([n.end_s for n in notes])
    times = np.arange(0.0, score.duration_s, every_s)
    return np.asarray(np.searchsorted(starts, times, "right") - np.searchsorted(ends, times, "right"), np.float64)


def in_key(score: Score) -> float:
    """Share of sounding time inside the best major or minor scale, 0 .. 1."""
    weights = np.zeros(12)
    for note in pitched(score):
        weights[note.pitch % 12] += min(2.0, note.duration_s)
    best = max(weights[[(k + s) % 12 for s in scale]].sum() for scale in _SCALES for k in range(12))
    return float(best / weights.sum())


def chords(score: Score) -> list[list[int]]:
    """The pitches that sound just after each onset, low to high."""
    notes = pitched(score)
    times = [n.start_s for k, n in enumerate(notes) if not k or n.start_s - notes[k - 1].start_s >= TOGETHER_S]
    starts, ends = np.array([n.start_s for n in notes]), np.array([n.end_s for n in notes])
    pitches = np.array([n.pitch for n in notes])
    moments = [t + TOGETHER_S for t in times]
    return [sorted(int(p) for p in pitches[(starts <= m) & (ends > m)]) for m in moments]


def roughness(heard: Sequence[Sequence[int]]) -> float:
    """Mean roughness of all pairs in each chord, 0 .. 1."""
    means = []
    for chord in heard:
        if len(chord) > 1:
            p = np.array(chord)
            upper = np.triu_indices(len(p), 1)
            means.append(float(_ROUGH[np.abs(p[:, None] - p[None, :])[upper] % 12].mean()))
    return float(np.mean(means)) if means else 0.0


def muddiness(heard: Sequence[Sequence[int]]) -> float:
    """Share of chords whose two lowest notes lie a third or less apart below C3, 0 .. 1."""
    pairs = [c[:2] for c in (sorted(set(chord)) for chord in heard) if len(c) > 1]
    return float(np.mean([p[0] < 48 and p[1] - p[0] <= 4 for p in pairs])) if pairs else 0.0


def repetition(moves: Array, length: int = 4) -> float:
    """Share of the melody's runs of `length` intervals that were heard before, 0 .. 1."""
    runs = [tuple(moves[k : k + length]) for k in range(len(moves) - length + 1)]
    return 1.0 - len(set(runs)) / len(runs) if runs else 0.0


def evaluate(score: Score) -> dict[str, float]:
    """Every measure of a score: rates a second, shares 0 .. 1, pitches in semitones. Raises BadValue like `validate`."""
    validate(score)
    line, heard, voices = melody(score), chords(score), sounding(score)
    moves = steps(line)
    size = np.abs(moves)
    return {
        "notes a second": len(pitched(score)) / score.duration_s,
        "notes at once": float(voices.mean()),
        "silence": float((voices == 0).mean()),
        "in key": in_key(score),
        "roughness": roughness(heard),
        "muddy chords": muddiness(heard),
        "melody notes a second": len(line) / score.duration_s,
        "melody range": float(np.ptp([n.pitch for n in line])),
        "melody repeats a note": float((size == 0).mean()),
        "melody steps": float(((size > 0) & (size <= 2)).mean()),
        "melody thirds": float(((size > 2) & (size <= 4)).mean()),
        "melody leaps": float(((size > 4) & (size <= 12)).mean()),
        "melody leaps over an octave": float((size > 12).mean()),
        "melody says again": repetition(moves),
    }
