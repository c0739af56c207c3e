"""`moodscore face`: what the faces in photos show."""

from __future__ import annotations

import json
from pathlib import Path

import click

from moodscore.cli import paths as kinds


@click.command(name="face")
@click.argument("photos", nargs=-1, required=True, type=kinds.ANY, metavar="PHOTO...")
@click.option(
    "--plot",
    type=kinds.NO_FOLDER,
    help="Draw boxes, expressions and the plane as a PNG; of several photos NAME-1.png, NAME-2.png and so on.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.option(
    "--scheme",
    default="expression",
    show_default=True,
    type=click.Choice(("expression", "music5")),
    help="Seven expressions on the plane, or the five labels of the music5 system.",
)
@click.option("--strict", is_flag=True, help="Stop at the first photo that is bad or shows no face.")
@click.option("--quiet", "-q", is_flag=True, help="No progress bar.")
def command(photos: tuple[Path, ...], plot: Path | None, as_json: bool, scheme: str, strict: bool, quiet: bool) -> None:
    """Find the faces in photos and read their expressions: seven labels, a mood, a point on the plane, a box.

    An expression is what a face shows, not what a person feels inside. PHOTO may be a folder.
    """
    from moodscore import jobs
    from moodscore.cli import told_faces
    from moodscore.cli.progress import bars
    from moodscore.prepare.whole import check_writable
    from moodscore.results import FacesLook

    if plot is not None:
        check_writable(plot)
    paths = jobs.photos_of(photos)
    with bars(quiet) as tell:
        faced, skipped = jobs.look_at_all_faces(paths, strict or len(paths) == 1, tell)
    if scheme == "music5":
        faced = [told_faces.in_music5(one) for one in faced]
    if as_json:
        click.echo(json.dumps([FacesLook(one).as_dict() for one in faced], indent=2, ensure_ascii=False))
    else:
        told_faces.table(faced)
    if plot is not None:
        told_faces.draw(faced, plot)
    told_faces.left_out(faced, skipped)
