"""Options about music that several verbs share."""

from __future__ import annotations

import click

from moodscore.music import composers

composer = click.option(
    "--composer",
    default=composers.AUTO,
    show_default=True,
    type=click.Choice(composers.TUNE_NAMES),
    help="Who composes; auto is the better one as measured. Diffusion draws sound and has no score.",
)
