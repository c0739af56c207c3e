"""Reel: what libav says about a film's picture: which stream, how long, when each frame appears, and its pixels."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from moodscore.prepare import sound

Pixels = NDArray[np.uint8]

FORMATS = f"{sound.FORMATS},gif,ivf,nut,mxf,dv,yuv4mpegpipe"
TICK_S = 1e-6  # times that differ by less are one time
WORTH_SEEKING_S = 10.0  # most films have a key frame at least this often, so a shorter gap is decoded through
_BROKEN_PACKETS = 64
_WORTH_THREADS = 600_000  # pixels; small frames are decoded sooner than they are handed from thread to thread
_TAIL_S = 8.0
_GREY = 128
_BT709, _BT601 = 1, 5  # swscale's numbers
_UNSPECIFIED = 2  # AVCOL_SPC_UNSPECIFIED


def opened(path: Path) -> Any:  # noqa: ANN401 - libav's
    """The container of a film file; only that file is read, only as one of `FORMATS`. Raises libav's errors."""
    import av

    options = {"protocol_whitelist": "file", "format_whitelist": FORMATS}
    return av.open(f"file:{path.resolve()}", options=options, metadata_errors="ignore")


def held(file: BinaryIO, demuxer: str, codecs: Collection[str] = ()) -> Any:  # noqa: ANN401 - libav's
    """The container in a file that is open already, read by the one `demuxer` only; nothing it points to is opened.

    With `codecs` only these decoders look for what the header leaves out. Raises libav's errors.
    """
    import av

    options = {"protocol_whitelist": "pipe", "format_whitelist": demuxer}
    if codecs:
        options["codec_whitelist"] = ",".join(codecs)
    return av.open(file, format=demuxer, options=options, metadata_errors="ignore", buffer_size=1 << 18)


def picture_of(container: Any) -> Any:  # noqa: ANN401
    """The largest moving picture of a container, or None; cover art is none."""
    from av.stream import Disposition

    still = Disposition.attached_pic | Disposition.timed_thumbnails
    moving = [s for s in container.streams.video if not s.disposition & still]
    return max(moving, key=_area, default=None)


def _area(stream: Any) -> int:  # noqa: ANN401
    context = stream.codec_context
    return int(context.width * context.height) if context else 0


def origin_of(container: Any) -> float:  # noqa: ANN401
    """Where the container's clock stands when the film begins, in seconds."""
    import av

    return (container.start_time or 0) / av.time_base


def _step_of(stream: Any) -> float:  # noqa: ANN401
    """How long one frame stands by the header, in seconds."""
    rate = stream.average_rate or stream.guessed_rate
    return min(1.0, 1 / float(rate)) if rate and rate > 0 else 0.04


def upright_size(picture: Any, stream: Any) -> tuple[int, int]:  # noqa: ANN401
    """(width, height) of a frame turned upright with square pixels; a nonsensical pixel shape counts as square."""
    aspect = float(stream.sample_aspect_ratio or 1)
    wide = picture.width * aspect if 1 / 4 <= aspect <= 4 else picture.width
    size = max(1, round(wide)), picture.height
    return size[::-1] if quarter_turns(picture) % 2 else size


def quarter_turns(picture: Any) -> int:  # noqa: ANN401
    """Quarter turns counter-clockwise that stand a frame upright."""
    return int(round(picture.rotation / 90) % 4)


class Decoder:
    """The good frames of a stream as (time in seconds, libav's picture), in order of presentation, from where it was sought.

    Times strictly ascend. A few broken packets are skipped, as players do; then, or when the file ends, it stops.
    `end_s` is when the last frame so far leaves the screen.
    """

    def __init__(self, container: Any, stream: Any) -> None:  # noqa: ANN401
        self._container, self._stream = container, stream
        self._origin_s, self._step_s = origin_of(container), _step_of(stream)
        self.end_s = 0.0
        if _area(stream) >= _WORTH_THREADS and not stream.codec_context.is_open:
            stream.thread_type = "AUTO"
        self._frames: Iterator[tuple[float, Any]] = self._decoded()

    def __iter__(self) -> Iterator[tuple[float, Any]]:
        return self

    def __next__(self) -> tuple[float, Any]:
        return next(self._frames)

    def seek(self, time_s: float) -> None:
        """Go to a key frame at or before `time_s`, further back where the container's index is wrong."""
        back = 0.0
        while time_s - back > 0:
            ticks = int((time_s - back + self._origin_s) / self._stream.time_base)
            try:
                self._container.seek(ticks, stream=self._stream, backward=True)
            except (OSError, ValueError):
                break
            found = self._decoded()
            first = next(found, None)
            if first is not None and first[0] <= time_s + TICK_S:
                self._frames = chain([first], found)
                return
            back = back * 4 + 4.0
        if self.end_s:  # something was read: back to the beginning
            self._container.seek(min(0, self._stream.start_time or 0), stream=self._stream, backward=True)
        self._frames = self._decoded()

    def _decoded(self) -> Iterator[tuple[float, Any]]:
        last = -1.0
        for picture in self._pictures():
            if picture.is_corrupt:
                continue
            time_s = last + self._step_s if picture.time is None else float(picture.time) - self._origin_s
            if time_s <= last:
                continue
            last = time_s
            self.end_s = time_s + (self._span(picture) or self._step_s)
            yield max(0.0, time_s), picture

    def _span(self, picture: Any) -> float:  # noqa: ANN401
        return float(picture.duration * picture.time_base) if picture.duration and picture.time_base else 0.0

    def _pictures(self) -> Iterator[Any]:
        import av

        broken = 0
        packets = self._container.demux(self._stream)
        while True:
            try:
                yield from next(packets).decode()
            except (StopIteration, EOFError):
                return
            except av.error.FFmpegError:
                broken += 1
                if broken > _BROKEN_PACKETS:
                    return


