"""Sampler: the sound of one key of an instrument, and the voices that a score's notes ask for.

A key's sound up to its release depends only on the instrument, so it is made once and shared by all notes on that key.
Sounds are made in lengths of a fixed ladder, each for itself: what was played before never changes a bit of a tune.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moodscore.media import Note, Track
from moodscore.music.soundfont import DRUM_BANK, Envelope, Region, SoundFont, Wobble

Samples = NDArray[np.float32]

_LADDER_S = 0.375  # lengths are this times a power of two
_FLOOR_DB = 100.0  # SF2 volume envelopes end here
_CHOKE_S = 0.012
_KEEP_BYTES = 96 << 20


@dataclass(frozen=True, slots=True)
class Sound:
    """A key's sound as if held: `bare` without its volume envelope, `shaped` with it, both mono float32, equally long."""

    bare: Samples
    shaped: Samples
    level: Samples


@dataclass(frozen=True, slots=True)
class Voice:
    """A note's use of a sound: first frame, frames until its release begins, and how it is scaled and released.

    `gain` is linear, `pan` -1 left .. 1 right, `release_s` the time of a 100 dB fall.
    """

    start: int
    held: int
    gain: float
    pan: float
    release_s: float
    region: Region
    key: int

    def release_frames(self, rate: int) -> int:
        """Frames from the release until it is 80 dB down, at least 2 ms so that nothing clicks."""
        return int(rate * max(self.release_s * 0.8, 0.002))


