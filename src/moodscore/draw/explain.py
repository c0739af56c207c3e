"""Why a photo reads as it does, in one picture: what each region pushed, what each part said, and where they met."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from moodscore.draw.colour import FAINT, INK, PAPER, RGB
from moodscore.draw.faces import badge, fitted, outline
from moodscore.draw.small_plane import SCALE, Canvas, Dot, colour_of, font, hues_of, small_plane
from moodscore.media import Face, Photo
from moodscore.reading import Part, Reading

WIDTH, MARGIN, COLUMN = 1200, 24, 404
PHOTO_WIDTH, PHOTO_HEIGHT = WIDTH - 3 * MARGIN - COLUMN, 700
MOST_ROWS, ROW = 5, 30
FAINTEST_PUSH = 0.04  # plane units: weaker pushes than this are drawn as weak, not stretched to full colour
NOTED = 3
GREY = (110, 110, 118)

Floats = NDArray[np.float32]


def explain_png(photo: Photo, reading: Reading, faces: Sequence[Face], push: Floats) -> Image.Image:
    """The picture tinted by what its regions pushed, its faces, the weight of each part and the plane; RGB, 1200 wide.

    `push` (rows, columns, 2) is the valence and arousal each region gave the scene. Parts called "face N" are the N-th of
    `faces`; faces without a part are drawn in grey.
    """
    shown = tinted(fitted(photo, PHOTO_WIDTH, PHOTO_HEIGHT), push)
    parts = reading.parts or (Part("scene", 1.0, reading),)
    _boxes(shown, faces, {p.name: p for p in parts})
    _spots(shown, push)
    rows = parts[:MOST_ROWS]
    plane_top = MARGIN + 118 + ROW * len(rows) + (ROW if len(parts) > len(rows) else 0)
    height = max(MARGIN + shown.height // SCALE, plane_top + COLUMN) + 2 * MARGIN
    page = Image.new("RGB", (WIDTH * SCALE, height * SCALE), PAPER)
    page.paste(shown, ((MARGIN + (PHOTO_WIDTH - shown.width // SCALE) // 2) * SCALE, MARGIN * SCALE))
    _column(page, reading, parts)
    dots = [Dot(p.reading.affect, _letter(p), 7 + 9 * p.weight**0.5) for p in parts]
    whole = [Dot(reading.affect, "", 6, INK)] if reading.parts else []
    plane = small_plane(COLUMN, dots + whole, arrow_to=reading.affect if reading.parts else None)
    page.paste(plane, ((WIDTH - MARGIN - COLUMN) * SCALE, plane_top * SCALE))
    _untinted(page, photo, MARGIN + shown.height // SCALE, plane_top + COLUMN)
    _foot(page, push, bool(reading.parts))
    return page.reduce(SCALE)


def tinted(picture: Canvas, push: Floats) -> Canvas:
    """The picture paled, each region in the hue of the direction it pushed to, as strong as its push."""
    size = picture.width, picture.height
    valence, arousal = (
        np.asarray(Image.fromarray(np.ascontiguousarray(push[..., k])).resize(size, Image.Resampling.BICUBIC))
        for k in (0, 1)
    )
    strength = np.clip(np.hypot(valence, arousal) / reach(push), 0, 1)[..., None] ** 0.8
    grey = np.asarray(picture.convert("L"), np.float32)[..., None]
    grey = np.asarray(255 * (grey / 255) ** 0.85, np.float32)
    pale = 0.70 * grey + 0.16 * np.asarray(picture, np.float32) + 34
    hues = hues_of(valence, arousal, 0.76, 0.17).astype(np.float32)
    coloured = 0.68 * hues * (0.42 + 0.58 * grey / 255) + 0.32 * pale
    mixed = pale * (1 - 0.92 * strength) + coloured * 0.92 * strength
    return Image.fromarray(np.clip(mixed, 0, 255).astype(np.uint8))


def reach(push: Floats) -> float:
    """The push drawn at full strength: nearly the strongest there is, but not below FAINTEST_PUSH."""
    return max(FAINTEST_PUSH, float(np.percentile(np.hypot(push[..., 0], push[..., 1]), 99.5)))


def peaks(push: Floats, count: int = NOTED) -> list[tuple[float, float, float, float]]:
    """The strongest pushes that lie apart: (x, y) in shares of the picture, valence and arousal, strongest first."""
    height, width = push.shape[:2]
    left = np.hypot(push[..., 0], push[..., 1])
    down, across = np.mgrid[:height, :width]
    found: list[tuple[float, float, float, float]] = []
    while len(found) < count and left.max() >= FAINTEST_PUSH / 2:
        y, x = np.unravel_index(int(left.argmax()), left.shape)
        valence, arousal = push[y, x]
        found.append(((float(x) + 0.5) / width, (float(y) + 0.5) / height, float(valence), float(arousal)))
        away = ((across - x) / width) ** 2 + ((down - y) / height) ** 2
        left = np.where(away < 0.3**2, 0.0, left)
    return found


def words_for(valence: float, arousal: float) -> str:
    """A push in words, its stronger axis first; the weaker is left out below a third of the stronger."""
    axes = [(valence, "pleasant", "unpleasant"), (arousal, "excited", "calm")]
    axes.sort(key=lambda a: -abs(a[0]))
    said = [axes[0]] + [a for a in axes[1:] if abs(a[0]) >= abs(axes[0][0]) / 3]
    return ", ".join(f"{up if value > 0 else down} {abs(value):.2f}" for value, up, down in said)


def _letter(part: Part) -> str:
    return "S" if part.name == "scene" else part.name.removeprefix("face ")


def _colour(part: Part) -> RGB:
    return colour_of(part.reading.affect)


def _boxes(shown: Canvas, faces: Sequence[Face], parts: dict[str, Part]) -> None:
    for number in range(len(faces), 0, -1):
        part = parts.get(f"face {number}")
        outline(shown, faces[number - 1].box, str(number) if part else "", _colour(part) if part else GREY)


def _spots(shown: Canvas, push: Floats) -> None:
    """A note at each of the strongest pushes: a ring and what it pushed to, below it or above, where it covers no other."""
    pen, face, ring = ImageDraw.Draw(shown), font(13), 6 * SCALE
    taken: list[tuple[float, float, float, float]] = []
    for x, y, valence, arousal in peaks(push):
        at = tuple(min(max(v * s, ring), max(ring, s - ring)) for v, s in ((x, shown.width), (y, shown.height)))
        pen.ellipse([at[0] - ring, at[1] - ring, at[0] + ring, at[1] + ring], outline=(255, 255, 255), width=2 * SCALE)
        text = words_for(valence, arousal)
        half, high = pen.textlength(text, font=face) / 2 + 7 * SCALE, 22 * SCALE
        middle = min(max(at[0], half), max(half, shown.width - half))
        tops = (at[1] + 2 * ring, at[1] - 2 * ring - high)
        pills = [(middle - half, top, middle + half, top + high) for top in tops if 0 <= top <= shown.height - high]
        pill = next((p for p in pills if not any(_overlap(p, other) for other in taken)), None)
        if pill is not None:
            taken.append(pill)
            pen.rounded_rectangle(pill, high / 2, fill=(255, 255, 255))
            pen.text((middle, (pill[1] + pill[3]) / 2), text, fill=INK, font=face, anchor="mm")


def _overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _column(page: Canvas, reading: Reading, parts: Sequence[Part]) -> None:
    """The fused feeling, the parts' weights as one bar, and a row for each part."""
    pen, left, right = ImageDraw.Draw(page), (WIDTH - MARGIN - COLUMN) * SCALE, (WIDTH - MARGIN) * SCALE
    pen.text(
        (left, (MARGIN + 16) * SCALE),
        reading.mood.name,
        fill=colour_of(reading.affect, 0.48),
        font=font(30, True),
        anchor="lm",
    )
    said = (
        f"valence {reading.affect.valence:+.2f} ±{reading.spread.valence:.2f}   "
        f"arousal {reading.affect.arousal:+.2f} ±{reading.spread.arousal:.2f}   sure {reading.confidence:.0%}"
    )
    pen.text((left, (MARGIN + 48) * SCALE), said, fill=FAINT, font=font(13), anchor="lm")
    x, top = float(left), (MARGIN + 68) * SCALE
    for part in parts:
        end = x + part.weight * (right - left)
        pen.rectangle([x, top, max(x, end - SCALE), top + 14 * SCALE], fill=_colour(part))
        x = end
    for row, part in enumerate(parts[:MOST_ROWS]):
        y = (MARGIN + 104 + ROW * row) * SCALE
        badge(page, (left + 11 * SCALE, y), _letter(part), 11, _colour(part))
        feeling = f"{part.reading.affect.valence:+.2f} / {part.reading.affect.arousal:+.2f}"
        pen.text((left + 30 * SCALE, y), f"{part.name}: {_word(part)}", fill=INK, font=font(14), anchor="lm")
        pen.text((right - 60 * SCALE, y), feeling, fill=FAINT, font=font(13), anchor="rm")
        pen.text((right, y), f"{part.weight:.0%}", fill=INK, font=font(14), anchor="rm")
    more = len(parts) - MOST_ROWS
    if more > 0:
        share = sum(p.weight for p in parts[MOST_ROWS:])
        at = (left + 30 * SCALE, (MARGIN + 104 + ROW * MOST_ROWS) * SCALE)
        pen.text(at, f"and {more} more faces, {share:.0%} together", fill=FAINT, font=font(13), anchor="lm")


