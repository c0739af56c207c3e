"""SoundFont: an SF2 or SF3 file becomes regions (which sample plays for a key and velocity, and how) and decoded samples.

Source: E-mu Systems, "SoundFont Technical Specification" 2.04 (1998), chapters 7-9; SF3 is SF2 whose samples are Ogg
Vorbis streams and whose loop points count from the start of their own sample.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from moodscore.errors import BadWeights

FONT = Path(__file__).parent / "sounds" / "FluidR3Mono_GM.sf3"
DRUM_BANK = 128

Generators = dict[int, int]

# Generators that replace the instrument's value instead of being added to it when the preset sets them (spec 8.5).
_RANGES = (43, 44)
_INSTRUMENT_ONLY = (46, 47, 53, 54, 57, 58)
_DEFAULTS = {8: 13500, 56: 100, 58: -1} | dict.fromkeys((21, 23, 25, 26, 27, 28, 30, 33, 34, 35, 36, 38), -12000)
_FULL = 0x7F00


def _seconds(timecents: int) -> float:
    return 0.0 if timecents <= -12000 else float(2.0 ** (min(timecents, 8000) / 1200.0))


def _hertz(cents: int) -> float:
    return float(8.176 * 2.0 ** (cents / 1200.0))


@dataclass(frozen=True, slots=True)
class Envelope:
    """An SF2 envelope: times in seconds, `sustain` in dB below the peak (volume) or as a share 0..1 (modulation).

    `decay_s` and `release_s` are the times of a full 100 dB (volume) or 1 -> 0 (modulation) change.
    """

    delay_s: float
    attack_s: float
    hold_s: float
    decay_s: float
    sustain: float
    release_s: float


@dataclass(frozen=True, slots=True)
class Wobble:
    """A triangle low-frequency oscillator: delay in seconds, rate in Hz, depth in cents of pitch and dB of volume."""

    delay_s: float
    rate_hz: float
    pitch_cents: float
    volume_db: float


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """One sample's use by an instrument for one key, and how it is played; the same object for the same use.

    `sample` numbers the file's samples; `root` is the key at which it plays untransposed, `cents_per_key` the tuning step,
    `tune_cents` a correction; `loops` says whether it is held by its loop. `attenuation_db` lowers it, `pan` is -1..1.
    `cutoff_hz` and `resonance_db` are its low pass, moved by `filter_env` times `filter_env_cents`.
    Notes of equal non-zero `choke` silence each other.
    """

    sample: int
    root: int
    tune_cents: float
    cents_per_key: int
    loops: bool
    choke: int
    attenuation_db: float
    pan: float
    volume_env: Envelope
    cutoff_hz: float
    resonance_db: float
    filter_env: Envelope
    filter_env_cents: float
    pitch_env_cents: float
    wobbles: tuple[Wobble, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample's header: its bytes in the file, loop in frames of its own, rate in Hz, root key, correction in cents."""

    start: int
    end: int
    loop: tuple[int, int]
    rate: int
    key: int
    correction: int
    compressed: bool


