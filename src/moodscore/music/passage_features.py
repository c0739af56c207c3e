"""Passage features: what a passage does in time, in pitch and in melody, as named numbers.

The harmonic ones are in `passage_harmony`. Rates are binary logarithms of events a second, durations and gaps binary
logarithms of seconds, shares 0 .. 1. What adds nothing was left out: see `recipes/LOG_music.md`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from moodscore.music.passage_harmony import harmony
from moodscore.music.passages import Passage

Array = NDArray[np.float64]
Row = dict[str, float]
_GAP_BINS_S = (0.0, 0.11, 0.17, 0.25, 0.35, 0.5, 0.75, 1.1, 99.0)
_FRAMES_HZ = 20


def features(passage: Passage) -> Array:
    """All features of a passage, float64 (len(NAMES),), in the order of `NAMES`."""
    return np.array(list(named(passage).values()), np.float64)


def named(passage: Passage) -> Row:
    """All features of a passage by name."""
    return _time(passage) | _texture(passage) | _touch(passage) | _pitch(passage) | _melody(passage) | harmony(passage)


def _percentiles(name: str, values: Array, at: tuple[int, ...]) -> Row:
    return {f"{name}_p{p}": float(v) for p, v in zip(at, np.percentile(values, at), strict=True)}


def _time(passage: Passage) -> Row:
    """How many events, how long, how even."""
    durations, gaps = passage.durations, passage.gaps
    log_durations, log_gaps = np.log2(durations), np.log2(gaps)
    one, other = gaps[:-1], gaps[1:]
    row = {
        "notes_hz": np.log2(len(durations) / passage.length_s),
        "onsets_hz": np.log2(len(passage.times) / passage.length_s),
        "duration_mean": log_durations.mean(),
        "duration_sd": log_durations.std(),
        "duration_extremity": (log_durations.mean() + 1.5) ** 2,
        "gap_mean": log_gaps.mean(),
        "gap_sd": log_gaps.std(),
        "gap_contrast": np.abs((one - other) / (one + other)).mean() if len(one) else 0.0,
        "rhythm_repeats": _repeats(np.round(log_gaps * 2).astype(int)),
        "long": (durations > 1.0).mean(),
    }
    row |= {f"shorter_{limit}": (durations < limit).mean() for limit in (0.1, 0.2, 0.4)}
    row |= _percentiles("duration", log_durations, (10, 50, 90)) | _percentiles("gap", log_gaps, (10, 50, 90))
    shares = np.histogram(gaps, _GAP_BINS_S)[0] / len(gaps)
    return row | {f"gaps_from_{low}": share for low, share in zip(_GAP_BINS_S[:-1], shares, strict=True)}


def _texture(passage: Passage) -> Row:
    """How many sound at once, how they are joined, how the passage grows."""
    following = np.append(passage.times[1:], passage.ends.max())[passage.onsets]
    joined = passage.durations / np.maximum(following - passage.starts, 0.05)
    sounding, sizes = _sounding(passage), passage.sizes
    early = int((passage.starts < (passage.starts[0] + passage.starts[-1]) / 2).sum())
    return {
        "legato_mean": np.log2(np.clip(joined, 0.1, 16.0)).mean(),
        "staccato": (joined < 0.6).mean(),
        "legato": (joined > 1.05).mean(),
        "polyphony": min(12.0, passage.durations.sum() / passage.length_s),
        "chord_size": sizes.mean(),
        "single_notes": (sizes == 1).mean(),
        "chords_of_3": (sizes >= 3).mean(),
        "chords_of_5": (sizes >= 5).mean(),
        "silence": (sounding <= 0).mean(),
        "polyphony_sd": sounding.std(),
        "density_slope": np.log2((len(passage.starts) - early + 2) / (early + 2)),
    }


def _sounding(passage: Passage) -> Array:
    """How many notes sound in each twentieth of a second."""
    frames = int(passage.length_s * _FRAMES_HZ) + 1
    change = np.zeros(frames + 2)
    first = ((passage.starts - passage.starts[0]) * _FRAMES_HZ).astype(int)
    last = np.maximum(first + 1, ((passage.ends - passage.starts[0]) * _FRAMES_HZ).astype(int))
    np.add.at(change, np.minimum(first, frames + 1), 1.0)
    np.add.at(change, np.minimum(last, frames + 1), -1.0)
    return np.asarray(np.cumsum(change)[:frames])


def _touch(passage: Passage) -> Row:
    """How loud, how evenly so, and whether it grows."""
    velocities = passage.notes[:, 3]
    return {
        "velocity_mean": velocities.mean(),
        "velocity_max": velocities.max(),
        "velocity_sd": velocities.std(),
        "velocity_p10": np.percentile(velocities, 10),
        "velocity_slope": _slope(passage, velocities),
    }


def _slope(passage: Passage, values: Array) -> float:
    """How much values rise over the passage, by least squares."""
    times = (passage.starts - passage.starts.mean()) / passage.length_s
    return float((times * (values - values.mean())).sum() / ((times**2).sum() + 1e-6))


def _pitch(passage: Passage) -> Row:
    """How high, how wide, how varied."""
    pitches = passage.pitches
    shares = np.unique(pitches, return_counts=True)[1] / len(pitches)
    row = {
        "pitch_mean": pitches.mean(),
        "pitch_extremity": ((pitches.mean() - 62.0) / 6.0) ** 2,
        "pitch_sd": pitches.std(),
        "pitch_sounding_mean": (pitches * passage.weights).sum() / passage.weights.sum(),
        "pitch_entropy": -(shares * np.log2(shares)).sum(),
        "pitch_slope": _slope(passage, pitches),
        "top_mean": passage.tops.mean(),
        "bass_mean": passage.basses.mean(),
        "spacing": (passage.tops - passage.basses).mean(),
    }
    row |= {f"below_{limit}": (pitches < limit).mean() for limit in (40, 48)}
    row |= {f"above_{limit}": (pitches > limit).mean() for limit in (72, 84)}
    return row | _percentiles("pitch", pitches, (5, 25, 75, 95))


def _melody(passage: Passage) -> Row:
    """How the highest notes move; those far below the middle of them are accompaniment left alone."""
    line = passage.tops[passage.tops >= np.median(passage.tops) - 9]
    moves = np.diff(line) if len(line) > 1 else np.zeros(1)
    sizes, ways = np.abs(moves), np.sign(moves)
    row = {
        "melody_move": sizes.mean(),
        "melody_holds": (sizes == 0).mean(),
        "melody_steps": ((sizes >= 1) & (sizes <= 2)).mean(),
        "melody_leaps": (sizes >= 5).mean(),
        "melody_octaves": (sizes >= 12).mean(),
        "melody_rises": ways.mean(),
        "melody_turns": (ways[1:] * ways[:-1] < 0).mean() if len(ways) > 1 else 0.0,
        "melody_sd": line.std(),
        "melody_repeats": _repeats(moves.astype(int)),
        "melody_semitones": (sizes == 1).sum() / max(1, int((sizes > 0).sum())),
        "bass_leap": np.abs(np.diff(passage.basses)).mean() if len(passage.basses) > 1 else 0.0,
    }
    return row | {f"melody_by_{size}": (sizes == size).mean() for size in (1, 3, 4)}


def _repeats(values: NDArray[np.int_], run: int = 4) -> float:
    """Share of the runs of four values that were there before."""
    runs = [tuple(values[k : k + run].tolist()) for k in range(len(values) - run + 1)]
    return 1.0 - len(set(runs)) / len(runs) if len(runs) > 3 else 0.0


NAMES = tuple(named(Passage(np.array([[0.0, 1.0, 60.0, 64.0], [1.0, 2.0, 67.0, 64.0]]))))
