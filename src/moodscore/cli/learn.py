"""`moodscore learn`: train models from data of your own."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import click

from moodscore.cli import paths as kinds

# Further tasks live in files of their own and are imported when they are run.
TASKS = {
    "compare": "moodscore.cli.learn_compare",
    "genre": "moodscore.cli.learn_genre",
    "affect": "moodscore.cli.learn_film_affect",
    "extract": "moodscore.cli.learn_extract",
    "label-midi": "moodscore.cli.learn_label_midi",
}


class _Tasks(click.Group):
    """The training tasks: those of this file, and those loaded from their own."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *TASKS])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in TASKS:
            return super().get_command(ctx, cmd_name)
        found: click.Command = importlib.import_module(TASKS[cmd_name]).command
        return found


@click.group(name="learn", cls=_Tasks)
def command() -> None:
    """Train models from data of your own; needs the extra 'learn'."""


@command.command(name="mood")
@click.argument("folder", type=kinds.ANY, metavar="DIR")
@click.option(
    "--preset",
    type=click.Choice(["short", "paper"]),
    default="short",
    show_default=True,
    help="paper: 1,000 epochs, batch 64, no mirroring. short: 40 epochs, mirrored pictures, falling learning rate.",
)
@click.option("--epochs", type=click.IntRange(min=1), help="Passes over the pictures, instead of the preset's.")
@click.option("--lr", type=click.FloatRange(min=0, min_open=True), help="Learning rate, instead of the preset's.")
@click.option("--batch-size", type=click.IntRange(min=1), help="Pictures in a step, instead of the preset's.")
@click.option("--seed", type=int, default=0, show_default=True, help="Same seed, same data: same weights.")
@click.option("-o", "--output", default=Path("runs/mood"), show_default=True, type=kinds.ANY)
@click.option("--quiet", "-q", is_flag=True, help="No progress bar.")
def mood(folder: Path, preset: str, output: Path, quiet: bool, **given: float | None) -> None:
    """Train the mood classifier on DIR, which holds one folder of pictures for each mood.

    A fifth of the picture groups is held out and measured. Run again with the same options to go on where a run stopped.
    """
    from dataclasses import replace

    from moodscore.cli.progress import bars
    from moodscore.learn.mood import PRESETS, train_mood

    renamed = {"lr": "learning_rate"}
    changes: dict[str, Any] = {renamed.get(name, name): value for name, value in given.items() if value is not None}
    config = replace(PRESETS[preset], **changes)
    with bars(quiet) as tell:
        result = train_mood(folder, config, output, tell)
    click.echo(
        f"{output}  {result.held_out} held-out pictures: right mood {result.top1:.1%}, right or neighbour "
        f"{result.within_one:.1%} (always the most frequent mood: {result.guess:.1%}, {result.guess_within_one:.1%})"
    )
