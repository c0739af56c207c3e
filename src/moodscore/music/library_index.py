"""Library index: what was read in a folder of music, remembered by the content of its files.

The index is a JSON file in the folder, or in the user's cache directory when the folder cannot be written. It is written
whole; a file is read again when its content, a judge or the format of the index has changed.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from moodscore.affect import Affect
from moodscore.errors import BadMedia, MoodscoreError, RenderFailed
from moodscore.music.library import (
    SCORE_SUFFIXES,
    SOUND_SUFFIXES,
    LeftOut,
    Library,
    Piece,
    Stretch,
    honoured,
)
from moodscore.music.library_reading import Ears, ears, read
from moodscore.prepare.whole import whole
from moodscore.reading import Reading

FORMAT = 1
INDEX = ".moodscore-library.json"
_DEEPEST = 16  # folders in folders; deeper is a link in a circle

Entry = dict[str, Any]


def cache_dir() -> Path:
    """Where a user's caches of moodscore lie: $MOODSCORE_CACHE, or moodscore in the system's place for caches."""
    if chosen := os.environ.get("MOODSCORE_CACHE"):
        return Path(chosen)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "moodscore"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "moodscore" / "Cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "moodscore"


def index(
    folder: Path,
    progress: Callable[[float], None] | None = None,
    listeners: Ears | None = None,
    in_cache: bool = False,
) -> Library:
    """The library of a folder and the folders in it: what is new or changed is read, on all cores, the rest remembered.

    `progress` is told the share 0..1 that is done. `in_cache` keeps the index out of the folder. Files that are silent,
    broken, shorter than 3 s or longer than an hour are left out, with the reason. Raises BadMedia, naming the folder, when
    there is no such folder or no music in it.
    """
    folder = Path(folder)
    found = _music_in(folder)
    job = _Job(folder, listeners or ears(), _load(folder))
    try:
        _read_all(job, found, progress)
    finally:  # what was read before Ctrl-C need not be read again
        if job.fresh or set(job.known) != set(job.entries):
            _save(folder, job, in_cache)
    return _library(folder, job, found)


def _music_in(folder: Path) -> list[Path]:
    """Sound and MIDI files under a folder in order of name; raises BadMedia when there is none."""
    if not folder.is_dir():
        what = "a file" if folder.exists() else "nothing there"
        raise BadMedia(f"{folder}: expected a folder with music, got {what}; name a folder")
    found = sorted(_walk(folder, 0), key=lambda path: path.relative_to(folder).as_posix())
    if not found:
        raise BadMedia(
            f"{folder}: expected a folder with music, got no sound or MIDI file in it; put some in, or name another"
        )
    return found


def _walk(folder: Path, depth: int) -> Iterator[Path]:
    with suppress(OSError):
        for entry in sorted(os.scandir(folder), key=lambda e: e.name):
            if entry.name.startswith("."):
                continue
            if entry.is_dir() and depth < _DEEPEST:
                yield from _walk(Path(entry.path), depth + 1)
            elif Path(entry.name).suffix.lower() in SOUND_SUFFIXES | SCORE_SUFFIXES:
                yield Path(entry.path)


@dataclass(slots=True)
class _Job:
    """An indexing: where, who listens, the entries remembered by file name, and those that hold now."""

    folder: Path
    ears: Ears
    known: Mapping[str, Entry]
    entries: dict[str, Entry] = field(default_factory=dict)
    fresh: bool = False
    by_content: dict[str, Entry] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.by_content = {entry["sha256"]: entry for entry in self.known.values()}


def _read_all(job: _Job, found: list[Path], progress: Callable[[float], None] | None) -> None:
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        try:
            waiting = [(path.relative_to(job.folder).as_posix(), pool.submit(_entry, job, path)) for path in found]
            for done, (name, one) in enumerate(waiting, start=1):
                job.entries[name] = one.result()
                job.fresh = job.fresh or job.entries[name] is not job.known.get(name)
                if progress:
                    progress(done / len(found))
        finally:
            pool.shutdown(cancel_futures=True)


def _entry(job: _Job, path: Path) -> Entry:
    """What is remembered or read of one file."""
    name = path.relative_to(job.folder).as_posix()
    by = job.ears.sources[path.suffix.lower() in SCORE_SUFFIXES]
    try:
        stat = path.stat()
        stamp = [stat.st_size, stat.st_mtime_ns]
        known = job.known.get(name)
        if known and known["stamp"] == stamp and known.get("by") == by:
            return known
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return {"stamp": [], "sha256": "", "by": "", "reason": f"{name}: expected to read it, got {error.strerror!r}"}
    same = job.by_content.get(sha256)
    if same and same.get("by") == by:
        return {**same, "stamp": stamp}
    entry: Entry = {"stamp": stamp, "sha256": sha256, "by": by}
    try:
        return {**entry, "piece": _as_json(read(path, name, sha256, job.ears))}
    except MoodscoreError as error:
        return {**entry, "reason": str(error).replace(str(path), path.name)}


def _as_json(piece: Piece) -> dict[str, Any]:
    return {
        "score": piece.score,
        "start_s": piece.start_s,
        "end_s": piece.end_s,
        "reading": piece.reading.as_dict(),
        "stretches": [
            [s.start_s, round(s.affect.valence, 4), round(s.affect.arousal, 4), s.lufs] for s in piece.stretches
        ],
        "joins_s": list(piece.joins_s),
    }


def _piece(folder: Path, name: str, entry: Entry) -> Piece:
    kept = entry["piece"]
    return Piece(
        name,
        folder / name,
        entry["sha256"],
        bool(kept["score"]),
        float(kept["start_s"]),
        float(kept["end_s"]),
        Reading.from_dict(kept["reading"]),
        tuple(Stretch(start_s, Affect(v, a), lufs) for start_s, v, a, lufs in kept["stretches"]),
        tuple(kept["joins_s"]),
    )


def _library(folder: Path, job: _Job, found: list[Path]) -> Library:
    names = [path.relative_to(folder).as_posix() for path in found]
    pieces = tuple(honoured(_piece(folder, n, job.entries[n])) for n in names if "piece" in job.entries[n])
    left_out = tuple(LeftOut(n, job.entries[n]["reason"]) for n in names if "piece" not in job.entries[n])
    return Library(folder.resolve().name or str(folder), pieces, left_out)


def _places(folder: Path) -> tuple[Path, Path]:
    """Where a folder's index may lie: in it, or in the cache under the hash of its path."""
    digest = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:24]
    return folder / INDEX, cache_dir() / "libraries" / f"{digest}.json"


