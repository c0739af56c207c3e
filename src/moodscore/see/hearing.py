"""What a film sounds like, every half second: how loud, busy and bright, and whether speech or music is heard.

Speech has syllables: its level in the telephone band swings widely and most at three to seven times a second, with pauses
between (E. Scheirer & M. Slaney, "Construction and evaluation of a robust multifeature speech/music discriminator", 1997).
Music keeps its spectral lines from one tenth of a second to the next. Both are shares 0..1 by fixed rules, not a trained
net: good enough to lower music under a voice, not to transcribe one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RATE = 22050
STEP_S = 0.5
SPAN_S = 2.5  # of sound behind each judgement
SILENCE_DB = -60.0
_WINDOW, _HOP = 1024, 441
_FREQUENCIES = np.fft.rfftfreq(_WINDOW, 1 / RATE)
_VOICE = (_FREQUENCIES > 300) & (_FREQUENCIES < 3400)
_BROAD = (_FREQUENCIES > 100) & (_FREQUENCIES < 8000)
_TENTH = 5  # frames

Samples = NDArray[np.float32]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """A film's sound over time, float64 (n,) each, one value every half second from 0 on.

    `loudness_db` is the level in dBFS (silence: -90), `onsets_hz` sudden rises a second, `brightness_hz` the spectral
    centroid, `speech` and `music` shares 0..1 of being heard.
    """

    loudness_db: Floats
    onsets_hz: Floats
    brightness_hz: Floats
    speech: Floats
    music: Floats

    @property
    def times_s(self) -> Floats:
        """When each value begins, in seconds."""
        return np.arange(len(self.loudness_db), dtype=np.float64) * STEP_S

    @property
    def silent(self) -> bool:
        """Whether nothing is heard at all."""
        return bool((self.loudness_db < SILENCE_DB).all())


def listen(blocks: Iterable[Samples]) -> Heard:
    """Listen to sound in blocks (frames, 2) at 22,050 Hz, one after the other; memory does not grow with its length."""
    step, span = round(STEP_S * RATE), round(SPAN_S * RATE)
    rows: list[Floats] = []
    ring = np.zeros(span, np.float32)
    left = np.zeros(0, np.float32)
    for block in blocks:
        left = np.concatenate([left, block.mean(axis=1)])
        while len(left) >= step:
            ring = np.concatenate([ring[step:], left[:step]])
            left = left[step:]
            rows.append(_described(ring, step))
    if len(left) >= step // 4:
        ring = np.concatenate([ring[len(left) :], left])
        rows.append(_described(ring, len(left)))
    table = np.array(rows) if rows else np.zeros((0, 5))
    # A judgement rests on what lies behind it: shown a second earlier, it stands in the middle of its span.
    early = np.minimum(np.arange(len(table)) + round(SPAN_S / STEP_S / 2), max(len(table) - 1, 0))
    return Heard(table[:, 0], table[:, 1], table[:, 2], table[early, 3], table[early, 4])


def _described(ring: Samples, newest: int) -> Floats:
    """Loudness, onsets and brightness of the newest samples; speech and music of the whole span."""
    loudness = 20 * np.log10(max(3.2e-5, float(np.sqrt((ring[-newest:].astype(np.float64) ** 2).mean()))))
    if 20 * np.log10(max(3.2e-5, float(np.abs(ring).max()))) < SILENCE_DB:
        return np.array([loudness, 0.0, 0.0, 0.0, 0.0])
    frames = np.lib.stride_tricks.sliding_window_view(ring, _WINDOW)[::_HOP] * np.hanning(_WINDOW)
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2 + 1e-12
    recent = power[-max(2, round(newest / _HOP)) :]
    total = recent.sum(axis=1)
    brightness = float((recent @ _FREQUENCIES / total * total).sum() / total.sum())
    return np.array([loudness, _onsets(power, len(recent)), brightness, *_speech_and_music(power)])


def _onsets(power: Floats, recent: int) -> float:
    """Sudden rises of the whole spectrum a second among the newest frames."""
    log = np.log(power[:, _BROAD] + 1e-6 * power.max())
    rise = np.maximum(0.0, np.diff(log, axis=0)).mean(axis=1)
    peaks = (rise[1:-1] > rise[:-2]) & (rise[1:-1] >= rise[2:]) & (rise[1:-1] > rise.mean() + rise.std())
    return float(peaks[-recent:].sum() / (recent * _HOP / RATE))


def _speech_and_music(power: Floats) -> tuple[float, float]:
    voice = power[:, _VOICE].sum(axis=1)
    log = np.log(voice + 1e-3 * voice.mean() + 1e-12)
    swing = float(log.std())
    beat = np.abs(np.fft.rfft((log - log.mean()) * np.hanning(len(log)))) ** 2
    rates = np.fft.rfftfreq(len(log), _HOP / RATE)
    syllables = float(beat[(rates >= 2.5) & (rates <= 7)].sum() / (beat[(rates >= 0.5) & (rates <= 20)].sum() + 1e-12))
    level = np.sqrt(power.sum(axis=1))
    pauses = float((level < 0.5 * level.mean()).mean())
    broad = power[:, _BROAD]
    flatness = float(np.median(np.exp(np.log(broad).mean(axis=1)) / broad.mean(axis=1)))
    tonal = 1.0 - _ramp(flatness, 0.02, 0.06)
    speech = tonal * _ramp(swing, 0.95, 1.3) * _ramp(syllables, 0.3, 0.42) * _ramp(pauses, 0.05, 0.16)
    music = tonal * _ramp(_lasting(broad), 0.6, 0.75) * (1.0 - speech)
    return speech, music


def _lasting(broad: Floats) -> float:
    """How alike the spectrum is a tenth of a second later, -1..1."""
    log = np.log(broad + 1e-6 * broad.max())
    centred = log - log.mean(axis=1, keepdims=True)
    one, other = centred[:-_TENTH], centred[_TENTH:]
    lengths = np.sqrt((one**2).sum(axis=1) * (other**2).sum(axis=1)) + 1e-12
    return float(((one * other).sum(axis=1) / lengths).mean())


def _ramp(value: float, low: float, high: float) -> float:
    """0 below `low`, 1 above `high`, a straight line between."""
    return min(1.0, max(0.0, (value - low) / (high - low)))
