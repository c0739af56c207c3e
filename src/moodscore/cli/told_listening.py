"""What is told about a listening test: its files opened, the tables in the terminal, the figures as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from moodscore.cli import tables
from moodscore.draw import colour
from moodscore.errors import BadMedia
from moodscore.measure import listening_files
from moodscore.measure.listening import Answer
from moodscore.measure.music import AXES
from moodscore.schemes import MOODS

LARGEST_BYTES = 8 << 20


def files_of(named: Sequence[Path]) -> list[Path]:
    """The files of answers that were named, folders opened; raises BadMedia for a folder without any."""
    found: list[Path] = []
    for path in named:
        inside = [path]
        if path.is_dir():
            inside = [file for file in sorted(path.glob("*.json")) if _format(file) == listening_files.RESULTS]
            if not inside:
                raise BadMedia(
                    f"{path}: expected a folder with answers, got none in it; name the files that were sent back"
                )
        found += inside
    return found


def opened(results: Sequence[Path], key: Path | None) -> list[Answer]:
    """All answers, joined with the key; raises BadMedia, naming the file, for what cannot be read or does not belong."""
    where = key or _key_for(results[0])
    kept = listening_files.read_key(_text(where), str(where))
    return listening_files.distinct(
        [(str(path), listening_files.read_answers(_text(path), str(path), kept)) for path in results]
    )


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise BadMedia(
                f"{path}: expected a file of a listening test, got {path.stat().st_size / 1e6:.0f} MB; name another"
            )
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        said = getattr(error, "strerror", None) or "bytes that are no text"
        raise BadMedia(f"{path}: expected a file of a listening test, got {said!r}; name another") from error


def _raw(path: Path) -> dict[str, Any]:
    """A JSON file's object; an empty one for anything else."""
    try:
        found = json.loads(_text(path))
    except (BadMedia, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _format(path: Path) -> str:
    return str(_raw(path).get("format"))


def _key_for(results: Path) -> Path:
    """The key in the folder of the results that is of the same test."""
    test = _raw(results).get("test")
    for path in sorted(results.resolve().parent.glob("*.key.json")):
        if test and _raw(path).get("test") == test:
            return path
    listening_files.opened(_text(results), str(results), listening_files.RESULTS)
    raise BadMedia(f"{results}: expected the test's key beside it, got none that fits; name it with --key")


def rounded(found: Any) -> Any:  # noqa: ANN401 - any JSON value
    """The figures JSON-ready: four decimals, None for what could not be worked out."""
    if isinstance(found, Mapping):
        return {name: rounded(value) for name, value in found.items()}
    if isinstance(found, list | tuple):
        return [rounded(value) for value in found]
    if isinstance(found, float):
        return None if found != found else round(found, 4)
    return found


def terminal(found: Mapping[str, Any]) -> None:
    """Print the accuracy of each mood, the confusions, the agreement, each composer, chance and doubts."""
    console = tables.paper()
    whole = found["all"]
    console.print(
        f"[bold]{_count(whole['answers'], 'answer')}[/] by {_count(whole['participants'], 'participant')} to "
        f"{_count(whole['clips'], 'clip')}"
    )
    console.print(_moods(found))
    console.print()
    console.print(_confusion(whole["confusion"]))
    console.print()
    console.print(_agreement(found))
    console.print(
        "[dim]brackets hold 95 %: of shares by Wilson, every answer for itself; of r and CCC by a bootstrap of people[/]"
    )
    for doubt in found["doubts"]:
        click.echo(f"moodscore: {doubt}", err=True)


def _count(number: int, name: str) -> str:
    return f"{number} {name}{'s' if number != 1 else ''}"


def _share(row: Mapping[str, float]) -> str:
    return f"{row['share']:.0%} [{row['low']:.0%}, {row['high']:.0%}]" if row["answers"] else "-"


def _moods(found: Mapping[str, Any]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("mood", "answers", "right", "right or neighbour"):
        table.add_column(name, justify="left" if name == "mood" else "right", no_wrap=True)
    for mood in MOODS.labels:
        row = found["all"]["moods"][mood.name]
        dot = f"[{colour.hex_of(colour.mood_rgb(mood.place))}]●[/]"
        table.add_row(
            f"{dot} {mood.name} {mood.korean}",
            str(row["right"]["answers"]),
            _share(row["right"]),
            _share(row["within_one"]),
        )
    whole, chance = found["all"], found["chance"]
    table.add_row(
        "[bold]all[/]", str(whole["answers"]), _share(whole["right"]), _share(whole["within_one"]), style="bold"
    )
    for name, part in found["composers"].items():
        table.add_row(f"  by {name}", str(part["answers"]), _share(part["right"]), _share(part["within_one"]))
    table.add_row("guessing", "", f"{chance['right']:.1%}", f"{chance['within_one']:.1%}", style="dim")
    return table


def _confusion(counts: Sequence[Sequence[int]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("meant \\ heard", no_wrap=True)
    for name in MOODS.names:
        table.add_column(name, justify="right", no_wrap=True)
    for k, name in enumerate(MOODS.names):
        table.add_row(name, *(f"[bold]{n}[/]" if k == j else str(n) if n else "·" for j, n in enumerate(counts[k])))
    return table


def _agreement(found: Mapping[str, Any]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("meant against heard", *(f"{axis} {metric}" for axis in AXES for metric in ("r", "CCC"))):
        table.add_column(name, justify="left" if name.startswith("meant") else "right", no_wrap=True)
    for name, part in {"all": found["all"], **found["composers"]}.items():
        cells = [_metric(part["agreement"][axis], metric) for axis in AXES for metric in ("r", "ccc")]
        table.add_row(name if name == "all" else f"  by {name}", *cells)
    table.add_row("guessing", "0", "0", "0", "0", style="dim")
    return table


def _metric(row: Mapping[str, float], metric: str) -> str:
    if row[metric] != row[metric]:
        return "-"
    return f"{row[metric]:+.2f} [{row[f'{metric}_low']:+.2f}, {row[f'{metric}_high']:+.2f}]"
