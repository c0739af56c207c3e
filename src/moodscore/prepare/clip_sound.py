"""Clip sound: the sound of a film in blocks by presentation time, one after the other, however long the film is."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moodscore.errors import BadMedia, BadValue
from moodscore.media import Clip
from moodscore.prepare import reel

Samples = NDArray[np.float32]

_GAP_S = 0.015  # smaller differences between clock and samples are rounding


def blocks(
    clip: Clip, rate: int = 22050, block_s: float = 1.0, start_s: float = 0.0, end_s: float | None = None
) -> Iterator[Samples]:
    """The sound from `start_s` to `end_s` (the picture's end if None) as blocks (frames, 2) float32 of `block_s` seconds.

    The blocks cover that time to the sample, the last one may be shorter; where the film has no sound they are silent, so a
    silent film is silence. The first sound track is taken, mono is heard from both sides. Raises BadValue for times outside
    the film, BadMedia when the file cannot be read.
    """
    end = clip.duration_s if end_s is None else end_s
    if not (0 <= start_s <= end <= clip.duration_s + reel.TICK_S and block_s * rate >= 1):
        raise BadValue(
            f"{clip.path}: expected 0 <= start <= end <= {clip.duration_s:.3f} s and blocks of a sample or more, got "
            f"{start_s:g} to {end:g} s in blocks of {block_s:g} s"
        )
    total = round((end - start_s) * rate)
    placed = _placed(clip, rate, start_s) if clip.has_sound else iter(())
    return _cut(_filled(placed, rate, start_s, total), math.floor(block_s * rate + 0.5))


def blocks_in(container: Any, rate: int, duration_s: float, block_s: float = 1.0) -> Iterator[Samples]:  # noqa: ANN401
    """The sound of an open container (libav's) as `blocks` gives it, from its beginning for `duration_s` seconds.

    Raises libav's errors.
    """
    placed = _resampled(container, container.streams.audio[0], rate)
    return _cut(_filled(placed, rate, 0.0, round(duration_s * rate)), math.floor(block_s * rate + 0.5))


def _cut(pieces: Iterator[Samples], size: int) -> Iterator[Samples]:
    """Pieces of any length as blocks of `size` frames and a last shorter one."""
    held: list[Samples] = []
    count = 0
    for piece in pieces:
        held.append(piece)
        count += len(piece)
        if count < size:
            continue
        joined = np.concatenate(held)
        for at in range(0, count - count % size, size):
            yield joined[at : at + size]
        held, count = [joined[count - count % size :].copy()], count % size
    if count:
        yield np.concatenate(held)


def _filled(placed: Iterator[tuple[float, Samples]], rate: int, start_s: float, total: int) -> Iterator[Samples]:
    """Exactly `total` frames from `start_s` on, silence where there is no sound."""
    done = 0
    for time_s, samples in placed:
        at = round((time_s - start_s) * rate)
        if abs(at - done) <= _GAP_S * rate and done:
            at = done
        if at + len(samples) <= done:
            continue
        for quiet in _silence(min(at, total) - done, rate):
            done += len(quiet)
            yield quiet
        if done >= total:
            return
        piece = samples[done - at :][: total - done]
        done += len(piece)
        yield piece
    yield from _silence(total - done, rate)


def _silence(count: int, rate: int) -> Iterator[Samples]:
    """`count` silent frames in pieces of a second."""
    while count > 0:
        yield np.zeros((min(count, rate), 2), np.float32)
        count -= rate


def _placed(clip: Clip, rate: int, start_s: float) -> Iterator[tuple[float, Samples]]:
    """(time, samples (frames, 2)) of the first sound track as decoded, from a little before `start_s`."""
    try:
        with reel.opened(clip.path) as container:
            stream = container.streams.audio[0]
            if start_s > reel.WORTH_SEEKING_S:
                before = start_s - 1.0 + reel.origin_of(container)
                container.seek(int(before / stream.time_base), stream=stream, backward=True)
            yield from _resampled(container, stream, rate)
    except (OSError, ValueError, EOFError, IndexError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise BadMedia(f"{clip.path}: expected the sound of the film, got {said!r}; copy it again") from error


def _resampled(container: Any, stream: Any, rate: int) -> Iterator[tuple[float, Samples]]:  # noqa: ANN401 - libav's
    import av

    mono = stream.codec_context.channels == 1
    resampler = av.AudioResampler(format="fltp", layout="mono" if mono else "stereo", rate=rate)
    origin, clock_s = reel.origin_of(container), 0.0
    for frame in _frames(container, stream):
        if frame is not None and frame.time is not None and abs(float(frame.time) - origin - clock_s) > _GAP_S:
            clock_s = float(frame.time) - origin
        for ready in resampler.resample(frame):
            planes = np.nan_to_num(np.asarray(ready.to_ndarray(), np.float32), posinf=1.0, neginf=-1.0)
            samples = np.repeat(planes.T, 2, axis=1) if mono else np.ascontiguousarray(planes.T)
            yield clock_s, samples
            clock_s += len(samples) / rate


def _frames(container: Any, stream: Any) -> Iterator[Any]:  # noqa: ANN401
    """The frames of a sound track and a final None; broken packets are passed over, a broken end is the end."""
    import av

    packets = container.demux(stream)
    while True:
        try:
            yield from next(packets).decode()
        except (StopIteration, EOFError):
            break
        except av.error.InvalidDataError:
            continue
        except av.error.FFmpegError:
            break
    yield None
