"""What is told about a film: the table of its shots, and the music it was given."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from moodscore import jobs
from moodscore.affect import Affect
from moodscore.cli import tables
from moodscore.draw import colour
from moodscore.draw.genre import clock
from moodscore.errors import RenderFailed
from moodscore.measure import cuts
from moodscore.results import CURVES, ClipLook
from moodscore.schemes import mood_of

LISTED_SHOTS = 40


def check_name(out: Path) -> None:
    """Raise RenderFailed unless the name says CSV, JSON or PNG."""
    if out.suffix.lower() not in CURVES:
        raise RenderFailed(f"{out}: expected a name ending in {', '.join(CURVES)}; rename it")


def soundtrack(made: jobs.ClipScored, as_json: bool) -> None:
    """Print the recipe, or what the music is, how it meets the cuts, and where the film is."""
    if as_json:
        click.echo(
            json.dumps({**made.film.recipe, "film": str(made.film.path), **hits(made)}, indent=2, ensure_ascii=False)
        )
        return
    if made.scored.plan is not None:
        click.echo(made.scored.plan.summary)
    for one in made.scored.cues:
        click.echo(f"  {one}")
    found = hits(made).get("hits")
    if found:
        ours = f"{found['beat_hit_rate']:.0%}, bar lines {found['bar_hit_rate']:.0%}"
        fixed = f"{found['fixed_120_beat_hit_rate']:.0%} and {found['fixed_120_bar_hit_rate']:.0%}"
        within = f"{1000 * cuts.WITHIN_S:.0f} ms of {found['cuts']:.0f} chosen cuts"
        click.echo(f"beats within {within}: {ours} (at a fixed 120 bpm {fixed})")
    click.echo(f"wrote {made.film.path} ({clock(made.film.duration_s)}, pictures {made.film.recipe['pictures']})")


def hits(made: jobs.ClipScored) -> dict[str, Any]:
    """How well composed music meets the chosen cuts; empty where nothing was composed or nothing is cut."""
    plan = made.scored.plan
    if plan is None or not made.cuts_s:
        return {}
    beats = [t for bar in plan.bars for t in bar.beats_s]
    bars = [bar.start_s for bar in plan.bars]
    found = cuts.evaluate(made.cuts_s, beats, bars, made.felt.clip.duration_s, plan.metre)
    return {"hits": {name: round(value, 4) for name, value in found.items()}}


def print_curve(felt: jobs.ClipFelt, written: Sequence[Path], as_json: bool) -> None:
    """Print the JSON, or a row for each shot and a closing line."""
    if as_json:
        click.echo(json.dumps(ClipLook(felt).as_dict(), indent=2, ensure_ascii=False))
        return
    rows = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("at", "shot", "mood", "valence", "arousal", "genre"):
        rows.add_column(name, justify="left" if name in ("mood", "genre") else "right", no_wrap=True)
    shots = felt.watched.shots
    for number, shot in enumerate(shots[:LISTED_SHOTS], start=1):
        affect = felt.trajectory.mean(shot.start_s, shot.end_s, 9)
        within = [one for one in felt.watched.looks if shot.start_s <= one.time_s < shot.end_s]
        genre = max(within, key=lambda one: one.genre.confidence).genre.labels.top.name if within else ""
        cells = (f"{affect.valence:+.2f}", f"{affect.arousal:+.2f}", genre)
        rows.add_row(clock(shot.start_s), str(number), _mood(affect), *cells)
    if len(shots) > LISTED_SHOTS:
        rows.add_row("", "", f"and {len(shots) - LISTED_SHOTS} shots more")
    tables.paper().print(rows)
    whole = felt.trajectory.mean()
    line = (
        f"{felt.clip.path.name}: {clock(felt.clip.duration_s)}, {len(shots)} shots, {mood_of(whole).name} on the whole"
    )
    click.echo(f"{line}, most like {felt.genre.labels.top.name} ({felt.genre.confidence:.0%})")
    for out in written:
        click.echo(f"wrote {out}")


def _mood(affect: Affect) -> str:
    mood = mood_of(affect)
    return f"[{colour.hex_of(colour.mood_rgb(mood.place))}]●[/] {mood.name} {mood.korean}"
