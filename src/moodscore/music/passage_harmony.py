"""Passage harmony: key, mode, chords and dissonance of a passage, as named numbers.

Key and scale are read from how long and how often pitch classes sound. Chords are read from a piano's point of view: a note
counts less the longer ago it was struck, so that a pedal held down does not melt all into one chord.
Key profiles: C. L. Krumhansl & E. J. Kessler, Psychological Review 89 (1982) 334-368.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moodscore.music.features import key_fits, out_of_key, third_quality
from moodscore.music.passages import Passage

Array = NDArray[np.float64]
Row = dict[str, float]
_HOP_S = 0.25
_FADE_S = 0.6
_FORGOTTEN_S = 3.0
_AFTER_ONSET_S = 0.12
_RELEASE_S = 0.3
_FAINT = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Decay:
    """What is heard every quarter of a second: weight of each note (frames, n); of each pitch class (heard frames, 12)."""

    weights: Array
    chroma: Array


def harmony(passage: Passage) -> Row:
    """All harmonic features of a passage by name."""
    heard = decay(passage)
    return _scale(passage) | _load(passage, heard) | _chords(heard) | _dissonance(heard) | _modes(heard)


def decay(passage: Passage) -> Decay:
    """The passage as a piano lets it fade: a note's weight falls to 1/e in 0.6 s and is let go 0.3 s after its end."""
    times = np.arange(passage.starts[0] + _AFTER_ONSET_S, passage.starts[0] + passage.length_s, _HOP_S)
    age = times[:, None] - passage.starts[None]
    on = (age >= 0) & (age < _FORGOTTEN_S) & (times[:, None] < passage.ends[None] + _RELEASE_S)
    weights = np.where(on, np.exp(-np.maximum(age, 0.0) / _FADE_S), 0.0)
    chroma = weights @ np.eye(12)[passage.classes]
    chroma = chroma[chroma.sum(1) > _FAINT]
    return Decay(weights, chroma if len(chroma) else np.ones((1, 12)))


def _scale(passage: Passage) -> Row:
    """Key, mode and what lies outside, by sounding time (`held`), by notes (`struck`) and by both."""
    held = np.bincount(passage.classes, weights=passage.weights, minlength=12).astype(np.float64)
    struck = np.bincount(passage.classes, minlength=12).astype(np.float64)
    both = held / held.sum() + struck / struck.sum()
    fits, struck_fits, both_fits = key_fits(held), key_fits(struck), key_fits(both)
    tonic = int(np.maximum(both_fits[:12], both_fits[12:]).argmax())
    return {
        "major_fit": fits[:12].max(),
        "minor_fit": fits[12:].max(),
        "majorness": fits[:12].max() - fits[12:].max(),
        "key_clarity": fits.max(),
        "struck_majorness": struck_fits[:12].max() - struck_fits[12:].max(),
        "struck_key_clarity": struck_fits.max(),
        "major_over_parallel_minor": both_fits[tonic] - both_fits[12 + tonic],
        "third_quality": third_quality(held, int(fits.argmax()) % 12),
        "both_third_quality": third_quality(both, int(both_fits.argmax()) % 12),
        "out_of_key": out_of_key(held, int(fits.argmax())),
        "struck_out_of_key": out_of_key(struck, int(struck_fits.argmax())),
        "pitch_class_entropy": _entropy(struck),
        "pitch_classes": float((struck > 0).sum()),
        "held_pitch_class_entropy": _entropy(held),
    }


def _entropy(seen: Array) -> float:
    shares = seen[seen > 0] / seen.sum()
    return float(-(shares * np.log2(shares)).sum())


def _load(passage: Passage, heard: Decay) -> Row:
    """How much is heard at once, and how low what is heard lies."""
    load, per_note = heard.weights.sum(1), heard.weights.sum(0)
    lowest = np.where(heard.weights > 0.2, passage.pitches[None], np.inf).min(1)
    lowest = lowest[np.isfinite(lowest)]
    return {
        "load": np.log2(load.mean() + _FAINT),
        "load_variation": load.std() / (load.mean() + _FAINT),
        "faint": (load < 0.15).mean(),
        "lowest_heard": lowest.mean() if len(lowest) else passage.pitches.min(),
        "lowest_heard_sd": lowest.std() if len(lowest) else 0.0,
        "pitch_heard": (per_note * passage.pitches).sum() / (per_note.sum() + 1e-9),
    }


def _chords(heard: Decay) -> Row:
    """How major, minor, diminished or augmented it sounds, how clearly, and how fast that changes."""
    unit = heard.chroma / np.linalg.norm(heard.chroma, axis=1, keepdims=True)
    alike = unit @ _TEMPLATES.T
    major, minor, dim, aug = (alike[:, part].max(1) for part in _KINDS)
    best, chord = np.maximum(major, minor), alike[:, :24].argmax(1)
    second = round(1.0 / _HOP_S)
    return {
        "chord_majorness": (major - minor).mean(),
        "chord_majorness_sd": (major - minor).std(),
        "major_chords": (major > minor).mean(),
        "chord_clarity": best.mean(),
        "diminished": (dim - best).mean(),
        "augmented": (aug - best).mean(),
        "diminished_chords": (dim > best).mean(),
        "chord_changes": (chord[1:] != chord[:-1]).mean() if len(chord) > 1 else 0.0,
        "chord_variety": len(set(chord.tolist())) / len(chord) ** 0.5,
        "harmonic_motion": 1.0 - (unit[second:] * unit[:-second]).sum(1).mean() if len(unit) > second else 0.0,
    }


def _dissonance(heard: Decay) -> Row:
    """How much of each interval class, 1 .. 6 semitones, is heard together."""
    shares = heard.chroma / heard.chroma.sum(1, keepdims=True)
    return {f"interval_{k}": float(((shares @ near) * shares).sum(1).mean()) for k, near in _INTERVALS.items()}


def _modes(heard: Decay) -> Row:
    """Key and mode over all, and in stretches of three seconds."""
    fits, size = key_fits(heard.chroma.sum(0)), round(3.0 / _HOP_S)
    starts = range(0, max(1, len(heard.chroma) - size // 2), size // 2)
    parts = np.array([key_fits(heard.chroma[k : k + size].sum(0)) for k in starts])
    majorness = parts[:, :12].max(1) - parts[:, 12:].max(1)
    return {
        "heard_majorness": fits[:12].max() - fits[12:].max(),
        "heard_key_clarity": fits.max(),
        "stretch_majorness": majorness.mean(),
        "stretch_majorness_sd": majorness.std(),
        "stretch_key_clarity": parts.max(1).mean(),
    }


def _templates() -> Array:
    """(40, 12) unit-length chords: 12 major, 12 minor (their thirds and fifths weigh less), 12 diminished, 4 augmented."""
    kinds = (
        ((0, 4, 7), (1.0, 0.9, 0.8), 12),
        ((0, 3, 7), (1.0, 0.9, 0.8), 12),
        ((0, 3, 6), (1.0, 1.0, 1.0), 12),
        ((0, 4, 8), (1.0, 1.0, 1.0), 4),
    )
    rows = [np.roll(np.bincount(steps, weights, 12), root) for steps, weights, roots in kinds for root in range(roots)]
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float64)


def _intervals() -> dict[int, Array]:
    apart = np.abs(np.subtract.outer(np.arange(12), np.arange(12)))
    return {k: (np.minimum(apart, 12 - apart) == k).astype(np.float64) for k in range(1, 7)}


_TEMPLATES = _templates()
_KINDS = (slice(0, 12), slice(12, 24), slice(24, 36), slice(36, 40))
_INTERVALS = _intervals()