def _chunks(data: memoryview, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    while start + 8 <= end:
        name, size = bytes(data[start : start + 4]), struct.unpack_from("<I", data, start + 4)[0]
        yield name, start + 8, size
        start += 8 + size + (size & 1)


def _rows(data: memoryview, place: tuple[int, int], form: str) -> list[tuple[int, ...]]:
    size = struct.calcsize(form)
    return list(struct.iter_unpack(form, data[place[0] : place[0] + place[1] // size * size]))


def _zones(bags: list[tuple[int, ...]], gens: list[tuple[int, int]], first: int, last: int) -> list[Generators]:
    """The generators of the zones of one preset or instrument, its global zone already merged in."""
    zones = [dict(gens[bags[k][0] : bags[k + 1][0]]) for k in range(first, last)]
    if zones and 41 not in zones[0] and 53 not in zones[0]:
        shared = zones.pop(0)
        zones = [{**shared, **zone} for zone in zones]
    return [z for z in zones if 41 in z or 53 in z]


def _envelope(g: Generators, first: int, key: int, *, volume: bool) -> Envelope:
    """The envelope whose six generators start at `first`, hold and decay scaled for `key` (spec: 31, 32, 39, 40)."""
    delay, attack, hold, decay, sustain, release = (g.get(first + k, _DEFAULTS.get(first + k, 0)) for k in range(6))
    hold += g.get(first + 6, 0) * (60 - key) if hold > -12000 else 0
    decay += g.get(first + 7, 0) * (60 - key) if decay > -12000 else 0
    level = min(max(sustain, 0), 1440) / 10.0 if volume else 1.0 - min(max(sustain, 0), 1000) / 1000.0
    return Envelope(_seconds(delay), _seconds(attack), _seconds(hold), _seconds(decay), level, _seconds(release))


def _wobbles(g: Generators) -> tuple[Wobble, ...]:
    modulation = Wobble(_seconds(g.get(21, -12000)), _hertz(g.get(22, 0)), g.get(5, 0), g.get(13, 0) / 10.0)
    vibrato = Wobble(_seconds(g.get(23, -12000)), _hertz(g.get(24, 0)), g.get(6, 0), 0.0)
    return tuple(w for w in (modulation, vibrato) if w.pitch_cents or w.volume_db)


def _merged(preset: Generators, instrument: Generators) -> Generators:
    """The instrument's generators with the preset's added (spec 9.4)."""
    out = dict(instrument)
    for g, value in preset.items():
        if g in _RANGES or g in _INSTRUMENT_ONLY or g == 41:
            continue
        out[g] = out.get(g, _DEFAULTS.get(g, 0)) + value
    for g in _RANGES:
        (low, high), (other_low, other_high) = (_span(z.get(g, _FULL)) for z in (preset, instrument))
        out[g] = max(low, other_low) | min(high, other_high) << 8
    return out


def _span(packed: int) -> tuple[int, int]:
    return packed & 0xFF, packed >> 8 & 0xFF


def _inside(value: int, packed: int) -> bool:
    low, high = _span(packed)
    return low <= value <= high


def _nearest(key: int, packed: int) -> int:
    low, high = _span(packed)
    return min(max(key, low), high)


def _signed(value: int, generator: int) -> int:
    return value if generator in (41, 43, 44, 53) or value < 0x8000 else value - 0x10000


def _region(g: Generators, sample: Sample, key: int) -> Region:
    root = g.get(58, -1)
    return Region(
        sample=g[53],
        root=root if root >= 0 else sample.key if sample.key < 128 else 60,
        tune_cents=100.0 * g.get(51, 0) + g.get(52, 0) + sample.correction,
        cents_per_key=g.get(56, 100),
        loops=g.get(54, 0) in (1, 3) and sample.loop[1] > sample.loop[0] + 8,
        choke=g.get(57, 0),
        # 0.4: the scale of the E-mu hardware the font was voiced on, as every common player applies it.
        attenuation_db=0.04 * max(0, g.get(48, 0)),
        pan=min(max(g.get(17, 0), -500), 500) / 500.0,
        volume_env=_envelope(g, 33, key, volume=True),
        cutoff_hz=_hertz(g.get(8, 13500)),
        resonance_db=min(max(g.get(9, 0), 0), 960) / 10.0,
        filter_env=_envelope(g, 25, key, volume=False),
        filter_env_cents=float(g.get(11, 0)),
        pitch_env_cents=float(g.get(7, 0)),
        wobbles=_wobbles(g),
    )


class SoundFont:
    """An open SF2 or SF3 file. Raises BadWeights, naming the file, when it is missing or is no SoundFont."""

    def __init__(self, path: Path = FONT) -> None:
        self.path = path
        try:
            self._data = memoryview(path.read_bytes())
            self._parse()
        except (OSError, struct.error, KeyError, IndexError) as error:
            raise BadWeights(f"{path}: expected a SoundFont (.sf2, .sf3), got {error}; reinstall moodscore") from error

    def _parse(self) -> None:
        data = self._data
        places = {name: (at, size) for name, at, size in _chunks(data, 12, len(data)) if name != b"LIST"}
        for name, at, size in _chunks(data, 12, len(data)):
            if name == b"LIST":
                places.update({n: (a, s) for n, a, s in _chunks(data, at + 4, at + size)})
        self._smpl = places[b"smpl"][0]
        self._bags = {k: _rows(data, places[k], "<HH") for k in (b"pbag", b"ibag")}
        self._gens = {k: [(g, _signed(v, g)) for g, v in _rows(data, places[k], "<HH")] for k in (b"pgen", b"igen")}
        self._instruments = _rows(data, places[b"inst"], "<20xH")
        headers = _rows(data, places[b"shdr"], "<20xIIIIIBbHH")
        self.samples = tuple(
            Sample(s, e, (ls, le), rate, key, fix, bool(kind & 16)) for s, e, ls, le, rate, key, fix, _, kind in headers
        )
        heads = _rows(data, places[b"phdr"], "<20xHHH12x")
        self.presets = {(h[1], h[0]): (h[2], heads[k + 1][2]) for k, h in enumerate(heads[:-1])}

    @lru_cache(maxsize=512)  # noqa: B019 - one font lives as long as the process
    def _layers(self, bank: int, program: int) -> tuple[Generators, ...]:
        """Every combination of a preset zone and an instrument zone, merged."""
        spare = (DRUM_BANK, 0) if bank == DRUM_BANK else (0, program)
        first, last = self.presets.get((bank, program)) or self.presets.get(spare) or self.presets[0, 0]
        out = []
        for zone in _zones(self._bags[b"pbag"], self._gens[b"pgen"], first, last):
            start, end = (self._instruments[zone[41] + k][0] for k in (0, 1))
            inner = _zones(self._bags[b"ibag"], self._gens[b"igen"], start, end)
            out += [_merged(zone, one) for one in inner]
        return tuple(out)

    @lru_cache(maxsize=8192)  # noqa: B019 - one font lives as long as the process
    def regions(self, bank: int, program: int, key: int, velocity: int) -> tuple[Region, ...]:
        """The regions that sound for a key and velocity (0..127) of a preset; bank 128 is drums.

        A preset the font lacks falls back to the same program of bank 0 (drums: the standard kit), and then to a piano.
        A key beyond a melodic instrument's range is played by the regions of its nearest key.
        """
        layers = [(k, g) for k, g in enumerate(self._layers(bank, program)) if _inside(velocity, g[44])]
        near = key
        if bank != DRUM_BANK and layers:
            near = min((_nearest(key, g[43]) for _, g in layers), key=lambda k: abs(k - key))
        return tuple(self._region(bank, program, k, key) for k, g in layers if _inside(near, g[43]))

    @lru_cache(maxsize=8192)  # noqa: B019 - one font lives as long as the process
    def _region(self, bank: int, program: int, layer: int, key: int) -> Region:
        generators = self._layers(bank, program)[layer]
        return _region(generators, self.samples[generators[53]], key)

    def frames(self, sample: int, count: int) -> NDArray[np.float32]:
        """The first `count` frames of a sample (fewer when it is shorter), mono float32 in [-1, 1]; not to be written to."""
        rounded = 1 << max(15, (max(1, count) - 1).bit_length())
        return self._decoded(sample, rounded)[:count]

    @lru_cache(maxsize=256)  # noqa: B019 - one font lives as long as the process
    def _decoded(self, sample: int, count: int) -> NDArray[np.float32]:
        import soundfile

        head = self.samples[sample]
        if not head.compressed:
            raw = self._data[self._smpl + 2 * head.start : self._smpl + 2 * min(head.end, head.start + count)]
            return np.frombuffer(raw, "<i2").astype(np.float32) / np.float32(32768.0)
        stream = io.BytesIO(self._data[self._smpl + head.start : self._smpl + head.end])
        with soundfile.SoundFile(stream) as vorbis:
            got: NDArray[np.float32] = vorbis.read(count, dtype="float32", always_2d=True)[:, 0]
        return got

    def loop(self, sample: int) -> tuple[int, int]:
        """First frame of a sample's loop and the frame after its last, counted from the sample's start."""
        head = self.samples[sample]
        if head.compressed:
            return head.loop
        return head.loop[0] - head.start, head.loop[1] - head.start
