"""`moodscore watch`: the feeling in a film over time."""

from __future__ import annotations

from pathlib import Path

import click

from moodscore.cli import paths as kinds


@click.command(name="watch")
@click.argument("clip", type=kinds.ANY)
@click.option(
    "-o",
    "--output",
    multiple=True,
    type=kinds.NO_FOLDER,
    help="Write the curve: .csv, .json or .png (filmstrip, curves, cuts, sound, genre); may be given again.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the curve as JSON instead of a table.")
@click.option("--quiet", "-q", is_flag=True, help="No progress bars.")
def command(clip: Path, output: tuple[Path, ...], as_json: bool, quiet: bool) -> None:
    """Watch a film and say what is felt in it over time, from its pictures, faces, motion, cuts and sound."""
    from moodscore import jobs
    from moodscore.cli import told_clip
    from moodscore.cli.progress import bars
    from moodscore.prepare.whole import check_writable

    for out in output:
        told_clip.check_name(out)
        check_writable(out)
    with bars(quiet) as tell:
        felt = jobs.clip_to_trajectory(clip, tell)
    for out in output:
        told_clip.write(felt, out)
    told_clip.print_curve(felt, output, as_json)
