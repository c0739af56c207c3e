"""Measure how loud each General MIDI program of the shipped font is, and write the gains that make them equal.

Run:  python recipes/instrument_loudness.py  (writes src/moodscore/music/sounds/loudness.json, about a minute)

Each program plays three one-second notes of its own register at velocity 90; what counts is the loudest 400 ms of each
(ITU-R BS.1770 momentary loudness), averaged in dB. Kits play two bars of kick, snare and hats. The gain brings each to the
median of all programs, at most 12 dB either way: levels in a score then mean the same for every instrument.
"""

from __future__ import annotations

import json

import numpy as np

from moodscore.media import Note, Track
from moodscore.music.loudness import CONTROL, energies
from moodscore.music.sampler import Sampler, voices
from moodscore.music.soundfont import DRUM_BANK, SoundFont
from moodscore.music.synth import CORRECTIONS

RATE = 44100
VELOCITY = 90
MOST_DB = 12.0
# Where a program is written, by family: (lowest and highest of its three notes). Others play C3, C4 and C5.
REGISTERS = {range(32, 40): (31, 47), range(8, 12): (64, 88), range(72, 80): (66, 86), range(43, 44): (31, 50)}
REGISTERS |= {range(47, 48): (38, 52), range(57, 59): (36, 60), range(67, 68): (40, 60), range(70, 71): (40, 62)}
REGISTERS |= {range(40, 41): (60, 84), range(42, 43): (40, 64), range(56, 57): (58, 80), range(68, 69): (60, 82)}
REGISTERS |= {range(14, 15): (60, 76), range(116, 119): (40, 60)}


def notes_of(program: int) -> list[tuple[Note, ...]]:
    """The takes of a program: one note each."""
    low, high = next((r for span, r in REGISTERS.items() if program in span), (48, 72))
    return [(Note(0.0, 1.0, pitch, VELOCITY),) for pitch in (low, (low + high) // 2, high)]


def groove() -> list[tuple[Note, ...]]:
    """Two bars of four beats at 120 with kick, snare and closed hats."""
    kicks = [Note(k * 1.0, 0.2, 36, VELOCITY) for k in range(4)]
    snares = [Note(k * 1.0 + 0.5, 0.2, 38, VELOCITY) for k in range(4)]
    hats = [Note(k * 0.25, 0.1, 42, VELOCITY - 20) for k in range(16)]
    return [(*kicks, *snares, *hats)]


def loudest_db(sampler: Sampler, track: Track) -> float:
    """The loudest 400 ms of a track in LUFS, both ears hearing it as it is; nan where the font has no sound for it."""
    parts = voices(track, sampler, 0.0)
    if not parts:
        return float("nan")
    frames = max(v.start + v.frames(RATE) for v in parts) + RATE
    sound = np.zeros((frames, 2), np.float32)
    for voice in parts:
        heard = sampler.render(voice, 0, frames)
        sound[voice.start : voice.start + len(heard)] += (heard * np.float32(voice.gain))[:, None]
    total = np.concatenate([[0.0], np.cumsum(energies(sound, RATE))])
    width = round(0.4 * RATE / CONTROL)
    return float(-0.691 + 10 * np.log10((total[width:] - total[:-width]).max() / (width * CONTROL)))


def main() -> None:
    """Measure every program and kit of the font and write the table."""
    sampler = Sampler(SoundFont(), RATE)
    measured = {}
    for bank, program in sorted(sampler.font.presets):
        drums = bank == DRUM_BANK
        if bank not in (0, DRUM_BANK):
            continue
        takes = groove() if drums else notes_of(program)
        levels = [loudest_db(sampler, Track("x", program, take, drums)) for take in takes]
        if np.isfinite(levels).any():
            measured[f"drums:{program}" if drums else str(program)] = float(np.nanmean(levels))
    middle = float(np.median([level for name, level in measured.items() if ":" not in name]))
    gains = {name: round(float(np.clip(middle - level, -MOST_DB, MOST_DB)), 1) for name, level in measured.items()}
    about = f"gain in dB to {middle:.1f} LUFS at velocity {VELOCITY}; written by recipes/instrument_loudness.py"
    CORRECTIONS.write_text(json.dumps({"about": about, "gain_db": gains}, indent=1) + "\n", "utf-8")
    print(f"median {middle:.1f} LUFS, gains {min(gains.values())} .. {max(gains.values())} dB")


if __name__ == "__main__":
    main()
