"""Write the parts of the documentation that are facts of the code: command help, the Python API, model cards.

Run it after changing an option, a public docstring or a card; a test compares what is committed with what it writes.
"""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

import moodscore
from moodscore import cli
from moodscore.schemes import SCHEMES
from moodscore.weights import store

DOCS = Path(__file__).parent
NOTE = "<!-- Written by docs/generate.py; edit the code instead. -->\n\n"


def commands() -> str:
    """The help text of every verb."""
    parts = [NOTE, "# Command line\n"]
    group = cli.moodscore
    with click.Context(group, info_name="moodscore", **{**group.context_settings, "terminal_width": 100}) as context:
        parts.append(f"```text\n{group.get_help(context)}\n```\n")
        for name in group.list_commands(context):
            parts += _verb(group.get_command(context, name), name, context)
    return "\n".join(parts)


def _verb(command: click.Command | None, name: str, parent: click.Context) -> list[str]:
    assert command is not None
    with click.Context(command, info_name=name, parent=parent, terminal_width=100) as context:
        title = context.command_path
        parts = [f"## {title}\n", f"```text\n{command.get_help(context)}\n```\n"]
        if isinstance(command, click.Group):
            for sub in command.list_commands(context):
                parts += _verb(command.get_command(context, sub), sub, context)
    return parts


def api() -> str:
    """Signature and docstring of every public name."""
    parts = [NOTE, "# Python API\n", "```python\nimport moodscore\n```\n"]
    for name in sorted(n for n in moodscore.__all__ if not n.startswith("_")):
        thing = getattr(moodscore, name)
        signature = str(inspect.signature(thing)) if callable(thing) and not _is_error(thing) else ""
        parts.append(f"## `moodscore.{name}`\n\n```python\n{name}{signature}\n```\n\n{inspect.getdoc(thing)}\n")
    return "\n".join(parts)


def _is_error(thing: object) -> bool:
    return isinstance(thing, type) and issubclass(thing, BaseException)


def schemes() -> str:
    """Every label scheme with its places on the plane."""
    parts = [NOTE, "# Label schemes\n", "Where each label lies on the valence-arousal plane (both axes -1 to 1).\n"]
    for scheme in SCHEMES.values():
        parts.append(f"## {scheme.name}\n\n| label | 한국어 | valence | arousal |\n|---|---|---|---|")
        parts += [f"| {x.name} | {x.korean} | {x.place.valence:+.2f} | {x.place.arousal:+.2f} |" for x in scheme.labels]
        parts.append("")
    return "\n".join(parts)


def cards() -> str:
    """Every model card, readable."""
    parts = [NOTE, "# Model cards\n", "The scores were written into the cards by the recipes that measured them.\n"]
    for card in store.cards().values():
        parts.append(f"## {card.name} {card.version}\n\n{card.summary}\n")
        parts.append(f"- **Task:** {card.task}\n- **Weights:** `{card.file}`, sha256 `{card.sha256[:16]}…`")
        parts.append(f"- **Licence:** {card.licence}\n- **Recipe:** `{card.recipe}`\n")
        parts.append(f"**Input**\n\n```json\n{json.dumps(dict(card.input), indent=2, ensure_ascii=False)}\n```\n")
        parts.append("**Outputs**\n\n" + "\n".join(f"- `{name}`: {text}" for name, text in card.outputs.items()) + "\n")
        if card.data:
            parts.append("**Training data**\n\n" + "\n".join(f"- {_inline(entry)}" for entry in card.data) + "\n")
        if card.scores:
            parts.append("**Scores**\n\n" + "\n".join(_score_lines(card.scores)) + "\n")
        if card.limits:
            parts.append("**Limits**\n\n" + "\n".join(f"- {text}" for text in card.limits) + "\n")
    return "\n".join(parts)


def _inline(entry: Mapping[str, Any]) -> str:
    return "; ".join(f"{key}: {value}" for key, value in entry.items())


def _score_lines(scores: Mapping[str, Any], depth: int = 0) -> list[str]:
    lines = []
    for key, value in scores.items():
        if isinstance(value, Mapping):
            lines += [f"{'    ' * depth}- {key}", *_score_lines(value, depth + 1)]
        else:
            lines.append(f"{'    ' * depth}- {key}: {value}")
    return lines


PAGES = {
    "reference/command-line.md": commands,
    "reference/python-api.md": api,
    "reference/schemes.md": schemes,
    "reference/model-cards.md": cards,
}


def main() -> int:
    """Write every generated page."""
    for name, make in PAGES.items():
        path = DOCS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(make(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
