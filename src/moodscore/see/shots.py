"""Shots: where a film is cut, found frame by frame while others look at the same frames.

Hard cuts come from PySceneDetect's adaptive content detector (change of hue, saturation and brightness, compared with the
frames around), fed with small frames that we decode ourselves, so that a film is decoded once for all who look at it.
Flashes, compression that pumps and pictures that only get lighter are told from cuts by tiny sketches of the frames around;
dissolves and fades come from `blends`. All limits were chosen on synthetic films with known cuts.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from moodscore.errors import BadValue
from moodscore.media import Clip, Shot
from moodscore.prepare import clip as clips
from moodscore.see.blends import Blends, Sketch, likeness

Pixels = NDArray[np.uint8]

SHORT_SIDE = 90  # pixels; what detectors look at
MIN_SHOT_S = 0.4
_RATIO, _CHANGE, _AROUND = 2.0, 6.0, 2  # grey films change in one of three channels only
_FLASH_FRAMES = 6  # a longer flash is a shot
_LEAST, _LEAST_SHARE, _ALIKE = (
    3.5,
    0.22,
    0.72,
)  # a cut changes the sketch: by levels, by share of brightness, in pattern
_SAME_AGAIN = 0.5  # of the change at a cut: the picture from before the flash is back
_SKETCH = (32, 18)
_BLEND_APART_S = 0.5


def small(size: tuple[int, int]) -> tuple[int, int]:
    """(width, height) of the frames to show a Cutter, for a film of `size`: the shorter side 90 pixels."""
    return clips.fitted(size, short=min(SHORT_SIDE, *size))


class Cutter:
    """Finds the cuts in frames shown to it in order; a cut is the time of the first frame of a new shot.

    It decides some frames later: `see` answers with the cuts it is sure of by now. Cuts that would leave a shot shorter than
    `min_shot_s` are passed over, and so are flashes of up to six frames after which the picture is as it was.
    """

    def __init__(self, min_shot_s: float = MIN_SHOT_S) -> None:
        from scenedetect.detectors import AdaptiveDetector

        if not min_shot_s >= 0:
            raise BadValue(f"shots: expected a shortest shot >= 0 s, got {min_shot_s!r}")
        self._detector: Any = AdaptiveDetector(
            adaptive_threshold=_RATIO, min_scene_len=0, min_content_val=_CHANGE, window_width=_AROUND
        )
        self._min_shot_s = min_shot_s
        self._blends = Blends()
        self._recent: deque[tuple[int, float, Sketch]] = deque(maxlen=3 * _FLASH_FRAMES)
        self._waiting: deque[int] = deque()
        self._count = 0
        self._start_s: float | None = None
        self._cuts: list[float] = []

    @property
    def cuts(self) -> tuple[float, ...]:
        """The cuts found so far, in seconds."""
        return tuple(self._cuts)

    def see(self, time_s: float, pixels: Pixels) -> tuple[float, ...]:
        """Take the next frame: its time and small uint8 RGB pixels (height, width, 3); the cuts that became certain.

        Raises BadValue when the frame is not later than the one before or differs from it in size.
        """
        from scenedetect import FrameTimecode

        if self._recent and time_s <= self._recent[-1][1]:
            raise BadValue(f"shots: expected a frame after {self._recent[-1][1]:g} s, got one at {time_s:g} s")
        if self._start_s is None:
            self._start_s = time_s
        sketch = cv2.resize(pixels, _SKETCH, interpolation=cv2.INTER_AREA).astype(np.float32)
        self._recent.append((self._count, time_s, sketch))
        seen = FrameTimecode(self._count, 25.0)  # it counts frames; times are kept here
        self._count += 1
        bgr = np.ascontiguousarray(pixels[..., ::-1])
        self._waiting.extend(code.frame_num for code in self._detector.process_frame(seen, bgr))
        melted = self._melted(self._blends.see(time_s, sketch))
        return (*melted, *self._decided(self._count - _FLASH_FRAMES))

    def shots(self, end_s: float) -> tuple[Shot, ...]:
        """All shots of what was seen, the last one ending at `end_s`; none when nothing was seen."""
        self._decided(self._count)
        self._melted(self._blends.end())
        if self._start_s is None:
            return ()
        edges = [self._start_s, *(c for c in self._cuts if c < end_s), end_s]
        if len(edges) > 2 and edges[-1] - edges[-2] < self._min_shot_s:
            del edges[-2]
        return tuple(Shot(a, b) for a, b in pairwise(edges))

    def _decided(self, before: int) -> tuple[float, ...]:
        """Decide on the candidates with a number below `before`."""
        found = []
        while self._waiting and self._waiting[0] < before:
            number = self._waiting.popleft()
            time_s = next(t for n, t, _ in self._recent if n == number)
            if self._is_apart(time_s, self._min_shot_s) and self._is_new(number) and not self._is_flash(number):
                insort(self._cuts, time_s)
                found.append(time_s)
        return tuple(found)

    def _melted(self, middles: list[float]) -> tuple[float, ...]:
        """Blends become cuts where no other cut is near."""
        found = [m for m in middles if self._is_apart(m, max(_BLEND_APART_S, self._min_shot_s))]
        for middle in found:
            insort(self._cuts, middle)
        return tuple(found)

    def _is_apart(self, time_s: float, apart_s: float) -> bool:
        """Whether a cut there leaves `apart_s` to the cut before, the film's start, and the cut after."""
        at = bisect_left(self._cuts, time_s)
        around = [self._start_s or 0.0, *self._cuts[max(0, at - 1) : at + 1]]
        return all(time_s != other and abs(time_s - other) >= apart_s for other in around)

    def _is_new(self, number: int) -> bool:
        """Whether frame `number` shows another picture than the one before, not the same lighter, darker or sharper."""
        sketches = {n: sketch for n, _, sketch in self._recent}
        before, after = sketches.get(number - 1), sketches[number]
        if before is None:
            return False
        change = _difference(before, after)
        share = change / (min(float(before.mean()), float(after.mean())) + 4)
        return change >= _LEAST and share >= _LEAST_SHARE and likeness(before, after) < _ALIKE

    def _is_flash(self, number: int) -> bool:
        """Whether the picture from before frame `number` comes back, or frame `number` is such a return."""
        sketches = {n: sketch for n, _, sketch in self._recent}
        before, after = sketches.get(number - 1), sketches[number]
        if before is None:
            return False
        limit = _SAME_AGAIN * _difference(before, after)
        later = [sketches[n] for n in range(number + 1, number + _FLASH_FRAMES) if n in sketches]
        earlier = [sketches[n] for n in range(number - _FLASH_FRAMES, number - 1) if n in sketches]
        return any(_difference(before, s) < limit for s in later) or any(_difference(after, s) < limit for s in earlier)


def _difference(one: Sketch, other: Sketch) -> float:
    return float(np.abs(one - other).mean())


def cut(clip: Clip, min_shot_s: float = MIN_SHOT_S) -> tuple[Shot, ...]:
    """The shots of a film, first to last without gaps, in seconds of presentation time; raises BadMedia as `clip.frames`."""
    cutter, size = Cutter(min_shot_s), small(clip.size)
    for frame in clips.frames(clip):
        cutter.see(frame.time_s, frame.pixels(size))
    return cutter.shots(clip.duration_s)
