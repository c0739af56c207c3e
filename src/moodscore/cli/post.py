"""`moodscore post`: one photo becomes captions, prompts, three tunes and a page that shows the run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from moodscore.cli import music_options
from moodscore.cli import paths as kinds

if TYPE_CHECKING:
    from moodscore import jobs

FORMATS = ("m4a", "mp3", "wav", "flac", "opus")


@click.command(name="post")
@click.argument("photos", nargs=-1, required=True, type=kinds.ANY, metavar="(DIR | PHOTO...)")
@click.option("-o", "--output", default="post", show_default=True, type=kinds.ANY, help="The folder to write.")
@click.option("--seconds", default=30.0, show_default=True, type=click.FloatRange(5, 600), help="Of each tune.")
@music_options.composer
@click.option(
    "--caption-model",
    metavar="MODEL",
    help="Let BLIP write the English captions: a hub name or a local folder (needs the extra 'captions').",
)
@click.option(
    "--library",
    type=kinds.ANY,
    help="A folder of music for the match that is there at once, instead of the library that ships.",
)
@click.option(
    "--format", "form", default="m4a", show_default=True, type=click.Choice(FORMATS), help="Of the sound files."
)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="Another seed, other tunes.")
@click.option("--json", "as_json", is_flag=True, help="Print run.json; for several photos a list of them.")
@click.option("--quiet", "-q", is_flag=True, help="No progress bar.")
def command(
    photos: tuple[Path, ...],
    output: Path,
    form: str,
    as_json: bool,
    quiet: bool,
    **choices: Any,  # noqa: ANN401 - the fields of PostChoices
) -> None:
    """Answer PHOTO with three tunes that differ on purpose: as it feels, beside it, against it.

    The folder gets captions in English and Korean, the prompts, three tunes as sound and MIDI, a match from the library,
    run.json, and index.html, which shows it all. Several photos get a folder each. A former run in the folder is replaced.

    Nothing leaves the machine, unless MOODSCORE_LLM_URL names an endpoint that is to write the prompts: it is told the
    captions, never the photo.
    """
    from moodscore import jobs
    from moodscore.cli import post_files, tables, told_post
    from moodscore.errors import BadMedia

    named = jobs.photos_of(photos)
    folders = post_files.folders_for(named, output)
    for folder in folders:
        post_files.check_folder(folder)
    wanted = jobs.PostChoices(endpoint=jobs.Endpoint.named(), **choices)
    told: list[dict[str, Any]] = []
    skipped: list[jobs.Skipped] = []
    for photo, folder in zip(named, folders, strict=True):
        try:
            told.append(_posted(photo, folder, form, wanted, (as_json, quiet)))
        except BadMedia as error:
            if len(skipped) + 1 == len(named):
                raise
            skipped.append(jobs.Skipped(photo, str(error)))
            continue
        if not as_json:
            told_post.written(folder / post_files.PAGE)
    if as_json:
        click.echo(json.dumps(told[0] if len(named) == 1 else told, indent=2, ensure_ascii=False))
    tables.left_out(skipped)


def _posted(
    photo: Path, folder: Path, form: str, wanted: jobs.PostChoices, hushed: tuple[bool, bool]
) -> dict[str, Any]:
    """One photo: post it, write its folder, give its recipe."""
    from moodscore import jobs
    from moodscore.cli import post_files, told_post
    from moodscore.cli.progress import bars
    from moodscore.jobs import posting

    as_json, quiet = hushed
    sounds = post_files.Sounds(folder, f".{form}", posting.unheard if as_json else told_post.result)
    try:
        with bars(quiet) as tell:
            posted = jobs.post(photo, wanted, sounds.on_result, tell)
            return post_files.write(posted, sounds)
    except BaseException:
        sounds.discard()
        raise
    finally:
        sounds.close()
