"""Live: the feeling of what a camera shows now, smoothed, and a mood that changes only when the feeling has truly moved."""

from __future__ import annotations

import math
from dataclasses import dataclass

from moodscore.affect import Affect
from moodscore.media import Photo
from moodscore.schemes import MOODS, Label, mood_of
from moodscore.see import people
from moodscore.see import photo as see_photo

SETTLE_S = 1.5


@dataclass(slots=True)
class Smoothed:
    """A feeling that follows what is read, most of the way within `settle_s` seconds; readings may come at any pace."""

    settle_s: float = SETTLE_S
    affect: Affect | None = None
    _time_s: float = 0.0

    def see(self, time_s: float, affect: Affect) -> Affect:
        """Take a reading at `time_s` seconds, not before the last one; the smoothed feeling now."""
        if self.affect is None:
            self.affect = affect
        else:
            share = 1.0 - math.exp(-max(0.0, time_s - self._time_s) / self.settle_s)
            self.affect = self.affect.toward(affect, share)
        self._time_s = time_s
        return self.affect


@dataclass(slots=True)
class Hysteresis:
    """The mood that stands, until the feeling has been `margin` nearer to another for `hold_s` seconds.

    Near the border of two moods a feeling that trembles changes nothing. `margin` is in plane units.
    """

    margin: float = 0.12
    hold_s: float = 2.0
    mood: Label | None = None
    _rival: Label | None = None
    _since_s: float = 0.0

    def see(self, time_s: float, affect: Affect) -> bool:
        """Take the feeling at `time_s` seconds; whether the mood changed just now (the first one does not count)."""
        if self.mood is None:
            self.mood = mood_of(affect)
            return False
        rival = min(MOODS.labels, key=lambda mood: affect.distance(mood.place))
        nearer = affect.distance(self.mood.place) - affect.distance(rival.place)
        if rival is self.mood or nearer < self.margin:
            self._rival = None
            return False
        if rival is not self._rival:
            self._rival, self._since_s = rival, time_s
        if time_s - self._since_s < self.hold_s:
            return False
        self.mood, self._rival = rival, None
        return True


def read(frame: Photo) -> Affect:
    """The feeling of one frame, scene and people."""
    return people.watch(frame, see_photo.perceive(frame)).reading.affect