class Sampler:
    """Makes and keeps the sounds of a SoundFont's keys at one rate in Hz."""

    def __init__(self, font: SoundFont, rate: int) -> None:
        self.font = font
        self.rate = rate
        self._kept: OrderedDict[tuple[Region, int, int], Sound] = OrderedDict()
        self._bytes = 0

    def sound(self, region: Region, key: int, frames: int) -> Sound:
        """The sound of a key, `frames` or more frames long unless its sample ends before."""
        step = max(0, math.ceil(math.log2(max(1, frames) / (_LADDER_S * self.rate))))
        name = (region, key, step)
        if name in self._kept:
            self._kept.move_to_end(name)
            return self._kept[name]
        made = self._make(region, key, int(_LADDER_S * self.rate) << step)
        self._kept[name] = made
        self._bytes += 3 * made.bare.nbytes
        while self._bytes > _KEEP_BYTES and len(self._kept) > 1:
            self._bytes -= 3 * self._kept.popitem(last=False)[1].bare.nbytes
        return made

    def render(self, voice: Voice, start: int, end: int) -> Samples:
        """Frames `start` .. `end` of a voice, counted from its own first frame; shorter where it has ended."""
        tail = voice.release_frames(self.rate)
        end = min(end, voice.held + tail)
        sound = self.sound(voice.region, voice.key, voice.held + tail)
        out = sound.shaped[start : min(end, voice.held)]
        if end > voice.held:
            first = max(start, voice.held)
            bare = sound.bare[first:end]
            level = sound.level[min(voice.held, len(sound.level) - 1)] if len(sound.level) else 0.0
            steps = np.arange(first - voice.held, first - voice.held + len(bare), dtype=np.float32)
            fall = np.exp(steps * np.float32(-_db_slope(max(voice.release_s, 0.0025), self.rate)))
            fall *= np.minimum(1.0, (tail - steps) / np.float32(0.1 * tail + 1))
            out = np.concatenate([out, bare * fall * level])
        return out

    def _make(self, region: Region, key: int, frames: int) -> Sound:
        cents = (key - region.root) * region.cents_per_key + region.tune_cents
        source = self.font.samples[region.sample].rate * 2.0 ** (cents / 1200.0)
        bare = self._pitched(region, source, frames)
        times = np.arange(len(bare), dtype=np.float32) / np.float32(self.rate)
        bare = _bent(bare, region, times)
        times = times[: len(bare)]
        bare = _filtered(bare, region, times, self.rate)
        level = _volume(region.volume_env, times)
        for wobble in region.wobbles:
            if wobble.volume_db:
                bare = bare * np.exp(np.float32(math.log(10) / 20 * wobble.volume_db) * _triangle(wobble, times))
        return Sound(bare, bare * level, level)

    def _pitched(self, region: Region, source_hz: float, frames: int) -> Samples:
        """The sample, unrolled along its loop, resampled from `source_hz` to our rate."""
        import soxr

        needed = math.ceil((frames + 64) * source_hz / self.rate) + 64
        first, last = self.font.loop(region.sample)
        raw = self.font.frames(region.sample, last if region.loops else needed)
        if region.loops and len(raw) >= last and needed > last:
            times = -(-(needed - first) // (last - first))
            raw = np.concatenate([raw[:first], np.tile(raw[first:last], times)])
        raw = raw[:needed]
        if abs(source_hz / self.rate - 1.0) < 1e-6:
            return raw[:frames].copy()
        return np.asarray(soxr.resample(raw, source_hz, self.rate, quality="HQ"), np.float32)[:frames]


def _db_slope(seconds: float, rate: int) -> float:
    return _FLOOR_DB * math.log(10) / 20 / (seconds * rate)


def _volume(env: Envelope, times: Samples) -> Samples:
    """An SF2 volume envelope at `times` in seconds, held for ever: linear attack, decay in dB to the sustain."""
    rise = np.clip((times - env.delay_s) / max(env.attack_s, 1e-3), 0.0, 1.0)
    since = np.maximum(times - (env.delay_s + env.attack_s + env.hold_s), 0.0)
    fall_db = np.minimum(since * (_FLOOR_DB / max(env.decay_s, 1e-3)), min(env.sustain, _FLOOR_DB))
    return np.asarray(rise * np.exp(fall_db * (-math.log(10) / 20)), np.float32)


def _modulation(env: Envelope, times: Samples) -> Samples:
    """An SF2 modulation envelope 0..1 at `times` in seconds: linear all the way."""
    rise = np.clip((times - env.delay_s) / max(env.attack_s, 1e-3), 0.0, 1.0)
    since = np.maximum(times - (env.delay_s + env.attack_s + env.hold_s), 0.0)
    return np.asarray(np.minimum(rise, np.maximum(1.0 - since / max(env.decay_s, 1e-3), env.sustain)), np.float32)


def _triangle(wobble: Wobble, times: Samples) -> Samples:
    """A triangle wave -1..1 that starts at 0 after the wobble's delay."""
    phase = np.maximum(times - wobble.delay_s, 0.0) * wobble.rate_hz + 0.25
    return np.asarray(1.0 - 4.0 * np.abs(phase % 1.0 - 0.5), np.float32)


def _bent(bare: Samples, region: Region, times: Samples) -> Samples:
    """The sound with its vibrato and pitch envelope."""
    cents = np.zeros(0, np.float32)
    for wobble in region.wobbles:
        if wobble.pitch_cents:
            cents = _triangle(wobble, times) * wobble.pitch_cents + (cents if len(cents) else 0.0)
    if region.pitch_env_cents:
        cents = _modulation(region.filter_env, times) * region.pitch_env_cents + (cents if len(cents) else 0.0)
    if not len(cents):
        return bare
    places = np.cumsum(np.exp2(cents.astype(np.float64) / 1200.0)) - 1.0
    places = places[places < len(bare) - 1]
    return np.asarray(np.interp(places, np.arange(len(bare)), bare), np.float32)


def _low_pass(spectrum: NDArray[np.complex64], size: int, cutoff_hz: float, rate: int, gain_db: float) -> Samples:
    """A resonant two-pole low pass (R. Bristow-Johnson's cookbook form), applied to a zero-padded spectrum."""
    w = 2 * math.pi * min(cutoff_hz, 0.45 * rate) / rate
    alpha = math.sin(w) / (2 * 10 ** ((gain_db - 3.01) / 20))
    z = np.exp(-2j * np.pi * np.arange(len(spectrum)) / size).astype(np.complex64)
    above = (1 - math.cos(w)) / 2 * (1 + z) ** 2
    below = (1 + alpha) - 2 * math.cos(w) * z + (1 - alpha) * z * z
    return np.fft.irfft(spectrum * (above / below), size).astype(np.float32)


def _filtered(bare: Samples, region: Region, times: Samples, rate: int) -> Samples:
    """The sound through its low pass; a moving cutoff is played as a crossfade between fixed ones an octave/3 apart."""
    base, sweep = region.cutoff_hz, region.filter_env_cents
    if (max(base, base * 2 ** (sweep / 1200)) >= 18000 > 0 and (base >= 18000 or not sweep)) or not len(bare):
        return bare
    size = 1 << (len(bare) + 4096).bit_length()
    spectrum = np.fft.rfft(bare, size).astype(np.complex64)
    if not sweep:
        return _low_pass(spectrum, size, base, rate, region.resonance_db)[: len(bare)]
    shift = _modulation(region.filter_env, times) * (sweep / 400.0)
    lowest, highest = math.floor(float(shift.min())), math.ceil(float(shift.max()))
    out = np.zeros_like(bare)
    for step in range(lowest, highest + 1):
        share = np.maximum(0.0, 1.0 - np.abs(shift - step)).astype(np.float32)
        cutoff = min(max(base * 2 ** (step / 3), 30.0), 20000.0)
        out += share * _low_pass(spectrum, size, cutoff, rate, region.resonance_db)[: len(bare)]
    return out


def _pedalled(note: Note, pedals: Iterable[tuple[float, float]]) -> float:
    """When the note stops sounding in seconds: its end, or when the pedal that holds it comes up."""
    return max([note.end_s, *(up for down, up in pedals if down <= note.end_s < up)])


def voices(track: Track, sampler: Sampler, width: float) -> list[Voice]:
    """The voices of a track, in order of time; `width` 0..1 spreads keys (low left, high right) and drums over the stage.

    Velocity lowers the sound by 40 log10(127 / velocity) dB (SF2 default). A key struck again ends its former voice, and so
    does a note of the same choke group (hi-hats).
    """
    rate = sampler.rate
    bank, program = (DRUM_BANK, track.program) if track.drums else (0, track.program)
    out: list[Voice] = []
    last: dict[tuple[str, int], list[int]] = {}
    for note in sorted(track.notes, key=lambda n: (n.start_s, n.pitch, n.velocity)):
        start = round(note.start_s * rate)
        end = note.end_s if track.drums else _pedalled(note, track.pedals)
        names: set[tuple[str, int]] = set()
        fresh: list[int] = []
        for region in sampler.font.regions(bank, program, note.pitch, note.velocity):
            gain = (note.velocity / 127.0) ** 2 * 10 ** (-region.attenuation_db / 20)
            place = width * _place(track, note.pitch)
            pan = min(1.0, max(-1.0, track.pan + place + 0.5 * region.pan))
            held = max(1, round(end * rate) - start)
            names.add(("choke", region.choke) if region.choke else ("key", note.pitch))
            fresh.append(len(out))
            out.append(Voice(start, held, gain, pan, region.volume_env.release_s, region, note.pitch))
        for name in names:
            for k in last.get(name, ()):
                out[k] = _ended(out[k], start, rate)
            last[name] = fresh
    return sorted(out, key=lambda v: v.start)


def _ended(voice: Voice, frame: int, rate: int) -> Voice:
    """The voice, damped at `frame` if it is still sounding there."""
    held = frame - voice.start
    if held <= 0 or held >= voice.held + voice.release_frames(rate):
        return voice
    release = max(_CHOKE_S, min(voice.release_s, 0.25)) if not voice.region.choke else _CHOKE_S * 4
    return Voice(voice.start, min(held, voice.held), voice.gain, voice.pan, release, voice.region, voice.key)


# Where the pieces of a drum kit stand, seen by the audience: General MIDI key -> -1 left .. 1 right.
_KIT = {42: 0.45, 44: 0.45, 46: 0.45, 49: -0.5, 57: 0.6, 51: 0.55, 59: 0.6, 53: 0.55, 55: -0.35, 52: 0.65, 41: -0.6}
_KIT |= {43: -0.45, 45: -0.25, 47: -0.05, 48: 0.15, 50: 0.3, 39: 0.15, 54: -0.3, 69: -0.4, 70: 0.4, 75: 0.35, 81: -0.45}


def _place(track: Track, pitch: int) -> float:
    return _KIT.get(pitch, 0.0) if track.drums else min(1.0, max(-1.0, (pitch - 62) / 36.0))