def _word(part: Part) -> str:
    """A face's likeliest expression, or the scene's mood."""
    return part.reading.mood.name if part.name == "scene" else part.reading.labels.top.name


def _untinted(page: Canvas, photo: Photo, photo_end: int, plane_end: int) -> None:
    """The photo as it was, small, under the tinted one or under the plane, wherever more room is left, if it is enough."""
    end = page.height // SCALE - 2 * MARGIN
    left, top, wide = min(
        (MARGIN, photo_end + MARGIN, PHOTO_WIDTH),
        (WIDTH - MARGIN - COLUMN, plane_end + MARGIN, COLUMN),
        key=lambda r: r[1],
    )
    if end - top >= 80:
        page.paste(fitted(photo, wide, end - top), (left * SCALE, top * SCALE))


def _foot(page: Canvas, push: Floats, with_faces: bool) -> None:
    text = (
        f"Colour: the direction a region pushes the picture's feeling to, at full strength by {reach(push):.2f}; "
        "the plane has the same hues.  S: the scene as a whole."
    )
    if with_faces:
        text += "  What a face shows is not what a person feels inside."
    at = (MARGIN * SCALE, page.height - MARGIN * SCALE)
    ImageDraw.Draw(page).text(at, text, fill=FAINT, font=font(12), anchor="lm")
