"""Sampler: the sound of one key of an instrument, and the voices that a score's notes ask for.

A key's sound up to its release depends only on the instrument, so it is made once and shared by all notes on that key.
Sounds are made in lengths of a fixed ladder, each for itself: what was played before never changes a bit of a tune.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from moodscore.media import Note, Track
from moodscore.music.soundfont import DRUM_BANK, Envelope, Region, SoundFont, Wobble

Samples = NDArray[np.float32]

_LADDER_S = 0.25  # sounds are this times a power of the square root of two long
_FLOOR_DB = 100.0  # SF2 volume envelopes end here
_CHOKE_S = 0.012
_DRUM_RING_S = 5.0  # a drum rings on however short its note is written
_KEEP_BYTES = 64 << 20
_SETTLE = 2048  # frames after which no low pass remembers


@dataclass(frozen=True, slots=True)
class Voice:
    """A note's use of a key's sound: its first frame, frames until its release begins, and how it is scaled and released.

    `gain` is linear, `pan` -1 left .. 1 right, `release_s` the time of a 100 dB fall.
    """

    start: int
    held: int
    gain: float
    pan: float
    release_s: float
    region: Region
    key: int

    def frames(self, rate: int) -> int:
        """How many frames it sounds: until its release is 80 dB down, which takes at least 2 ms so that nothing clicks."""
        return self.held + self.tail(rate)

    def tail(self, rate: int) -> int:
        """The frames of its release."""
        return int(rate * max(self.release_s * 0.8, 0.002))


class Sampler:
    """Makes and keeps the sounds of a SoundFont's keys at one rate in Hz."""

    def __init__(self, font: SoundFont, rate: int) -> None:
        self.font = font
        self.rate = rate
        self._kept: OrderedDict[tuple[Region, int, int], Samples] = OrderedDict()
        self._bytes = 0

    def sound(self, region: Region, key: int, frames: int) -> Samples:
        """A key's sound as if held for ever, mono float32, `frames` or more frames unless its sample ends before."""
        step = max(0, math.ceil(2 * math.log2(max(1, frames) / (_LADDER_S * self.rate))))
        name = (region, key, step)
        if name in self._kept:
            self._kept.move_to_end(name)
            return self._kept[name]
        made = self._make(region, key, int(_LADDER_S * self.rate * 2 ** (step / 2)) + 1)
        self._kept[name] = made
        self._bytes += made.nbytes
        while self._bytes > _KEEP_BYTES and len(self._kept) > 1:
            self._bytes -= self._kept.popitem(last=False)[1].nbytes
        return made

    def render(self, voice: Voice, start: int, end: int, reach: int = 0) -> Samples:
        """Frames `start` .. `end` of a voice without its gain, counted from its own first; fewer where it has ended.

        `reach` is the longest use of the same key in a piece in frames, so that the piece makes the key's sound once.
        """
        whole = voice.frames(self.rate)
        sound = self.sound(voice.region, voice.key, max(whole, reach))
        out = sound[start : min(end, whole)]
        first = max(start, voice.held)
        if first >= start + len(out):
            return out
        tail, steps = whole - voice.held, np.arange(first, start + len(out), dtype=np.float32)
        env = voice.region.volume_env
        level = _volume(env, np.array([voice.held], np.float32) / np.float32(self.rate))
        since = steps - np.float32(voice.held)
        fall = np.exp(since * np.float32(-_db_slope(max(voice.release_s, 0.0025), self.rate)))
        fall *= np.minimum(1.0, (tail - since) / np.float32(0.1 * tail + 1))
        fall *= level / np.maximum(_volume(env, steps / np.float32(self.rate)), np.float32(1e-5))
        return np.concatenate([out[: first - start], out[first - start :] * fall])

    def _make(self, region: Region, key: int, frames: int) -> Samples:
        cents = (key - region.root) * region.cents_per_key + region.tune_cents
        source_hz = self.font.samples[region.sample].rate * 2.0 ** (cents / 1200.0)
        raw, loop = self._source(region, math.ceil((frames + 64) * source_hz / self.rate) + 64)
        if not region.filter_env_cents and region.cutoff_hz < min(16000.0, 0.45 * source_hz):
            raw, loop = _filtered_loop(raw, loop, region, source_hz)
        sound = self._pitched(_unrolled(raw, loop, math.ceil((frames + 64) * source_hz / self.rate) + 64), source_hz)
        sound = sound[:frames]
        times = np.arange(len(sound), dtype=np.float32) / np.float32(self.rate)
        sound = _bent(sound, region, times)
        times = times[: len(sound)]
        if region.filter_env_cents:
            sound = _swept(sound, region, times, self.rate)
        sound = sound * _volume(region.volume_env, times)
        for wobble in region.wobbles:
            if wobble.volume_db:
                sound = sound * np.exp(np.float32(math.log(10) / 20 * wobble.volume_db) * _triangle(wobble, times))
        return np.asarray(sound, np.float32)

    def _source(self, region: Region, needed: int) -> tuple[Samples, tuple[int, int] | None]:
        """The sample's frames as far as needed, and its loop if that is reached."""
        first, last = self.font.loop(region.sample)
        raw = self.font.frames(region.sample, last if region.loops else needed)
        if not (region.loops and needed > last and len(raw) >= last):
            return raw[:needed], None
        return _seamless(raw[:last], first), (first, last)

    def _pitched(self, raw: Samples, source_hz: float) -> Samples:
        if abs(source_hz / self.rate - 1.0) < 1e-6:
            return raw
        import soxr

        return np.asarray(soxr.resample(raw, source_hz, self.rate, quality="MQ"), np.float32)


