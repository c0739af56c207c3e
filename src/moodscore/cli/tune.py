"""`moodscore tune`: music for a photo, a mood or a point."""

from __future__ import annotations

from pathlib import Path

import click

from moodscore.cli import music_options
from moodscore.cli import paths as kinds
from moodscore.music import composers


@click.command(name="tune")
@click.argument("photo", required=False, type=kinds.ANY)
@click.option("--mood", help="One of the eight moods, in English or Korean, instead of a photo.")
@click.option("--valence", type=click.FloatRange(-1, 1), help="Unpleasant -1 .. 1 pleasant; with --arousal.")
@click.option("--arousal", type=click.FloatRange(-1, 1), help="Calm -1 .. 1 excited; with --valence.")
@click.option(
    "--from",
    "source",
    default="both",
    show_default=True,
    type=click.Choice(("both", "scene", "face")),
    help="Go by the picture and its faces, the picture alone, or the faces alone.",
)
@click.option(
    "--scheme",
    default="plane",
    show_default=True,
    type=click.Choice(("plane", "music5")),
    help="With --from face: compose for the point, or for the five labels of the music5 system.",
)
@click.option("--seconds", default=30.0, show_default=True, type=click.FloatRange(1, 3600), help="Exact length.")
@music_options.composer
@click.option(
    "--music",
    type=kinds.ANY,
    help="Used instead of composing: a sound file, a folder to pick from, or 'default', the library that ships.",
)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="Another seed, another piece.")
@click.option(
    "-o",
    "--output",
    default="tune.wav",
    show_default=True,
    type=kinds.ANY,
    help="Where to write: .wav .flac .mp3 .opus .m4a .mid",
)
@click.option("--plot", type=kinds.ANY, help="Draw the piano roll as a PNG.")
@click.option("--json", "as_json", is_flag=True, help="Print the recipe as JSON.")
@click.option("--quiet", "-q", is_flag=True, help="No progress bar.")
def command(
    photo: Path | None,
    mood: str | None,
    valence: float | None,
    arousal: float | None,
    source: str,
    scheme: str,
    seconds: float,
    composer: str,
    music: Path | None,
    seed: int,
    output: Path,
    plot: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Compose a tune for PHOTO, for a mood, or for a point on the valence-arousal plane."""
    chosen = [photo is not None, mood is not None, valence is not None or arousal is not None]
    if sum(chosen) != 1:
        raise click.UsageError("name one of: a PHOTO, --mood NAME, or --valence V with --arousal A")
    if (valence is None) != (arousal is None):
        raise click.UsageError("--valence and --arousal go together")
    if photo is None and source != "both":
        raise click.UsageError("--from goes with a PHOTO")
    if scheme == "music5" and source != "face":
        raise click.UsageError("--scheme music5 labels faces: add --from face")
    if music is not None:
        _check_found(composer, output, plot)
    if composer == composers.DIFFUSION:
        _check_drawn(output, plot)
    from moodscore import jobs
    from moodscore.affect import Affect
    from moodscore.cli import told
    from moodscore.cli.progress import bars
    from moodscore.music import export
    from moodscore.prepare.whole import check_writable
    from moodscore.schemes import MOODS

    for out in filter(None, (output, plot)):
        check_writable(out)
    seen, choices = None, jobs.MusicChoices(seed, composer, music)
    with bars(quiet) as tell:
        if photo is not None:
            job = jobs.face_to_music5 if scheme == "music5" else jobs.PHOTO_TO_TUNE[source]
            seen, scored = job(photo, seconds, choices, tell)
            affect = seen.reading.affect
        else:
            affect = MOODS[mood.lower()].place if mood is not None else Affect(valence or 0.0, arousal or 0.0)
            scored = jobs.affect_to_tune(affect, seconds, choices, tell)
        export.write(scored.tune, output)
    told.tune(affect, scored, output, as_json, seen)
    if plot is not None:
        told.piano_roll(scored, plot)


def _check_drawn(output: Path, plot: Path | None) -> None:
    """Refuse, with --composer diffusion, what only a score gives."""
    for option, wanted in (("--plot", plot is not None), ("-o *.mid", output.suffix.lower() == ".mid")):
        if wanted:
            raise click.UsageError(
                f"{option} needs a score, and diffusion draws sound without one: choose another composer"
            )


def _check_found(composer: str, output: Path, plot: Path | None) -> None:
    """Refuse, with --music, what only composed music has: a composer and a score."""
    asked = {
        "--composer": composer != composers.AUTO,
        "--plot": plot is not None,
        "-o *.mid": output.suffix.lower() == ".mid",
    }
    for option, wanted in asked.items():
        if wanted:
            raise click.UsageError(f"{option} is for composed music: leave it out, or leave out --music")
