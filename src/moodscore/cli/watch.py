"""`moodscore watch`: the feeling in a film over time, or in what a camera shows now."""

from __future__ import annotations

from pathlib import Path

import click

from moodscore.cli import paths as kinds


@click.command(name="watch")
@click.argument("clip", type=str, metavar="CLIP")
@click.option(
    "-o",
    "--output",
    multiple=True,
    type=kinds.NO_FOLDER,
    help="Write the curve: .csv, .json or .png (filmstrip, curves, cuts, sound, genre); may be given again.",
)
@click.option("--live", is_flag=True, help="Read CLIP as it plays: a film, a camera's number (0), or - for a pipe.")
@click.option("--play", type=kinds.NO_FOLDER, help="With --live: music that follows, into a .wav, or - for raw sound.")
@click.option("--music", type=kinds.ANY, help="With --play: a folder of music instead of the library that ships.")
@click.option("--seconds", type=click.FloatRange(min=0.1), help="With --live: stop after so many seconds.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="With --play: other pieces.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table; live, one reading a line.")
@click.option("--quiet", "-q", is_flag=True, help="No progress bars.")
def command(
    clip: str,
    output: tuple[Path, ...],
    live: bool,
    play: Path | None,
    music: Path | None,
    seconds: float | None,
    seed: int,
    as_json: bool,
    quiet: bool,
) -> None:
    """Watch a film and say what is felt in it over time, from its pictures, faces, motion, cuts and sound.

    With --live it reads what is shown now, several times a second. Raw sound is 44,100 Hz, 16 bit, stereo: pipe it to
    `aplay -f cd`.
    """
    if live and output:
        raise click.UsageError("-o writes the curve of a whole film; --live prints readings as they come")
    if not live and (play or music or seconds):
        raise click.UsageError("--play, --music and --seconds go with --live")
    if live:
        from moodscore.cli import told_live

        told_live.watch(clip, seconds, as_json, told_live.player(play, music, seed, quiet))
        return
    from moodscore import jobs
    from moodscore.cli import told_clip
    from moodscore.cli.progress import bars
    from moodscore.prepare.whole import check_writable
    from moodscore.results import ClipLook

    for out in output:
        told_clip.check_name(out)
        check_writable(out)
    with bars(quiet) as tell:
        felt = jobs.clip_to_trajectory(Path(clip), tell)
    for out in output:
        ClipLook(felt).save(out)
    told_clip.print_curve(felt, output, as_json)
