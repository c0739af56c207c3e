"""Audio features: numbers that describe a stretch of sound, for judging the feeling in it, whatever its level.

They are those cues of listeners (see `cues`) that recordings of any kind share: colour, changes of loudness, how often and
how sharply sound begins, pulse, roughness, and of the notes heard in it (see `audio_notes`) how many, how long, how high and
in which harmony. The symbolic judge has its own, see `features`.
Mel cepstra: S. B. Davis & P. Mermelstein, IEEE Trans. ASSP 28 (1980) 357-366.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moodscore.music.audio_frames import FRAME_HZ, LOWEST, MELS, STRIDE_HZ, Frames, analyse
from moodscore.music.audio_notes import PITCHES, Notes, hear_notes
from moodscore.music.key_profiles import key_fits

Array = NDArray[np.float64]
_CEPSTRA = 13
_RANGE_DB = 60.0  # what is further below the loudest frames is not heard
_SECTIONS = ("cepstrum_mean", "cepstrum_sd", "cepstrum_change")
_SHAPES = ("centroid", "rolloff", "flatness", "width")
NAMES = (
    *(f"{section}_{k}" for section in _SECTIONS for k in range(_CEPSTRA)),
    *(f"{name}_{what}" for name in _SHAPES for what in ("mean", "sd")),
    "level_sd_db",
    "level_range_db",
    "level_headroom_db",
    "level_change_db",
    "level_fall_db",
    "bass_share",
    "treble_share",
    "log_onsets_hz",
    "onset_strength",
    "onset_sharpness",
    "flux_mean",
    "flux_sd",
    "onset_irregularity",
    "pulse_clarity",
    "pulse_log_hz",
    "roughness_mean",
    "roughness_sd",
    "peak_share",
    "log_peaks",
    "log_notes_hz",
    "log_note_s",
    "note_extremity",
    "polyphony",
    "pitch_mean",
    "pitch_extremity",
    "pitch_sd",
    "pitch_low",
    "pitch_high",
    "bass_move",
    "majorness",
    "struck_majorness",
    "key_clarity",
    "third_quality",
    "out_of_key",
    "pitch_class_entropy",
    "triad_quality",
    "triad_share",
    "harmony_change",
    "semitone_share",
    "whole_tone_share",
    "tritone_share",
)


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """A stretch of sound as it is heard: its frames and its notes."""

    frames: Frames
    notes: Notes

    @property
    def duration_s(self) -> float:
        return self.frames.duration_s

    def between(self, start_s: float, end_s: float) -> Heard:
        """What is heard between two times in seconds; one moment at least."""
        f, n = self.frames, self.notes
        fast, slow = (
            _span(start_s, end_s, rate, len(rows)) for rate, rows in ((FRAME_HZ, f.mels), (STRIDE_HZ, f.sharp))
        )
        frames = Frames(f.mels[fast], f.shape[fast], f.sharp[slow], f.quick[slow], f.texture[slow])
        return Heard(frames, Notes(n.sounding[slow], n.struck[slow]))


def _span(start_s: float, end_s: float, rate_hz: float, count: int) -> slice:
    first = min(max(round(start_s * rate_hz), 0), count - 1)
    return slice(first, max(first + 1, round(end_s * rate_hz)))


def listen(sound: NDArray[np.float32]) -> Heard:
    """Mono sound (frames,) at 22,050 Hz (see `audio_frames.mono`) as it is heard."""
    frames = analyse(sound)
    return Heard(frames, hear_notes(frames))


def features(heard: Heard) -> Array:
    """What a stretch of sound of some seconds is like: float64 (len(NAMES),), in the order of `NAMES`."""
    frames = heard.frames
    power = frames.mels.sum(axis=1).astype(np.float64)
    loud = float(np.percentile(power, 95)) + 1e-12
    level = np.maximum(10.0 * np.log10(power / loud + 1e-12), -_RANGE_DB)
    there = level > -_RANGE_DB + 15.0
    mels = 10.0 * np.log10(np.maximum(frames.mels / loud, 10.0 ** (-_RANGE_DB / 10.0) / MELS))
    sounding, struck = heard.notes.sounding.astype(np.float64), heard.notes.struck.astype(np.float64)
    return np.concatenate(
        [
            _cepstral(mels, there),
            _shape(frames.shape[there] if there.any() else frames.shape),
            _dynamics(level, frames.mels, power),
            _rhythm(mels),
            _texture(frames),
            _notes(sounding, struck),
            _harmony(sounding, struck),
        ]
    )


def _dct() -> Array:
    k, n = np.arange(_CEPSTRA)[:, None], np.arange(MELS)[None]
    return np.asarray(np.cos(np.pi * k * (n + 0.5) / MELS) * math.sqrt(2.0 / MELS))


def _cepstral(mels: Array, heard: NDArray[np.bool_]) -> Array:
    cepstra = mels @ _dct().T
    kept = cepstra[heard] if heard.any() else cepstra
    change = np.abs(np.diff(cepstra, axis=0)).mean(axis=0) if len(cepstra) > 1 else np.zeros(_CEPSTRA)
    return np.concatenate([kept.mean(axis=0), kept.std(axis=0), change])


def _shape(shape: NDArray[np.float32]) -> Array:
    return np.stack([shape.mean(axis=0), shape.std(axis=0)], axis=1).ravel().astype(np.float64)


def _dynamics(level: Array, mels: NDArray[np.float32], power: Array) -> Array:
    low, middle, high = np.percentile(level, (10, 50, 95))
    step = np.diff(level) if len(level) > 1 else np.zeros(1)
    falls = step[step < 0]
    total = power.sum() + 1e-12
    return np.array(
        [
            level.std(),
            high - low,
            high - middle,
            np.abs(step).mean(),
            falls.mean() if len(falls) else 0.0,
            math.log10(float(mels[:, :3].sum()) / total + 1e-4),
            math.log10(float(mels[:, 25:].sum()) / total + 1e-6),
        ]
    )


def _rhythm(mels: Array) -> Array:
    """Onsets by spectral flux against the loudest of the neighbouring bands two frames before (vibrato is no onset)."""
    before = np.pad(mels, ((2, 0), (1, 1)), mode="edge")
    before = np.maximum(np.maximum(before[:-2, :-2], before[:-2, 1:-1]), before[:-2, 2:])
    flux = np.maximum(mels - before, 0.0).mean(axis=1)
    flux[:2] = 0.0
    at = _onsets(flux)
    seconds = len(flux) / FRAME_HZ
    gaps = np.log2(np.maximum(np.diff(at) / FRAME_HZ, 0.03))
    strength = flux[at] if len(at) else np.zeros(1)
    clarity, pulse = _pulse(flux)
    return np.array(
        [
            math.log2((len(at) + 0.5) / max(seconds, 1.0)),
            math.log2(strength.mean() + 0.1),
            strength.mean() / (flux.mean() + 0.05),
            flux.mean(),
            flux.std(),
            gaps.std() if len(gaps) > 1 else 0.0,
            clarity,
            pulse,
        ]
    )


def _onsets(flux: Array) -> NDArray[np.intp]:
    """Frames at which something begins: local maxima of flux that stand out of their half second."""
    reach = 10
    padded = np.pad(flux, reach)
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    close = np.lib.stride_tricks.sliding_window_view(padded[reach - 2 : len(padded) - reach + 2], 5)
    return np.flatnonzero((flux >= close.max(axis=1)) & (flux > around.mean(axis=1) * 1.4 + 0.6))


def _pulse(flux: Array) -> tuple[float, float]:
    """Strength 0..1 of the best repetition between 40 and 240 a minute, and log2 of its rate in Hz."""
    centred = flux - flux.mean()
    first, last = int(FRAME_HZ * 60 / 240), int(FRAME_HZ * 60 / 40)
    if len(flux) < 2 * last or not centred.any():
        return 0.0, 1.0
    size = 1 << (2 * len(flux)).bit_length()
    likeness = np.fft.irfft(np.abs(np.fft.rfft(centred, size)) ** 2, size)[: last + 1]
    likeness = likeness / likeness[0] * (len(flux) / (len(flux) - np.arange(last + 1)))
    lags = np.arange(first, last + 1)
    prefer = np.exp(-0.5 * (np.log2(lags / FRAME_HZ / 0.5) / 1.0) ** 2)  # half a second, as people tap
    best = int(lags[int(np.argmax(likeness[first:] * prefer))])
    return float(likeness[best]), math.log2(FRAME_HZ / best)


def _notes(sounding: Array, struck: Array) -> Array:
    seconds = max(len(struck) / STRIDE_HZ, 1.0)
    count = struck.sum()
    pitches = np.arange(PITCHES) + LOWEST
    seen = struck.sum(axis=0) + 1e-6
    mean = float(seen @ pitches / seen.sum())
    deviation = math.sqrt(float(seen @ (pitches - mean) ** 2 / seen.sum()))
    cumulated = np.cumsum(seen) / seen.sum()
    low, high = (float(pitches[min(int(np.searchsorted(cumulated, share)), PITCHES - 1)]) for share in (0.05, 0.95))
    log_s = math.log2((sounding.sum() / STRIDE_HZ + 0.1) / (count + 0.5))
    there = sounding > 0.4
    lowest = there.argmax(axis=1)[there.any(axis=1)]
    move = np.abs(np.diff(lowest)).mean() if len(lowest) > 1 else 0.0
    return np.array(
        [
            math.log2((count + 0.5) / seconds),
            log_s,
            (log_s + 1.5) ** 2,
            sounding.sum(axis=1).mean(),
            mean,
            ((mean - 62.0) / 6.0) ** 2,
            deviation,
            low,
            high,
            move,
        ]
    )


def _texture(frames: Frames) -> Array:
    rough, share, count = frames.texture.astype(np.float64).T
    return np.array([rough.mean(), rough.std(), np.minimum(share, 2.0).mean(), math.log2(count.mean() + 1.0)])


def _chroma(notes: Array) -> Array:
    """How probably each pitch class is among the notes (m, 12)."""
    silent = np.ones((len(notes), 12))
    for k in range(PITCHES):
        silent[:, (k + LOWEST) % 12] *= 1.0 - notes[:, k]
    return 1.0 - silent


def _together(chroma: Array, *steps: int) -> Array:
    """How many pitch classes are expected to sound together with those `steps` semitones above them (m,)."""
    out = chroma
    for step in steps:
        out = out * np.roll(chroma, -step, axis=1)
    return np.asarray(out.sum(axis=1))


def _harmony(sounding: Array, struck: Array) -> Array:
    chroma = _chroma(sounding)
    seen = chroma.sum(axis=0) + 1e-6
    fold = np.zeros((PITCHES, 12))
    fold[np.arange(PITCHES), (np.arange(PITCHES) + LOWEST) % 12] = 1.0
    begun = struck.sum(axis=0) @ fold + 1e-6
    major, minor, key = key_fits(seen)
    begun_major, begun_minor, _ = key_fits(begun)
    up = np.roll(seen / seen.sum(), -(key % 12))
    bright, dark = up[4] + 0.5 * up[9], up[3] + 0.5 * up[8]
    scale = (0, 2, 4, 5, 7, 9, 11) if key < 12 else (0, 2, 3, 5, 7, 8, 10, 11)
    shares = begun / begun.sum()
    bright_triads, dark_triads = _together(chroma, 4, 7), _together(chroma, 3, 7)
    half = max(1, round(0.5 * STRIDE_HZ))
    unit = chroma / (np.sqrt((chroma**2).sum(axis=1, keepdims=True)) + 1e-3)
    change = 1.0 - (unit[half:] * unit[:-half]).sum(axis=1).mean() if len(unit) > half else 0.0
    pairs = sum(_together(chroma, k).mean() for k in range(1, 7)) + 0.05
    return np.array(
        [
            major - minor,
            begun_major - begun_minor,
            max(major, minor),
            (bright - dark) / (bright + dark + 1e-9),
            1.0 - up[list(scale)].sum(),
            -float((shares * np.log2(shares)).sum()),
            float((bright_triads - dark_triads).sum() / ((bright_triads + dark_triads).sum() + 0.05 * len(chroma))),
            float((bright_triads + dark_triads).mean()),
            change,
            _together(chroma, 1).mean() / pairs,
            _together(chroma, 2).mean() / pairs,
            _together(chroma, 6).mean() / pairs,
        ]
    )
