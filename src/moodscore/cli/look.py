"""`moodscore look`: what is felt in photos."""

from __future__ import annotations

import json
from pathlib import Path

import click

from moodscore.cli import paths as kinds


@click.command(name="look")
@click.argument("photos", nargs=-1, required=True, type=kinds.ANY, metavar="PHOTO...")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.option(
    "--plot",
    type=kinds.NO_FOLDER,
    help="Draw the photos on the plane as a PNG.",
)
@click.option(
    "--explain",
    type=kinds.NO_FOLDER,
    help="Draw as a PNG what each part and region of the one PHOTO contributed.",
)
@click.option("--strict", is_flag=True, help="Stop at the first photo that cannot be read.")
@click.option("--quiet", "-q", is_flag=True, help="No progress bar.")
def command(
    photos: tuple[Path, ...], as_json: bool, plot: Path | None, explain: Path | None, strict: bool, quiet: bool
) -> None:
    """Read the feeling in photos: mood, valence, arousal, confidence.

    PHOTO may be a folder: then all photos in it are read.
    """
    from moodscore import jobs
    from moodscore.cli import tables, told_faces
    from moodscore.cli.progress import bars
    from moodscore.errors import BadMedia
    from moodscore.prepare.whole import check_writable

    paths = jobs.photos_of(photos)
    if explain is not None and len(paths) != 1:
        raise click.UsageError(f"--explain draws one photo at a time, got {len(paths)}")
    for out in filter(None, (plot, explain)):
        check_writable(out)
    with bars(quiet) as tell:
        if explain is None:
            seen, skipped = jobs.look_all(paths, strict, tell)
        else:
            seen, skipped = [told_faces.draw_why(paths[0], explain, tell)], []
    if not seen and len(skipped) == 1:
        raise BadMedia(skipped[0].reason)
    if as_json:
        rows = [{"photo": str(s.path), **s.reading.as_dict()} for s in seen]
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    elif seen:
        tables.readings(seen)
    if plot is not None and seen:
        tables.draw_plane(seen, plot)
    tables.left_out(skipped)
    if not seen:
        raise click.exceptions.Exit(2)
