"""A film becomes a feeling over time: what its pictures, faces, motion, cuts and sound say, fused by a written rule.

The rule. Every second, and soon after every cut, a frame is read as a photo with its people. Inside a shot the readings are
averaged (over `linger_s` in long shots), so a shot has one feeling that may drift. Valence is the pictures', moved towards
what the sound says by `sound_valence`. Arousal is the pictures' plus what moves (`motion`), how fast it is cut (`cutting`)
and how loud and busy the sound is (`loudness`), each from -1 for very little to 1 for very much around what is usual for
films, and moved towards what the sound says by `sound_arousal`; what cannot be heard is left out. The signs agree with the
features that predict the arousal felt at film clips (Y. Baveye et al., "LIRIS-ACCEDE", 2015); the sizes are ours, for want
of films with feelings to fit them on.
"""

from __future__ import annotations

import itertools
import math
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from moodscore.affect import Affect
from moodscore.media import Clip, Photo, Shot
from moodscore.prepare import clip as clips
from moodscore.prepare import motion
from moodscore.reading import Reading
from moodscore.see import genre, people
from moodscore.see import photo as see_photo
from moodscore.see.hearing import SILENCE_DB, STEP_S, Heard
from moodscore.see.shots import Cutter, small
from moodscore.trajectory import Trajectory

LOOK_EVERY_S = 1.0
AFTER_CUT_S = 0.25
MOTION_EVERY_S = 0.25
LOOK_SIDE = 360  # pixels; enough for the scene and for faces
STRIP_FRAMES = 16
STRIP_HEIGHT = 90
_WAITING = 6  # frames that wait to be read, so that memory stays flat

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rule:
    """The sizes in the rule above; plane units, except `linger_s`."""

    linger_s: float = 4.0
    motion: float = 0.25
    cutting: float = 0.15
    loudness: float = 0.15
    sound_valence: float = 0.25
    sound_arousal: float = 0.3


RULE = Rule()


@dataclass(frozen=True, slots=True)
class Look:
    """One frame that was read: when it appears, in seconds, the feeling of scene and people, and the genre it looks like."""

    time_s: float
    reading: Reading
    genre: Reading


@dataclass(frozen=True, slots=True, eq=False)
class Watched:
    """What was seen in a film: its shots, the looks, how much moves, and frames for a filmstrip.

    `motion` is (times in seconds, share of the frame that things move by in a second), float64 (n,) each; `strip` are small
    frames evenly spread over the film with their times.
    """

    clip: Clip
    shots: tuple[Shot, ...]
    looks: tuple[Look, ...]
    motion: tuple[Floats, Floats]
    strip: tuple[tuple[float, Photo], ...]


@dataclass(slots=True)
class _Pass:
    """What one pass over the frames gathers."""

    cutter: Cutter
    looks: list[Look] = field(default_factory=list)
    moved: list[tuple[float, float]] = field(default_factory=list)
    strip: list[tuple[float, Photo]] = field(default_factory=list)


def read(frame: Photo, time_s: float) -> Look:
    """Read one frame of a film: the scene with its people, and the genre, in one look of the backbone."""
    scene = see_photo.look(frame)
    reading = people.watch(frame, scene.reading).reading
    return Look(time_s, reading, genre.of_embeddings(scene.embedding[None]))


def watch(clip: Clip, progress: Callable[[float], None] | None = None) -> Watched:
    """Look at a whole film once: every frame for cuts, four pairs a second for motion, one frame a second in full.

    Frames are decoded one after the other and read on two threads; memory does not grow with the film. `progress` is told
    the share 0..1 that is done. Raises BadMedia when the film cannot be read.
    """
    seen = _Pass(Cutter())
    waiting: deque[Future[Look]] = deque()
    with ThreadPoolExecutor(max_workers=2) as pool:
        try:
            for photo, time_s in _worth_reading(clip, seen, progress):
                waiting.append(pool.submit(read, photo, time_s))
                if len(waiting) > _WAITING:
                    seen.looks.append(waiting.popleft().result())
            seen.looks += [one.result() for one in waiting]
        finally:
            pool.shutdown(cancel_futures=True)
    times, amounts = (np.array(column, np.float64) for column in zip(*seen.moved or [(0.0, 0.0)], strict=True))
    return Watched(clip, seen.cutter.shots(clip.duration_s), tuple(seen.looks), (times, amounts), tuple(seen.strip))


