"""Paths as arguments. Whether one can be read is told by the room that opens it, on one line, naming the remedy."""

from __future__ import annotations

from pathlib import Path

import click

ANY = click.Path(path_type=Path, readable=False)
NO_FOLDER = click.Path(path_type=Path, dir_okay=False, readable=False)