def _load(folder: Path) -> dict[str, Entry]:
    """The entries remembered for a folder; none when there is no index, or it is damaged or of another format."""
    for place in _places(folder):
        with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
            kept = json.loads(place.read_text("utf-8"))
            if kept["format"] == FORMAT:
                return {name: entry for name, entry in kept["files"].items() if _sound(folder, name, entry)}
    return {}


def _sound(folder: Path, name: str, entry: Entry) -> bool:
    """Whether an entry can be used: a damaged one is as good as none."""
    try:
        if "piece" in entry:
            _piece(folder, name, entry)
        return (
            isinstance(entry["stamp"], list)
            and isinstance(entry["sha256"], str)
            and ("piece" in entry or entry["reason"])
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return False


def _save(folder: Path, job: _Job, in_cache: bool) -> None:
    """Write the index, in the folder or else in the cache; where neither can be written, the next run reads again."""
    kept = {name: entry for name, entry in sorted({**job.known, **job.entries}.items()) if _keeps(folder, name, entry)}
    text = json.dumps({"format": FORMAT, "files": kept}, ensure_ascii=False, separators=(",", ":"))
    beside, cached = _places(folder)
    for place in (cached,) if in_cache else (beside, cached):
        with suppress(RenderFailed, OSError):
            if place is cached:
                place.parent.mkdir(parents=True, exist_ok=True)
            with whole(place) as part:
                part.write_text(text + "\n", "utf-8")
            return


def _keeps(folder: Path, name: str, entry: Entry) -> bool:
    return bool(entry["sha256"]) and (folder / name).is_file()
