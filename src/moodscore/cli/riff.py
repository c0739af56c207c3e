"""`moodscore riff`: music from words or a photo, painted by Stable Diffusion."""

from __future__ import annotations

import json
from pathlib import Path

import click

from moodscore.cli import paths as kinds


@click.command(name="riff")
@click.argument("what", nargs=-1, required=True, metavar="(PROMPT... | PHOTO)")
@click.option(
    "-o", "--output", default="riff.wav", show_default=True, type=kinds.ANY, help=".wav .flac .mp3 .opus .m4a"
)
@click.option("--seconds", default=5.12, show_default=True, type=click.FloatRange(0.5, 600), help="Exact length.")
@click.option(
    "--model", metavar="MODEL", help="A Stable Diffusion made for spectrograms: a hub name or a local folder."
)
@click.option("--download", is_flag=True, help="Fetch MODEL from the hub if it is not on this machine yet.")
@click.option("--steps", default=50, show_default=True, type=click.IntRange(1, 1000))
@click.option(
    "--guidance", default=7.0, show_default=True, type=click.FloatRange(0, 50), help="How closely to the words."
)
@click.option("--unwanted", default="", help="Words for what should not be heard.")
@click.option("--start-from", "start", type=kinds.NO_FOLDER, help="A sound file or a spectrogram to start from.")
@click.option(
    "--strength", default=0.75, show_default=True, type=click.FloatRange(0, 1), help="Share painted over of it."
)
@click.option("--mask", type=kinds.NO_FOLDER, help="A picture of its size that is black where it is kept.")
@click.option("--loop", is_flag=True, help="Its end runs into its beginning; a multiple of 0.08 s, 5.12 s and more.")
@click.option("--device", default="auto", show_default=True, type=click.Choice(("auto", "cpu", "cuda", "mps")))
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="Another seed, another piece.")
@click.option("--picture", type=kinds.NO_FOLDER, help="Write the painted spectrogram as a PNG, too.")
@click.option("--json", "as_json", is_flag=True, help="Print the recipe as JSON.")
def command(
    what: tuple[str, ...],
    output: Path,
    seconds: float,
    model: str | None,
    download: bool,
    steps: int,
    guidance: float,
    unwanted: str,
    start: Path | None,
    strength: float,
    mask: Path | None,
    loop: bool,
    device: str,
    seed: int,
    picture: Path | None,
    as_json: bool,
) -> None:
    """Paint music for PROMPT or PHOTO as a spectrogram, with Riffusion (needs the extra 'riffusion').

    Several prompts turn into each other along the way. The model is opened from this machine; only --download asks the hub.
    There is no score: no .mid, no parts.
    """
    if mask is not None and start is None:
        raise click.UsageError("--mask says what to keep of --start-from: name that too")
    if output.suffix.lower() == ".mid":
        raise click.UsageError("-o *.mid: what is painted has no score; name a sound file")
    from moodscore import jobs
    from moodscore.music import export
    from moodscore.prepare.whole import check_writable

    for out in filter(None, (output, picture)):
        check_writable(out)
    choices = jobs.RiffChoices(seconds, steps, guidance, unwanted, strength, loop, seed)
    brush = jobs.Brush(model or jobs.RIFF_MODEL, device, download)
    begun = jobs.riff_seed(start, mask) if start else None
    if len(what) == 1 and jobs.is_photo(what[0]):
        made = jobs.photo_to_riff(Path(what[0]), choices, brush, begun)
    else:
        made = jobs.prompts_to_riff(what, choices, brush, begun)
    export.write(made.tune, output)
    if picture is not None:
        jobs.write_picture(picture, made.picture)
    if as_json:
        click.echo(json.dumps({**made.tune.recipe, "file": str(output)}, indent=2, ensure_ascii=False))
        return
    for prompt in made.prompts:
        click.echo(prompt)
    click.echo(f"{output}  {made.tune.duration_s:.2f} s by {made.model}")
