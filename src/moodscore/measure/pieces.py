"""Pieces: measures of what a score is like as music, to hold composed pieces against real ones.

Every measure reads notes alone. The melody is the part a track names so ("melody" in its name); where none does, the track
that lies highest. Drums count in what is measured beat by beat and bar by bar, and are left out of everything else.

Pitch-class entropy and groove similarity are the H and GS of S.-L. Wu & Y.-H. Yang, "The Jazz Transformer on the Front Line"
(ISMIR 2020); empty beats are those of H.-W. Dong et al., "MusPy: A Toolkit for Symbolic Music Generation" (ISMIR 2020).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from moodscore.errors import BadValue
from moodscore.media import Note, Score, Track

Array = NDArray[np.float64]
Row = dict[str, float]
"""What a piece is like: a value for the name of each measure."""
TOGETHER_S = 0.05
POSITIONS_PER_BEAT = 4  # sixteenths: a finer grid would measure how unevenly people and our performer play
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


def pitch_class_entropy(score: Score) -> float:
    """Shannon entropy of how often each pitch class is struck, in bits: 0 (one of them) .. log2(12) = 3.58 (all alike)."""
    counts = np.bincount([n.pitch % 12 for n in pitched(score)], minlength=12).astype(np.float64)
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log2(shares)).sum()) + 0.0


def _tempo_map(score: Score) -> tuple[Array, Array, Array]:
    """Where the tempo changes: in seconds, in beats (quarter notes) from the start, and the beats a second from there."""
    changes = np.array([t for t, _ in score.tempos], np.float64)
    pace = np.array([bpm for _, bpm in score.tempos], np.float64) / 60.0
    return changes, np.concatenate([[0.0], np.cumsum(np.diff(changes) * pace[:-1])]), pace


def beats(score: Score, times_s: Sequence[float]) -> Array:
    """Times in seconds as beats (quarter notes) from the start, by the score's tempo map."""
    changes, passed, pace = _tempo_map(score)
    times = np.asarray(times_s, np.float64)
    k = np.maximum(np.searchsorted(changes, times, "right") - 1, 0)
    return np.asarray(passed[k] + (times - changes[k]) * pace[k], np.float64)


def bar_line(score: Score, after_s: float) -> float:
    """The time in seconds of the first bar line at or after `after_s`, bars counted from the start in the first metre."""
    changes, passed, pace = _tempo_map(score)
    beat = np.ceil(beats(score, [after_s])[0] / score.beats_per_bar - 1e-6) * score.beats_per_bar
    k = max(0, int(np.searchsorted(passed, beat, "right")) - 1)
    return float(changes[k] + (beat - passed[k]) / pace[k])


def bar_patterns(score: Score) -> list[frozenset[tuple[int, int]]]:
    """For each whole bar what is struck in it: (sixteenth of the bar, pitch; drums at 128 + pitch)."""
    per_bar = score.beats_per_bar * POSITIONS_PER_BEAT
    struck = [(n.start_s, n.pitch + 128 * t.drums) for t in score.tracks for n in t.notes]
    if not struck:
        return []
    at = np.rint(beats(score, [start for start, _ in struck]) * POSITIONS_PER_BEAT).astype(int)
    last = float(beats(score, [max(n.end_s for t in score.tracks for n in t.notes)])[0]) * POSITIONS_PER_BEAT
    bars: list[set[tuple[int, int]]] = [set() for _ in range(int(last + 0.5) // per_bar)]
    for position, (_, pitch) in zip(at.tolist(), struck, strict=True):
        if position // per_bar < len(bars):
            bars[position // per_bar].add((position % per_bar, pitch))
    return [frozenset(bar) for bar in bars]


def groove_similarity(score: Score) -> float:
    """How alike the onsets of all pairs of bars are, 0 .. 1: one minus the share of sixteenths where only one is struck.

    nan for less than two whole bars.
    """
    bars = bar_patterns(score)
    if len(bars) < 2:
        return float("nan")
    onsets = np.zeros((len(bars), score.beats_per_bar * POSITIONS_PER_BEAT))
    for row, bar in zip(onsets, bars, strict=True):
        row[[position for position, _ in bar]] = 1.0
    apart = (onsets[:, None] != onsets[None, :]).mean(axis=2)
    return float(1.0 - apart[np.triu_indices(len(bars), 1)].mean())


def bars_again(score: Score) -> float:
    """Share of whole bars that repeat an earlier one note for note, 0 .. 1; nan for less than two."""
    bars = bar_patterns(score)
    return 1.0 - len(set(bars)) / len(bars) if len(bars) > 1 else float("nan")


def empty_beats(score: Score) -> float:
    """Share of beats, up to the end of the last note, during which nothing sounds, 0 .. 1."""
    notes = [n for t in score.tracks for n in t.notes]
    starts, ends = beats(score, [n.start_s for n in notes]), beats(score, [n.end_s for n in notes])
    count = max(1, int(ends.max()))
    change = np.zeros(count + 1)
    np.add.at(change, np.minimum(np.floor(starts), count).astype(int), 1.0)
    np.add.at(change, np.minimum(np.ceil(ends), count).astype(int), -1.0)
    return float((np.cumsum(change)[:count] <= 0).mean())


def excerpt(score: Score, after_s: float = 10.0, length_s: float = 30.0) -> Score:
    """What is struck in the `length_s` seconds from the first bar line at or after `after_s`, cut off at their end.

    Raises BadValue when nothing is struck there.
    """
    start = bar_line(score, after_s)
    end = start + length_s
    tracks = tuple(Track(t.name, t.program, _inside(t.notes, start, end), t.drums) for t in score.tracks)
    if not any(track.notes for track in tracks):
        raise BadValue(f"excerpt: expected notes between {start:.1f} and {end:.1f} s, got none")
    before = [bpm for t, bpm in score.tempos if t <= start]
    after = tuple((t - start, bpm) for t, bpm in score.tempos if start < t < end)
    return Score(tracks, length_s, ((0.0, before[-1]), *after), score.beats_per_bar)


def _inside(notes: Sequence[Note], start: float, end: float) -> tuple[Note, ...]:
    """Notes struck from `start` to `end`, timed from `start`; what is played a little early belongs to the beat it means."""
    early = 0.03
    kept = (n for n in notes if start - early <= n.start_s < end - early)
    spans = ((max(n.start_s, start), min(n.end_s, end), n) for n in kept)
    return tuple(Note(a - start, max(b - a, 0.01), n.pitch, n.velocity) for a, b, n in spans)


def evaluate(score: Score) -> Row:
    """Every measure of a score: rates a second, shares 0 .. 1, pitches in semitones. Raises BadValue like `validate`."""
    validate(score)
    line, heard, voices = melody(score), chords(score), sounding(score)
    moves = steps(line)
    size = np.abs(moves)
    return {
        "notes a second": len(pitched(score)) / score.duration_s,
        "notes at once": float(voices.mean()),
        "silence": float((voices == 0).mean()),
        "empty beats": empty_beats(score),
        "groove similarity": groove_similarity(score),
        "bars heard before": bars_again(score),
        "pitch-class entropy": pitch_class_entropy(score),
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
