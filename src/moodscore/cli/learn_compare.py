"""`moodscore learn compare`: trained genre nets side by side."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from moodscore.cli import paths as kinds


@click.command(name="compare")
@click.argument("runs", nargs=-1, required=True, type=kinds.ANY, metavar="RUN...")
@click.option("-o", "--output", type=kinds.NO_FOLDER, metavar="PNG", help="Draw the bar chart into a file.")
@click.option(
    "--on",
    "folder",
    type=kinds.ANY,
    metavar="DIR",
    help="Measure the runs on all films of another folder of frame pairs, instead of their own test films.",
)
@click.option("--mixed-batches", is_flag=True, help="Show runs of different batch sizes too, and mark them.")
@click.option("--json", "as_json", is_flag=True, help="Print every figure as JSON.")
@click.option("--quiet", "-q", is_flag=True, help="No progress bar.")
def command(
    runs: tuple[Path, ...], output: Path | None, folder: Path | None, mixed_batches: bool, as_json: bool, quiet: bool
) -> None:
    """Compare the RUNs of `moodscore learn genre`: accuracy on unseen films, by genre, with confidence intervals by film.

    Runs of different batch sizes are refused: the batch alone moves a net further than most nets are apart.
    """
    from dataclasses import replace

    from moodscore import jobs
    from moodscore.cli.progress import bars
    from moodscore.learn import genre_runs
    from moodscore.prepare.whole import check_writable

    if output is not None:
        check_writable(output)
    loaded = [genre_runs.load(run) for run in runs]
    genre_runs.check_batches(loaded, mixed_batches)
    if folder is not None:
        from moodscore.learn.genre import judge

        with bars(quiet) as tell:
            loaded = [replace(one, films=judge(run, folder, tell)) for one, run in zip(loaded, runs, strict=True)]
    found = genre_runs.compare(loaded, mixed_batches)
    if output is not None:
        jobs.write_picture(output, _picture(found))
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        _table(found)
        if output is not None:
            click.echo(output)


def _picture(found: Mapping[str, Any]) -> Any:  # noqa: ANN401 - Pillow's picture
    from moodscore.draw.genre_bars import RunBars, Share, genre_bars

    def share(figures: Mapping[str, Any], published: float | None = None) -> Share:
        low, high = figures["interval"]
        return Share(figures["accuracy"], low, high, published)

    rows = [
        RunBars(
            row["run"],
            f"{row['model']}, batch {row['batch_size']}, {row['epochs']} epochs",
            share(row, row["published"]),
            {name: share(own) for name, own in row["by_genre"].items()},
            not row["same_batch"],
        )
        for row in found["runs"]
    ]
    first = found["runs"][0]
    same = f"Measured on {first['films']} films that taught no net; best first."
    foot = same if found["same_films"] else "The runs were measured on different films; best first."
    return genre_bars(rows, found["chance"], found["published_by_genre"], foot)


def _table(found: Mapping[str, Any]) -> None:
    from rich.table import Table

    from moodscore.cli.tables import paper
    from moodscore.schemes import GENRES

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("run", "model"):
        table.add_column(name, overflow="fold")
    for name in ("batch", "right", "95 % by film", "behind best", "study", *GENRES.names):
        table.add_column(name, justify="right", no_wrap=True)
    for row in found["runs"]:
        low, high = row["interval"]
        gap = row.get("behind_best")
        table.add_row(
            row["run"],
            row["model"],
            f"{row['batch_size']}{'' if row['same_batch'] else ' *'}",
            f"{row['accuracy']:.1%}",
            f"{low:.0%} to {high:.0%}",
            f"{-gap[0]:.1%} ({-gap[2]:.0%} to {-gap[1]:.0%})" if gap else "",
            f"{row['published']:.1%}" if row["published"] else "",
            *(f"{row['by_genre'][name]['accuracy']:.0%}" if name in row["by_genre"] else "" for name in GENRES.names),
        )
    table.add_row("chance", "", "", f"{found['chance']:.1%}", "", "", "", *["17%"] * len(GENRES.names), style="dim")
    by_genre = (f"{found['published_by_genre'][name]:.0%}" for name in GENRES.names)
    table.add_row(
        "study, best net", "", "", "", "", "", f"{max(found['published'].values()):.1%}", *by_genre, style="dim"
    )
    paper().print(table)
    films = found["runs"][0]["films"]
    if found["same_films"]:
        click.echo(f"{films} unseen films; fewer than ten are too few to tell nets apart" if films < 10 else "")
    else:
        click.echo("moodscore: the runs were measured on different films; use --on or the same --seed", err=True)
    if not all(row["same_batch"] for row in found["runs"]):
        click.echo("moodscore: * another batch size; not comparable with the others", err=True)
