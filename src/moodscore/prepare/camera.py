"""Camera: what a camera, a pipe or a file shows now. Frames nobody was ready for are dropped, so that none is old when read.

A file is played at its own pace, as if it were a camera. Only files, pipes and video devices are opened, never the network.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from moodscore.errors import BadMedia
from moodscore.media import Photo
from moodscore.prepare import reel
from moodscore.prepare.clip import fitted

SIDE = 360  # pixels of the shorter side
_REMEDY = "give a camera's number (0), a film to play as one, or - for a pipe"


@dataclass(frozen=True, slots=True)
class Shown:
    """A frame, when it was shown in seconds since the start, and how many were dropped before it."""

    time_s: float
    photo: Photo
    dropped: int


@dataclass(slots=True)
class _Slot:
    """The newest frame, if nobody took it yet."""

    condition: threading.Condition = field(default_factory=threading.Condition)
    shown: Shown | None = None
    over: bool = False
    stop: bool = False
    error: BaseException | None = None


def watch(source: str) -> Iterator[Shown]:
    """The newest frame each time one is asked for, until the source ends; upright, its shorter side 360 pixels.

    `source` is a camera's number, "-" for standard input, or a file's path. Raises BadMedia, naming it, when it cannot be
    opened or shows no picture.
    """
    slot = _Slot()
    reader = threading.Thread(target=_read, args=(source, slot), name="camera", daemon=True)
    reader.start()
    seen = False
    try:
        while True:
            with slot.condition:
                while slot.shown is None and not slot.over:
                    slot.condition.wait()
                shown, slot.shown = slot.shown, None
                if shown is None:
                    break
            seen = True
            yield shown
        if slot.error is not None or not seen:
            got = slot.error or "no picture"
            raise BadMedia(f"{source}: expected a moving picture, got {got}; {_REMEDY}") from slot.error
    finally:
        slot.stop = True
        reader.join(timeout=2.0)


def _read(source: str, slot: _Slot) -> None:
    try:
        with _opened(source) as container:
            _follow(container, source, slot)
    except (OSError, ValueError, EOFError) as error:
        slot.error = error
    finally:
        with slot.condition:
            slot.over = True
            slot.condition.notify_all()


def _follow(container: Any, source: str, slot: _Slot) -> None:  # noqa: ANN401 - libav's
    """Decode at the source's own pace and keep the newest frame in the slot."""
    stream = reel.picture_of(container)
    if stream is None:
        raise ValueError("a file without a picture")
    scaler = reel.Scaler(stream)
    paced = source != "-" and not source.isdecimal()
    began, dropped = time.monotonic(), 0
    for time_s, picture in reel.Decoder(container, stream):
        if paced:
            time.sleep(max(0.0, began + time_s - time.monotonic()))
        if slot.stop:
            return
        size = reel.upright_size(picture, stream)
        pixels = scaler.pixels(picture, fitted(size, short=min(SIDE, *size)))
        shown = Shown(time.monotonic() - began, Photo(np.asarray(pixels), source, size), dropped)
        with slot.condition:
            dropped += slot.shown is not None
            slot.shown = shown
            slot.condition.notify_all()


@contextmanager
def _opened(source: str) -> Iterator[Any]:
    import av

    if source.isdecimal():
        container: Any = av.open(
            f"/dev/video{source}", format="v4l2", options={"framerate": "30", "video_size": "640x480"}
        )
    elif source == "-":
        container = av.open(sys.stdin.buffer, options={"protocol_whitelist": "pipe", "format_whitelist": reel.FORMATS})
    else:
        if not Path(source).is_file():
            raise ValueError("nothing there")
        container = reel.opened(Path(source))
    with container:
        yield container
