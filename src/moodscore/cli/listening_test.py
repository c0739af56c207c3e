"""`moodscore listening-test`: a blind listening test as one web page."""

from __future__ import annotations

import json
from pathlib import Path

import click

from moodscore.cli import paths as kinds
from moodscore.music.composers import AUTO, COMPOSERS


@click.command(name="listening-test")
@click.option(
    "-o", "--output", default=Path("listening-test.html"), show_default=True, type=kinds.NO_FOLDER, help="The page."
)
@click.option("--key", type=kinds.NO_FOLDER, help="Where the key goes; beside the page as NAME.key.json by default.")
@click.option(
    "--clips", default=3, show_default=True, type=click.IntRange(1, 20), help="Clips for each of the eight moods."
)
@click.option("--seconds", default=12.0, show_default=True, type=click.FloatRange(4, 60), help="Length of a clip.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="Another seed, other pieces.")
@click.option(
    "--composer",
    "names",
    multiple=True,
    type=click.Choice((AUTO, *COMPOSERS)),
    help="Who composes; give it again for another, and they take turns.",
)
@click.option(
    "--music",
    multiple=True,
    type=kinds.ANY,
    help="Music to test instead, or beside a --composer: a folder with folders named after moods, sound or MIDI files.",
)
@click.option(
    "--lang", default="en", show_default=True, type=click.Choice(("en", "ko")), help="The page's first language."
)
@click.option("--json", "as_json", is_flag=True, help="Print what was made as JSON.")
@click.option("--quiet", "-q", is_flag=True, help="No progress bar.")
def command(
    output: Path,
    key: Path | None,
    clips: int,
    seconds: float,
    seed: int,
    names: tuple[str, ...],
    music: tuple[Path, ...],
    lang: str,
    as_json: bool,
    quiet: bool,
) -> None:
    """Write a page on which people say what feeling they hear in music, without knowing what it was meant to be.

    Pass the page on and keep the key. Each participant sends back a file of answers; `moodscore measure listening`
    scores them with the key.
    """
    from moodscore import jobs
    from moodscore.cli.progress import bars
    from moodscore.cli.told import say
    from moodscore.draw import listening as draw
    from moodscore.music import listening
    from moodscore.prepare.whole import check_writable

    kept = key or output.with_suffix(".key.json")
    for out in (output, kept):
        check_writable(out)
    composers = tuple(dict.fromkeys(names)) or (() if music else (AUTO,))
    choices = listening.Choices(clips, seconds, seed, composers, music)
    with bars(quiet) as tell:
        made = listening.clips(choices, lambda share: tell("clips", share))
    answers = listening.key(made, choices)
    page = draw.page(answers["test"], [(c.name, c.sound) for c in made], listening.check_sound(), seconds, lang)
    jobs.write_text(kept, json.dumps(answers, indent=1, ensure_ascii=False) + "\n")
    jobs.write_text(output, page)
    if as_json:
        told = {"page": str(output), "key": str(kept), "bytes": output.stat().st_size, **answers}
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    size = output.stat().st_size / 1e6
    say(f"[bold]{output}[/]  {len(made)} clips of {seconds:g} s, {size:.1f} MB; pass it on")
    say(f"[bold]{kept}[/]  the key; keep it to yourself, and score answers with  moodscore measure listening")
