"""`moodscore measure listening`: what people heard in a blind listening test."""

from __future__ import annotations

import json
from pathlib import Path

import click

from moodscore.cli import paths as kinds


@click.command(name="listening")
@click.argument("results", nargs=-1, required=True, type=kinds.ANY, metavar="RESULTS...")
@click.option("--key", type=kinds.ANY, help="The test's key; the one beside the results that fits them by default.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="Of the bootstrap intervals.")
@click.option("-o", "--output", type=kinds.NO_FOLDER, help="Draw confusions and the plane as a PNG.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
def command(results: tuple[Path, ...], key: Path | None, seed: int, output: Path | None, as_json: bool) -> None:
    """Score the answers of a listening test: each mood's accuracy, the confusions, and the agreement on the plane.

    RESULTS are the files that participants saved, or folders with them.
    """
    from moodscore import jobs
    from moodscore.cli import told_listening
    from moodscore.draw.heard import heard_png
    from moodscore.measure import listening
    from moodscore.prepare.whole import check_writable

    if output is not None:
        check_writable(output)
    answers = told_listening.opened(told_listening.files_of(results), key)
    found = listening.evaluate(answers, seed)
    if output is not None:
        pairs = [(a.target, a.heard) for a in answers if a.heard is not None]
        jobs.write_picture(output, heard_png(found["all"]["confusion"], pairs))
    if as_json:
        click.echo(json.dumps(told_listening.rounded(found), indent=2, ensure_ascii=False))
    else:
        told_listening.terminal(found)
