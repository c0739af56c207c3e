"""Score roles: which notes of a piece sing the melody, carry the bass, fill the middle, or are drums."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moodscore.music.tokens import BASS, DRUMS, INNER, MELODY

Array = NDArray[np.float64]

START, LENGTH, PITCH, VELOCITY = range(4)
_LEADS = ("melody", "lead", "voice", "vocal", "solo", "sopran", "canto", "violin 1", "violino i", "flute", "song")
_KEYBOARD_OR_PLUCKED = (*range(8), *range(16, 32), 46)
_BASS_BELOW = 55


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One part of a MIDI file.

    Name, General MIDI program, drums, notes (n, 4): start and length in quarters, pitch, velocity.
    """

    name: str
    program: int
    drums: bool
    notes: Array


def with_roles(parts: list[Part], source: str) -> list[tuple[int, Array]]:
    """(voice, notes) of a piece's parts; a part may be cut into melody, bass and inner notes."""
    out = [(DRUMS, p.notes) for p in parts if p.drums]
    pitched = [p for p in parts if not p.drums]
    lead = _lead(pitched, source)
    low = _bass_part(pitched, lead, source)
    rest = []
    for k, part in enumerate(pitched):
        if k == lead:
            top = outermost(part.notes, highest=True) & (part.notes[:, PITCH] >= 48)
            out.append((MELODY, part.notes[top]))
            rest.append(part.notes[~top])
        elif k == low:
            out.append((BASS, part.notes))
        else:
            rest.append(part.notes)
    others = np.concatenate(rest) if rest else np.zeros((0, 4))
    others = others[np.lexsort((others[:, PITCH], others[:, START]))]
    if low is None and len(others):
        bottom = outermost(others, highest=False) & (others[:, PITCH] < _BASS_BELOW)
        out.append((BASS, others[bottom]))
        others = others[~bottom]
    out.append((INNER, others))
    return [(voice, notes) for voice, notes in out if len(notes)]


def _lead(parts: list[Part], source: str) -> int | None:
    """The part that leads: by its name, as the singer of a song, else the highest that plays much.

    None when none is high.
    """
    most = max(len(p.notes) for p in parts)
    if source == "pop909":
        return next((k for k, p in enumerate(parts) if p.name == "MELODY"), None)
    if source == "lieder" and len(parts) > 1 and parts[0].program not in _KEYBOARD_OR_PLUCKED:
        return 0
    if source == "quartets":
        return 0
    named = [k for k, p in enumerate(parts) if any(word in p.name.lower() for word in _LEADS)]
    busy = [k for k, p in enumerate(parts) if len(p.notes) >= 0.12 * most]
    options = [k for k in named if k in busy] or busy
    best = max(options, key=lambda k: float(parts[k].notes[:, PITCH].mean()))
    return best if parts[best].notes[:, PITCH].mean() >= 55 else None


def _bass_part(parts: list[Part], lead: int | None, source: str) -> int | None:
    """A part that is nothing but the bass: a bass instrument, or the lowest string of a quartet."""
    if source == "quartets" and len(parts) > 1:
        return len(parts) - 1
    basses = [k for k, p in enumerate(parts) if 32 <= p.program <= 39 and k != lead]
    return max(basses, key=lambda k: len(parts[k].notes), default=None)


def outermost(notes: Array, highest: bool) -> NDArray[np.bool_]:
    """Of notes in order of time, which are the highest (or lowest) that sound when they begin (mask)."""
    mask = np.zeros(len(notes), bool)
    sign = 1.0 if highest else -1.0
    until, pitch = -1.0, 0.0
    order = np.lexsort((-sign * notes[:, PITCH], np.round(notes[:, START], 2)))
    last = -1.0
    for k in order:
        start, length, here = notes[k, START], notes[k, LENGTH], sign * notes[k, PITCH]
        if start - last < 0.06 and last >= 0:
            continue  # one note at once: the outermost came first
        if start >= until - 0.06 or here >= pitch:
            mask[k], until, pitch, last = True, start + length, here, start
    return mask
