"""`moodscore measure`: how good it is, in numbers."""

from __future__ import annotations

import importlib

import click

TASKS = {"music": "moodscore.cli.measure_music", "listening": "moodscore.cli.measure_listening"}


class _Tasks(click.Group):
    """What can be measured, each loaded from a file of its own when it is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(TASKS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in TASKS:
            return None
        found: click.Command = importlib.import_module(TASKS[cmd_name]).command
        return found


@click.group(name="measure", cls=_Tasks)
def command() -> None:
    """Measure composers by judge and by the people who took a listening test."""
