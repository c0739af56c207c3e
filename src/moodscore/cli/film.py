"""`moodscore film`: photos become a film."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from moodscore.cli import music_options
from moodscore.cli import paths as kinds

TRANSITIONS = ("crossfade", "dip", "cut")
SIZES = ("1080p", "720p", "4k", "square", "vertical")


@click.command(name="film")
@click.argument("photos", nargs=-1, required=True, type=kinds.ANY, metavar="(DIR | PHOTO...)")
@click.option("-o", "--output", default="film.mp4", show_default=True, type=kinds.ANY)
@click.option("--seconds-per-photo", default=4.0, show_default=True, type=click.FloatRange(0.2, 600))
@click.option("--seconds", type=click.FloatRange(1, 7200), help="Length of the whole film; wins over the one above.")
@click.option("--fade", "fade_s", default=1.0, show_default=True, type=click.FloatRange(0, 60), help="Seconds.")
@click.option("--transition", default="crossfade", show_default=True, type=click.Choice(TRANSITIONS))
@click.option(
    "--order",
    default="given",
    show_default=True,
    type=click.Choice(("given", "time", "arc")),
    help="As given, by capture time, or along a smooth path over the plane.",
)
@click.option("--size", default="720p", show_default=True, type=click.Choice(SIZES))
@music_options.composer
@click.option(
    "--music",
    type=kinds.ANY,
    help="Used instead of composing: a sound file, a folder to pick from, or 'default', the library that ships.",
)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0))
@click.option(
    "--preview",
    type=kinds.ANY,
    help="Write a page that plays the film before encoding it.",
)
@click.option("--parts", is_flag=True, help="Leave the recipe, plane.png, tune.mid and tune.wav beside the film.")
@click.option("--strict", is_flag=True, help="Refuse bad photos instead of skipping them.")
@click.option("--json", "as_json", is_flag=True, help="Print the recipe as JSON.")
@click.option("--quiet", "-q", is_flag=True, help="No progress bars.")
@click.pass_context
def command(
    context: click.Context,
    /,
    photos: tuple[Path, ...],
    output: Path,
    preview: Path | None,
    parts: bool,
    as_json: bool,
    quiet: bool,
    **choices: Any,  # noqa: ANN401 - the fields of FilmChoices
) -> None:
    """Turn a folder of photos, or the photos named, into a film with music that follows their feeling.

    --preview alone writes only the page; with -o as well, the page comes first and the film after it.
    """
    from moodscore import jobs, results
    from moodscore.cli import told
    from moodscore.cli.progress import bars
    from moodscore.prepare.whole import check_writable

    asked = context.get_parameter_source("output") is not click.core.ParameterSource.DEFAULT
    targets = ([preview] if preview else []) + ([output] if asked or not preview else [])
    if preview:
        check_writable(preview)
    if output in targets:
        jobs.check_film(output)
    with bars(quiet) as tell:
        cut = jobs.photos_to_cut(jobs.photos_of(photos), jobs.FilmChoices(**choices), tell)
        if preview is not None:
            told.write_preview(cut, preview)
        film = jobs.cut_to_film(cut, output, tell) if output in targets else None
    written = results.save_parts(cut, targets[-1]) if parts else []
    told.film(cut, film, [*targets, *written], as_json)
    if parts and cut.scored.plan and cut.scored.tune.score is None:
        click.echo("no tune.mid: diffusion draws sound, which has no score", err=True)
