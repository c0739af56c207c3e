"""Live: a camera, a pipe or a film as it plays -> its feeling now, and music that follows when the mood has truly moved."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from moodscore.affect import Affect
from moodscore.music.jukebox import Jukebox
from moodscore.music.library_sound import RATE
from moodscore.prepare import camera
from moodscore.schemes import Label
from moodscore.see import live

__all__ = ["LIVE_RATE", "Jukebox", "LiveReading", "watch_live"]

LIVE_RATE = RATE


@dataclass(frozen=True, slots=True)
class LiveReading:
    """What is felt now: when its frame was shown (seconds), the frame's own and the smoothed feeling, the mood that stands.

    `turned` says that the mood changed with this reading; `latency_s` is the time from the frame to the reading.
    """

    time_s: float
    read: Affect
    affect: Affect
    mood: Label
    turned: bool
    latency_s: float


def watch_live(source: str, seconds: float | None = None) -> Iterator[LiveReading]:
    """Source -> a reading of its newest frame, as often as the machine can, until it ends or for so many `seconds`.

    Raises BadMedia, naming the source, when it cannot be opened.
    """
    smoothed, standing = live.Smoothed(), live.Hysteresis()
    began: float | None = None
    for shown in camera.watch(source):
        clock = time.monotonic()
        began = clock - shown.time_s if began is None else began
        read = live.read(shown.photo)
        felt = smoothed.see(shown.time_s, read)
        turned = standing.see(shown.time_s, felt)
        assert standing.mood is not None
        yield LiveReading(shown.time_s, read, felt, standing.mood, turned, time.monotonic() - began - shown.time_s)
        if seconds is not None and shown.time_s >= seconds:
            return
