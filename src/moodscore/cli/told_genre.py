"""What is told about genres: the verdict, the timeline, the JSON, the picture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from moodscore import jobs
from moodscore.cli import tables
from moodscore.draw.genre import Pictured, clock, genre_png
from moodscore.reading import Reading
from moodscore.schemes import GENRES


def verdict(reading: Reading, as_json: bool) -> None:
    """Print each genre with its probability, the likeliest first."""
    if as_json:
        click.echo(json.dumps(reading.as_dict(), indent=2, ensure_ascii=False))
        return
    ranked = sorted(zip(GENRES.labels, reading.labels.probs, strict=True), key=lambda pair: -pair[1])
    rows = Table(box=None, pad_edge=False, header_style="bold")
    rows.add_column("genre", no_wrap=True)
    rows.add_column("probability", justify="right")
    for label, prob in ranked:
        rows.add_row(f"{label.name} {label.korean}", f"{prob:.0%}")
    tables.paper().print(rows)


def timeline(found: jobs.GenreFound, every: bool) -> None:
    """Print the pairs that speak most for the verdict, or every pair."""
    shown = list(found.pairs) if every else [e for e, _ in found.strongest]
    rows = Table(box=None, pad_edge=False, header_style="bold")
    rows.title, rows.title_justify = "every pair" if every else "strongest pairs", "left"
    for name in ("at", "genre", "probability"):
        rows.add_column(name, justify="left" if name == "genre" else "right", no_wrap=True)
    for one in shown:
        rows.add_row(clock(one.time_s), one.reading.labels.top.name, f"{one.reading.confidence:.0%}")
    tables.paper().print(rows)


def as_dict(found: jobs.GenreFound, every: bool) -> dict[str, Any]:
    """The verdict, the strongest pairs and, if asked, every pair, JSON-ready."""

    def row(one: jobs.Evidence) -> dict[str, Any]:
        return {"time_s": round(one.time_s, 3), "probs": _probs(one.reading)}

    out: dict[str, Any] = {"clip": str(found.clip.path), "pairs": len(found.pairs), **found.reading.as_dict()}
    out["strongest"] = [row(e) for e, _ in found.strongest]
    return out | ({"timeline": [row(e) for e in found.pairs]} if every else {})


def _probs(reading: Reading) -> dict[str, float]:
    return {name: round(p, 4) for name, p in zip(GENRES.names, reading.labels.probs, strict=True)}


def draw(found: jobs.GenreFound, out: Path) -> None:
    """Draw the film's genre as a PNG; raises RenderFailed when it cannot be written."""
    times, labels = [e.time_s for e in found.pairs], [e.reading.labels for e in found.pairs]
    shown = [Pictured(p.time_s, e.reading.labels, p.first, p.second) for e, p in found.strongest]
    jobs.write_picture(out, genre_png(found.reading, times, labels, found.clip.duration_s, shown))
