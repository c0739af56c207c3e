"""Trained genre nets side by side: a bar for each with its confidence interval, and what each says of every genre."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from moodscore.draw.colour import FAINT, INK, PAPER, RGB, even_rgb, mixed
from moodscore.draw.lettering import shortened, width_of
from moodscore.draw.small_plane import SCALE, font
from moodscore.schemes import GENRES

WIDTH, MARGIN = 1200, 28
TOP, ROW = 92, 34  # pixels above the first bar, and from one bar to the next
NAMES, FIGURES = 250, 190  # columns left and right of the bars
PANEL, PANEL_TOP = 250, 74  # height of the genres' bars, and pixels above them


@dataclass(frozen=True, slots=True)
class Share:
    """A share of pairs guessed right with its 95 % interval, all 0..1; `published` is what the study reports, if it does."""

    value: float
    low: float
    high: float
    published: float | None = None


@dataclass(frozen=True, slots=True)
class RunBars:
    """A run to draw: its name, a few words beside it, its accuracy, and that of each genre it was measured on.

    A `marked` run is hatched, because it cannot be compared with the others as it is.
    """

    name: str
    note: str
    overall: Share
    by_genre: Mapping[str, Share]
    marked: bool = False


def genre_bars(
    runs: Sequence[RunBars], chance: float, published_by_genre: Mapping[str, float], foot: str
) -> Image.Image:
    """The picture of some runs, best first; RGB, 1200 pixels wide. `foot` is a line of small print."""
    panel_top = TOP + ROW * len(runs) + PANEL_TOP
    height = panel_top + PANEL + 2 * MARGIN + 48
    page = Image.new("RGB", (WIDTH * SCALE, height * SCALE), PAPER)
    pen = _Pen(page)
    colours = _colours(len(runs))
    left, right = MARGIN + NAMES, WIDTH - MARGIN - FIGURES
    pen.write((MARGIN, MARGIN + 8), "Film genre from two frames", 22, INK, bold=False)
    _scale(pen, (left, right), (TOP - 12, TOP + ROW * len(runs)), chance)
    for number, (run, colour) in enumerate(zip(runs, colours, strict=True)):
        _row(pen, run, colour, (left, right), TOP + ROW * number)
    _genres(pen, runs, colours, panel_top, (chance, published_by_genre))
    _legend(pen, height - MARGIN - 26, any(run.marked for run in runs))
    pen.write((MARGIN, height - MARGIN + 2), shortened(foot, 13, WIDTH - 2 * MARGIN), 13, FAINT)
    return page.reduce(SCALE)


class _Pen:
    """Draws in pixels of the finished picture."""

    def __init__(self, page: Image.Image) -> None:
        self._draw = ImageDraw.Draw(page)

    def box(self, corners: tuple[float, float, float, float], colour: RGB) -> None:
        self._draw.rectangle([round(c * SCALE) for c in corners], colour)

    def line(self, points: Sequence[tuple[float, float]], colour: RGB, width: float = 1.0) -> None:
        self._draw.line([(x * SCALE, y * SCALE) for x, y in points], colour, max(1, round(width * SCALE)))

    def diamond(self, at: tuple[float, float], reach: float) -> None:
        """What the study reports: a hollow diamond."""
        x, y = at
        corners = [(x - reach, y), (x, y - reach), (x + reach, y), (x, y + reach)]
        flat = [(a * SCALE, b * SCALE) for a, b in corners]
        self._draw.polygon(flat, PAPER, INK, round(1.4 * SCALE))

    def write(
        self, at: tuple[float, float], text: str, size: float, colour: RGB, anchor: str = "lm", bold: bool = False
    ) -> None:
        self._draw.text((at[0] * SCALE, at[1] * SCALE), text, colour, font(size, bold), anchor=anchor)


def _colours(count: int) -> list[RGB]:
    wheel = even_rgb(np.array([(250 + 360 * k / max(1, count)) % 360 for k in range(count)]), 0.62, 0.11)
    return [(int(r), int(g), int(b)) for r, g, b in wheel]


def _scale(pen: _Pen, across: tuple[float, float], down: tuple[float, float], chance: float) -> None:
    left, right = across
    for tenth in range(0, 11, 2):
        x = left + (right - left) * tenth / 10
        pen.line([(x, down[0]), (x, down[1])], mixed(PAPER, INK, 0.12))
        pen.write((x, down[0] - 11), f"{10 * tenth} %", 12, FAINT, "mm")
    x = left + (right - left) * chance
    pen.line([(x, down[0]), (x, down[1])], mixed(PAPER, INK, 0.5))
    pen.write((x, down[1] + 11), "chance", 12, FAINT, "mm")


def _row(pen: _Pen, run: RunBars, colour: RGB, across: tuple[float, float], top: float) -> None:
    left, right = across
    wide, middle = right - left, top + ROW / 2
    end = left + wide * run.overall.value
    pen.write((MARGIN, middle - 7), shortened(run.name, 15, NAMES - 14), 15, INK)
    pen.write((MARGIN, middle + 9), shortened(run.note, 11, NAMES - 14), 11, FAINT)
    pen.box((left, top + 6, max(end, left + 1), top + ROW - 6), colour)
    if run.marked:
        _hatch(pen, (left, top + 6, end, top + ROW - 6))
    low, high = left + wide * run.overall.low, left + wide * run.overall.high
    pen.line([(low, middle), (high, middle)], INK, 1.4)
    for x in (low, high):
        pen.line([(x, middle - 5), (x, middle + 5)], INK, 1.4)
    if run.overall.published is not None:
        pen.diamond((left + wide * run.overall.published, middle), 6)
    said = f"{run.overall.value:.1%}  ({run.overall.low:.0%} to {run.overall.high:.0%})"
    pen.write((right + 12, middle), said, 14, INK)


def _hatch(pen: _Pen, box: tuple[float, float, float, float]) -> None:
    left, top, right, bottom = box
    high = bottom - top
    for k in range(round((right - left) / 8)):
        x = left + 8 * k
        if x + high < right:
            pen.line([(x, bottom), (x + high, top)], PAPER, 1.6)


def _genres(
    pen: _Pen,
    runs: Sequence[RunBars],
    colours: Sequence[RGB],
    top: float,
    known: tuple[float, Mapping[str, float]],
) -> None:
    chance, published = known
    bottom, column = top + PANEL, (WIDTH - 2 * MARGIN) / len(GENRES.labels)
    pen.write((MARGIN, top - 26), "of each genre", 16, INK)
    for tenth in (0, 5, 10):
        y = bottom - PANEL * tenth / 10
        pen.line([(MARGIN, y), (WIDTH - MARGIN, y)], mixed(PAPER, INK, 0.12 if tenth else 0.5))
        pen.write((WIDTH - MARGIN, y - 8), f"{10 * tenth} %", 11, FAINT, "rm")
    y = bottom - PANEL * chance
    pen.line([(MARGIN, y), (WIDTH - MARGIN, y)], mixed(PAPER, INK, 0.35))
    for number, label in enumerate(GENRES.labels):
        left = MARGIN + number * column
        wide = min(36.0, (column - 44) / max(1, len(runs)))
        start = left + (column - 30 - wide * len(runs)) / 2
        for k, (run, colour) in enumerate(zip(runs, colours, strict=True)):
            share = run.by_genre.get(label.name)
            if share is not None:
                _upright(pen, share, colour, (start + k * wide, wide), bottom)
        if label.name in published:
            pen.diamond((start + wide * len(runs) + 12, bottom - PANEL * published[label.name]), 6)
        pen.write((left + (column - 30) / 2, bottom + 14), label.name, 14, INK, "mm")


def _upright(pen: _Pen, share: Share, colour: RGB, across: tuple[float, float], bottom: float) -> None:
    left, wide = across
    middle = left + wide / 2
    pen.box((left + 1, bottom - max(1.0, PANEL * share.value), left + wide - 1, bottom), colour)
    pen.line([(middle, bottom - PANEL * share.low), (middle, bottom - PANEL * share.high)], INK, 1.2)


def _legend(pen: _Pen, y: float, hatched: bool) -> None:
    x = float(MARGIN)
    pen.diamond((x + 6, y), 6)
    text = "what the study reports, of films of its own"
    pen.write((x + 20, y), text, 13, INK)
    x += 48 + width_of(text, 13)
    pen.line([(x, y), (x + 26, y)], INK, 1.4)
    for end in (x, x + 26):
        pen.line([(end, y - 5), (end, y + 5)], INK, 1.4)
    text = "95 % confidence, by film"
    pen.write((x + 36, y), text, 13, INK)
    if hatched:
        x += 64 + width_of(text, 13)
        pen.box((x, y - 7, x + 40, y + 7), FAINT)
        _hatch(pen, (x, y - 7, x + 40, y + 7))
        pen.write((x + 50, y), "another batch size: not comparable", 13, INK)
