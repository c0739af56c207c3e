"""`moodscore learn label-midi`: five music emotions for a MIDI collection."""

from __future__ import annotations

import json
from pathlib import Path

import click

from moodscore.cli import paths as kinds


@click.command(name="label-midi")
@click.argument("folder", type=kinds.ANY, metavar="DIR")
@click.option(
    "--features",
    required=True,
    type=kinds.ANY,
    help="CSV with energy, valence and a column that names the MIDI: md5, file, path or track.",
)
@click.option("-o", "--output", default="labels.csv", show_default=True, type=kinds.ANY)
@click.option("--json", "as_json", is_flag=True, help="Print the whole report as JSON instead of a summary.")
def command(folder: Path, features: Path, output: Path, as_json: bool) -> None:
    """Label the MIDI files in DIR from Spotify's energy and valence, as the MetaMIDI collection is labelled.

    Both >= 0.5: happiness if energy < valence, else surprise. Energy only: anger. Neither: sadness. Valence only: others.
    """
    from dataclasses import asdict

    from moodscore import jobs
    from moodscore.learn.data import metamidi
    from moodscore.prepare.whole import check_writable

    check_writable(output)
    report = metamidi.label(folder, metamidi.read_features(features))
    jobs.write_text(output, metamidi.as_csv(report.labelled))
    if as_json:
        click.echo(json.dumps({**asdict(report), "counts": report.counts}, indent=2, ensure_ascii=False))
        return
    counts = ", ".join(f"{name} {count}" for name, count in report.counts.items())
    click.echo(f"{output}  {len(report.labelled)} labelled: {counts}")
    for count, what in (
        (len(report.unmatched), "files without a row"),
        (len(report.unused), "rows without a file"),
        (len(report.broken), "broken"),
    ):
        if count:
            click.echo(f"moodscore: {count} {what}", err=True)
    for line in report.broken[:20]:
        click.echo(f"  {line}", err=True)
    if len(report.broken) > 20:
        click.echo(f"  ... and {len(report.broken) - 20} more; --json names them all", err=True)
