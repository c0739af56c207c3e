"""Encoding what came out of the sandbox: bare pixels, frames and samples become JPEGs, an MP4 and an M4A.

The child that decoded a stranger's file never writes a file itself, so even one that was taken over could only hand back
another picture, not a file made to harm the next one who opens it.
"""

from __future__ import annotations

import base64
import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from moodscore.prepare.sandbox_results import Placeholder, Rendition
from moodscore.prepare.whole import whole

LARGE_SIDE, SMALL_SIDE = 2048, 640
FILM_SIDE = 1280
_TINY_SIDE = 24
_QUALITY = {LARGE_SIDE: 88, FILM_SIDE: 86, SMALL_SIDE: 82}
_BT709, _LIMITED = 1, 1
_TICKS = 90_000  # a second, as in MPEG
_KEY_FRAMES_EVERY_S = 2
_FRAMES_A_SECOND = 30
_BYTES_A_SAMPLE = 4  # two channels of 16 bits
_SOUND_BITS_A_SECOND = 160_000


def pixels(data: bytes, size: tuple[int, int]) -> Image.Image:
    """RGB bytes as a picture of `size` (width, height)."""
    return Image.frombytes("RGB", size, data)


def rendition(image: Image.Image, side: int) -> Rendition:
    """A JPEG whose longer side is at most `side`."""
    scale = min(1.0, side / max(image.size))
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    shown = image if size == image.size else image.resize(size, Image.Resampling.HAMMING, reducing_gap=2.0)
    file = io.BytesIO()
    shown.save(file, "JPEG", quality=_QUALITY[side])
    return Rendition(file.getvalue(), *size)


def placeholder(image: Image.Image) -> Placeholder:
    """A tiny WebP of the picture as a data URI, and its mean colour."""
    tiny = image.copy() if max(image.size) <= _TINY_SIDE else image.reduce(max(1, max(image.size) // (4 * _TINY_SIDE)))
    tiny.thumbnail((_TINY_SIDE, _TINY_SIDE), Image.Resampling.BOX)
    file = io.BytesIO()
    tiny.save(file, "WEBP", quality=50, method=4)
    uri = f"data:image/webp;base64,{base64.b64encode(file.getvalue()).decode()}"
    red, green, blue = np.rint(np.asarray(tiny).reshape(-1, 3).mean(0)).astype(int)
    return Placeholder(uri, f"#{red:02x}{green:02x}{blue:02x}")


def of_i420(data: bytes, size: tuple[int, int]) -> Image.Image:
    """A frame of Y, U and V planes (BT.709, limited range) as a picture."""
    image: Image.Image = _frame(data, size).to_image()
    return image


def time_of(part: bytes) -> float:
    """The time in seconds that stands before a frame's planes."""
    return float(struct.unpack_from(">d", part)[0])


def contrast(data: bytes, size: tuple[int, int]) -> float:
    """The standard deviation of a frame's luma, in levels: near 0 for one that is all black."""
    return float(np.frombuffer(data, np.uint8, size[0] * size[1])[::17].std())


def _frame(data: bytes, size: tuple[int, int]) -> Any:  # noqa: ANN401 - libav's
    import av

    planes = np.frombuffer(data, np.uint8).reshape(size[1] * 3 // 2, size[0])
    frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
    frame.colorspace, frame.color_range = _BT709, _LIMITED
    return frame


class Writer:
    """Writes one file: frames as H.264 and sound as AAC, in MP4 with its index in front and no metadata."""

    def __init__(self, container: Any, size: tuple[int, int] | None, rate: int | None) -> None:  # noqa: ANN401
        self._container, self._size, self._rate = container, size, rate
        self._picture = _picture_stream(container, size) if size else None
        self._sound = self._resampler = None
        self._last, self._samples = -1, 0
        if rate:
            import av

            self._sound = container.add_stream("aac", rate=rate, layout="stereo", options={"aac_coder": "fast"})
            self._sound.codec_context.bit_rate = _SOUND_BITS_A_SECOND
            self._resampler = av.AudioResampler("fltp", "stereo", rate, frame_size=1024)

    def show(self, time_s: float, data: bytes) -> None:
        """Add a frame of I420 bytes; one that is not later than the last is left out."""
        ticks = round(time_s * _TICKS)
        if self._picture is None or self._size is None or ticks <= self._last:
            return
        self._last = ticks
        frame = _frame(data, self._size)
        frame.pts, frame.time_base = ticks, Fraction(1, _TICKS)
        self._container.mux(self._picture.encode(frame))

    def hear(self, data: bytes) -> None:
        """Add stereo int16 samples."""
        import av

        if self._sound is None or not data:
            return
        samples: NDArray[np.int16] = np.frombuffer(data, "<i2").reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = self._rate or 1, self._samples, Fraction(1, self._rate or 1)
        self._samples += len(data) // _BYTES_A_SAMPLE
        self._encode_sound(frame)

    def finish(self) -> None:
        """Write what the encoders still hold."""
        if self._sound is not None:
            self._encode_sound(None)
            self._container.mux(self._sound.encode(None))
        if self._picture is not None:
            self._container.mux(self._picture.encode(None))

    def _encode_sound(self, frame: Any) -> None:  # noqa: ANN401
        assert self._resampler is not None
        assert self._sound is not None
        for ready in self._resampler.resample(frame):
            self._container.mux(self._sound.encode(ready))


def _picture_stream(container: Any, size: tuple[int, int]) -> Any:  # noqa: ANN401
    options = {"preset": "veryfast", "crf": "23", "profile": "high", "threads": "2"}
    stream = container.add_stream("libx264", rate=_FRAMES_A_SECOND, options=options)
    stream.width, stream.height = size
    stream.pix_fmt = "yuv420p"
    context = stream.codec_context
    context.time_base = Fraction(1, _TICKS)
    context.gop_size = _KEY_FRAMES_EVERY_S * _FRAMES_A_SECOND
    context.color_range, context.colorspace = _LIMITED, _BT709
    context.color_primaries = context.color_trc = _BT709
    return stream


@contextmanager
def writing(out: Path, form: str, size: tuple[int, int] | None, rate: int | None) -> Iterator[Writer]:
    """A writer of the file `out` in the container `form`; the file is there whole in the end or not at all.

    Raises RenderFailed, naming it, when it cannot be written.
    """
    import av

    with whole(out) as part:
        options = {"movflags": "+faststart", "fflags": "+bitexact"}
        container = av.open(str(part), "w", format=form, options=options)
        try:
            writer = Writer(container, size, rate)
            yield writer
            writer.finish()
        finally:
            container.close()
