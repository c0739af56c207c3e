"""`moodscore library`: a folder of music becomes pieces that films and tunes can pick from."""

from __future__ import annotations

import json
from pathlib import Path

import click

from moodscore.cli import paths as kinds


@click.group(name="library", context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Read a folder of music, and show what is felt in each piece.

    `film` and `tune` pick from a folder with --music DIR. A folder whose sub-folders are called by the eight moods, in
    English or Korean, is taken as it is sorted.
    """


@command.command(name="index")
@click.argument("folder", type=kinds.ANY, metavar="DIR")
@click.option("--json", "as_json", is_flag=True, help="Print every piece with its reading as JSON.")
@click.option("--quiet", "-q", is_flag=True, help="No progress bar.")
def index(folder: Path, as_json: bool, quiet: bool) -> None:
    """Read the sound and MIDI files in DIR, and remember what was heard by the content of each.

    Only files that are new or have changed are read. What cannot be used is named, with the reason.
    """
    from moodscore import jobs
    from moodscore.cli import told_library
    from moodscore.cli.progress import bars

    with bars(quiet) as tell:
        library = jobs.library_of(folder, tell)
    if as_json:
        click.echo(json.dumps(library.as_dict(), indent=2, ensure_ascii=False))
    else:
        told_library.counted(library)
    told_library.left_out(library)


@command.command(name="show")
@click.argument("folder", required=False, type=kinds.ANY, metavar="[DIR]")
@click.option("-o", "--output", type=kinds.ANY, help="Draw the pieces on the plane into a PNG.")
@click.option("--json", "as_json", is_flag=True, help="Print every piece with its reading as JSON.")
@click.option("--quiet", "-q", is_flag=True, help="No progress bar.")
def show(folder: Path | None, output: Path | None, as_json: bool, quiet: bool) -> None:
    """List the pieces of DIR, or of the library that ships, with the feeling in each; -o draws them on the plane."""
    from moodscore import jobs
    from moodscore.cli import told_library
    from moodscore.cli.progress import bars
    from moodscore.prepare.whole import check_writable

    if output is not None:
        check_writable(output)
    with bars(quiet) as tell:
        library = jobs.library_of(folder, tell)
    if output is not None:
        told_library.draw(library, output)
    if as_json:
        click.echo(json.dumps(library.as_dict(), indent=2, ensure_ascii=False))
    else:
        told_library.pieces(library)
        if output is not None:
            told_library.say_where(output)
    told_library.left_out(library)
