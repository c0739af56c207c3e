"""Finished runs of `learn genre` side by side: read back, checked to be comparable, and as one table."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moodscore.errors import BadValue, BadWeights
from moodscore.measure import genre as measures
from moodscore.measure.genre import FilmGuesses
from moodscore.schemes import GENRES


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run: its folder's name, net and preset by name, batch size, epochs, and what it said of each test film."""

    name: str
    model: str
    preset: str
    batch_size: int
    epochs: int
    films: tuple[FilmGuesses, ...]

    @property
    def accuracy(self) -> float:
        return measures.accuracy(self.films)


def load(folder: Path) -> Run:
    """A run read from its folder. Raises BadWeights, naming the folder, when it holds no finished run."""
    try:
        kept = json.loads((folder / "result.json").read_text("utf-8"))
        films = measures.stored(kept["test"]["by_film"])
        return Run(folder.name, kept["model"], kept["preset"], kept["batch_size"], kept["epochs_done"], films)
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise BadWeights(
            f"{folder}: expected the folder of a finished run of `moodscore learn genre`, got {error!r}; finish it first"
        ) from error


def check_batches(runs: Sequence[Run], mixed: bool = False) -> None:
    """Raise BadValue when runs differ in their batch size and `mixed` does not allow it.

    The study saw the same net go from 52 to 59 % with the batch alone, more than most nets differ by.
    """
    sizes = Counter(run.batch_size for run in runs)
    if len(sizes) > 1 and not mixed:
        said = ", ".join(f"{run.name} {run.batch_size}" for run in runs)
        raise BadValue(
            f"compare: expected runs of one batch size, got {said}; train again with --batch-size, or see them marked "
            "with --mixed-batches"
        )


def same_films(runs: Sequence[Run]) -> bool:
    """Whether all runs were measured on the same films."""
    return len({tuple(sorted(film.film for film in run.films)) for run in runs}) == 1


def compare(runs: Sequence[Run], mixed: bool = False, seed: int = 0) -> dict[str, Any]:
    """Every figure of some runs, best first, JSON-ready; raises BadValue when their batch sizes differ unmarked.

    `behind_best` is, where all runs judged the same films, how much a run scores less than the best one, film by film, with
    the 95 % interval.
    """
    if not runs:
        raise BadValue("compare: expected at least one run, got none")
    check_batches(runs, mixed)
    common = Counter(run.batch_size for run in runs).most_common(1)[0][0]
    ordered, same = sorted(runs, key=lambda run: -run.accuracy), same_films(runs)
    rows = []
    for run in ordered:
        row = {
            "run": run.name,
            "model": run.model,
            "preset": run.preset,
            "batch_size": run.batch_size,
            "same_batch": run.batch_size == common,
            "epochs": run.epochs,
            "published": measures.PUBLISHED.get(run.model),
            **measures.evaluate(run.films, seed),
        }
        if same and run is not ordered[0]:
            gap = measures.difference(run.films, ordered[0].films, seed)
            row["behind_best"] = [round(x, 4) for x in gap]
        rows.append(row)
    return {
        "runs": rows,
        "same_films": same,
        "chance": round(measures.CHANCE, 4),
        "published": dict(measures.PUBLISHED),
        "published_by_genre": {name: measures.PUBLISHED_BY_GENRE[name] for name in GENRES.names},
    }
