"""Composing on all cores: many pieces by many composers, each heard and measured; and pieces by people, measured too."""

from __future__ import annotations

import json
import multiprocessing
import os
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from moodscore.affect import Affect
from moodscore.errors import BadMedia, BadValue, MoodscoreError, RenderFailed
from moodscore.measure import pieces
from moodscore.measure.composers import GRID, Piece

Tell = Callable[[str, float], None]
MIDI = (".mid", ".midi")
LARGEST_BYTES = 4 << 20  # of a MIDI file; what is larger is no piece of music
AFTER_S = 10.0  # real pieces are measured from here on, behind the introduction


@dataclass(frozen=True, slots=True)
class Task:
    """One piece to compose: by whom, for which feeling, how long, from which seed."""

    composer: str
    target: Affect
    seed: int
    seconds: float

    @property
    def key(self) -> str:
        """The task as one line."""
        return f"{self.composer} {self.target.valence:+.3f} {self.target.arousal:+.3f} {self.seed} {self.seconds:g}"


@dataclass(frozen=True, slots=True)
class Done:
    """A finished task: the piece, who heard it, or in one line why there is none."""

    task: Task
    piece: Piece | None
    judge: str = ""
    reason: str = ""

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        out: dict[str, Any] = {"key": self.task.key, "judge": self.judge, "reason": self.reason}
        if self.piece:
            heard = self.piece.heard
            out |= {"heard": [heard.valence, heard.arousal], "took_s": self.piece.took_s}
            out["measures"] = {name: value for name, value in self.piece.measures.items() if np.isfinite(value)}
        return out


def grid(composers: Sequence[str], seeds: int, seconds: float) -> list[Task]:
    """The 5 x 5 grid of targets for every seed and composer, composer by composer."""
    return [Task(name, target, seed, seconds) for name in composers for seed in range(seeds) for target in GRID]


def compose(task: Task) -> Done:
    """Compose, listen and measure; a piece that could not be composed is told, not raised."""
    from moodscore.music import composers, judge, plan
    from moodscore.trajectory import Trajectory

    try:
        begun = time.perf_counter()
        planned = plan.plan(Trajectory.hold(task.target, task.seconds), task.seed)
        score = composers.compose(planned, task.seed, task.composer)
        took = time.perf_counter() - begun
        reading = judge.hear(score)
        measures = pieces.evaluate(score)
    except MoodscoreError as error:
        return Done(task, None, reason=" ".join(str(error).split()))
    return Done(task, Piece(task.target, reading.affect, measures, took), reading.source)


def run(tasks: Sequence[Task], processes: int, tell: Tell, kept: Path | None = None) -> list[Done]:
    """Every task done, in the given order, on `processes` processes; `kept` holds what an earlier run finished."""
    found = dict(_read(kept, tasks)) if kept else {}
    todo = [task for task in tasks if task.key not in found]
    for done in _spread(compose, todo, processes):
        found[done.task.key] = done
        if kept and done.piece:
            with kept.open("a", encoding="utf-8") as file:
                file.write(json.dumps(done.as_dict()) + "\n")
        tell("compose", len(found) / len(tasks))
    return [found[task.key] for task in tasks]


def _read(kept: Path, tasks: Sequence[Task]) -> Iterator[tuple[str, Done]]:
    """What an earlier run kept of these tasks, heard by the same judge; a line cut off half-way is passed over."""
    from moodscore.music import judge
    from moodscore.weights import store

    listener = store.card(judge.NAME).source
    known = {task.key: task for task in tasks}
    try:
        lines = kept.read_text("utf-8").splitlines() if kept.exists() else []
    except (OSError, UnicodeDecodeError) as error:
        raise BadMedia(f"{kept}: expected pieces kept by an earlier run, got {error}; name another file") from error
    for line in lines:
        try:
            row = json.loads(line)
            task = known[row["key"]]
            if row["judge"] != listener:
                continue
            piece = Piece(task.target, Affect(*row["heard"]), row["measures"], row["took_s"])
        except (ValueError, KeyError, TypeError):
            continue
        yield task.key, Done(task, piece, row["judge"])


