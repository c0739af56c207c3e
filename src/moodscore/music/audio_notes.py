"""Audio notes: which notes sound in a recording and which begin, moment by moment, whoever plays them.

A small net looks at each semitone of each moment: at its own strength, at that of its overtones and of the notes it could
be an overtone of (harmonic stacking, after R. M. Bittner et al., "A lightweight instrument-agnostic model for polyphonic
note transcription and multipitch estimation", ICASSP 2022), and at what was there just before and after. The same net serves
every semitone, so it needs no more examples of high notes than of low ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moodscore.music.audio_frames import SEMITONES, STRIDE_HZ, Frames
from moodscore.weights import store

NAME = "audio-notes"
PITCHES = 76  # MIDI 28 .. 103
_HARMONICS = (-28, -24, -19, -12, -7, -1, 0, 1, 7, 12, 19, 24, 28, 31)
_AROUND = ((-4, 0), (-2, 0), (2, 0), (4, 0), (-2, 12), (2, 12))
_QUICK = (
    *((t, 0) for t in (-4, -3, -2, -1, 0, 1, 2, 3)),
    *((t, 12) for t in (-3, -2, -1, 0, 1, 2)),
    *((t, 19) for t in (-2, -1, 0, 1)),
)
_RISES = (-2, -1, 0, 1, 2)
INPUTS = len(_HARMONICS) + len(_AROUND) + len(_QUICK) + len(_RISES) + 3
_EARLIER = 4  # frames the net looks back and ahead
_BELOW, _ABOVE = 28, 31 + PITCHES - SEMITONES
_LOUDEST_S = 2.0
_BLOCK = 256  # frames at once, so that memory stays small whatever the length

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Notes:
    """How probably each note from MIDI 28 up sounds, and begins: both (m, 76), 0..1, at 21.5 Hz."""

    sounding: Array
    struck: Array


def hear_notes(frames: Frames) -> Notes:
    """The notes in a stretch of sound."""
    session = store.session(NAME)
    found = []
    for rows in stacked(frames):
        said = session.run({"stack": rows.reshape(-1, INPUTS)})["notes"]
        found.append(said.reshape(-1, PITCHES, 2))
    both = np.concatenate(found)
    return Notes(both[:, :, 0], both[:, :, 1])


def stacked(frames: Frames) -> list[Array]:
    """What the net sees, float32 (moments, 76, INPUTS), in blocks of moments."""
    loudest = _loudest(frames.sharp)
    sharp, quick = _compressed(frames.sharp, loudest), _compressed(frames.quick, loudest)
    rise = np.maximum(np.diff(quick, axis=0, prepend=quick[:1]), 0.0).mean(axis=1) * 10.0
    pads = ((_EARLIER, _EARLIER), (_BELOW, max(_ABOVE, 0)))
    wide_sharp, wide_quick = np.pad(sharp, pads), np.pad(quick, pads)
    wide_rise, full = np.pad(rise, _EARLIER), sharp.mean(axis=1)
    return [
        _stack(wide_sharp, wide_quick, wide_rise, full, slice(k, min(k + _BLOCK, len(sharp))))
        for k in range(0, len(sharp), _BLOCK)
    ]


def _stack(sharp: Array, quick: Array, rise: Array, full: Array, rows: slice) -> Array:
    count = rows.stop - rows.start

    def at(padded: Array, later: int, above: int) -> Array:
        first = rows.start + _EARLIER + later
        return padded[first : first + count, _BELOW + above : _BELOW + above + PITCHES]

    place = np.asarray(np.arange(PITCHES) / PITCHES, np.float32)
    columns = [at(sharp, 0, above) for above in _HARMONICS]
    columns += [at(sharp, later, above) for later, above in _AROUND]
    columns += [at(quick, later, above) for later, above in _QUICK]
    columns += [place, np.square(place), full[rows, None]]
    columns += [rise[rows.start + _EARLIER + t : rows.stop + _EARLIER + t, None] for t in _RISES]
    out = np.empty((count, PITCHES, INPUTS), np.float32)
    for k, column in enumerate(columns):
        out[:, :, k] = column
    return out


def _compressed(amplitude: Array, loudest: Array) -> Array:
    """Amplitudes on a logarithmic scale, 0 .. about 1, relative to the loudest around."""
    return np.asarray(np.log1p(200.0 * amplitude / loudest[:, None]) / np.log(201.0), np.float32)


def _loudest(sharp: Array) -> Array:
    """The loudest semitone within two seconds of each moment (m,), never below 1/30 of the loudest of all."""
    top = sharp.max(axis=1)
    reach = round(_LOUDEST_S * STRIDE_HZ)
    around = np.lib.stride_tricks.sliding_window_view(np.pad(top, reach, mode="edge"), 2 * reach + 1).max(axis=1)
    return np.asarray(np.maximum(around, max(float(top.max()) / 30.0, 1e-9)), np.float32)
