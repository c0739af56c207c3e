"""What people heard in a listening test: which mood was taken for which, and where on the plane."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw

from moodscore.affect import Affect
from moodscore.draw.colour import FAINT, INK, PAPER, RGB, mixed, mood_rgb
from moodscore.draw.small_plane import SCALE, Dot, font, small_plane
from moodscore.schemes import MOODS

SIZE = (1120, 560)
_MATRIX = (128, 96, 400)  # left, top, side
_PLANE = (584, 72, 448)
_NAME = {"left": 116.0, "head": 84.0}


def heard_png(confusion: Sequence[Sequence[int]], pairs: Sequence[tuple[Affect, Affect]]) -> Image.Image:
    """An RGB picture of 1120 x 560 pixels.

    Left the counts (8 x 8, in the order of the ring) with each row's shares as the depth of its mood's colour; right the
    plane: what was heard as faint dots, and from each intended place a line to the mean of what was heard there. `pairs` are
    (intended, heard).
    """
    picture = Image.new("RGB", (SIZE[0] * SCALE, SIZE[1] * SCALE), PAPER)
    pen = ImageDraw.Draw(picture)
    _titles(pen)
    _matrix(pen, confusion)
    left, top, side = _PLANE
    plane = small_plane(side, _dots(pairs))
    _shifts(plane, pairs)
    picture.paste(plane, (left * SCALE, top * SCALE))
    return picture.reduce(SCALE)


def _text(
    pen: ImageDraw.ImageDraw, at: tuple[float, float], text: str, size: float, look: tuple[RGB, bool, str]
) -> None:
    ink, bold, anchor = look
    pen.text((at[0] * SCALE, at[1] * SCALE), text, fill=ink, font=font(size, bold), anchor=anchor)


def _titles(pen: ImageDraw.ImageDraw) -> None:
    _text(pen, (28, 34), "meant (rows) and heard (columns)", 17, (INK, True, "lm"))
    _text(pen, (_PLANE[0] + 4, 34), "from what was meant to what was heard on average", 17, (INK, True, "lm"))


def _matrix(pen: ImageDraw.ImageDraw, confusion: Sequence[Sequence[int]]) -> None:
    left, top, side = _MATRIX
    cell = side / 8
    for k, mood in enumerate(MOODS.labels):
        ink = mood_rgb(mood.place, 0.5, 0.14)
        _text(pen, (_NAME["left"], top + (k + 0.5) * cell), mood.name, 14, (ink, True, "rm"))
        _text(pen, (left + (k + 0.5) * cell, _NAME["head"]), mood.name, 11.5, (ink, True, "mm"))
        total = max(1, sum(confusion[k]))
        for j, count in enumerate(confusion[k]):
            x, y = left + j * cell, top + k * cell
            fill = mixed((242, 240, 235), mood_rgb(mood.place, 0.66, 0.15), count / total)
            box = [(x + 1) * SCALE, (y + 1) * SCALE, (x + cell - 1) * SCALE, (y + cell - 1) * SCALE]
            pen.rounded_rectangle(box, 5 * SCALE, fill=fill, outline=INK if k == j else None, width=SCALE)
            if count:
                _text(pen, (x + cell / 2, y + cell / 2), str(count), 14, (INK, k == j, "mm"))
    _text(pen, (left, top + side + 22), "depth: share of the row; framed: heard as meant", 12.5, (FAINT, False, "lm"))


def _means(pairs: Sequence[tuple[Affect, Affect]]) -> list[tuple[Affect, Affect]]:
    """Each intended place and the mean of what was heard there."""
    found = []
    for target in dict.fromkeys(target for target, _ in pairs):
        heard = [h for t, h in pairs if t == target]
        mean = Affect.clipped(sum(h.valence for h in heard) / len(heard), sum(h.arousal for h in heard) / len(heard))
        found.append((target, mean))
    return found


def _dots(pairs: Sequence[tuple[Affect, Affect]]) -> list[Dot]:
    return [Dot(heard, radius=3.0, colour=mixed(mood_rgb(target, 0.7, 0.13), PAPER, 0.25)) for target, heard in pairs]


def _shifts(plane: Image.Image, pairs: Sequence[tuple[Affect, Affect]]) -> None:
    """A ring at each intended place, a disc where it was heard on average, and a line between."""
    pen, side = ImageDraw.Draw(plane), plane.width

    def at(affect: Affect) -> tuple[float, float]:
        return side * (0.07 + 0.43 * (affect.valence + 1)), side * (0.07 + 0.43 * (1 - affect.arousal))

    for target, mean in _means(pairs):
        ink = mood_rgb(target, 0.5, 0.16)
        (x, y), (u, v) = at(target), at(mean)
        pen.line([(x, y), (u, v)], fill=ink, width=2 * SCALE)
        ring, disc = 7 * SCALE, 8 * SCALE
        pen.ellipse([x - ring, y - ring, x + ring, y + ring], fill=PAPER, outline=ink, width=2 * SCALE)
        pen.ellipse([u - disc, v - disc, u + disc, v + disc], fill=ink, outline=PAPER, width=2 * SCALE)
        name = min(MOODS.labels, key=lambda mood: mood.place.distance(target)).name
        above = target.arousal > 0.1  # names lie outwards, clear of the words of the axes
        pen.text(
            (x, y + (-10 if above else 10) * SCALE),
            name,
            fill=ink,
            font=font(12.5, True),
            anchor="md" if above else "ma",
        )
