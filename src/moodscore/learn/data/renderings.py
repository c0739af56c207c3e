"""Renderings: one piece played in many ways, so that a listener learns the music and not the piano or the studio.

`arranged` changes who plays, how fast and how high within what leaves the feeling mostly as it was; `worn` does to the sound
what studios, codecs, rooms and small speakers do. Both are seeded.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from moodscore.media import Note, Score, Track

# General MIDI programs of each family that carry a melody or chords in this project's font.
FAMILIES: dict[str, tuple[int, ...]] = {
    "piano": (0, 0, 1, 2, 4, 5),
    "mallets": (8, 9, 10, 11, 12, 13),
    "organ": (16, 19, 21, 22),
    "guitar": (24, 25, 26, 27, 29),
    "strings": (40, 41, 42, 44, 45, 46),
    "ensemble": (48, 49, 50, 52),
    "brass": (56, 57, 60, 61),
    "reed": (65, 66, 68, 70, 71),
    "pipe": (73, 74, 75, 79),
    "synth": (80, 81, 88, 89, 91, 94),
}
BASSES = (32, 33, 35, 38, 42, 43, 58)
_CHORD_S = 0.04
_KICK, _SNARE, _HAT = 36, 38, 42

Sound = NDArray[np.float32]


def arranged(score: Score, seed: int, families: tuple[str, ...], drums: float = 0.0) -> Score:
    """The score played by other instruments of `families`, up to 10 % faster or slower and three semitones up or down.

    A third of the time one instrument plays everything, else melody, bass and what lies between are shared out; `drums` is
    the probability 0..1 that percussion strikes along.
    """
    rng = np.random.default_rng(seed)
    speed, shift = float(np.exp2(rng.uniform(-0.14, 0.14))), int(rng.integers(-3, 4))
    notes = [_moved(n, speed, shift) for t in score.tracks if not t.drums for n in t.notes]
    notes.sort(key=lambda n: (n.start_s, n.pitch))
    pedals = tuple((a / speed, b / speed) for t in score.tracks for a, b in t.pedals)

    def track(name: str, program: int, part: list[Note]) -> Track:
        held = pedals if program < 8 or 8 <= program <= 14 else ()
        level, pan, hall = rng.uniform(-4, 4), rng.uniform(-0.5, 0.5), rng.uniform(0.0, 0.6)
        return Track(name, program, tuple(part), pan=float(pan), level_db=float(level), reverb=float(hall), pedals=held)

    def program() -> int:
        return int(rng.choice(FAMILIES[str(rng.choice(families))]))

    if rng.random() < 0.35:
        tracks = [track("all", program(), notes)]
    else:
        melody, middle, bass = _voices(notes)
        low = int(rng.choice(BASSES)) if rng.random() < 0.6 and len(families) > 1 else program()
        tracks = [track("melody", program(), melody), track("middle", program(), middle), track("bass", low, bass)]
    if rng.random() < drums:
        tracks.append(_percussion(notes, rng))
    return Score(tuple(t for t in tracks if t.notes), score.duration_s / speed)


def _moved(note: Note, speed: float, shift: int) -> Note:
    return Note(note.start_s / speed, note.duration_s / speed, min(127, max(0, note.pitch + shift)), note.velocity)


def _onsets(notes: list[Note]) -> list[list[Note]]:
    """Notes struck together, in order of time."""
    groups: list[list[Note]] = []
    for note in notes:
        if groups and note.start_s - groups[-1][0].start_s < _CHORD_S:
            groups[-1].append(note)
        else:
            groups.append([note])
    return groups


def _voices(notes: list[Note]) -> tuple[list[Note], list[Note], list[Note]]:
    """Melody (the top of each onset, not too low), middle, bass (the bottom of each, not too high)."""
    melody: list[Note] = []
    middle: list[Note] = []
    bass: list[Note] = []
    for group in _onsets(notes):
        ordered = sorted(group, key=lambda n: n.pitch)
        for k, note in enumerate(ordered):
            if k == len(ordered) - 1 and note.pitch >= 57:
                melody.append(note)
            elif k == 0 and note.pitch < 55:
                bass.append(note)
            else:
                middle.append(note)
    return melody, middle, bass


def _percussion(notes: list[Note], rng: np.random.Generator) -> Track:
    """A kit that follows the notes: kick with the bass, snare on every second of those, hat with a share of all."""
    level, share = float(rng.uniform(-8, 2)), rng.uniform(0.3, 1.0)
    struck: list[Note] = []
    kicks = 0
    for group in _onsets(notes):
        loud = max(n.velocity for n in group)
        at = group[0].start_s
        if min(n.pitch for n in group) < 52:
            kicks += 1
            struck.append(Note(at, 0.2, _SNARE if kicks % 2 == 0 else _KICK, loud))
        if rng.random() < share:
            struck.append(Note(at, 0.1, _HAT, max(1, loud - 15)))
    return Track("drums", 0, tuple(struck), drums=True, level_db=level, reverb=0.15)


def worn(sound: Sound, rate: int, seed: int, most: int = 3) -> Sound:
    """Mono sound (frames,) after one to `most` kinds of wear, drawn by the seed; same length."""
    rng = np.random.default_rng(seed)
    for name in rng.permutation(list(WEAR))[: int(rng.integers(1, most + 1))]:
        sound = WEAR[str(name)](sound, rate, rng)
    return sound


def _filtered(sound: Sound, rate: int, gain: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> Sound:
    size = len(sound) + rate
    hertz: NDArray[np.float64] = np.asarray(np.fft.rfftfreq(size, 1.0 / rate), np.float64)
    return np.asarray(np.fft.irfft(np.fft.rfft(sound, size) * gain(hertz), size)[: len(sound)], np.float32)


def equalised(sound: Sound, rate: int, rng: np.random.Generator) -> Sound:
    """Octave bands up or down by up to 9 dB, smoothly."""
    octaves = np.arange(5, 15)
    gains = np.clip(rng.normal(0.0, 4.0, len(octaves)), -9.0, 9.0)
    return _filtered(sound, rate, lambda hz: 10.0 ** (np.interp(np.log2(np.maximum(hz, 20.0)), octaves, gains) / 20.0))


def narrowed(sound: Sound, rate: int, rng: np.random.Generator) -> Sound:
    """Without what lies above 3..9 kHz or below 40..250 Hz, as codecs, old recordings and small speakers leave it."""
    low, high = np.exp(rng.uniform(np.log((40.0, 3000.0)), np.log((250.0, 9000.0))))
    low = low if rng.random() < 0.5 else 1.0
    return _filtered(
        sound, rate, lambda hz: 1.0 / np.sqrt(1.0 + (hz / high) ** 16) / np.sqrt(1.0 + (low / (hz + 1.0)) ** 8)
    )


def noisy(sound: Sound, rate: int, rng: np.random.Generator) -> Sound:
    """With hiss or rumble 18..50 dB below the music."""
    noise = rng.standard_normal(len(sound)).astype(np.float32)
    colour = rng.uniform(0.0, 1.0)
    noise = _filtered(noise, rate, lambda hz: (np.maximum(hz, 30.0) / 1000.0) ** -colour)
    level = math.sqrt(float(np.mean(sound**2)) / max(float(np.mean(noise**2)), 1e-12))
    return sound + noise * np.float32(level * 10.0 ** (-rng.uniform(18.0, 50.0) / 20.0))


def squeezed(sound: Sound, rate: int, rng: np.random.Generator) -> Sound:
    """Compressed two- to eightfold and softly clipped, as loud masters are."""
    step = rate // 100
    count = max(1, len(sound) // step)
    power = (sound[: count * step] ** 2).reshape(count, -1).mean(axis=1)
    smooth = np.convolve(power, np.exp(-np.arange(40) / rng.uniform(4.0, 20.0)), "full")[:count] + 1e-9
    level = 10.0 * np.log10(smooth / smooth.max())
    gain = -np.maximum(level + rng.uniform(12.0, 30.0), 0.0) * (1.0 - 1.0 / rng.uniform(2.0, 8.0))
    shaped = np.interp(np.arange(len(sound)), np.arange(count) * step, 10.0 ** (gain / 20.0))
    out = sound * shaped
    drive = rng.uniform(0.5, 3.0) / max(float(np.abs(out).max()), 1e-6)
    return np.asarray(np.tanh(out * drive), np.float32)


def roomy(sound: Sound, rate: int, rng: np.random.Generator) -> Sound:
    """In a room of 0.3 .. 2 s reverberation, up to as loud as the music itself."""
    seconds = rng.uniform(0.3, 2.0)
    frames = round(seconds * rate)
    tail = rng.standard_normal(frames) * np.exp(-6.9 * np.arange(frames) / frames)
    tail *= rng.uniform(0.1, 1.0) / np.sqrt((tail**2).sum())
    size = len(sound) + frames
    wet = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(tail, size), size)[: len(sound)]
    return (sound + wet).astype(np.float32)


WEAR: dict[str, Callable[[Sound, int, np.random.Generator], Sound]] = {
    "equalised": equalised,
    "narrowed": narrowed,
    "noisy": noisy,
    "squeezed": squeezed,
    "roomy": roomy,
}
