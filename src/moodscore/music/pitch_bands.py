"""Pitch bands: sound as the levels of 96 semitones, 50 times a second, which is what the diffusion net draws.

Music lies on semitones, so 96 bands say what 512 mel bands say, and to move by a band is to transpose. A band is a
spectral shape: below 1 kHz the line that a sine at the semitone leaves in a window of 100 ms, above it wider and wider, up
to the whole of the semitone, where overtones run together and noise begins. Bands are found by non-negative estimation with
these shapes (D. Lee & H. S. Seung 2001), and go back to sound as Riffusion's mel bands (`spectrogram.sound_of`).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from moodscore.errors import BadValue
from moodscore.music import mel_bands, spectrogram

BANDS = 96
LOWEST = 28  # MIDI pitch of the first band; the last, 123, ends at 10 kHz
RATE, HOP, WINDOW = 22050, 441, 2205
FRAMES_HZ = 50
FLOOR_DB, TOP_DB = 10.0, 76.0  # above 60 dB in 16-bit units: -1 and 1 of `levels`
_TILT_DB = 0.9  # a band, above the 60th: high overtones are weak, and heard
STEPS = 12
_HEARD_HZ = 8.0  # standard deviation of a line as it is looked for
_PLAYED_HZ = 6.0  # and as it is given back, since what finds the phases widens it; measured by the audio judge
_WIDE_HZ = 1000.0  # where a band begins to be wider than a line

Array = NDArray[np.float32]


def centres_hz() -> NDArray[np.float64]:
    """(96,) where the semitones stand, A = 440 Hz."""
    return np.asarray(440.0 * 2.0 ** ((LOWEST + np.arange(BANDS) - 69) / 12.0), np.float64)


@lru_cache(maxsize=2)
def shapes(line_hz: float = _HEARD_HZ) -> Array:
    """(96, 512) mel amplitudes of each band at 1, its line `line_hz` wide (standard deviation), for bins 10 Hz apart."""
    hertz = np.arange(mel_bands.BINS)[None, :] * mel_bands.BIN_HZ
    centre = centres_hz()[:, None]
    semitone = centre * (2.0 ** (1 / 24) - 2.0 ** (-1 / 24))
    share = np.clip(np.log2(centre / _WIDE_HZ) / 2.0, 0.0, 1.0)  # all of the semitone from 4 kHz on
    width = np.maximum(line_hz, share * semitone * 0.45)
    lines = np.exp(-0.5 * ((hertz - centre) / width) ** 2)
    return np.ascontiguousarray(lines.astype(np.float32) @ mel_bands.coarse())


def levels(samples: Array) -> Array:
    """Levels (frames, 96) of mono sound (n,) at 22,050 Hz, -1 silent .. 1 as loud as a band gets; a frame for every 20 ms.

    Raises BadValue for another shape, no samples, or nan.
    """
    if samples.ndim != 1 or not samples.size or not np.isfinite(samples).all():
        raise BadValue(f"sound: expected finite mono samples (n >= 1,), got {samples.shape}")
    count = -(-len(samples) // HOP)
    sound = np.pad(np.asarray(samples, np.float32), (WINDOW // 2, count * HOP - len(samples) + WINDOW // 2))
    frames = np.lib.stride_tricks.sliding_window_view(sound, WINDOW)[: count * HOP : HOP]
    # Full scale in 16-bit units, and half the samples of a window at 44,100 Hz.
    window = np.asarray(np.hanning(WINDOW + 1)[:-1] * 65536.0, np.float32)
    out = np.empty((count, BANDS), np.float32)
    for k in range(0, count, 512):
        spectrum = np.abs(np.fft.rfft(frames[k : k + 512] * window, axis=1)[:, : mel_bands.BINS])
        out[k : k + 512] = _explained(spectrum.astype(np.float32) @ mel_bands.coarse())
    return _scaled(out)


def _explained(bands: Array) -> Array:
    """How much (n, 96) of each shape is in mel amplitudes (n, 512)."""
    parts = shapes()
    weight = parts.sum(axis=1)
    found = (bands @ parts.T) / weight + np.float32(1e-3)
    for _ in range(STEPS):
        found *= (bands / (found @ parts + np.float32(1e-2))) @ parts.T / weight
    return np.asarray(found, np.float32)


def _tilt_db() -> Array:
    return np.asarray(_TILT_DB * np.maximum(0, np.arange(BANDS) - 60), np.float32)


def _scaled(amplitudes: Array) -> Array:
    level = 20.0 * np.log10(np.maximum(amplitudes, 1.0)) - 60.0 + _tilt_db()
    return np.asarray(np.clip((level - FLOOR_DB) / (TOP_DB - FLOOR_DB) * 2.0 - 1.0, -1.0, 1.0), np.float32)


def amplitudes(scaled: Array) -> Array:
    """Mel amplitudes (1, 2 * frames, 512), 10 ms apart, of levels (frames, 96): what `spectrogram.sound_of` takes."""
    level = (np.clip(scaled, -1.0, 1.0) + 1.0) / 2.0 * (TOP_DB - FLOOR_DB) + FLOOR_DB + 60.0 - _tilt_db()
    found = np.where(scaled > -0.999, 10.0 ** (level / 20.0), 0.0).astype(np.float32)
    between = np.concatenate([found[1:], found[-1:]])
    columns = np.stack([found, np.sqrt(found * between)], axis=1).reshape(-1, BANDS)
    return np.asarray(columns @ shapes(_PLAYED_HZ), np.float32)[None]


def sound_of(scaled: Array, seed: int = 0) -> Array:
    """Mono sound (frames * 882,) at 44,100 Hz of levels (frames, 96); `seed` chooses the phases to start from."""
    return spectrogram.sound_of(amplitudes(scaled), seed)[:, 0]
