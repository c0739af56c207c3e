"""Sonify: a photo is played from left to right, for people who do not see it.

Time and place in the stereo picture are the place from left to right, as in P. B. L. Meijer, "An experimental system for
auditory image representations", IEEE Trans. Biomed. Eng. 39 (1992) 112-121. There height is pitch and brightness loudness;
here brightness is pitch, as children and adults match the two unasked (L. E. Marks, "On cross-modal similarity",
J. Exp. Psychol. Hum. Percept. Perform. 13 (1987) 384-394), and height is which of three players sounds. What
changes is struck louder, what is fine in detail is struck more often, and the mood chooses the players and the scale.
Earcons: M. M. Blattner, D. A. Sumikawa & R. M. Greenberg, "Earcons and icons", Human-Computer Interaction 4 (1989) 11-44.
docs/how-to/hear-a-photo.md says exactly what means what.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moodscore.affect import Affect
from moodscore.errors import BadValue
from moodscore.media import Box, Note, Photo, Score, Track
from moodscore.music.cues import mode_of
from moodscore.music.instruments import INSTRUMENTS
from moodscore.prepare import lightness
from moodscore.schemes import mood_of

SLICES = 64  # upright stripes that a photo is cut into, played one after the other
BEAT = 4  # slices from one stroke to the next where nothing changes
SHORTEST_S, SWEEP_S, LONGEST_S = 5.0, 8.0, 10.0
TAIL_S = 1.0  # for the last tone to die away
BANDS = ("top", "middle", "bottom")
LOWEST = {"top": 72, "middle": 55, "bottom": 38}  # MIDI pitch of black
RANGE = 24  # semitones from black to white
DETAIL = (8.0, 24.0)  # spread of lightness in a field from which it is struck twice, four times as often
MOST_FACES = 6
FACE, MAIN = "face", "main thing"
_PLACES = 16  # steps of pan from the middle to each side
_HOLD = 0.75  # of a step of the scale that brightness must move before the tone does
_FLAT, _STEP, _MOST = 54, 5.5, 118  # velocity of a repeated tone, more for each step of the scale it has moved
_HALL = 0.06  # of the sound goes to the hall: a wet sound has no place

# Five tones of each mode that tell it apart, semitones above its tonic: any two sound together without a clash.
SCALES = {
    "ionian": (0, 2, 4, 7, 9),
    "lydian": (0, 2, 4, 6, 9),
    "mixolydian": (0, 2, 4, 7, 10),
    "dorian": (0, 3, 5, 7, 9),
    "aeolian": (0, 3, 5, 7, 10),
    "harmonic": (0, 3, 5, 7, 8),
    "phrygian": (0, 1, 5, 7, 8),
}
TONIC = 2  # D
# Who plays the top, the middle and the bottom of a photo of each mood. The choir and the glockenspiel are kept for marks.
PLAYERS = {
    "joyful": ("flute", "marimba", "upright bass"),
    "exciting": ("trumpet", "clean guitar", "electric bass"),
    "intense": ("trumpet", "horn", "contrabass"),
    "tense": ("tremolo strings", "pizzicato", "contrabass"),
    "gloomy": ("clarinet", "bassoon", "contrabass"),
    "sad": ("violin", "viola", "cello"),
    "quiet": ("celesta", "piano", "cello"),
    "peaceful": ("flute", "nylon guitar", "cello"),
}
# Makes the three bands of a grey picture equally loud (LUFS), and signs louder than they are; on top of each one's fader.
_TRIM_DB = {"flute": 0.6, "marimba": -2.7, "upright bass": -1.9, "trumpet": 1.4, "piano": -3.9, "electric bass": -3.0}
_TRIM_DB |= {
    "horn": -1.2,
    "contrabass": 3.7,
    "tremolo strings": 2.6,
    "pizzicato": -0.4,
    "clarinet": -0.4,
    "bassoon": 1.7,
}
_TRIM_DB |= {"violin": 0.3, "viola": 1.1, "cello": 1.8, "celesta": -1.6, "nylon guitar": -1.0, "clean guitar": 0.7}
_TRIM_DB |= {"choir": 5.0, "glockenspiel": 4.0}

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Mark:
    """A sign heard at `at_s` for a `kind` ("face" or "main thing") that lies `across` 0..1 from the left, `down` 0..1."""

    kind: str
    at_s: float
    across: float
    down: float


@dataclass(frozen=True, slots=True, eq=False)
class Sweep:
    """A photo ready to be played: lightness 0..100 and its spread (3, SLICES), top band first, marks in order of time.

    `players` are the instruments of the three bands; `mode` the scale; `sweep_s` the seconds from left to right.
    """

    light: Floats
    spread: Floats
    mood: str
    mode: str
    players: tuple[str, str, str]
    marks: tuple[Mark, ...]
    sweep_s: float


def sweep(
    photo: Photo, affect: Affect, faces: Sequence[Box] = (), main: Box | None = None, sweep_s: float = SWEEP_S
) -> Sweep:
    """Read what a photo of this feeling will sound like, its `faces` (the largest first) and its `main` thing marked.

    Raises BadValue when `sweep_s` is not in 5..10 s.
    """
    if not SHORTEST_S <= sweep_s <= LONGEST_S:
        raise BadValue(f"sweep: expected {SHORTEST_S:g}..{LONGEST_S:g} s from left to right, got {sweep_s!r}")
    light, spread = lightness.grid(photo, len(BANDS), SLICES)
    boxes = [(FACE, box) for box in faces[:MOST_FACES]] + ([(MAIN, main)] if main else [])
    marks = [Mark(kind, box.centre[0] * sweep_s, *box.centre) for kind, box in boxes]
    mood = mood_of(affect).name
    ordered = tuple(sorted(marks, key=lambda m: (m.at_s, m.kind, m.down)))
    return Sweep(light, spread, mood, mode_of(affect, 1), PLAYERS[mood], ordered, sweep_s)


def compose(read: Sweep) -> Score:
    """The score of a photo: `sweep_s` and a second long; the same photo and feeling give the same score."""
    tracks: list[Track] = []
    for row, (band, player) in enumerate(zip(BANDS, read.players, strict=True)):
        placed: dict[int, list[Note]] = defaultdict(list)
        for slice_, note in _strokes(read, row):
            placed[_place((slice_ + 0.5) / SLICES)].append(note)
        tracks += [_track(f"{player} ({band})", player, place, notes) for place, notes in sorted(placed.items())]
    tracks += [_sign(mark, read) for mark in read.marks]
    return Score(
        tuple(tracks),
        read.sweep_s + TAIL_S,
        tempos=((0.0, 60.0 * SLICES / BEAT / read.sweep_s),),
        marks=((0.0, "left edge"), *((m.at_s, m.kind) for m in read.marks), (read.sweep_s, "right edge")),
        recipe={"composer": "sonify@1", "played_photo": _as_dict(read)},
    )


def pitches(mode: str, band: str) -> tuple[int, ...]:
    """The tones of a band from black to white, as MIDI pitches."""
    low = LOWEST[band]
    return tuple(p for p in range(low, low + RANGE + 1) if (p - TONIC) % 12 in SCALES[mode])


def _strokes(read: Sweep, row: int) -> Iterator[tuple[int, Note]]:
    """(slice, note) of every stroke of a band: where its tone changes, and else on the beat, oftener in fine detail."""
    scale = pitches(read.mode, BANDS[row])
    per_s = read.sweep_s / SLICES
    steps = _steps(read.light[row], len(scale))
    starts = [k for k in range(SLICES) if _struck(k, steps, float(read.spread[row, k]))]
    for k, end in zip(starts, [*starts[1:], SLICES], strict=True):
        moved = abs(steps[k] - steps[k - 1]) if k else 0
        velocity = min(_MOST, round(_FLAT + _STEP * moved * (1 + moved / len(scale))))
        yield k, Note(k * per_s, (end - k) * per_s, scale[steps[k]], velocity)


def _steps(light: Floats, count: int) -> list[int]:
    """The step of the scale (0 .. count - 1) of each slice; it moves only when brightness has clearly moved."""
    exact = (light.astype(np.float64) / 100.0 * (count - 1)).tolist()
    out = [round(exact[0])]
    for value in exact[1:]:
        out.append(out[-1] if abs(value - out[-1]) < _HOLD else round(value))
    return out


def _struck(k: int, steps: Sequence[int], spread: float) -> bool:
    every = BEAT >> sum(spread >= limit for limit in DETAIL)
    return k % every == 0 or steps[k] != steps[k - 1]


def _place(across: float) -> int:
    """A place 0..1 from the left as a step of pan, -16 left .. 16 right."""
    return round((2.0 * across - 1.0) * _PLACES)


def _track(name: str, player: str, place: int, notes: Sequence[Note]) -> Track:
    played = INSTRUMENTS[player]
    level_db = played.level_db + _TRIM_DB[player]
    return Track(name, played.program, tuple(notes), False, place / _PLACES, level_db, _HALL)


def _sign(mark: Mark, read: Sweep) -> Track:
    """The sign of a mark: for a face a voice that rises by a fifth, for the main thing two strokes of a bell."""
    step = 0.16
    start = min(mark.at_s, read.sweep_s)
    if mark.kind == FACE:
        tones = [Note(start, step, 62 + TONIC % 12, 112), Note(start + step, 3 * step, 69 + TONIC % 12, 118)]
        return _track("choir (face)", "choir", _place(mark.across), tones)
    tones = [Note(start + k * step, step * (1 + 3 * k), 96 + TONIC, 112) for k in range(2)]
    return _track("glockenspiel (main thing)", "glockenspiel", _place(mark.across), tones)


def _as_dict(read: Sweep) -> dict[str, object]:
    return {
        "sweep_s": round(read.sweep_s, 3),
        "slices": SLICES,
        "mood": read.mood,
        "mode": read.mode,
        "players": dict(zip(BANDS, read.players, strict=True)),
        "marks": [{"kind": m.kind, "at_s": round(m.at_s, 3)} for m in read.marks],
    }