def _worth_reading(clip: Clip, seen: _Pass, progress: Callable[[float], None] | None) -> Iterator[tuple[Photo, float]]:
    """Go through all frames, gather cuts, motion and the strip, and hand on those that are to be read in full."""
    glance, look = small(clip.size), clips.fitted(clip.size, short=min(LOOK_SIDE, *clip.size))
    strip = clips.fitted(clip.size, height=min(STRIP_HEIGHT, clip.size[1]))
    due_look, due_motion = 0.0, MOTION_EVERY_S
    strip_times = iter(clip.duration_s * (k + 0.5) / STRIP_FRAMES for k in range(STRIP_FRAMES))
    due_strip = next(strip_times)
    before: tuple[float, NDArray[np.uint8]] | None = None
    for frame in clips.frames(clip):
        pixels = frame.pixels(glance)
        if seen.cutter.see(frame.time_s, pixels):
            due_look = min(due_look, frame.time_s + AFTER_CUT_S)
        if before is not None and frame.time_s >= due_motion:
            seen.moved.append((frame.time_s, _speed(before, (frame.time_s, pixels))))
            due_motion = frame.time_s + MOTION_EVERY_S
        before = frame.time_s, pixels
        if frame.time_s >= due_strip or not seen.strip:
            seen.strip.append((frame.time_s, Photo(frame.pixels(strip), clip.path.name, clip.size)))
            due_strip = next((t for t in strip_times if t > frame.time_s), math.inf)
        if frame.time_s >= due_look:
            due_look = frame.time_s + LOOK_EVERY_S
            yield Photo(frame.pixels(look), clip.path.name, clip.size), frame.time_s
        if progress:
            progress(min(1.0, frame.time_s / clip.duration_s))


def _speed(one: tuple[float, NDArray[np.uint8]], other: tuple[float, NDArray[np.uint8]]) -> float:
    """The share of the frame that things move by in a second; 0 where a frame is too small to tell."""
    if min(one[1].shape[:2]) < motion.LEAST_SIDE:
        return 0.0
    return motion.motion_amount(one[1], other[1]) / max(1e-3, other[0] - one[0])


def trajectory(
    watched: Watched, heard: Heard | None = None, said: Trajectory | None = None, rule: Rule = RULE
) -> Trajectory:
    """The feeling along a film, a point at each look, by the rule above.

    `heard` is what its sound is like and `said` what a judge of music hears in it; without them, or in silence, the
    pictures speak alone.
    """
    if heard is None or heard.silent:
        heard = said = None
    pictured = _pictured(watched, rule)
    points: list[tuple[float, Affect]] = []
    for look, affect in zip(watched.looks, pictured, strict=True):
        time_s = look.time_s if points else 0.0
        arousal = (
            affect.arousal + rule.motion * _moves(watched, look.time_s) + rule.cutting * _cuts(watched, look.time_s)
        )
        fused = Affect.clipped(affect.valence, arousal)
        if heard is not None:
            fused = _with_sound(fused, look.time_s, heard, said, rule)
        points.append((time_s, fused))
    return Trajectory.of(points, watched.clip.duration_s)


