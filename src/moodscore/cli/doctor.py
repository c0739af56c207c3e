"""`moodscore doctor`: what is installed, which weights verify, which extras are missing."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import platform
import re
import sys
from typing import Any

import click

from moodscore import __version__

OK, BAD = "[green]ok[/]", "[red]missing[/]"


def _requirements() -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Requirement strings by package name: those of the plain install, and those of each extra."""
    plain: dict[str, str] = {}
    extras: dict[str, dict[str, str]] = {}
    for line in importlib.metadata.requires("moodscore") or []:
        spec, _, marker = line.partition(";")
        name = re.split(r"[<>=!~\[ ]", spec.strip(), maxsplit=1)[0]
        extra = re.search(r"extra == ['\"]([\w-]+)", marker)
        (extras.setdefault(extra[1], {}) if extra else plain)[name] = spec.strip()
    return plain, extras


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _weights() -> list[dict[str, Any]]:
    """Each card and whether its file is there, has the right checksum and opens."""
    from moodscore.errors import BadWeights
    from moodscore.weights import store

    found = []
    for card in store.cards().values():
        try:
            store.session(card.name)
            problem = None
        except BadWeights as error:
            problem = str(error)
        found.append({"card": card.source, "task": card.task, "file": card.file, "problem": problem})
    return found


def _sandbox() -> dict[str, Any]:
    """Whether strangers' files can be opened apart, and what of the system such a process still reaches."""
    from moodscore.errors import BadMedia
    from moodscore.prepare import sandbox

    try:
        reached = sandbox.protection().open_doors
        sandbox.close()
    except (BadMedia, OSError) as error:
        return {"works": False, "open_doors": [], "problem": str(error)}
    return {"works": True, "open_doors": list(reached), "problem": None}


def _sandbox_row(found: dict[str, Any]) -> tuple[str, str, str, str]:
    remedy = "decodes uploads apart: no files, network, programs, processes; memory limited"
    state = OK
    if not found["works"]:
        state, remedy = "[red]bad[/]", f"do not receive strangers' files on this system ({found['problem']})"
    elif found["open_doors"]:
        state = "[yellow]partly[/]"
        remedy = f"not kept from {', '.join(found['open_doors'])} here; run the studio on Linux to close that"
    return "sandbox", "strangers' files", state, remedy


def examine() -> dict[str, Any]:
    """Everything doctor reports, JSON-ready; `well` says whether every main job can run."""
    plain, extras = _requirements()
    packages = {name: _version(name) for name in plain}
    weights = _weights()
    missing = {extra: [name for name in wants if _version(name) is None] for extra, wants in extras.items()}
    return {
        "moodscore": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "packages": packages,
        "weights": weights,
        "sandbox": _sandbox(),
        "extras": {extra: {"missing": names} for extra, names in sorted(missing.items())},
        "well": all(packages.values()) and all(w["problem"] is None for w in weights),
    }


def _print(found: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    console.print(f"moodscore {found['moodscore']}, Python {found['python']}, {found['system']}")
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("", "what", "state", "remedy"):
        table.add_column(column)
    for name, version in found["packages"].items():
        remedy = "" if version else "pip install --force-reinstall moodscore"
        table.add_row("package", name, version or BAD, remedy)
    for one in found["weights"]:
        table.add_row(
            "weights", one["card"], OK if one["problem"] is None else "[red]bad[/]", one["problem"] or one["task"]
        )
    table.add_row(*_sandbox_row(found["sandbox"]))
    for extra, state in found["extras"].items():
        remedy = f"pip install 'moodscore[{extra}]'".replace("[", r"\[") if state["missing"] else ""
        table.add_row("extra", extra, OK if not state["missing"] else "not installed", remedy)
    console.print(table)
    console.print(
        "Everything the main jobs need is here." if found["well"] else "[red]Something is missing; see above.[/]"
    )


@click.command(name="doctor")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def command(as_json: bool) -> None:
    """Say what is installed, which weights verify, and which extras are missing with the command that adds them."""
    found = examine()
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        _print(found)
    if not found["well"]:
        sys.exit(2)
