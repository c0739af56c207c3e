"""Progress bars on standard error, one for each stage, for people who watch a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

STAGES = {
    "look": "Looking at the photos",
    "explain": "Finding out why",
    "compose": "Composing",
    "music": "Fitting the music",
    "index": "Reading the library",
    "match": "Joining the pieces",
    "play": "Playing the score",
    "shots": "Finding the cuts",
    "extract": "Saving the pairs",
    "film": "Writing the film",
    "genre": "Reading the genre",
    "watch": "Watching the film",
    "listen": "Listening to it",
    "real": "Measuring real pieces",
    "clips": "Making the clips",
    "post": "Answering the photo",
}


@contextmanager
def bars(quiet: bool = False) -> Iterator[Callable[[str, float], None]]:
    """A function that is told a stage and its share 0..1, and draws a bar for it; silent when quiet or not a terminal."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description:<22}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    with Progress(*columns, console=console, disable=quiet or not console.is_terminal) as progress:
        known: dict[str, TaskID] = {}

        def tell(stage: str, share: float) -> None:
            if stage not in known:
                known[stage] = progress.add_task(STAGES.get(stage, stage), total=1.0)
            progress.update(known[stage], completed=share)

        yield tell