def length_of(container: Any, stream: Any) -> tuple[float, str]:  # noqa: ANN401
    """When the last frame leaves the screen, in seconds, and a note when the header says something else ("" if not).

    The header is believed when packets really lie where it says the end is; otherwise all packets are counted.
    """
    promised = _promised(container, stream)
    if promised is not None:
        end_s = _last_end(container, stream, max(0.0, promised - _TAIL_S))
        if end_s is not None and abs(end_s - promised) <= max(1.0, 0.02 * promised):
            return end_s, ""
    end_s = _last_end(container, stream, 0.0) or 0.0
    if promised is None or abs(end_s - promised) <= 1.0:
        return end_s, ""
    return end_s, f"the header promises {promised:.1f} s, the picture ends after {end_s:.1f} s"


def _promised(container: Any, stream: Any) -> float | None:  # noqa: ANN401
    import av

    if stream.duration:
        begin = (stream.start_time or 0) * stream.time_base
        return float(stream.duration * stream.time_base + begin) - origin_of(container)
    return container.duration / av.time_base if container.duration else None


def _last_end(container: Any, stream: Any, from_s: float) -> float | None:  # noqa: ANN401
    """The latest end of a packet at or after the key frame before `from_s`, undecoded; None when there is none."""
    return max((time_s + span_s for time_s, span_s in _packets(container, stream, from_s)), default=None)


def packet_times(container: Any, stream: Any) -> NDArray[np.float64]:  # noqa: ANN401
    """When each packet's frame appears, in seconds, ascending (n,), without decoding any."""
    return np.unique([time_s for time_s, _ in _packets(container, stream, 0.0)])


def _packets(container: Any, stream: Any, from_s: float) -> Iterator[tuple[float, float]]:  # noqa: ANN401
    """(time, duration) in seconds of each whole packet from the key frame at or before `from_s` on, in coding order."""
    origin, step_s = origin_of(container), _step_of(stream)
    try:
        container.seek(int((from_s + origin) / stream.time_base), stream=stream, backward=True)
        for packet in container.demux(stream):
            stamp = packet.pts if packet.pts is not None else packet.dts
            if stamp is not None and packet.size and not packet.is_corrupt:
                span = float(packet.duration * stream.time_base) if packet.duration else step_s
                yield float(stamp * stream.time_base) - origin, span
    except (OSError, ValueError, EOFError):  # a broken tail: what came before it counts
        return


class Scaler:
    """Turns libav's pictures into upright sRGB pixels; keeps one prepared conversion for each size."""

    def __init__(self, stream: Any) -> None:  # noqa: ANN401
        self._made: dict[tuple[int, int, str], Any] = {}

    def pixels(self, picture: Any, size: tuple[int, int]) -> Pixels:  # noqa: ANN401
        """uint8 (height, width, 3) of `size` (width, height): one scaling step, then turned; see-through is middle grey."""
        from av.video.reformatter import VideoReformatter

        turns = quarter_turns(picture)
        wide, high = size[::-1] if turns % 2 else size
        form = "rgba" if _see_through(picture.format.name) else "rgb24"
        scaler = self._made.setdefault((wide, high, form), VideoReformatter())
        space = None
        if picture.colorspace == _UNSPECIFIED and picture.format.name.startswith("yuv"):
            space = _BT709 if picture.height >= 720 else _BT601  # as players take it
        kind = "AREA" if wide < picture.width else "BICUBIC"
        ready = scaler.reformat(picture, wide, high, form, src_colorspace=space, interpolation=kind, threads=1)
        pixels: Pixels = ready.to_ndarray()
        if form == "rgba":
            pixels = _on_grey(pixels)
        return np.ascontiguousarray(np.rot90(pixels, turns)) if turns else pixels


def _see_through(form: str) -> bool:
    return form.startswith(("rgba", "bgra", "argb", "abgr", "yuva", "gbrap", "ya8", "ya16"))


def _on_grey(pixels: Pixels) -> Pixels:
    alpha = pixels[..., 3:].astype(np.uint16)
    if alpha.min() == 255:
        return np.ascontiguousarray(pixels[..., :3])
    mixed = pixels[..., :3] * alpha + np.uint16(_GREY) * (255 - alpha)
    return (mixed // 255).astype(np.uint8)
