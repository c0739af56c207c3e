"""`moodscore learn affect`: valence and arousal of film clips from flow, frames and sound."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from moodscore.cli import paths as kinds


@click.command(name="affect")
@click.argument("folder", type=kinds.ANY, metavar="LIRIS_DIR")
@click.option(
    "--preset",
    type=click.Choice(["quick", "paper"]),
    default="quick",
    show_default=True,
    help="paper: DenseNet-121, 224 px of 256, all tenth frames, 50 epochs; wants a GPU. quick: the same streams, small.",
)
@click.option(
    "--split",
    type=click.Choice(["official", "paper"]),
    default="official",
    show_default=True,
    help="official: 2,450 clips to learn from, 2,450 to validate, 4,900 to test. paper: 7,350 and 2,450, no test.",
)
@click.option("--epochs", type=click.IntRange(min=1), help="Passes over the clips, instead of the preset's.")
@click.option("--lr", type=click.FloatRange(min=0, min_open=True), help="Learning rate, instead of the preset's.")
@click.option("--batch-size", type=click.IntRange(min=2), help="Clips in a step, instead of the preset's.")
@click.option(
    "--frames", type=click.IntRange(min=0), help="Frames of a clip looked at, 0 for all; instead of the preset's."
)
@click.option("--densenet", type=kinds.ANY, help="Published ImageNet weights of DenseNet-121 to begin with.")
@click.option("--soundnet", type=kinds.ANY, help="Published weights of the 8-layer SoundNet to begin with.")
@click.option("--kept", type=kinds.ANY, help="Folder for prepared clips, shared by runs; inside the run by default.")
@click.option(
    "--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Processes that prepare clips."
)
@click.option("--device", default="cpu", show_default=True, help="Where the net computes: cpu, cuda.")
@click.option(
    "--seed", type=int, default=0, show_default=True, help="Same seed, same clips, same device: same weights."
)
@click.option("-o", "--output", default=Path("runs/affect"), show_default=True, type=kinds.ANY)
@click.option("--json", "as_json", is_flag=True, help="Print all figures as JSON instead of a table.")
@click.option("--quiet", "-q", is_flag=True, help="No progress bar.")
def command(
    folder: Path,
    preset: str,
    output: Path,
    as_json: bool,
    quiet: bool,
    kept: Path | None,
    workers: int,
    device: str,
    **given: Any,  # noqa: ANN401 - options of the preset
) -> None:
    """Train the three-stream film net on LIRIS_DIR, a LIRIS-ACCEDE folder (data/, annotations/).

    Validation and test are measured apart, beside always answering with the mean. Run again with the same options to go on
    where a run stopped; clips that were prepared are not prepared again.
    """
    import json
    from dataclasses import replace

    from moodscore.cli.progress import bars
    from moodscore.learn import film_affect

    config = {"lr": "learning_rate", "epochs": "epochs", "batch_size": "batch_size", "seed": "seed"}
    settings = film_affect.PRESETS[preset]
    changes = {k: v for k, v in given.items() if v is not None and k not in config}
    numbers = {config[k]: v for k, v in given.items() if v is not None and k in config}
    settings = replace(settings, config=replace(settings.config, **numbers), **changes)
    with bars(quiet) as tell:
        result = film_affect.train(folder, settings, output, film_affect.Machine(device, workers, kept), tell)
    if as_json:
        click.echo(json.dumps(film_affect.as_json(result), indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(_told(result)))
    for line in result.left_out[:20]:
        click.echo(f"moodscore: left out: {line}", err=True)
    if len(result.left_out) > 20:
        click.echo(
            f"moodscore: and {len(result.left_out) - 20} more left out; {output}/result.json names them", err=True
        )
    for film in result.films_in_two:
        click.echo(f"moodscore: {film} has clips in more than one part", err=True)


def _told(result: Any) -> list[str]:  # noqa: ANN401 - a FilmAffectResult, whose module needs torch
    """The table: a line for each part and axis, then the mean squared errors that were published."""
    from moodscore.learn.film_affect import PUBLISHED

    lines = [f"{result.run}  " + ", ".join(f"{n} {part}" for part, n in result.parts.items()) + " clips"]
    lines.append(f"{'':<12}{'':<9}{'MSE':>7}{'r':>8}{'CCC':>8}   MSE of the mean")
    for part, table in result.tables.items():
        for axis in ("valence", "arousal"):
            model = table["model"]
            numbers = f"{model[f'mse_{axis}']:>7.3f}{model[f'r_{axis}']:>8.3f}{model[f'ccc_{axis}']:>8.3f}"
            lines.append(f"{part:<12}{axis:<9}{numbers}   {table['mean_predictor'][f'mse_{axis}']:.3f}")
    published = ", ".join(f"{name} {v:g}/{a:g}" for name, (v, a) in PUBLISHED.items())
    lines.append(f"published MSE, valence/arousal: {published}")
    return lines
