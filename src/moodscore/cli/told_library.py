"""What the library commands tell: tables of pieces, of the stretches that were picked, and what was left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click
from rich.markup import escape
from rich.table import Table

from moodscore import jobs
from moodscore.cli import tables
from moodscore.draw import library as draw_library
from moodscore.grammar.english import clock
from moodscore.music.library import Library, Piece
from moodscore.music.match import Cue
from moodscore.schemes import MOODS, mood_steps


def counted(library: Library) -> None:
    """How many pieces a library has, and how many of each mood."""
    count = Counter(piece.reading.mood.name for piece in library.pieces)
    moods = ", ".join(f"{count[name]} {name}" for name in MOODS.names if count[name])
    length = clock(sum(piece.length_s for piece in library.pieces))
    many = "piece" if len(library.pieces) == 1 else "pieces"
    told = f"{len(library.pieces)} {many}, {length}{': ' + moods if moods else ''}"
    tables.paper().print(f"[bold]{escape(library.name)}[/]  {told}", soft_wrap=True)


def pieces(library: Library) -> None:
    """Print a table of the pieces, one a row, numbered as in the drawing."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("", justify="right")
    console = tables.paper()
    table.add_column("piece", no_wrap=True, overflow="ellipsis", max_width=max(14, console.width - 78))
    for name in ("length", "mood", "valence", "arousal", "confidence", "by"):
        table.add_column(name, justify="left" if name in ("mood", "by") else "right", no_wrap=True)
    for k, piece in enumerate(library.pieces, start=1):
        r = piece.reading
        place = (f"{round(x, 2) + 0.0:+.2f}" for x in (r.affect.valence, r.affect.arousal))
        table.add_row(
            str(k),
            escape(piece.name),
            clock(piece.length_s),
            tables.mood_cell(r),
            *place,
            f"{r.confidence:.0%}",
            _said_by(piece),
        )
    console.print(table)


def _said_by(piece: Piece) -> str:
    """Who said what is felt in a piece, and what the judge hears where its folder says something far from that."""
    if not piece.reading.parts:
        return "its notes" if piece.score else "its sound"
    heard = piece.reading.parts[-1].reading.mood
    far = mood_steps(heard, piece.reading.mood) > 1
    return f"its folder; sounds {heard.name}" if far else "its folder"


def left_out(library: Library) -> None:
    """Count and name on standard error the files that cannot be used."""
    if library.left_out:
        click.echo(f"moodscore: {len(library.left_out)} left out", err=True)
        for one in library.left_out:
            click.echo(f"  {one.reason}", err=True)


def picked(cues: Sequence[Cue]) -> None:
    """Print which piece is heard from when, which part of it, and how far it is from what was asked for."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("at", "piece", "part", "mood", "distance"):
        table.add_column(name, justify="left" if name in ("piece", "mood") else "right", no_wrap=name != "piece")
    for cue in cues:
        part = f"{clock(cue.from_s)} - {clock(min(cue.to_s, cue.piece.end_s))}"
        mood = tables.mood_cell(cue.piece.reading)
        table.add_row(f"{cue.start_s:.1f} s", escape(cue.piece.name), part, mood, f"{cue.distance:.2f}")
    tables.paper().print(table)


def draw(library: Library, out: Path) -> None:
    """Draw the pieces on the plane into a PNG; raises RenderFailed when it cannot be written."""
    shown = [draw_library.Shown(p.name, p.reading.affect, p.score) for p in library.pieces]
    jobs.write_picture(out, draw_library.library_png(shown, library.name))


def say_where(out: Path) -> None:
    """Name the picture that was written."""
    tables.paper().print(f"[bold]{escape(str(out))}[/]", soft_wrap=True)
