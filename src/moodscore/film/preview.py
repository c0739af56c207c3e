"""Preview: one self-contained HTML page that plays a timeline in a browser before anything is encoded.

The page holds the pictures, the sound and the numbers, and asks the network for nothing. The curves of fades and camera
moves travel as tables sampled from the functions that the renderer uses, so they are not written twice.
"""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Sequence
from importlib import resources
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from moodscore.errors import BadValue
from moodscore.film.effects import ease, fade
from moodscore.film.frame import on_fill
from moodscore.film.timeline import Item, Timeline
from moodscore.media import Photo, sound_type
from moodscore.prepare import image
from moodscore.reading import Reading
from moodscore.schemes import MOODS

CURVE_POINTS = 257  # straight lines between so many points differ from the curve by less than 1e-5
GAIN_POINTS = 1500  # of the drawing of the volume; what is heard is worked out for every moment
JPEG_QUALITY = 82
SIDES = ((40, 1280), (120, 960), (320, 640))  # up to so many photos: pixels of the longer side
SMALLEST_SIDE = 480


def page(
    timeline: Timeline,
    photos: Sequence[Photo] | None,
    tune: bytes | str,
    readings: Sequence[Reading] = (),
    size: tuple[int, int] = (1280, 720),
    title: str = "A film of photos",
) -> str:
    """The HTML page that plays `timeline` with `tune`, bytes of a sound file or the URL of one.

    `photos` are the timeline's pictures in its order; None opens them again at a size that fits the page. `readings`, one
    per photo or none at all, show the mood and its place on the plane. `size` gives the frame's shape.
    Raises BadValue when the counts differ, BadMedia when a photo cannot be opened.
    """
    for name, given in (("photos", photos), ("readings", readings or None)):
        if given is not None and len(given) != len(timeline.items):
            raise BadValue(f"{name}: expected one per photo of the timeline, {len(timeline.items)}, got {len(given)}")
    side = next((s for most, s in SIDES if len(timeline.items) <= most), SMALLEST_SIDE)
    items = []
    for i, item in enumerate(timeline.items):
        photo = photos[i] if photos is not None else image.open(item.path, want_side=side)
        items.append(_item(item, photo, size, side) | (_feeling(readings[i]) if readings else {}))
    data = _numbers(timeline, readings) | {
        "size": list(size),
        "tune": tune if isinstance(tune, str) else _data_url(sound_type(tune), tune),
        "items": items,
        "moods": [[mood.name, mood.korean, mood.hue] for mood in MOODS.labels],
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    template = resources.files("moodscore.film").joinpath("preview.html").read_text("utf-8")
    media = "'self' file: http: https:" if isinstance(tune, str) else "data:"
    before, _, after = template.partition("{{data}}")
    return before.replace("{{media}}", media).replace("{{title}}", html.escape(title)) + text + after


def _numbers(timeline: Timeline, readings: Sequence[Reading]) -> dict[str, Any]:
    """The curve of fades and of the camera, the floor, the gain to draw, and the way over the plane."""
    shares = np.linspace(0.0, 1.0, CURVE_POINTS)
    times = np.linspace(0.0, timeline.duration_s, GAIN_POINTS)
    numbers: dict[str, Any] = {
        "duration_s": timeline.duration_s,
        "fade": _rounded(fade(shares)),
        "ease": _rounded(np.array([ease(float(share)) for share in shares])),
        "floor": list(timeline.floored),
        "gain": _rounded(timeline.gain(times)),
    }
    if readings:
        way = timeline.trajectory([reading.affect for reading in readings])
        numbers["way"] = [
            [round(t, 4), round(a.valence, 4), round(a.arousal, 4)]
            for t, a in zip(way.times_s, way.affects, strict=True)
        ]
    return numbers


def _item(item: Item, photo: Photo, size: tuple[int, int], side: int) -> dict[str, Any]:
    """One photo: its envelope's times, the camera's windows, and the picture it looks at."""
    camera = item.camera(photo.full_size, size)
    pixels = photo.pixels
    if camera.fill:
        scale = side / max(size)
        pixels = on_fill(pixels, camera.fill, (max(2, round(size[0] * scale)), max(2, round(size[1] * scale))))
    return {
        "name": item.path.name,
        "start_s": item.start_s,
        "end_s": item.end_s,
        "rise_s": item.rise_s,
        "fall_s": item.fall_s,
        "camera": camera.as_dict(),
        "picture": _data_url("image/jpeg", _jpeg(pixels, side)),
    }


def _feeling(reading: Reading) -> dict[str, Any]:
    return {
        "mood": reading.mood.name,
        "mood_ko": reading.mood.korean,
        "hue": reading.mood.hue,
        "valence": round(reading.affect.valence, 3),
        "arousal": round(reading.affect.arousal, 3),
        "confidence": round(reading.confidence, 3),
    }


def _jpeg(pixels: NDArray[np.uint8], side: int) -> bytes:
    """The pixels as JPEG, the longer side at most `side`."""
    scale = min(1.0, side / max(pixels.shape[:2]))
    if scale < 1.0:
        small = max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale))
        pixels = np.asarray(cv2.resize(pixels, small, interpolation=cv2.INTER_AREA), np.uint8)
    quality = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY, cv2.IMWRITE_JPEG_PROGRESSIVE, 1]
    return bytes(cv2.imencode(".jpg", pixels[..., ::-1], quality)[1].tobytes())


def _data_url(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


def _rounded(values: NDArray[np.float64]) -> list[float]:
    return [round(float(value), 6) for value in values]
