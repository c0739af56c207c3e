"""Conditions: what is asked of each bar, as the numbers that the composing net takes beside each token.

A wish is a row of `WISHES`, nan where nothing is asked; `vectors` turns rows into what the net reads: scaled values, 0
where unknown, and a flag for each group that says whether it is known. Valence and arousal are one group: guidance
runs the net twice, once without them (J. Ho & T. Salimans, "Classifier-free diffusion guidance", 2022).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from moodscore.errors import BadValue

Array = NDArray[np.float64]

STYLES = ("song", "quartet", "classical", "game", "pop")
# Units: affects -1..1; tempo in beats a minute; rates in onsets a second; register a MIDI pitch; dynamics a velocity 1..127;
# articulation the sounding share of a note's time 0..1; mode 0 minor, 1 major; voices 0 silent, 1 present; style an index of
# STYLES; beats of this bar; bars left after this one; bars before this one.
WISHES = (
    "valence",
    "arousal",
    "tempo_bpm",
    "density_hz",
    "melody_hz",
    "register",
    "dynamics",
    "articulation",
    "mode",
    "melody",
    "bass",
    "inner",
    "drums",
    "style",
    "beats",
    "bars_left",
    "bars_before",
)
GROUPS = (
    ("valence", "arousal"),
    ("tempo_bpm",),
    ("density_hz",),
    ("melody_hz",),
    ("register",),
    ("dynamics",),
    ("articulation",),
    ("mode",),
    ("melody", "bass", "inner", "drums"),
    ("style",),
)
_AT = {name: k for k, name in enumerate(WISHES)}
_STYLE = _AT["style"]
WIDTH = len(WISHES) - 1 + len(STYLES) + len(GROUPS)


def columns(*names: str) -> list[int]:
    """Where wishes of these names stand in a row."""
    return [_AT[name] for name in names]


def wishes(count: int, **asked: object) -> Array:
    """(count, len(WISHES)) rows for `count` bars: each of `asked` is a number or an array (count,); the rest is nan.

    Raises BadValue for a name that is no wish.
    """
    rows = np.full((count, len(WISHES)), np.nan)
    for name, value in asked.items():
        if name not in _AT:
            raise BadValue(f"wish: expected one of {', '.join(WISHES)}, got {name!r}")
        rows[:, _AT[name]] = np.asarray(value, np.float64)
    return rows


def _scaled(rows: Array) -> Array:
    out = rows.copy()
    with np.errstate(divide="ignore", invalid="ignore"):
        out[..., columns("tempo_bpm")] = np.log2(rows[..., columns("tempo_bpm")] / 100.0)
        rates = columns("density_hz", "melody_hz")
        out[..., rates] = np.clip(np.log2(np.maximum(rows[..., rates], 0.25) / 2.0), -3.0, 3.0)
    for name, middle, scale in (
        ("register", 66.0, 10.0),
        ("dynamics", 72.0, 24.0),
        ("articulation", 0.75, 0.25),
        ("beats", 4.0, 2.0),
    ):
        out[..., _AT[name]] = (rows[..., _AT[name]] - middle) / scale
    flags = columns("mode", "melody", "bass", "inner", "drums")
    out[..., flags] = 2.0 * rows[..., flags] - 1.0
    out[..., _AT["bars_left"]] = np.minimum(rows[..., _AT["bars_left"]], 32.0) / 16.0 - 1.0
    out[..., _AT["bars_before"]] = np.minimum(rows[..., _AT["bars_before"]], 16.0) / 8.0 - 1.0
    return out


def vectors(rows: Array) -> NDArray[np.float32]:
    """(..., WIDTH) float32 for rows (..., len(WISHES)): values, style one-hot, known flags of `GROUPS`.

    A group counts as known only when all of it is; `beats`, `bars_left` and `bars_before` are read as 0 where nan.
    """
    known = np.stack([np.isfinite(rows[..., columns(*group)]).all(-1) for group in GROUPS], -1)
    values = _scaled(rows)
    for k, group in enumerate(GROUPS):
        at = columns(*group)
        values[..., at] = np.where(known[..., k : k + 1], values[..., at], 0.0)
    style = np.where(known[..., -1], rows[..., _STYLE], -1.0)
    one_hot = style[..., None] == np.arange(len(STYLES))
    plain = np.delete(values, _STYLE, -1)
    return np.asarray(np.nan_to_num(np.concatenate([plain, one_hot, known], -1)), np.float32)


def without_feeling(said: NDArray[np.float32]) -> NDArray[np.float32]:
    """A copy of `vectors` (..., WIDTH) in which valence and arousal are unknown, as guidance needs it."""
    out = said.copy()
    out[..., columns("valence", "arousal")] = 0.0
    out[..., WIDTH - len(GROUPS)] = 0.0
    return out
