"""What is told about faces: the table, the JSON, the pictures, and why a photo reads as it does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from PIL import Image
from rich.console import Console
from rich.table import Table

from moodscore import jobs
from moodscore.cli import tables
from moodscore.draw.explain import explain_png
from moodscore.draw.faces import faces_png
from moodscore.errors import RenderFailed
from moodscore.reading import Reading
from moodscore.schemes import SCHEMES
from moodscore.see import people

LISTED = 12


def in_music5(faced: jobs.Faced) -> jobs.Faced:
    """The same faces in the five labels of music5, their points moved to the places of those labels."""
    return replace(faced, faces=tuple((face, people.in_music5(reading)) for face, reading in faced.faces))


def as_dict(faced: jobs.Faced) -> dict[str, Any]:
    """JSON-ready: the photo, what its faces say together, and each face's box, score, landmarks and reading."""
    return {
        "photo": str(faced.path),
        "together": faced.reading.as_dict(),
        "faces": [
            {
                "box": {name: round(getattr(face.box, name), 4) for name in ("left", "top", "right", "bottom")},
                "score": round(face.score, 4),
                "landmarks": [[round(x, 4), round(y, 4)] for x, y in face.landmarks],
                **reading.as_dict(),
            }
            for face, reading in faced.faces
        ],
    }


def table(faced: Sequence[jobs.Faced]) -> None:
    """Print a row for each of the first faces of every photo, and below many the row of all together."""
    rows = Table(box=None, pad_edge=False, header_style="bold")
    rows.add_column("photo", overflow="fold")
    for name in ("face", "mood", "valence", "arousal", "shows", "box %"):
        rows.add_column(name, justify="right" if name in ("face", "valence", "arousal") else "left", no_wrap=True)
    for one in faced:
        for number, (face, reading) in enumerate(one.faces[:LISTED], start=1):
            box = face.box
            at = f"{box.left:.0%}".rstrip("%") + f",{box.top:.0%}-{box.right:.0%},{box.bottom:.0%}".replace("%", "")
            rows.add_row(one.path.name if number == 1 else "", str(number), *_cells(reading), at)
        more = len(one.faces) - LISTED
        if more > 0:
            rows.add_row("", "", f"and {more} more", "", "", "", "")
        if len(one.faces) > 1:
            rows.add_row("", "all", *_cells(one.reading), f"{len(one.faces)} faces")
    Console(highlight=False).print(rows)


def _cells(reading: Reading) -> list[str]:
    return [
        tables.mood_cell(reading),
        f"{reading.affect.valence:+.2f} ±{reading.spread.valence:.2f}",
        f"{reading.affect.arousal:+.2f} ±{reading.spread.arousal:.2f}",
        shows(reading),
    ]


def shows(reading: Reading) -> str:
    """The likeliest labels with their probabilities: at most three, and none below 10 % after the first."""
    pairs = zip(SCHEMES[reading.labels.scheme].names, reading.labels.probs, strict=True)
    ranked = sorted(pairs, key=lambda pair: -pair[1])[:3]
    return ", ".join(f"{name} {prob:.0%}" for k, (name, prob) in enumerate(ranked) if k == 0 or prob >= 0.1)


def draw(faced: Sequence[jobs.Faced], out: Path) -> None:
    """Draw each photo's faces: into `out`, or of several photos into NAME-1.png, NAME-2.png and so on."""
    for number, one in enumerate(faced, start=1):
        name = out if len(faced) == 1 else out.with_name(f"{out.stem}-{number}{out.suffix}")
        save(faces_png(one.photo, one.faces), name)


def draw_why(path: Path, out: Path) -> None:
    """Draw why a photo reads as it does into a PNG: what each part and each region contributed."""
    photo, why = jobs.explain(path)
    save(explain_png(photo, why.reading, why.faces, why.push), out)


def save(picture: Image.Image, out: Path) -> None:
    """Write a PNG; raises RenderFailed when it cannot be written."""
    try:
        picture.save(out, format="PNG")
    except OSError as error:
        raise RenderFailed(f"{out}: expected a place to write a PNG, got {error.strerror or error}") from error


def left_out(faced: Sequence[jobs.Faced], skipped: Sequence[jobs.Skipped]) -> None:
    """Name the photos that were bad or showed no face; exit with 2 when no photo is left."""
    tables.left_out(skipped)
    if not faced:
        raise click.exceptions.Exit(2)