def _seamless(raw: Samples, first: int) -> Samples:
    """The sample with the last frames of its loop led over into those before the loop, so that it repeats without a tick."""
    count = min(first, (len(raw) - first) // 4, 256)
    share = np.linspace(0, 1, count + 2, dtype=np.float32)[1:-1]
    out = raw.copy()
    out[len(raw) - count :] += share * (raw[first - count : first] - raw[len(raw) - count :])
    return out


def _unrolled(raw: Samples, loop: tuple[int, int] | None, needed: int) -> Samples:
    if loop is None:
        return raw[:needed]
    first, last = loop
    times = max(1, -(-(needed - first) // (last - first)))
    return np.concatenate([raw[:first], np.tile(raw[first:last], times)])[:needed]


def _filtered_loop(
    raw: Samples, loop: tuple[int, int] | None, region: Region, source_hz: float
) -> tuple[Samples, tuple[int, int] | None]:
    """A sample and its loop through a fixed low pass; the loop is taken from where the filter has settled."""
    if loop is None:
        return _low_pass(raw, region.cutoff_hz, source_hz, region.resonance_db), None
    first, last = loop
    passes = 1 + -(-_SETTLE // (last - first))
    out = _low_pass(
        _unrolled(raw, loop, first + passes * (last - first)), region.cutoff_hz, source_hz, region.resonance_db
    )
    return out, (len(out) - (last - first), len(out))


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


@lru_cache(maxsize=8)
def _delays(size: int) -> NDArray[np.complex64]:
    return np.asarray(np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size), np.complex64)


def _low_pass(sound: Samples, cutoff_hz: float, rate: float, resonance_db: float) -> Samples:
    """A resonant two-pole low pass (R. Bristow-Johnson's cookbook form), applied to the whole spectrum at once."""
    size = _round_size(len(sound) + _SETTLE)
    w = 2 * math.pi * min(max(cutoff_hz, 30.0), 0.45 * rate) / rate
    alpha = math.sin(w) / (2 * 10 ** ((resonance_db - 3.01) / 20))
    z = _delays(size)
    low = np.float32((1 - math.cos(w)) / 2)
    response = (
        low * (1 + z) ** 2 / (np.float32(1 + alpha) + z * (np.float32(-2 * math.cos(w)) + np.float32(1 - alpha) * z))
    )
    return np.fft.irfft(np.fft.rfft(sound, size) * response, size)[: len(sound)].astype(np.float32)


def _round_size(least: int) -> int:
    """The smallest 2^a, 3 * 2^a or 5 * 2^a that holds `least`, which transforms fast."""
    return min(k << max(0, math.ceil(math.log2(least / k))) for k in (2, 3, 5))


def _swept(sound: Samples, region: Region, times: Samples, rate: int) -> Samples:
    """The sound through a low pass that its envelope moves, played as a crossfade between cutoffs half an octave apart."""
    shift = _modulation(region.filter_env, times) * (region.filter_env_cents / 600.0)
    out = np.zeros_like(sound)
    for step in range(math.floor(float(shift.min(initial=0))), math.ceil(float(shift.max(initial=0))) + 1):
        share = np.maximum(0.0, 1.0 - np.abs(shift - step)).astype(np.float32)
        used = np.flatnonzero(share)
        if not len(used):
            continue
        first, last = int(used[0]), int(used[-1]) + 1
        before = max(0, first - _SETTLE)
        cutoff = region.cutoff_hz * 2 ** (step / 2)
        heard = sound[before:last]
        if cutoff < 16000:
            heard = _low_pass(heard, cutoff, rate, region.resonance_db)
        out[first:last] += share[first:last] * heard[first - before :]
    return out


def _pedalled(note: Note, pedals: Iterable[tuple[float, float]]) -> float:
    """When the note stops sounding in seconds: its end, or when the pedal that holds it comes up."""
    return max([note.end_s, *(up for down, up in pedals if down <= note.end_s < up)])


def voices(track: Track, sampler: Sampler, width: float) -> list[Voice]:
    """The voices of a track, in order of time; `width` 0..1 is how wide keyboards, sections and kits spread on the stage.

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
            pan = min(1.0, max(-1.0, track.pan + place + 0.5 * width * region.pan))
            held = max(1, round(end * rate) - start)
            names.add(("choke", region.choke) if region.choke else ("key", note.pitch))
            fresh.append(len(out))
            release_s = region.volume_env.release_s
            if track.drums and not region.loops:
                release_s = max(release_s, _DRUM_RING_S)
            out.append(Voice(start, held, gain, pan, release_s, region, note.pitch))
        for name in names:
            for k in last.get(name, ()):
                out[k] = _ended(out[k], start, rate)
            last[name] = fresh
    return sorted(out, key=lambda v: v.start)


def _ended(voice: Voice, frame: int, rate: int) -> Voice:
    """The voice, damped at `frame` if it is still sounding there."""
    held = frame - voice.start
    if held <= 0 or held >= voice.frames(rate):
        return voice
    release = 4 * _CHOKE_S if voice.region.choke else max(_CHOKE_S, min(voice.release_s, 0.25))
    return replace(voice, held=min(held, voice.held), release_s=release)


# Where the pieces of a drum kit stand, seen by the audience: General MIDI key -> -1 left .. 1 right.
_KIT = {42: 0.45, 44: 0.45, 46: 0.45, 49: -0.5, 57: 0.6, 51: 0.55, 59: 0.6, 53: 0.55, 55: -0.35, 52: 0.65, 41: -0.6}
_KIT |= {43: -0.45, 45: -0.25, 47: -0.05, 48: 0.15, 50: 0.3, 39: 0.15, 54: -0.3, 69: -0.4, 70: 0.4, 75: 0.35, 81: -0.45}


# How wide an instrument stands, by General MIDI family: keyboards, mallets, harp and pads have their low keys on the left,
# string sections and choirs their high voices. Soloists and basses stand in one place.
_SPREAD = {range(16): 0.6, range(24, 32): 0.15, range(46, 47): 0.7, range(44, 46): -0.5, range(48, 56): -0.5}
_SPREAD |= {range(61, 64): 0.3, range(88, 104): 0.5, range(107, 109): 0.5, range(114, 119): 0.3}


def _place(track: Track, pitch: int) -> float:
    if track.drums:
        return _KIT.get(pitch, 0.0)
    spread = next((s for programs, s in _SPREAD.items() if track.program in programs), 0.0)
    return spread * min(1.0, max(-1.0, (pitch - 62) / 36.0))
