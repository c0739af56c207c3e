"""Cuts: how well music meets the cuts of a film."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from moodscore.errors import BadValue

WITHIN_S = 0.08  # picture and sound this close are felt as together
FIXED_BPM = 120.0


def validate(cuts_s: Sequence[float], beats_s: Sequence[float]) -> None:
    """Raise BadValue unless there is a cut and a beat."""
    if not len(cuts_s) or not len(beats_s):
        raise BadValue(f"cuts: expected one or more cuts and beats, got {len(cuts_s)} and {len(beats_s)}")


def errors_s(cuts_s: Sequence[float], beats_s: Sequence[float]) -> NDArray[np.float64]:
    """For each cut the distance to the nearest beat, seconds (n,)."""
    validate(cuts_s, beats_s)
    beats = np.sort(np.asarray(beats_s, np.float64))
    cuts = np.asarray(cuts_s, np.float64)
    after = (
        np.clip(np.searchsorted(beats, cuts), 1, max(1, len(beats) - 1)) if len(beats) > 1 else np.zeros(len(cuts), int)
    )
    return np.asarray(np.minimum(np.abs(cuts - beats[after]), np.abs(cuts - beats[np.maximum(after - 1, 0)])))


def hit_rate(cuts_s: Sequence[float], beats_s: Sequence[float], within_s: float = WITHIN_S) -> float:
    """Share of the cuts with a beat within `within_s` seconds, 0..1."""
    return float((errors_s(cuts_s, beats_s) <= within_s).mean())


def fixed_beats(duration_s: float, bpm: float = FIXED_BPM, every: int = 1) -> list[float]:
    """The beats, or every `every`-th of them, of music at one tempo from 0 on, in seconds."""
    return [float(t) for t in np.arange(0.0, duration_s, every * 60.0 / bpm)]


def evaluate(
    cuts_s: Sequence[float], beats_s: Sequence[float], bars_s: Sequence[float], duration_s: float, metre: int = 4
) -> dict[str, float]:
    """Hit rates on beats and on bar lines, beside music at a fixed 120 beats a minute."""
    return {
        "cuts": float(len(cuts_s)),
        "beat_hit_rate": hit_rate(cuts_s, beats_s),
        "bar_hit_rate": hit_rate(cuts_s, bars_s),
        "fixed_120_beat_hit_rate": hit_rate(cuts_s, fixed_beats(duration_s)),
        "fixed_120_bar_hit_rate": hit_rate(cuts_s, fixed_beats(duration_s, every=metre)),
    }
