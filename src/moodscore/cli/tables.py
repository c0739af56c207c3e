"""Tables and closing lines for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from moodscore import jobs
from moodscore.draw import colour, plane
from moodscore.jobs import Seen, Skipped
from moodscore.reading import Reading
from moodscore.results import plane_points

PIPE_WIDTH = 160
NUMBERS_WIDTH = 61  # the columns beside a photo's name
PARTS_WIDTH = 24  # what each part weighed; left out where there is no room for it


def mood_cell(reading: Reading, korean: bool = True) -> str:
    """The mood's name in English, and in Korean if there is room, beside a dot in its own hue."""
    name = f"[{colour.hex_of(colour.mood_rgb(reading.mood.place))}]●[/] {reading.mood.name}"
    return f"{name} {reading.mood.korean}" if korean else name


def paper() -> Console:
    """Standard output: as wide as the terminal, or wide enough for any table when it goes into a file or a pipe."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=PIPE_WIDTH)


def parts(reading: Reading) -> str:
    """What each part of a fused reading weighed, the first three named; a reading of one part is all scene."""
    named = [f"{p.name} {p.weight:.0%}" for p in reading.parts[:3]] or ["scene"]
    more = len(reading.parts) - 3
    return ", ".join(named) + (f", {more} more" if more > 0 else "")


def readings(seen: Sequence[Seen], starts_s: Sequence[float] | None = None) -> None:
    """Print a table of readings, one photo a row; `starts_s` adds when each appears in the film."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    if starts_s is not None:
        table.add_column("at", justify="right")
    console = paper()
    room = console.width - NUMBERS_WIDTH - (8 if starts_s is not None else 0)
    fused = any(one.reading.parts for one in seen) and room >= PARTS_WIDTH + 12
    room -= PARTS_WIDTH if fused else 0
    table.add_column("photo", no_wrap=True, overflow="ellipsis", max_width=max(12, room))
    for name in ("mood", "valence", "arousal", "confidence"):
        table.add_column(name, justify="left" if name == "mood" else "right", no_wrap=True)
    if fused:
        table.add_column("by", overflow="fold")
    for k, one in enumerate(seen):
        r = one.reading
        cells = [
            one.path.name,
            mood_cell(r),
            f"{r.affect.valence:+.2f} ±{r.spread.valence:.2f}",
            f"{r.affect.arousal:+.2f} ±{r.spread.arousal:.2f}",
            f"{r.confidence:.0%}",
        ]
        last = [parts(r)] if fused else []
        table.add_row(*([f"{starts_s[k]:.1f} s"] if starts_s is not None else []), *cells, *last)
    console.print(table)


def left_out(skipped: Sequence[Skipped]) -> None:
    """Count and name on standard error the photos that could not be used."""
    if skipped:
        click.echo(f"moodscore: {len(skipped)} skipped", err=True)
        for one in skipped:
            click.echo(f"  {one.reason}", err=True)


def draw_plane(seen: Sequence[Seen], out: Path, ordered: bool = False) -> None:
    """Draw the photos on the plane into a PNG; raises RenderFailed when it cannot be written."""
    points = plane_points(seen)
    jobs.write_picture(out, plane.plane_png(points, path_order=range(len(points)) if ordered else None))
