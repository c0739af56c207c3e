"""Clips: a film file becomes a Clip, and a Clip becomes frames by presentation time, one after the other.

Frames are decoded as they are asked for and dropped when the next comes, so memory does not grow with the film. Only files
are opened, only as real film containers: a playlist is never followed to another file or the network.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moodscore.errors import BadMedia, BadValue
from moodscore.media import Clip
from moodscore.prepare import reel
from moodscore.prepare.picture_file import MAX_PIXELS, MAX_SIDE, kind_of

Pixels = NDArray[np.uint8]
_Timed = tuple[float, Any]

MAX_SECONDS = 6 * 3600.0
_REMEDY = "give a film (mp4, mov, mkv, webm, avi, mpg, gif)"
_PLAYLISTS = (b"#extm3u", b"v=0", b"ffconcat", b"[playlist]", b"<?xml", b"<mpd", b"<smil", b"<asx", b"[reference]")


def open(path: str | Path) -> Clip:
    """A film file as a Clip, after its first two frames were decoded and its end was found.

    The length is the picture's, measured on the file itself when its header has none or promises more than there is; `note`
    then says so. Raises BadMedia, naming the file, when there is no such file, it is empty, broken, a picture, a playlist or
    sound only, has a single frame, or exceeds 64 MP, 16,384 px a side or six hours.
    """
    path = Path(path)
    _check_file(path)
    try:
        with reel.opened(path) as container:
            return _described(path, container)
    except (OSError, ValueError, EOFError) as error:  # libav's errors are one or the other
        raise BadMedia(f"{path}: expected a film, got {_looks_like(path) or _said(error)}; {_REMEDY}") from error


def _check_file(path: Path) -> None:
    if not path.is_file():
        raise BadMedia(f"{path}: expected a film, got {'a folder' if path.is_dir() else 'nothing there'}; {_REMEDY}")
    try:
        if not path.stat().st_size:
            raise BadMedia(f"{path}: expected a film, got an empty file (0 bytes); copy it again")
        with path.open("rb") as file:
            file.read(1)
    except OSError as error:
        raise BadMedia(f"{path}: expected a readable film, got {_said(error)}; check its permissions") from error


def _said(error: Exception) -> str:
    return repr(getattr(error, "strerror", None) or str(error) or type(error).__name__)


def _looks_like(path: Path) -> str | None:
    """A few words for a file that no film container reads, or None when it looks like nothing known."""
    with path.open("rb") as file:
        start = file.read(512)
    if kind_of(start):
        return f"a picture ({kind_of(start)})"
    if start.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_PLAYLISTS):
        return "a playlist or description, which is never followed"
    return None


def _described(path: Path, container: Any) -> Clip:  # noqa: ANN401 - libav's
    stream = reel.picture_of(container)
    if stream is None:
        got = "sound without a picture" if container.streams.audio else "a file without a picture"
        raise BadMedia(f"{path}: expected a film, got {got}; {_REMEDY}")
    if stream.codec_context is None:
        raise BadMedia(f"{path}: expected a film in a known format, got one no decoder reads; convert it to H.264 mp4")
    width, height = stream.codec_context.width, stream.codec_context.height
    if width > MAX_SIDE or height > MAX_SIDE or width * height > MAX_PIXELS:
        raise BadMedia(
            f"{path}: expected at most {MAX_PIXELS // 1_000_000} megapixels and {MAX_SIDE:,} pixels a side, "
            f"got {width:,} x {height:,}; scale it down first"
        )
    first = _first_of_two(path, container, stream)
    length_s, note = reel.length_of(container, stream)
    if not 0 < length_s <= MAX_SECONDS:
        raise BadMedia(
            f"{path}: expected a film of at most {MAX_SECONDS / 3600:.0f} hours, got {length_s:.1f} s; cut it"
        )
    return Clip(path, length_s, reel.upright_size(first, stream), bool(container.streams.audio), note)


def _first_of_two(path: Path, container: Any, stream: Any) -> Any:  # noqa: ANN401
    found = reel.Decoder(container, stream)
    first, second = next(found, None), next(found, None)
    if first is None:
        raise BadMedia(f"{path}: expected a film, got one without a single readable frame; copy or convert it again")
    if second is None:
        raise BadMedia(f"{path}: expected a film, got a single frame; give it as a photo")
    return first[1]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One frame of a film: when it appears, in seconds of presentation time, and its pixels in any size.

    `size` is (width, height) of the upright frame with square pixels.
    """

    time_s: float
    size: tuple[int, int]
    _picture: Any
    _scaler: reel.Scaler

    def pixels(self, size: tuple[int, int] | None = None) -> Pixels:
        """Upright uint8 sRGB (height, width, 3), scaled in one step to `size` (width, height); its own size if None."""
        return self._scaler.pixels(self._picture, size or self.size)


def frames(
    clip: Clip,
    *,
    every_s: float | None = None,
    times: Iterable[float] | None = None,
    start_s: float = 0.0,
    end_s: float | None = None,
) -> Iterator[Frame]:
    """The frames of a film in order: all from `start_s` up to `end_s`, or those visible every `every_s`, or at `times`.

    `times` ascend within the film and each gives one frame, the one on screen at that moment; long gaps are skipped without
    decoding. A film that breaks off stops at its last good frame. Raises BadValue for times that are not so, BadMedia when
    the file cannot be read any more.
    """
    end = clip.duration_s if end_s is None else min(end_s, clip.duration_s)
    if not (0 <= start_s <= end and (every_s is None or every_s > 0)) or (every_s is not None and times is not None):
        raise BadValue(
            f"{clip.path}: expected 0 <= start <= end, and either a step > 0 s or times, got {start_s:g} to "
            f"{end:g} s every {every_s}"
        )
    wanted = None if times is None else _checked(clip, times)
    if every_s is not None:
        wanted = [start_s + k * every_s for k in range(math.ceil((end - start_s) / every_s - 1e-9))]
    return _streamed(clip, wanted, start_s, end)


