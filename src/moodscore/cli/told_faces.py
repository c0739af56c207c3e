"""What is told about faces: the table, the JSON, the pictures, and why a photo reads as it does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from moodscore import jobs
from moodscore.cli import tables
from moodscore.draw.explain import explain_png
from moodscore.draw.faces import faces_png
from moodscore.media import Box
from moodscore.reading import Reading
from moodscore.schemes import SCHEMES
from moodscore.see import people

LISTED = 12
COLUMNS = (
    ("face", 4, True),
    ("mood", 10, False),
    ("valence", 7, True),
    ("arousal", 7, True),
    ("shows", 25, False),
    ("box %", 12, False),
)


def in_music5(faced: jobs.Faced) -> jobs.Faced:
    """The same faces in the five labels of music5, their points moved to the places of those labels."""
    return replace(faced, faces=tuple((face, people.in_music5(reading)) for face, reading in faced.faces))


def table(faced: Sequence[jobs.Faced]) -> None:
    """Print for each photo its name and a row for each of its first faces, and for several one of all together."""
    for photo, one in enumerate(faced):
        rows = Table(box=None, pad_edge=False, header_style="bold", show_header=photo == 0)
        rows.title, rows.title_justify, rows.title_style = Text(one.path.name), "left", "bold"
        for name, width, right in COLUMNS:
            rows.add_column(name, justify="right" if right else "left", no_wrap=True, min_width=width)
        for number, (face, reading) in enumerate(one.faces[:LISTED], start=1):
            rows.add_row(str(number), *_cells(reading), _percent(face.box))
        more = len(one.faces) - LISTED
        if more > 0:
            rows.add_row("", f"and {more} more")
        if len(one.faces) > 1:
            rows.add_row("all", *_cells(one.reading), f"{len(one.faces)} faces")
        tables.paper().print(rows)


def _percent(box: Box) -> str:
    """Left, top, right and bottom in percent of the picture."""
    return f"{100 * box.left:.0f} {100 * box.top:.0f} {100 * box.right:.0f} {100 * box.bottom:.0f}"


def _cells(reading: Reading) -> list[str]:
    return [
        tables.mood_cell(reading, korean=False),
        f"{reading.affect.valence:+.2f}",
        f"{reading.affect.arousal:+.2f}",
        shows(reading),
    ]


def shows(reading: Reading) -> str:
    """The likeliest label with its probability, and the second if it has 10 % or more."""
    pairs = zip(SCHEMES[reading.labels.scheme].names, reading.labels.probs, strict=True)
    ranked = sorted(pairs, key=lambda pair: -pair[1])[:2]
    return ", ".join(f"{name} {prob:.0%}" for k, (name, prob) in enumerate(ranked) if k == 0 or prob >= 0.1)


def draw(faced: Sequence[jobs.Faced], out: Path) -> None:
    """Draw each photo's faces: into `out`, or of several photos into NAME-1.png, NAME-2.png and so on."""
    for number, one in enumerate(faced, start=1):
        name = out if len(faced) == 1 else out.with_name(f"{out.stem}-{number}{out.suffix}")
        jobs.write_picture(name, faces_png(one.photo, one.faces))


def draw_why(path: Path, out: Path, progress: jobs.Progress = jobs.silent) -> jobs.Seen:
    """Look at a photo and draw why it reads as it does into a PNG: what each part and each region contributed."""
    seen, photo, why = jobs.explain(path, progress)
    jobs.write_picture(out, explain_png(photo, why.reading, why.faces, why.push))
    return seen


def left_out(faced: Sequence[jobs.Faced], skipped: Sequence[jobs.Skipped]) -> None:
    """Name the photos that were bad or showed no face; exit with 2 when no photo is left."""
    tables.left_out(skipped)
    if not faced:
        raise click.exceptions.Exit(2)
