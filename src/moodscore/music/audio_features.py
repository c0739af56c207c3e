"""Audio features: numbers that describe a stretch of sound, for judging the feeling in it, whatever its level.

They are those cues of listeners (see `cues`) that recordings of any kind share: colour, loudness changes, how often and how
sharply sound begins, pulse, height, harmony and mode. The symbolic judge has its own, see `features`.
Key profiles: C. L. Krumhansl & E. J. Kessler, Psychological Review 89 (1982) 334-368. Mel cepstra: S. B. Davis & P.
Mermelstein, IEEE Trans. ASSP 28 (1980) 357-366.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from moodscore.music.audio_frames import FRAME_HZ, LOWEST, MELS, SEMITONES, STRIDE_HZ, Frames
from moodscore.music.features import _PROFILES

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
    "pitch_mean",
    "pitch_sd",
    "pitch_low",
    "pitch_high",
    "polyphony",
    "bass_move",
    "roughness_mean",
    "roughness_sd",
    "peak_share",
    "log_peaks",
    "majorness",
    "key_clarity",
    "third_quality",
    "out_of_key",
    "pitch_class_entropy",
    "triad_quality",
    "triad_clarity",
    "harmony_change",
    "semitone_share",
    "whole_tone_share",
    "tritone_share",
    "third_share",
)


def features(frames: Frames) -> Array:
    """What a stretch of sound of some seconds is like: float64 (len(NAMES),), in the order of `NAMES`."""
    power = frames.mels.sum(axis=1).astype(np.float64)
    loud = float(np.percentile(power, 95)) + 1e-12
    level = np.maximum(10.0 * np.log10(power / loud + 1e-12), -_RANGE_DB)
    heard = level > -_RANGE_DB + 15.0
    mels = 10.0 * np.log10(np.maximum(frames.mels / loud, 10.0 ** (-_RANGE_DB / 10.0) / MELS))
    return np.concatenate(
        [
            _cepstral(mels, heard),
            _shape(frames.shape[heard] if heard.any() else frames.shape),
            _dynamics(level, frames.mels, power),
            _rhythm(mels),
            _height(frames),
            _texture(frames),
            _harmony(frames.notes.astype(np.float64)),
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


def _height(frames: Frames) -> Array:
    notes = frames.notes.astype(np.float64)
    seen = notes.sum(axis=0) + 1e-9
    pitches = np.arange(SEMITONES) + LOWEST
    mean = float(seen @ pitches / seen.sum())
    deviation = math.sqrt(float(seen @ (pitches - mean) ** 2 / seen.sum()))
    cumulated = np.cumsum(seen) / seen.sum()
    low, high = (float(pitches[np.searchsorted(cumulated, share)]) for share in (0.1, 0.9))
    strong = notes > 0.25 * notes.max(axis=1, keepdims=True) + 1e-9
    there = strong.any(axis=1)
    lowest = strong.argmax(axis=1)[there]
    move = np.abs(np.diff(lowest)).mean() if len(lowest) > 1 else 0.0
    return np.array([mean, deviation, low, high, strong.sum(axis=1).mean(), move])


def _texture(frames: Frames) -> Array:
    rough, share, count = frames.texture.astype(np.float64).T
    return np.array([rough.mean(), rough.std(), np.minimum(share, 2.0).mean(), math.log2(count.mean() + 1.0)])


def _triads() -> Array:
    """(24, 12) unit-length chords: 12 major, 12 minor triads."""
    rows = np.zeros((24, 12))
    for k in range(12):
        rows[k, [k, (k + 4) % 12, (k + 7) % 12]] = 1.0
        rows[12 + k, [k, (k + 3) % 12, (k + 7) % 12]] = 1.0
    return rows / math.sqrt(3.0)


_TRIADS = _triads()


def _harmony(notes: Array) -> Array:
    chroma = np.zeros((len(notes), 12))
    for k in range(SEMITONES):
        chroma[:, (k + LOWEST) % 12] += notes[:, k]
    seen = chroma.sum(axis=0) + 1e-9
    shares = seen / seen.sum()
    centred = seen - seen.mean()
    fits = _PROFILES @ (centred / (np.sqrt((centred**2).sum()) + 1e-9))
    tonic = int(np.argmax(fits)) % 12
    up = np.roll(shares, -tonic)
    bright, dark = up[4] + 0.5 * up[9], up[3] + 0.5 * up[8]
    scale = (0, 2, 4, 5, 7, 9, 11) if int(np.argmax(fits)) < 12 else (0, 2, 3, 5, 7, 8, 10, 11)
    unit = chroma / (np.sqrt((chroma**2).sum(axis=1, keepdims=True)) + 1e-9)
    chords = unit @ _TRIADS.T
    major, minor = chords[:, :12].max(axis=1), chords[:, 12:].max(axis=1)
    half = max(1, round(0.5 * STRIDE_HZ))
    change = 1.0 - (unit[half:] * unit[:-half]).sum(axis=1).mean() if len(unit) > half else 0.0
    pairs = [float((unit * np.roll(unit, k, axis=1)).sum(axis=1).mean()) for k in (1, 2, 6, 4)]
    return np.array(
        [
            fits[:12].max() - fits[12:].max(),
            fits.max(),
            (bright - dark) / (bright + dark + 1e-9),
            1.0 - up[list(scale)].sum(),
            -float((shares * np.log2(shares)).sum()),
            (major - minor).mean(),
            np.maximum(major, minor).mean(),
            change,
            *pairs,
        ]
    )
