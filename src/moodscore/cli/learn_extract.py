"""`moodscore learn extract`: pairs of film frames labelled with the film's genre."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from moodscore.cli import paths as kinds

if TYPE_CHECKING:
    from moodscore.learn.extract import Extracted, Job, Settings


@click.command(name="extract")
@click.argument("film", required=False, type=kinds.ANY)
@click.option("--genre", help="The film's genre: action, horror, romance, ani2d, ani3d or sf, in English or Korean.")
@click.option(
    "--section",
    "sections",
    multiple=True,
    metavar="START-END",
    help="Where to draw from, as 00:10:00-00:12:30; may be given several times. All of the film when left out.",
)
@click.option("--csv", "table", type=kinds.ANY, help="A table of films instead: film, genre, sections.")
@click.option("--pairs", type=click.IntRange(min=1), default=300, show_default=True, help="Pairs a film.")
@click.option("--seed", type=int, default=0, show_default=True, help="Same film, sections and seed: same pairs.")
@click.option(
    "--height", type=click.IntRange(min=16), default=300, show_default=True, help="Height of the frames saved."
)
@click.option("--format", "form", type=click.Choice(["png", "jpg"]), default="png", show_default=True)
@click.option("-o", "--output", default=Path("pairs"), show_default=True, type=kinds.ANY)
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@click.option("--quiet", "-q", is_flag=True, help="No progress bar.")
def command(
    film: Path | None,
    genre: str | None,
    sections: tuple[str, ...],
    table: Path | None,
    output: Path,
    as_json: bool,
    quiet: bool,
    **given: int | str,
) -> None:
    """Save random pairs of consecutive frames of FILM, labelled with its genre, for training.

    Writes DIR/GENRE/FILM/001.png (a random odd frame) and 002.png (the frame after it), 003 and 004, and so on, and a
    manifest that says where each came from. A pair across a cut is drawn again. Films that are done already are passed
    over, so an interrupted run goes on where it stopped.
    """
    from moodscore.errors import BadMedia
    from moodscore.learn import extract

    jobs = _jobs(film, genre, sections, table)
    settings = extract.Settings(int(given["pairs"]), int(given["seed"]), int(given["height"]), str(given["form"]))
    for job in jobs:
        extract.check(job)
    extract.check_output(output)
    done, failed = _run(jobs, settings, output, quiet)
    manifest = extract.write_table(output)
    if as_json:
        click.echo(json.dumps(_report(done, failed, manifest), indent=2, ensure_ascii=False))
    else:
        for each in done:
            how = "was there already" if each.kept else f"{each.redrawn} draws repeated at a cut or an end"
            click.echo(f"{each.folder}  {each.pairs} pairs, {how}")
    if failed:
        raise BadMedia("; ".join(failed))


def _jobs(film: Path | None, genre: str | None, sections: tuple[str, ...], table: Path | None) -> tuple[Job, ...]:
    from moodscore.learn import extract
    from moodscore.schemes import GENRES

    if (film is None) == (table is None) or (table is not None and (genre or sections)):
        raise click.UsageError("name one FILM with --genre, or a --csv of films with their genres and sections")
    if table is not None:
        return extract.jobs_of(table)
    if film is None or genre is None:
        raise click.UsageError(f"FILM needs its --genre: {', '.join(GENRES.names)}")
    return (extract.Job(film, GENRES[genre].name, extract.sections(sections)),)


def _run(jobs: tuple[Job, ...], settings: Settings, output: Path, quiet: bool) -> tuple[list[Extracted], list[str]]:
    """Extract each film; one that has too few pairs does not stop the others."""
    from moodscore.cli.progress import bars
    from moodscore.errors import BadMedia
    from moodscore.learn import extract

    done: list[Extracted] = []
    failed: list[str] = []
    for job in jobs:
        with bars(quiet) as tell:
            try:
                done.append(extract.extract(job, settings, output, tell))
            except BadMedia as error:
                failed.append(str(error))
    return done, failed


def _report(done: list[Extracted], failed: list[str], manifest: Path) -> dict[str, object]:
    films = [
        {"folder": str(e.folder), "genre": e.genre, "pairs": e.pairs, "redrawn": e.redrawn, "kept": e.kept}
        for e in done
    ]
    return {"films": films, "failed": failed, "manifest": str(manifest)}
