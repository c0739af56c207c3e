"""Contact sheet: pictures of a finished film at even times, decoded back from the file, on one PNG."""

from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from moodscore.errors import BadMedia, BadValue, RenderFailed

GROUND = 18  # grey level between the pictures


def contact_sheet(film_path: Path, out_png: Path, columns: int = 4, count: int = 12, width: int = 320) -> Path:
    """Write `count` pictures at even times, `columns` a row, each `width` pixels wide; returns `out_png`.

    Raises BadMedia when the film cannot be decoded, RenderFailed when the PNG cannot be written, BadValue.
    """
    if columns < 1 or count < 1 or width < 16:
        raise BadValue(f"contact sheet: expected columns, count >= 1 and width >= 16, got {columns}, {count}, {width}")
    pictures = [_shrunk(picture, width) for picture in stills(film_path, count)]
    gap = max(2, width // 80)
    height = pictures[0].shape[0]
    rows = -(-len(pictures) // columns)
    sheet = np.full((rows * (height + gap) + gap, columns * (width + gap) + gap, 3), GROUND, np.uint8)
    for k, picture in enumerate(pictures):
        top, left = gap + (k // columns) * (height + gap), gap + (k % columns) * (width + gap)
        sheet[top : top + height, left : left + width] = picture
    try:
        Path(out_png).write_bytes(cv2.imencode(".png", sheet[..., ::-1])[1].tobytes())
    except OSError as error:
        raise RenderFailed(f"{out_png}: expected to write a picture there, got {error.strerror}") from error
    return Path(out_png)


def stills(film_path: Path, count: int) -> list[NDArray[np.uint8]]:
    """`count` frames (height, width, 3) sRGB in the middle of `count` equal parts of the film; raises BadMedia."""
    try:
        with av.open(str(film_path)) as container:
            stream = container.streams.video[0]
            duration_s = float((stream.duration or 0) * (stream.time_base or 0))
            wanted = [duration_s * (k + 0.5) / count for k in range(count)]
            return [_at(container, stream, time_s) for time_s in wanted]
    except (OSError, IndexError, av.error.FFmpegError) as error:
        raise BadMedia(f"{film_path}: expected a film, got {error}") from error


def _at(container: av.container.InputContainer, stream: av.VideoStream, time_s: float) -> NDArray[np.uint8]:
    """The frame shown at `time_s`."""
    base = float(stream.time_base or 1)
    container.seek(int(time_s / base), stream=stream)
    found: av.VideoFrame | None = None
    for frame in container.decode(stream):
        if found is not None and frame.time is not None and frame.time > time_s + 1e-6:
            break
        found = frame
    if found is None:
        raise OSError("no frame")
    return np.asarray(found.to_ndarray(format="rgb24"), np.uint8)


def _shrunk(picture: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    height = max(1, round(picture.shape[0] * width / picture.shape[1]))
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
