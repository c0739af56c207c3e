"""Synth: a Score becomes a Tune, played on the shipped General MIDI SoundFont and mixed to stereo.

The same score gives the same bytes, in any process and with any number of threads.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from moodscore.errors import BadValue
from moodscore.media import Score, Tune
from moodscore.music import mix
from moodscore.music.loudness import Samples
from moodscore.music.sampler import Sampler, Voice, voices
from moodscore.music.soundfont import FONT, Region, SoundFont
from moodscore.prepare import spool

CORRECTIONS = FONT.parent / "loudness.json"
_WIDTH = 0.7  # of the stage, for what stands widest
_RATES = (8000, 192000)


@lru_cache(maxsize=1)
def _corrections(path: Path = CORRECTIONS) -> dict[str, float]:
    """Gain in dB that brings each program to equal loudness; measured by recipes/instrument_loudness.py."""
    if not path.exists():
        return {}
    table: dict[str, float] = json.loads(path.read_text("utf-8"))["gain_db"]
    return table


@lru_cache(maxsize=2)
def sampler(rate: int) -> Sampler:
    """The shipped font's sampler at `rate` Hz, opened once and kept for the life of the process."""
    return Sampler(SoundFont(), rate)


def play(
    score: Score, rate: int = 44100, progress: Callable[[float], None] | None = None, width: float = _WIDTH
) -> Tune:
    """Play a score: exactly `score.duration_s` long, -16 LUFS +-1, true peak at or below -1 dBTP, ends faded to silence.

    `rate` is in Hz, 8000 .. 192000. `progress` is told the share 0..1 that is done. `width` 0..1 is how wide one instrument
    stands on the stage; 0 is in one point. A score without audible notes gives silence. Raises BadValue for other rates.
    """
    if not _RATES[0] <= rate <= _RATES[1]:
        raise BadValue(f"rate: expected {_RATES[0]}..{_RATES[1]} Hz, got {rate!r}")
    frames = max(1, round(score.duration_s * rate))
    samples = spool.silence(frames)
    player = sampler(rate)
    parts = _parts(score, player, width)
    bus = mix.Bus(rate)
    for start in range(0, frames, bus.block):
        end = min(start + bus.block, frames)
        samples[start:end] = bus.mix(*_block(parts, player, start, end))
        spool.forget(samples)
        if progress:
            progress(0.8 * end / frames)
    mix.fade_ends(samples, rate)
    mix.master(samples, rate)
    if progress:
        progress(1.0)
    return Tune(samples, rate, score, score.recipe)


@dataclass(frozen=True, slots=True)
class _Part:
    """A voice in the mix: its linear gain, its share of the hall, and the longest use of its key in the piece in frames."""

    voice: Voice
    gain: float
    reverb: float
    reach: int


def _parts(score: Score, player: Sampler, width: float) -> list[_Part]:
    """Every voice of a score in order of time."""
    found = []
    reach: dict[tuple[Region, int], int] = {}
    for track in score.tracks:
        name = f"drums:{track.program}" if track.drums else str(track.program)
        gain = 10 ** ((track.level_db + _corrections().get(name, 0.0)) / 20)
        for voice in voices(track, player, width):
            found.append((voice, gain * voice.gain, track.reverb))
            key = (voice.region, voice.key)
            reach[key] = max(reach.get(key, 0), voice.frames(player.rate))
    found.sort(key=lambda part: part[0].start)
    return [_Part(v, gain, reverb, reach[v.region, v.key]) for v, gain, reverb in found]


def _block(parts: list[_Part], player: Sampler, start: int, end: int) -> tuple[Samples, Samples]:
    """Dry stereo (frames, 2) and hall send (frames,) of frames `start` .. `end`."""
    dry = np.zeros((2, end - start), np.float32)
    send = np.zeros(end - start, np.float32)
    for part in parts:
        voice = part.voice
        if voice.start >= end:
            break
        if voice.start + voice.frames(player.rate) <= start:
            continue
        first = max(0, start - voice.start)
        sound = player.render(voice, first, end - voice.start, part.reach) * np.float32(part.gain)
        at = voice.start + first - start
        left, right = mix.pan_gains(voice.pan)
        dry[0, at : at + len(sound)] += sound * np.float32(left)
        dry[1, at : at + len(sound)] += sound * np.float32(right)
        send[at : at + len(sound)] += sound * np.float32(part.reverb)
    return np.ascontiguousarray(dry.T), send
