"""What a finished job tells: the summary at the end, or its recipe as JSON; and the pictures and pages beside it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console

from moodscore import jobs
from moodscore.affect import Affect
from moodscore.cli import tables, told_library
from moodscore.draw import sound as draw_sound
from moodscore.film import preview, render
from moodscore.media import Film
from moodscore.music import export
from moodscore.schemes import mood_of


def say(line: str) -> None:
    """Print one line, with markup for colour."""
    Console(highlight=False, soft_wrap=True).print(line)


def tune(affect: Affect, scored: jobs.Scored, out: Path, as_json: bool, seen: jobs.Seen | None) -> None:
    """Tell what was composed and where it is."""
    planned = scored.plan.as_dict() if scored.plan else {"pieces": [cue.as_dict() for cue in scored.cues]}
    if as_json:
        reading = {"photo": seen.path.name, **seen.reading.as_dict()} if seen else None
        target = {"valence": round(affect.valence, 4), "arousal": round(affect.arousal, 4)}
        recipe = {"made_by": jobs.MAKER, "reading": reading, "target": target, "plan": planned, "file": str(out)}
        click.echo(json.dumps(recipe, indent=2, ensure_ascii=False))
        return
    if seen:
        tables.readings([seen])
    mood = mood_of(affect)
    say(
        f"[bold]{out}[/]  {scored.tune.duration_s:.1f} s, {mood.name} {mood.korean} "
        f"(valence {affect.valence:+.2f}, arousal {affect.arousal:+.2f})"
    )
    if scored.plan:
        say(f"[dim]{_outline(scored)}[/]")
    if scored.cues:
        told_library.picked(scored.cues)


def _outline(scored: jobs.Scored) -> str:
    """The plan in one line; of a tune that was drawn, its genre instead of who plays."""
    line = scored.plan.summary if scored.plan else ""
    if scored.tune.recipe.get("composer") != "diffusion":
        return line
    return f"{line.rpartition('; ')[0]}; drawn as {scored.tune.recipe['genre']}"


def piano_roll(scored: jobs.Scored, out: Path) -> None:
    """Draw the score as a piano roll PNG; raises RenderFailed when it cannot be written."""
    if scored.tune.score is not None:
        jobs.write_picture(out, draw_sound.pianoroll(scored.tune.score))


def write_preview(cut: jobs.Cut, out: Path) -> None:
    """Write the page that plays the film's timeline with its envelope in a browser."""
    page = preview.page(
        cut.timeline,
        None,
        export.encode(cut.scored.tune, ".mp3"),
        [s.reading for s in cut.seen],
        render.SIZES[cut.choices.size],
    )
    jobs.write_text(out, page)


def film(cut: jobs.Cut, made: Film | None, written: Sequence[Path], as_json: bool) -> None:
    """Tell what is in the film, where it is, and what was left out."""
    if as_json:
        recipe = {**jobs.recipe_of(cut), "files": [str(path) for path in written]}
        click.echo(json.dumps(recipe, indent=2, ensure_ascii=False))
    else:
        tables.readings(cut.seen, [item.start_s for item in cut.timeline.items])
        if cut.scored.plan:
            say(f"[dim]{_outline(cut.scored)}[/]")
        if cut.scored.cues:
            told_library.picked(cut.scored.cues)
        for path in written:
            size = path.stat().st_size
            told = f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"
            about = f"{made.duration_s:.1f} s, {made.size[0]}x{made.size[1]}, " if made and path == made.path else ""
            say(f"[bold]{path}[/]  {about}{told}")
    tables.left_out(cut.skipped)
