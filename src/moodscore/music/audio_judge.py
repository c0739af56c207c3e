"""Audio judge: hears sound, a recording or a tune, and says the feeling in it.

For matching recordings of any instruments to a feeling. Scores are better heard by `judge`, which sees their notes. It
answers for stretches of about fifteen seconds, as long as the pieces it learned from, and for longer sound with their mean.
"""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from moodscore.affect import Affect, Spread
from moodscore.errors import BadMedia, BadValue
from moodscore.music.audio_features import Heard, features, listen
from moodscore.music.audio_frames import RATE, mono
from moodscore.prepare import sound
from moodscore.reading import Reading
from moodscore.schemes import mood_labels
from moodscore.trajectory import Trajectory
from moodscore.weights import store

NAME = "audio-judge"
WINDOW_S = 15.0
EXCERPTS = 5
_SHORTEST_S = 0.5
_SILENT = 1e-4  # peak, -80 dBFS
_NOTHING = f"expected music, got silence or less than {_SHORTEST_S:g} s; choose another file"
_FAINT = 1e-4  # of the loudest stretch's power

Samples = NDArray[np.float32]


def hear(samples: Samples, rate: int) -> Reading:
    """The feeling in a whole piece of sound (frames, 2) at `rate` Hz, however loud it was recorded.

    `confidence` is the probability of the mood it names, given how far off the judge was on pieces it had not seen
    (`spread`). Raises BadMedia for silence and for less than half a second, BadValue for samples of another shape.
    """
    return _reading(_windows(_listened(samples, rate)))


def hear_file(path: Path) -> Reading:
    """The feeling in an audio file or the sound of a film: of all of it when short, of five excerpts when long.

    Only the excerpts are decoded, so a file of three hours costs as much as one of three minutes. Raises BadMedia, naming
    the file and the reason, when it is missing, broken, silent, too short or has no sound.
    """
    found = [e for e in sound.excerpts(path, RATE, EXCERPTS, WINDOW_S) if _sounds(e)]
    if not found:
        raise BadMedia(f"{path}: {_NOTHING}")
    power = [float(np.mean(np.square(excerpt))) for excerpt in found]
    loud = [e for e, p in zip(found, power, strict=True) if p >= _FAINT * max(power)]
    return _reading([part for excerpt in loud for part in _windows(_listened(excerpt, RATE))])


def hear_over_time(
    samples: Samples, rate: int, window_s: float = WINDOW_S, hop_s: float = WINDOW_S / 2.0
) -> Trajectory:
    """The feeling along a piece of sound (frames, 2): one point for each window of `window_s`, every `hop_s` seconds.

    A point stands at the middle of its window (the first at 0). A silent stretch is heard as the one before it, or as the
    first that sounds. Raises BadMedia for silence and for less than half a second, BadValue for samples of another shape, a
    window below 1 s or a hop that is not positive.
    """
    if not (window_s >= 1.0 and hop_s > 0):
        raise BadValue(f"window: expected a window >= 1 s and a hop > 0 s, got {window_s!r} and {hop_s!r}")
    heard = _listened(samples, rate)
    duration_s = len(samples) / rate
    starts = np.arange(0.0, max(heard.duration_s - window_s, 0.0) + hop_s / 2.0, hop_s)
    parts = [heard.between(t, t + window_s) for t in starts]
    faint = _FAINT * max(_power(part) for part in parts)
    loud = [k for k, part in enumerate(parts) if _power(part) >= faint]
    said = [Affect.clipped(float(v), float(a)) for v, a in _affects([parts[k] for k in loud])]
    affects = [said[max(0, bisect.bisect_right(loud, k) - 1)] for k in range(len(parts))]
    times = [0.0, *(min(float(t) + window_s / 2.0, duration_s) for t in starts[1:])]
    return Trajectory.of(zip(times, affects, strict=True), duration_s)


def _sounds(samples: Samples) -> bool:
    return len(samples) >= _SHORTEST_S * RATE and float(np.abs(samples).max()) > _SILENT


def _listened(samples: Samples, rate: int) -> Heard:
    heard = mono(samples, rate)
    if len(heard) < _SHORTEST_S * RATE or float(np.abs(heard).max()) <= _SILENT:
        raise BadMedia(f"sound: {_NOTHING}")
    return listen(heard)


def _windows(heard: Heard) -> list[Heard]:
    """Equal stretches of about fifteen seconds, those left out that are silent beside the loudest."""
    count = max(1, round(heard.duration_s / WINDOW_S))
    length = heard.duration_s / count
    parts = [heard.between(k * length, (k + 1) * length) for k in range(count)]
    faint = _FAINT * max(_power(part) for part in parts)
    return [part for part in parts if _power(part) >= faint]


def _power(heard: Heard) -> float:
    return float(heard.frames.mels.sum(axis=1).mean())


def _affects(parts: Sequence[Heard]) -> NDArray[np.float32]:
    """Valence and arousal (n, 2) of each stretch."""
    rows = np.array([features(part) for part in parts], np.float32)
    return store.session(NAME).run({"features": rows})["affect"]


def _reading(parts: Sequence[Heard]) -> Reading:
    card = store.card(NAME)
    valence, arousal = _affects(parts).mean(axis=0, dtype=np.float64)
    affect = Affect.clipped(float(valence), float(arousal))
    spread = Spread(card.scores["valence_rmse"], card.scores["arousal_rmse"])
    labels = mood_labels(affect, spread.valence, spread.arousal)
    return Reading(affect, labels, max(labels.probs), card.source, spread)
