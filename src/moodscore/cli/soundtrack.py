"""`moodscore soundtrack`: music for a film, cut to its picture."""

from __future__ import annotations

from pathlib import Path

import click

from moodscore.cli import music_options
from moodscore.cli import paths as kinds

MIXES = ("duck", "original", "replace")


@click.command(name="soundtrack")
@click.argument("clip", type=kinds.ANY)
@click.option(
    "-o", "--output", default="soundtrack.mp4", show_default=True, type=kinds.NO_FOLDER, help=".mp4 .mov .mkv .webm"
)
@click.option(
    "--mix",
    default="duck",
    show_default=True,
    type=click.Choice(MIXES),
    help="Music leads and gives way to speech; the film's own sound leads; or music alone.",
)
@music_options.composer
@click.option("--music", type=kinds.ANY, help="A sound file, a folder of music to pick from, or 'default'.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="Another seed, another piece.")
@click.option("--plot", type=kinds.NO_FOLDER, help="Draw the film's feeling over time as a PNG.")
@click.option("--json", "as_json", is_flag=True, help="Print the recipe as JSON.")
@click.option("--quiet", "-q", is_flag=True, help="No progress bars.")
def command(
    clip: Path,
    output: Path,
    mix: str,
    composer: str,
    music: Path | None,
    seed: int,
    plot: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Give a film music that follows its feeling, with beats on its cuts; its pictures are copied, not encoded again."""
    from moodscore import jobs
    from moodscore.cli import told_clip
    from moodscore.cli.progress import bars
    from moodscore.prepare.whole import check_writable
    from moodscore.results import ClipLook

    if plot is not None:
        check_writable(plot)
    choices = jobs.SoundtrackChoices(mix, jobs.MusicChoices(seed, composer, music))
    with bars(quiet) as tell:
        made = jobs.clip_to_soundtrack(clip, output, choices, tell)
    if plot is not None:
        jobs.write_picture(plot, ClipLook(made.felt).picture())
    told_clip.soundtrack(made, as_json)
