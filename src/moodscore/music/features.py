"""Features: seventeen numbers that describe a score, for judging the feeling in it.

They are the cues listeners use (see `cues`), read from the notes alone: how many, how high, how loud, how long, in which key
and mode, how consonant. Drums are left out of every one, and a pitch struck in several instruments at once counts once, so
that a piano piece and its orchestration get nearly the same numbers.
Key profiles: C. L. Krumhansl & E. J. Kessler, Psychological Review 89 (1982) 334-368.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from moodscore.errors import BadValue
from moodscore.media import Score

NAMES = (
    "log_notes_hz",
    "log_duration_mean",
    "duration_extremity",
    "short_notes",
    "pitch_mean",
    "pitch_extremity",
    "velocity_mean",
    "velocity_max",
    "polyphony",
    "onset_irregularity",
    "bass_leap",
    "majorness",
    "third_quality",
    "triad_quality",
    "key_clarity",
    "out_of_key",
    "pitch_class_entropy",
)
_MAJOR = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
_MINOR = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])
_MAJOR_SCALE = (0, 2, 4, 5, 7, 9, 11)
_MINOR_SCALE = (0, 2, 3, 5, 7, 8, 10, 11)
CHORD_S = 0.05

Array = NDArray[np.float64]


def features(score: Score) -> Array:
    """The seventeen features of a score, float64 (17,), in the order of `NAMES`.

    Rates are binary logarithms of events a second, durations binary logarithms of seconds; pitches are MIDI numbers,
    velocities 1..127; extremities are squared distances from a middling piano piece. Raises BadValue when the score has no
    pitched note.
    """
    notes = pitched(score)
    onsets = onset_groups(notes[:, 0])
    times = notes[np.unique(onsets, return_index=True)[1], 0]
    length = max(1.0, float(notes[:, 1].max() - notes[:, 0].min()))
    pitch, velocity = notes[:, 2], notes[:, 3]
    durations = np.maximum(0.03, notes[:, 1] - notes[:, 0])
    log_duration = float(np.log2(durations).mean())
    gaps = np.log2(np.maximum(np.diff(times), 0.03))
    held, struck = _pitch_classes(notes, by_time=True), _pitch_classes(notes, by_time=False)
    major, minor, key = _key(held)
    shares = struck[struck > 0] / struck.sum()
    return np.array(
        [
            np.log2(len(notes) / length),
            log_duration,
            (log_duration + 1.5) ** 2,
            float((durations < 0.2).mean()),
            pitch.mean(),
            ((pitch.mean() - 62.0) / 6.0) ** 2,
            velocity.mean(),
            velocity.max(),
            min(12.0, durations.sum() / length),
            gaps.std() if len(gaps) > 1 else 0.0,
            _bass_leap(notes, onsets),
            _majorness(struck),
            third_quality(held, key % 12),
            _triad_quality(notes, times),
            max(major, minor),
            out_of_key(held, key),
            -float((shares * np.log2(shares)).sum()),
        ]
    )


def pitched(score: Score) -> Array:
    """(n, 4) start, end, pitch, velocity of pitched notes in order; one struck twice within 50 ms is one."""
    rows = sorted(
        (n.start_s, n.end_s, float(n.pitch), float(n.velocity)) for t in score.tracks if not t.drums for n in t.notes
    )
    kept: list[tuple[float, float, float, float]] = []
    last: dict[float, int] = {}
    for row in rows:
        index = last.get(row[2])
        if index is not None and row[0] - kept[index][0] < CHORD_S:
            old = kept[index]
            kept[index] = (old[0], max(old[1], row[1]), old[2], max(old[3], row[3]))
            continue
        last[row[2]] = len(kept)
        kept.append(row)
    if not kept:
        raise BadValue("features: expected a score with at least one pitched note, got none")
    return np.array(kept)


def onset_groups(starts: Array) -> NDArray[np.int_]:
    """For each note the number of its onset; notes less than 50 ms after the last share it."""
    return np.concatenate([[0], np.cumsum(np.diff(starts) >= CHORD_S)]).astype(int)


def _bass_leap(notes: Array, onsets: NDArray[np.int_]) -> float:
    """Mean distance in semitones between the lowest pitches of neighbouring onsets."""
    lowest = np.full(int(onsets[-1]) + 1, 200.0)
    np.minimum.at(lowest, onsets, notes[:, 2])
    return float(np.abs(np.diff(lowest)).mean()) if len(lowest) > 1 else 0.0


def _pitch_classes(notes: Array, by_time: bool) -> Array:
    """How much each pitch class is there: in seconds (a long note counts at most 2 s) or in notes."""
    weights = np.minimum(2.0, notes[:, 1] - notes[:, 0]) if by_time else np.ones(len(notes))
    return np.bincount(notes[:, 2].astype(int) % 12, weights=weights, minlength=12).astype(np.float64)


def key_fits(seen: Array) -> Array:
    """Correlation of pitch-class amounts (12,) with each key, float64 (24,): 12 major, 12 minor; 0 when all are equal."""
    centred = seen - seen.mean()
    length = float(np.sqrt((centred**2).sum()))
    return np.asarray(_PROFILES @ (centred / length)) if length > 1e-11 else np.zeros(24)


def _key(seen: Array) -> tuple[float, float, int]:
    """Correlation with the best major and the best minor key, and the better key: 0..11 major, 12..23 minor."""
    fits = key_fits(seen)
    return float(fits[:12].max()), float(fits[12:].max()), int(np.argmax(fits))


def _majorness(seen: Array) -> float:
    """How much better the best major key fits than the best minor one, -1 .. 1."""
    major, minor, _ = _key(seen)
    return major - minor


def out_of_key(seen: Array, key: int) -> float:
    """Share of sounding time outside the key's scale."""
    scale = [(key + s) % 12 for s in (_MAJOR_SCALE if key < 12 else _MINOR_SCALE)]
    return float(1.0 - seen[scale].sum() / seen.sum())


