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
@click.option(
    "--speak", is_flag=True, help="Say also what the tune for PHOTO sounds like, for people who do not hear it."
)
@click.option(
    "--play",
    "out",
    type=kinds.NO_FOLDER,
    metavar="FILE",
    help="Play PHOTO from left to right into FILE (.wav .flac .mp3 .opus .m4a), its text beside it as FILE.txt.",
)
@click.option(
    "--play-seconds",
    default=8.0,
    show_default=True,
    type=click.FloatRange(5, 10),
    help="From the left edge to the right.",
)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="Other captions by the same BLIP.")
def command(
    photo: Path,
    lang: str,
    as_json: bool,
    model: str | None,
    speak: bool,
    out: Path | None,
    play_seconds: float,
    seed: int,
) -> None:
    """Describe PHOTO in three sentences: the scene, people or the main thing, the feeling.

    Only what was seen is claimed, and what is unsure is said so. Nothing leaves the machine.
    """
    from moodscore import jobs

    if out is not None:
        jobs.check_played(out)
    described = jobs.describe(photo, jobs.describer_of(model), seed)
    found, lines = {"photo": str(photo), **described.as_dict()}, [*described.captions(lang)]
    if speak:
        told = jobs.photo_to_music_words(photo)
        found["music"] = told.as_dict()
        lines += ["", *told.sentences(lang)]
    if out is not None:
        played = jobs.play_photo(photo, play_seconds)
        lines += ["", *played.told.sentences(lang)]
        text = jobs.write_played(played, out, "\n".join([*lines, ""]))
        found["played"] = {"file": str(out), "text_file": str(text), **played.told.as_dict()}
    click.echo(json.dumps(found, indent=2, ensure_ascii=False) if as_json else "\n".join(lines))
