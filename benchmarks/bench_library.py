"""Libraries of music: reading a folder, reading it again, and picking for a film of ten minutes.

Twelve pieces of a minute, composed by rule with seeds of their own and played: four as FLAC, four as MP3, four as MIDI. They
are read on all cores, and set beside decoding the same sound with PyAV to 44,100 Hz and dropping it. "Read again" is the
same folder with nothing changed; "moved" the same files under other names, which are known by their content. Pieces are
picked for ten minutes of feeling that wanders over the whole plane, with a cut every 4 s.

    python benchmarks/run.py --only library
"""

from __future__ import annotations

import math
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import av
import numpy as np

from moodscore.affect import Affect
from moodscore.music import export, library_default, library_index, match, plan, rules, synth
from moodscore.music.library import Library, Piece
from moodscore.trajectory import Trajectory

KINDS = {".flac": 4, ".mp3": 4, ".mid": 4}
NAMES = {".flac": "FLAC", ".mp3": "MP3", ".mid": "MIDI"}
PIECE_S, FILM_S = 60.0, 600.0
ROUNDS = 3


def material(folder: Path) -> Path:
    """The folder of music, made once and kept in the temporary folder."""
    if folder.exists():
        return folder
    part = folder.with_name(folder.name + ".part")
    part.mkdir(parents=True, exist_ok=True)
    number = 0
    for suffix, count in KINDS.items():
        for _ in range(count):
            number += 1
            angle = number * math.tau / sum(KINDS.values())
            affect = Affect(0.7 * math.cos(angle), 0.7 * math.sin(angle))
            score = rules.compose(plan.plan(Trajectory.hold(affect, PIECE_S), number), number)
            (part / f"{number:02d}{suffix}").write_bytes(export.encode(synth.play(score), suffix))
    part.rename(folder)
    return folder


def took(work: Callable[[], object]) -> tuple[float, float]:
    """(wall, CPU) seconds of one call, all threads together."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def median(runs: list[tuple[float, float]]) -> tuple[float, float]:
    return statistics.median(w for w, _ in runs), statistics.median(c for _, c in runs)


def decode(path: Path) -> None:
    """The peer: a file's sound as stereo at 44,100 Hz, dropped as it comes."""
    with av.open(str(path)) as container:
        resampler = av.AudioResampler(format="fltp", layout="stereo", rate=44_100)
        for frame in container.decode(audio=0):
            for ready in resampler.resample(frame):
                ready.to_ndarray()


def reading(folder: Path) -> list[str]:
    """Rows: reading the files of each kind, and the folder again."""
    lines = ["| | wall s | CPU s | CPU beside PyAV decoding |", "|---|---|---|---|"]
    with tempfile.TemporaryDirectory(dir=folder.parent) as passing:
        for suffix, count in KINDS.items():
            lines.append(_kind(folder, Path(passing) / suffix[1:], suffix, count))
        everything = Path(passing) / "all"
        shutil.copytree(folder, everything)
        library_index.index(everything)
        again = median([took(lambda: library_index.index(everything)) for _ in range(ROUNDS)])
        for path in sorted(folder.iterdir()):
            (everything / path.name).rename(everything / f"moved {path.name}")
        moved = took(lambda: library_index.index(everything))
    count = sum(KINDS.values())
    lines.append(f"| {count} pieces read again, nothing changed | {again[0]:.3f} | {again[1]:.3f} | |")
    lines.append(f"| {count} pieces moved | {moved[0]:.3f} | {moved[1]:.3f} | |")
    return lines


def _kind(folder: Path, place: Path, suffix: str, count: int) -> str:
    """A row: a minute of music of one kind, read for the first time; the median over fresh copies of the folder."""
    files = sorted(folder.glob(f"*{suffix}"))
    runs = []
    for k in range(ROUNDS):
        fresh = place / str(k)
        fresh.mkdir(parents=True)
        for path in files:
            shutil.copy(path, fresh)
        runs.append(took(lambda fresh=fresh: library_index.index(fresh)))
    each = count * PIECE_S / 60
    wall, cpu = (seconds / each for seconds in median(runs))
    ratio = ""
    if suffix != ".mid":
        plain = median([took(lambda: [decode(path) for path in files]) for _ in range(ROUNDS)])
        ratio = f"{cpu * each / plain[1]:.1f}"
    return f"| a minute of {NAMES[suffix]}, read for the first time | {wall:.3f} | {cpu:.3f} | {ratio} |"


def wandering() -> tuple[Trajectory, tuple[float, ...]]:
    """Ten minutes of feeling that wanders over the plane, a point every 4 s, and the cuts."""
    times = np.arange(0.0, FILM_S, 4.0)
    points = [(float(t), Affect(0.8 * math.sin(t / 47), 0.8 * math.cos(t / 31))) for t in times]
    return Trajectory.of(points, FILM_S), tuple(float(t) for t in times[1:])


def many(shipped: Library, copies: int) -> Library:
    """A library `copies` times as large: the shipped pieces, each copy felt a little otherwise."""
    rng = np.random.default_rng(0)

    def other(piece: Piece, copy: int) -> Piece:
        by = rng.normal(0, 0.2, 2)
        stretches = tuple(
            replace(s, affect=Affect.clipped(s.affect.valence + by[0], s.affect.arousal + by[1]))
            for s in piece.stretches
        )
        reading = replace(piece.reading, affect=stretches[0].affect)
        sha256 = f"{copy:04x}{piece.sha256[4:]}"
        return replace(piece, name=f"{copy}/{piece.name}", sha256=sha256, reading=reading, stretches=stretches)

    return Library("many", tuple(other(piece, copy) for copy in range(copies) for piece in shipped.pieces))


def picking() -> list[str]:
    """Rows: pieces for a film of ten minutes from the library that ships, and from ten times as many."""
    felt, cuts = wandering()
    shipped = library_default.library()
    lines = ["| picking for ten minutes of film | wall s | CPU s | pieces used |", "|---|---|---|---|"]
    for library in (shipped, many(shipped, 10)):
        cues = match.pick(library, felt, cuts)
        wall, cpu = median([took(lambda library=library: match.pick(library, felt, cuts)) for _ in range(ROUNDS)])
        used = len({cue.piece.name for cue in cues})
        lines.append(f"| from {len(library.pieces)} pieces | {wall:.2f} | {cpu:.2f} | {used} |")
    return lines


def run() -> str:
    """Measure and tell."""
    folder = material(Path(tempfile.gettempdir()) / "moodscore-bench" / "library")
    return "\n".join([*reading(folder), "", *picking()])


if __name__ == "__main__":
    print(run())