def third_quality(seen: Array, tonic: int) -> float:
    """Major minus minor degrees (third and sixth) above the tonic, -1 all minor .. 1 all major."""
    up = np.roll(seen, -tonic)
    bright, dark = up[4] + 0.5 * up[9], up[3] + 0.5 * up[8]
    return float((bright - dark) / (bright + dark)) if bright + dark > 0 else 0.0


def _triad_quality(notes: Array, times: Array) -> float:
    """Major minus minor triads among what sounds at each onset, weighted by how long it lasts, -1 .. 1."""
    lasts = np.minimum(1.0, np.diff(np.append(times, notes[:, 1].max())))
    starts, ends, pitch = notes[:, 0], notes[:, 1], notes[:, 2].astype(int)
    reach = np.searchsorted(starts, times + CHORD_S, side="right")
    longest = float((ends - starts).max())
    first = np.searchsorted(starts, times - longest, side="left")
    major = minor = 0.0
    for k, time in enumerate(times):
        window = slice(first[k], reach[k])
        mask = 0
        for p in pitch[window][ends[window] > time + CHORD_S]:
            mask |= 1 << int(p % 12)
        quality = _TRIADS[mask]
        major += lasts[k] if quality > 0 else 0.0
        minor += lasts[k] if quality < 0 else 0.0
    return (major - minor) / (major + minor + 0.1 * len(times) / 25.0 + 1e-9)


def _triad_table() -> NDArray[np.int_]:
    """For each set of pitch classes (12 bits): 1 when it holds a major and no minor triad, -1 the other way, else 0."""
    triads = [[sum(1 << (r + i) % 12 for i in (0, third, 7)) for r in range(12)] for third in (4, 3)]
    sets = np.arange(4096)
    major, minor = (np.any([sets & t == t for t in kind], axis=0) for kind in triads)
    return np.asarray(np.subtract(major, minor, dtype=np.int_), np.int_)


def _profiles() -> Array:
    """(24, 12) unit-length centred key profiles: 12 major, 12 minor."""
    rows = np.array([np.roll(profile - profile.mean(), k) for profile in (_MAJOR, _MINOR) for k in range(12)])
    return np.asarray(rows / np.sqrt((rows**2).sum(axis=1, keepdims=True)), np.float64)


_TRIADS = _triad_table()
_PROFILES = _profiles()
