"""`moodscore measure music`: composers held against their targets, real music and each other."""

from __future__ import annotations

import json
from pathlib import Path

import click

from moodscore.cli import paths as kinds
from moodscore.music.composers import COMPOSERS


@click.command(name="music")
@click.option(
    "--composer",
    "names",
    multiple=True,
    type=click.Choice(tuple(COMPOSERS)),
    help="A composer to measure; give it again for another. All by default.",
)
@click.option(
    "--real",
    multiple=True,
    type=kinds.ANY,
    help="A folder or zip of MIDI files by people; give it again for another. The table that ships by default.",
)
@click.option(
    "--pieces", default=100, show_default=True, type=click.IntRange(1), help="With --real: pieces of each corpus."
)
@click.option("--keep-real", type=kinds.NO_FOLDER, help="With --real: keep what they measured in this JSON file.")
@click.option(
    "--seeds", default=5, show_default=True, type=click.IntRange(1), help="Pieces for each of the 25 targets."
)
@click.option("--seconds", default=30.0, show_default=True, type=click.FloatRange(4, 600), help="Length of each piece.")
@click.option("--processes", type=click.IntRange(1), help="How many compose at once; one for each core by default.")
@click.option("--resume", type=kinds.NO_FOLDER, help="Keep finished pieces in this file, and go on from it next time.")
@click.option("-o", "--output", type=kinds.NO_FOLDER, help="Write the tables as a Markdown page.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
@click.option("--quiet", "-q", is_flag=True, help="No progress bar.")
def command(
    names: tuple[str, ...],
    real: tuple[Path, ...],
    pieces: int,
    keep_real: Path | None,
    seeds: int,
    seconds: float,
    processes: int | None,
    resume: Path | None,
    output: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Compose for a 5 x 5 grid of feelings, let the judge listen, and compare with pieces by people.

    A composer is measured by how its pieces follow what was asked for, and by how near they lie to real music.
    """
    if keep_real and not real:
        raise click.UsageError("--keep-real goes with --real")
    from moodscore import jobs
    from moodscore.cli import composing, told_composers
    from moodscore.cli.progress import bars
    from moodscore.measure import composers as measure
    from moodscore.prepare.whole import check_writable

    for out in filter(None, (keep_real, output, resume)):
        check_writable(out)
    chosen = tuple(dict.fromkeys(names)) or tuple(COMPOSERS)
    at_once = processes or composing.cores()
    with bars(quiet) as tell:
        people = measure.Real.of(composing.real(real, pieces, seconds, at_once, tell)) if real else measure.shipped()
        done = composing.run(composing.grid(chosen, seeds, seconds), at_once, tell, resume)
    results = [told_composers.Result.of(name, [d for d in done if d.task.composer == name], people) for name in chosen]
    if keep_real:
        jobs.write_text(keep_real, json.dumps(people.as_dict(), indent=1) + "\n")
    if output:
        written = " ".join(["moodscore measure music", *(f"--composer {name}" for name in names)])
        jobs.write_text(output, told_composers.page(results, people, written))
    if as_json:
        found = {"judge": told_composers.judge_of(results), "seeds": seeds, "seconds": seconds}
        found |= {"real": people.as_dict(), "composers": [result.as_dict() for result in results]}
        click.echo(json.dumps(found, indent=2))
    else:
        told_composers.terminal(results, people)
