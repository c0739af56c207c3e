"""`moodscore learn genre`: train a film genre net on pairs of frames."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from moodscore.cli import paths as kinds

# Named here as well as in learn/genre_nets.py, so that --help needs no torch; a test compares the two.
MODELS = (
    "fc",
    "vgg16",
    "resnet50",
    "flownet_s",
    "inception_v3",
    "two_frame_inception",
    "double_stack",
    "motion_magnitude",
    "lite0",
)


@click.command(name="genre")
@click.argument("folder", type=kinds.ANY, metavar="DIR")
@click.option("--model", type=click.Choice(MODELS), default="inception_v3", show_default=True)
@click.option(
    "--preset",
    type=click.Choice(["quick", "paper"]),
    default="quick",
    show_default=True,
    help="paper: the study's epochs, batch, optimizer and frame size. quick: small frames, a quarter of the channels, 10 "
    "epochs.",
)
@click.option("--epochs", type=click.IntRange(min=1), help="Passes over the frames, instead of the preset's.")
@click.option("--lr", type=click.FloatRange(min=0, min_open=True), help="Learning rate, instead of the preset's.")
@click.option("--batch-size", type=click.IntRange(min=2), help="Frames in a step, instead of the preset's.")
@click.option("--size", type=click.IntRange(min=1), help="Pixels a side, as 224 or 299, instead of the preset's.")
@click.option(
    "--width",
    type=click.FloatRange(0, 1, min_open=True),
    help="Channels relative to the published net, instead of the preset's.",
)
@click.option("--weights", type=kinds.ANY, metavar="FILE", help="ImageNet weights to start from, as .safetensors.")
@click.option(
    "--held-out",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="Share of each genre's films to measure on.  [default: 0.2]",
)
@click.option("--split", "table", type=kinds.ANY, metavar="CSV", help="Columns film, split (train or test), instead.")
@click.option("--seed", type=int, help="Same seed, same data, one thread: same weights.  [default: 0]")
@click.option("--threads", type=click.IntRange(min=1), help="Processor threads to use.  [default: all cores]")
@click.option("-o", "--output", type=kinds.ANY, metavar="RUN", help="Folder of the run.  [default: runs/MODEL]")
@click.option("--json", "as_json", is_flag=True, help="Print every figure as JSON.")
@click.option("--quiet", "-q", is_flag=True, help="No progress bar.")
def command(
    folder: Path,
    model: str,
    preset: str,
    output: Path | None,
    threads: int | None,
    as_json: bool,
    quiet: bool,
    **given: Any,  # noqa: ANN401 - click's options
) -> None:
    """Train a film genre net on DIR, which `moodscore learn extract` filled, and measure it on films it never saw.

    DIR holds GENRE/FILM/001.png, 002.png ... Run again with the same options to go on where a run stopped.
    """
    from moodscore.cli.progress import bars
    from moodscore.learn.genre import course, train_genre

    split = {"held_out": given.pop("held_out"), "table": given.pop("table"), "weights": given.pop("weights")}
    changes = {"learning_rate": given.pop("lr"), **given}
    wanted = course(model, preset, changes, **split)
    run = output or Path("runs") / model
    with bars(quiet) as tell:
        result = train_genre(folder, wanted, run, tell, threads)
    if as_json:
        click.echo(json.dumps(result, indent=2))
        return
    test = result["test"]
    low, high = test["interval"]
    click.echo(
        f"{run}  {test['films']} unseen films, {test['pairs']} frames: right genre {test['accuracy']:.1%} "
        f"(95 % by film: {low:.0%} to {high:.0%}; chance {test['chance']:.1%}, always the most frequent genre "
        f"{test['most_frequent']:.1%}); {test['verdict_accuracy']:.0%} of the films as a whole"
    )
