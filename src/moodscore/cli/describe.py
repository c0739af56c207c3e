"""`moodscore describe`: what a photo shows and how it feels, in words."""

from __future__ import annotations

import json
from pathlib import Path

import click

from moodscore.cli import paths as kinds


@click.command(name="describe")
@click.argument("photo", type=kinds.NO_FOLDER, metavar="PHOTO")
@click.option("--lang", default="en", show_default=True, type=click.Choice(("en", "ko")), help="English or Korean.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: both languages, key words, reading, who wrote them.")
@click.option(
    "--captions",
    "model",
    metavar="MODEL",
    help="Let BLIP write the English captions: a hub name or a local folder (needs the extra 'captions').",
)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="Other captions by the same BLIP.")
def command(photo: Path, lang: str, as_json: bool, model: str | None, seed: int) -> None:
    """Describe PHOTO in three sentences: the scene, people or the main thing, the feeling.

    Only what was seen is claimed, and what is unsure is said so. Nothing leaves the machine.
    """
    from moodscore import jobs

    described = jobs.describe(photo, jobs.describer_of(model), seed)
    if as_json:
        click.echo(json.dumps({"photo": str(photo), **described.as_dict()}, indent=2, ensure_ascii=False))
        return
    for caption in described.captions(lang):
        click.echo(caption)
