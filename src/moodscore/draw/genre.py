"""A film's genre in one picture: the verdict, the genres over time, and the pairs of frames that speak most for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from moodscore.draw.colour import FAINT, INK, PAPER, RGB, even_rgb
from moodscore.draw.small_plane import SCALE, Canvas, font
from moodscore.media import Photo
from moodscore.reading import Reading
from moodscore.schemes import GENRES, Labels

WIDTH, MARGIN = 1200, 24
BARS_WIDTH, TOP_HEIGHT = 330, 216
IN_ROW, PAIR_HEIGHT = 3, 116
NOTE = "Learnt from posters: trust drawn, rendered or live most, and one pair of frames least."
# Far apart in hue, in the order of the scheme.
HUES = (30.0, 305.0, 355.0, 95.0, 200.0, 255.0)


@dataclass(frozen=True, slots=True, eq=False)
class Pictured:
    """A pair of frames to show: when, in seconds, what it was read as, and both frames."""

    time_s: float
    labels: Labels
    first: Photo
    second: Photo


def colours() -> dict[str, RGB]:
    """A colour for each genre, of one lightness."""
    wheel = even_rgb(np.array(HUES), 0.62, 0.13)
    return {name: (int(r), int(g), int(b)) for name, (r, g, b) in zip(GENRES.names, wheel, strict=True)}


def genre_png(
    reading: Reading, times_s: Sequence[float], labels: Sequence[Labels], duration_s: float, pairs: Sequence[Pictured]
) -> Image.Image:
    """The picture of a film's genre; RGB, 1200 pixels wide.

    `times_s` and `labels` are what each pair was read as, in order; `pairs` those to show. At least one of each.
    """
    rows, wide = -(-len(pairs) // IN_ROW), (WIDTH - 2 * MARGIN) // IN_ROW
    high = max(_fitted(photo, wide - 16)[1] // SCALE for pair in pairs for photo in (pair.first, pair.second))
    height = MARGIN + TOP_HEIGHT + MARGIN + rows * (high + 40) + 2 * MARGIN
    page = Image.new("RGB", (WIDTH * SCALE, height * SCALE), PAPER)
    pen = ImageDraw.Draw(page)
    _bars(pen, (MARGIN, MARGIN), reading)
    left = MARGIN + BARS_WIDTH + 30
    box = (left, MARGIN, WIDTH - MARGIN - left, TOP_HEIGHT - 30)
    stream(page, box, times_s, labels, duration_s)
    seconds_under(page, box, duration_s)
    for number, pair in enumerate(pairs):
        at = (MARGIN + number % IN_ROW * wide, 2 * MARGIN + TOP_HEIGHT + number // IN_ROW * (high + 40))
        _pair(page, at, (wide - 16, high), pair)
    pen.text((MARGIN * SCALE, (height - MARGIN) * SCALE), NOTE, fill=FAINT, font=font(12), anchor="lm")
    return page.reduce(SCALE)


def _bars(pen: ImageDraw.ImageDraw, at: tuple[int, int], reading: Reading) -> None:
    left, top = at
    title = f"{reading.labels.top.name}  {reading.confidence:.0%}"
    pen.text((left * SCALE, (top + 12) * SCALE), title, fill=INK, font=font(20, True), anchor="lm")
    for row, (name, prob) in enumerate(zip(GENRES.names, reading.labels.probs, strict=True)):
        y = (top + 44 + 28 * row + 12) * SCALE
        x, room = (left + 78) * SCALE, (BARS_WIDTH - 78 - 46) * SCALE
        pen.text(((left + 70) * SCALE, y), name, fill=INK, font=font(13), anchor="rm")
        pen.rounded_rectangle([x, y - 7 * SCALE, x + room, y + 7 * SCALE], 7 * SCALE, fill=(238, 236, 231))
        end = x + max(2.0 * SCALE, prob * room)
        pen.rounded_rectangle(
            [x, y - 7 * SCALE, end, y + 7 * SCALE], min(7 * SCALE, (end - x) / 2), fill=colours()[name]
        )
        pen.text(((left + BARS_WIDTH) * SCALE, y), f"{prob:.0%}", fill=FAINT, font=font(12), anchor="rm")


def stream(
    page: Canvas,
    box: tuple[int, int, int, int],
    times_s: Sequence[float],
    labels: Sequence[Labels],
    duration_s: float,
) -> None:
    """Paint genres over time as a band of stacked probabilities into `box` (left, top, width, height, finished pixels)."""
    left, top, width, height = (side * SCALE for side in box)
    shares = _shares(times_s, labels, duration_s, width)
    edges = np.concatenate([np.zeros((1, width)), np.cumsum(shares, axis=0)])
    rows = (np.arange(height)[:, None] + 0.5) / height
    palette = np.array(list(colours().values()), np.uint8)
    band = np.zeros((height, width), int)
    for k in range(1, len(GENRES.names)):
        band += rows >= edges[k][None, :]
    page.paste(Image.fromarray(palette[band]), (left, top))


def seconds_under(page: Canvas, box: tuple[int, int, int, int], duration_s: float) -> None:
    """Write five moments of a film of `duration_s` under a `box` (left, top, width, height) that spans it."""
    left, top, width, height = box
    pen = ImageDraw.Draw(page)
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        anchor = "lm" if share == 0 else "rm" if share == 1 else "mm"
        place = ((left + share * width) * SCALE, (top + height + 14) * SCALE)
        pen.text(place, clock(share * duration_s), fill=FAINT, font=font(12), anchor=anchor)


def _shares(times_s: Sequence[float], labels: Sequence[Labels], duration_s: float, width: int) -> NDArray[np.float64]:
    """(genres, width) probabilities, in a straight line from one pair to the next."""
    across = (np.arange(width) + 0.5) / width * duration_s
    probs = np.array([found.probs for found in labels])
    return np.stack([np.interp(across, np.asarray(times_s, float), column) for column in probs.T])


def _fitted(photo: Photo, width: int) -> tuple[int, int]:
    """The size, SCALE times as large, of a frame that shares `width` with another."""
    across, down = photo.size
    scale = min((width / 2 - 3) / across, PAIR_HEIGHT / down) * SCALE
    return max(1, round(across * scale)), max(1, round(down * scale))


def _pair(page: Canvas, at: tuple[int, int], room: tuple[int, int], pair: Pictured) -> None:
    left, top = at
    for number, photo in enumerate((pair.first, pair.second)):
        size = _fitted(photo, room[0])
        picture = Image.fromarray(photo.pixels).resize(size, Image.Resampling.BICUBIC)
        page.paste(picture, (left * SCALE + number * (size[0] + 4 * SCALE), top * SCALE))
    pen = ImageDraw.Draw(page)
    name = pair.labels.top.name
    y = (top + room[1] + 16) * SCALE
    x = (left + 6) * SCALE
    pen.ellipse([x - 5 * SCALE, y - 5 * SCALE, x + 5 * SCALE, y + 5 * SCALE], fill=colours()[name])
    text = f"{clock(pair.time_s)}   {name} {pair.labels[name]:.0%}"
    pen.text(((left + 18) * SCALE, y), text, fill=INK, font=font(13), anchor="lm")


def clock(seconds: float) -> str:
    """A moment as h:mm:ss.s, hours left out when there is none."""
    tenths = round(10 * seconds)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    small = f"{minutes:02d}:{rest / 10:04.1f}" if hours else f"{minutes}:{rest / 10:04.1f}"
    return f"{hours}:{small}" if hours else small