def _pictured(watched: Watched, rule: Rule) -> list[Affect]:
    """The feeling of the pictures at each look: the mean of the looks of its shot, the near ones in a long shot."""
    cuts = [shot.start_s for shot in watched.shots[1:]]
    times = [look.time_s for look in watched.looks]
    shot_of = [bisect_left(cuts, time_s + 1e-6) for time_s in times]
    out = []
    for time_s, shot in zip(times, shot_of, strict=True):
        within = range(bisect_left(times, time_s - 3 * rule.linger_s), bisect_right(times, time_s + 3 * rule.linger_s))
        near = [
            (math.exp(-(((times[k] - time_s) / rule.linger_s) ** 2)), watched.looks[k].reading.affect)
            for k in within
            if shot_of[k] == shot
        ]
        total = math.fsum(w for w, _ in near)
        valence = math.fsum(w * a.valence for w, a in near) / total
        out.append(Affect.clipped(valence, math.fsum(w * a.arousal for w, a in near) / total))
    return out


def _moves(watched: Watched, time_s: float, span_s: float = 1.5) -> float:
    """How much moves around a moment, -1 (a still) .. 1 (a chase): the median, so that a cut does not count as motion."""
    times, amounts = watched.motion
    near = amounts[np.abs(times - time_s) <= span_s]
    return _usual(float(np.median(near)) if len(near) else 0.0, low=0.01, high=1.0)


def _cuts(watched: Watched, time_s: float, span_s: float = 5.0) -> float:
    """How fast the film is cut around a moment, -1 (no cut in ten seconds) .. 1 (a cut each second and more)."""
    count = sum(1 for shot in watched.shots[1:] if abs(shot.start_s - time_s) <= span_s)
    room = min(time_s, span_s) + min(watched.clip.duration_s - time_s, span_s)
    return _usual(count / max(1.0, room), low=0.05, high=1.0)


def _usual(value: float, low: float, high: float) -> float:
    """-1 at `low` and below, 1 at `high` and above, evenly in proportions between."""
    share = math.log(max(value, 1e-9) / low) / math.log(high / low)
    return 2.0 * min(1.0, max(0.0, share)) - 1.0


def _with_sound(affect: Affect, time_s: float, heard: Heard, said: Trajectory | None, rule: Rule) -> Affect:
    """The feeling once the sound has its say; speech and silence say less of a mood than music does."""
    at = min(int(time_s / STEP_S), len(heard.music) - 1)
    around = slice(max(0, at - 2), at + 3)
    level = float(np.mean(heard.loudness_db[around]))
    if level < SILENCE_DB:
        return affect
    loud = 2.0 * min(1.0, max(0.0, (level + 45.0) / 35.0)) - 1.0
    arousal = affect.arousal + rule.loudness * loud
    if said is None:
        return Affect.clipped(affect.valence, arousal)
    music = 0.4 + 0.6 * float(np.mean(heard.music[around]))
    judged = said.at(time_s)
    valence = affect.valence + rule.sound_valence * music * (judged.valence - affect.valence)
    return Affect.clipped(valence, arousal + rule.sound_arousal * music * (judged.arousal - arousal))


def genre_of(watched: Watched) -> Reading:
    """The genre of the whole film, from all looks."""
    return genre.verdict([look.genre for look in watched.looks])


def important_cuts(watched: Watched, feeling: Trajectory, apart_s: float = 1.6) -> tuple[float, ...]:
    """The cuts that music should mark, in seconds: those where the feeling changes most, at least `apart_s` from each other.

    Cuts are taken in order of the change from the second before to the second after; longer shots on both sides count too.
    """

    def weight(before: Shot, after: Shot) -> float:
        time_s = after.start_s
        change = feeling.at(max(0.0, time_s - 1.0)).distance(feeling.at(time_s + 1.0))
        return change + 0.05 * min(before.end_s - before.start_s, after.end_s - after.start_s, 6.0)

    ranked = sorted(
        ((weight(a, b), b.start_s) for a, b in itertools.pairwise(watched.shots)), key=lambda p: (-p[0], p[1])
    )
    kept: list[float] = []
    for _, time_s in ranked:
        if all(abs(time_s - other) >= apart_s for other in kept):
            kept.append(time_s)
    return tuple(sorted(kept))