def _spread(work: Callable[[Any], Any], items: Sequence[Any], processes: int) -> Iterator[Any]:
    """`work` done on every item, as each is ready; in this process when one is enough."""
    if processes <= 1 or len(items) < 2:
        yield from map(work, items)
        return
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        try:
            for future in as_completed([pool.submit(work, item) for item in items]):
                yield future.result()
        except BrokenProcessPool as error:
            raise RenderFailed(
                "composing: a process was killed, likely for want of memory; use --processes 1"
            ) from error
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def corpora(named: Iterable[Path]) -> dict[str, list[tuple[Path, str]]]:
    """The MIDI files in folders and zips, corpus by corpus, as (file or zip, name inside the zip).

    Each zip is a corpus, and so are the loose files of a folder. Raises BadMedia, naming it, where there are none.
    """
    found: dict[str, list[tuple[Path, str]]] = {}
    for path in named:
        for part in [path, *sorted(path.glob("*.zip"))] if path.is_dir() else [path]:
            files = _inside(part)
            if files:
                found.setdefault(part.stem, []).extend(files)
        if not any(str(file).startswith(str(path)) for files in found.values() for file, _ in files):
            raise BadMedia(f"{path}: expected a folder or a zip with MIDI files, got none; name another")
    return found


def _inside(path: Path) -> list[tuple[Path, str]]:
    if path.is_dir():
        return [(file, "") for file in sorted(path.rglob("*")) if file.suffix.lower() in MIDI]
    if path.suffix.lower() in MIDI:
        return [(path, "")]
    try:
        with zipfile.ZipFile(path) as archive:
            infos = [i for i in archive.infolist() if i.filename.lower().endswith(MIDI)]
            return [(path, i.filename) for i in infos if i.file_size <= LARGEST_BYTES]
    except (OSError, zipfile.BadZipFile) as error:
        raise BadMedia(f"{path}: expected a folder, a zip or MIDI files, got {error}; name another") from error


def real(named: Iterable[Path], count: int, seconds: float, processes: int, tell: Tell) -> dict[str, list[pieces.Row]]:
    """The measures of up to `count` pieces of each corpus, chosen by a fixed seed.

    Pieces that are broken, too short or without a melody there are passed over.
    """
    chosen = [
        (corpus, *files[k], seconds)
        for corpus, files in corpora(named).items()
        for k in np.random.default_rng(0).permutation(len(files))[:count]
    ]
    rows: dict[str, dict[str, pieces.Row]] = {}
    for done, (item, row) in enumerate(_spread(_measured, chosen, processes), start=1):
        if row:
            rows.setdefault(item[0], {})[f"{item[1]} {item[2]}"] = row
        tell("real", done / len(chosen))
    if not rows:
        raise BadValue(
            f"real pieces: expected MIDI files of {AFTER_S + seconds:g} s and more, got none that can be used"
        )
    return {corpus: [found[key] for key in sorted(found)] for corpus, found in sorted(rows.items())}


def _measured(item: tuple[str, Path, str, float]) -> tuple[tuple[str, Path, str, float], pieces.Row | None]:
    from moodscore.music.score import from_midi

    _, path, name, seconds = item
    try:
        score = from_midi(_bytes(path, name))
        long_enough = score.duration_s >= AFTER_S + 1.2 * seconds
        return item, pieces.evaluate(pieces.excerpt(score, AFTER_S, seconds)) if long_enough else None
    except (MoodscoreError, OSError, zipfile.BadZipFile):
        return item, None


def _bytes(path: Path, name: str) -> bytes:
    if not name:
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        return archive.read(name)


def cores() -> int:
    """How many processes this machine has room for."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
