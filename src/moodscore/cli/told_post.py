"""What `moodscore post` tells while it runs and in the end."""

from __future__ import annotations

from pathlib import Path

from moodscore import jobs
from moodscore.cli.told import say
from moodscore.jobs.posting import LIBRARY, Result
from moodscore.music.prompt import Prompts
from moodscore.see.words import Described


def result(name: str, found: Result) -> None:
    """Tell one result as it comes."""
    if isinstance(found, Described):
        mood = found.reading.mood
        felt = found.reading.affect
        say(f"[bold]{mood.name} {mood.korean}[/]  valence {felt.valence:+.2f}, arousal {felt.arousal:+.2f}")
        for caption in found.english:
            say(f"  {caption}")
    elif isinstance(found, Prompts):
        if found.note:
            say(f"[dim]{found.note}[/]")
    else:
        _variant(name, found)


def _variant(name: str, found: jobs.Variant) -> None:
    if name == LIBRARY:
        say(f"[bold]{name:<10}[/] {Path(found.scored.cues[0].piece.name).stem}, at once")
        return
    heard = f"judge {found.off_asked:.2f} from what was asked" if found.off_asked is not None else "not judged"
    played = ", ".join(found.instruments) or "drawn as sound"
    say(f"[bold]{name:<10}[/] {found.genre}, {found.tempo_bpm:.0f} bpm, {heard}: {played}")
    say(f"[dim]           {found.reason_en}[/]")


def written(page: Path) -> None:
    """Tell where the page is."""
    say(f"[bold]{page}[/]  open it in a browser")
