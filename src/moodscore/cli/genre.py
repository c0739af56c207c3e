"""`moodscore genre`: the genre of a film, or of two of its frames."""

from __future__ import annotations

import json
from pathlib import Path

import click

from moodscore.cli import paths as kinds


@click.command(name="genre")
@click.argument("files", nargs=-1, required=True, type=kinds.ANY, metavar="CLIP|FRAME1 FRAME2")
@click.option("--timeline", is_flag=True, help="List what every pair of frames was read as.")
@click.option("--plot", type=kinds.NO_FOLDER, help="Draw verdict, timeline and strongest pairs as a PNG.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
@click.option("--quiet", "-q", is_flag=True, help="No progress bar.")
def command(files: tuple[Path, ...], timeline: bool, plot: Path | None, as_json: bool, quiet: bool) -> None:
    """Read the genre of a film from pairs of consecutive frames: action, horror, romance, ani2d, ani3d or sf.

    Two pictures are read as two consecutive frames. The net learnt from posters: trust drawn, rendered or live most, and a
    single pair least.
    """
    if len(files) > 2 or (len(files) == 2 and (timeline or plot)):
        raise click.UsageError("name one CLIP, or two frames; --timeline and --plot go with a CLIP")
    from moodscore import jobs
    from moodscore.cli import told_genre
    from moodscore.cli.progress import bars
    from moodscore.prepare.whole import check_writable

    if plot is not None:
        check_writable(plot)
    if len(files) == 2:
        told_genre.verdict(jobs.frames_to_genre(*files), as_json)
        return
    with bars(quiet) as tell:
        found = jobs.clip_to_genre(files[0], tell)
    if as_json:
        click.echo(json.dumps(told_genre.as_dict(found, timeline), indent=2, ensure_ascii=False))
    else:
        told_genre.verdict(found.reading, False)
        told_genre.timeline(found, timeline)
    if plot is not None:
        told_genre.draw(found, plot)