def _checked(clip: Clip, times: Iterable[float]) -> list[float]:
    wanted = [float(t) for t in times]
    ascending = all(a <= b for a, b in pairwise(wanted))
    if not ascending or any(not 0 <= t <= clip.duration_s for t in wanted):
        raise BadValue(
            f"{clip.path}: expected ascending times within 0 .. {clip.duration_s:.3f} s, got "
            f"{', '.join(f'{t:g}' for t in wanted[:8])}"
        )
    return wanted


def _streamed(clip: Clip, wanted: list[float] | None, start_s: float, end_s: float) -> Iterator[Frame]:
    with _reeled(clip) as (decoder, scaler):
        every = _between(decoder, start_s, end_s)
        shown = every if wanted is None else (held for held, _ in _visible(decoder, wanted))
        for time_s, picture in shown:
            yield Frame(time_s, clip.size, picture, scaler)


@contextmanager
def _reeled(clip: Clip) -> Iterator[tuple[reel.Decoder, reel.Scaler]]:
    """A film's decoder and scaler; raises BadMedia when the file cannot be read any more."""
    try:
        with reel.opened(clip.path) as container:
            stream = reel.picture_of(container)
            yield reel.Decoder(container, stream), reel.Scaler(stream)
    except (OSError, ValueError, EOFError) as error:
        if isinstance(error, BadValue):
            raise
        raise BadMedia(f"{clip.path}: expected the film it was, got {_said(error)}; copy it again") from error


def _between(decoder: reel.Decoder, start_s: float, end_s: float) -> Iterator[tuple[float, Any]]:
    """Every frame that appears at `start_s` or later and before `end_s`."""
    decoder.seek(start_s)
    for time_s, picture in decoder:
        if time_s >= end_s - reel.TICK_S:
            return
        if time_s >= start_s - reel.TICK_S:
            yield time_s, picture


def _visible(decoder: reel.Decoder, wanted: list[float]) -> Iterator[tuple[_Timed, _Timed | None]]:
    """The frame on screen at each moment and the one that follows it, if there is one.

    Before the first frame it is the first, after the last good one nothing but once.
    """
    held: _Timed | None = None
    ahead: _Timed | None = None
    for number, time_s in enumerate(wanted):
        if number == 0 or (ahead is not None and time_s - ahead[0] > reel.WORTH_SEEKING_S):
            decoder.seek(time_s)
            held, ahead = None, next(decoder, None)
        while ahead is not None and (held is None or ahead[0] <= time_s + reel.TICK_S):
            held, ahead = ahead, next(decoder, None)
        if held is None or (ahead is None and time_s >= decoder.end_s + reel.WORTH_SEEKING_S):
            return
        yield held, ahead


def frame_times(clip: Clip) -> NDArray[np.float64]:
    """When each frame of a film appears, in seconds, ascending (n,); read from its packets, nothing is decoded.

    The n-th entry is the film's n-th frame. Raises BadMedia when the file cannot be read.
    """
    try:
        with reel.opened(clip.path) as container:
            return reel.packet_times(container, reel.picture_of(container))
    except (OSError, ValueError, EOFError) as error:
        raise BadMedia(f"{clip.path}: expected the film it was, got {_said(error)}; copy it again") from error


def fitted(size: tuple[int, int], *, height: int | None = None, short: int | None = None) -> tuple[int, int]:
    """(width, height) of a frame scaled to a height, or so that its shorter side is `short`; the shape is kept."""
    wide, high = size
    scale = height / high if height else (short or min(size)) / min(size)
    return max(1, round(wide * scale)), max(1, round(high * scale))


def pairs(clip: Clip, times: Iterable[float]) -> Iterator[tuple[Frame, Frame]]:
    """Two consecutive frames for each of `times`: the one on screen at that moment and the one that follows it.

    `times` ascend within the film; a moment in its last frame has no pair. The film is opened once, and long gaps are
    skipped without decoding. Raises BadValue and BadMedia as `frames` does.
    """
    return _paired(clip, _checked(clip, times))


def _paired(clip: Clip, wanted: list[float]) -> Iterator[tuple[Frame, Frame]]:
    with _reeled(clip) as (decoder, scaler):
        for held, ahead in _visible(decoder, wanted):
            if ahead is not None:
                first, second = (Frame(time_s, clip.size, picture, scaler) for time_s, picture in (held, ahead))
                yield first, second


def stack(first: Pixels, second: Pixels) -> Pixels:
    """Two frames (height, width, 3) as one array (6, height, width), the channels R1 G1 B1 R2 G2 B2."""
    if first.shape != second.shape or first.ndim != 3 or first.shape[2] != 3:
        raise BadValue(
            f"pair: expected two frames (height, width, 3) of one size, got {first.shape} and {second.shape}"
        )
    return np.ascontiguousarray(np.concatenate([first, second], axis=2).transpose(2, 0, 1))
