"""One photo, three tunes: how long the answer to a photo takes, warm and cold, and how near the tunes come.

Five of the example photos, of different moods, are answered with three tunes of 30 s each by `moodscore post`, everything
loaded; seconds are wall time from the photo's file on, medians of the photos' medians of 3 runs. "written" includes
encoding four M4A files, the page and the JSON. CPU is of the whole process. "cold" is a fresh process from its start to its
end. Nothing is asked of a network. How far the judge hears each tune from what was asked for is a matter of the photos, not
of the machine.

    python benchmarks/run.py --only post
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from moodscore import jobs
from moodscore.cli import post_files
from moodscore.music import answers

PHOTOS = Path(__file__).parent.parent / "examples" / "photos"
CHOSEN = (
    "02-paint-brushes",
    "03-astronaut-smiling",
    "07-lightning-at-the-launch-pad",
    "12-station-at-lights-out",
    "15-mirror-lake-at-sunrise",
)
ROUNDS = 3
MARKS = ("described", "library", "first tune", "posted", "written", "CPU")


def once(photo: Path, folder: Path) -> tuple[dict[str, float], jobs.Posted]:
    """Post a photo: seconds until each mark, and the post."""
    started, cpu = time.perf_counter(), time.process_time()
    marks: dict[str, float] = {}

    def mark(name: str, _: object) -> None:
        marks.setdefault("first tune" if name in answers.ROLES else name, time.perf_counter() - started)

    sounds = post_files.Sounds(folder, ".m4a", mark)
    try:
        posted = jobs.post(photo, jobs.PostChoices(), sounds.on_result)
        marks["posted"] = time.perf_counter() - started
        post_files.write(posted, sounds)
    finally:
        sounds.close()
    marks["written"] = time.perf_counter() - started
    marks["CPU"] = time.process_time() - cpu
    return marks, posted


def cold_s(photo: Path, folder: Path) -> float:
    """Seconds of a fresh process that posts one photo."""
    command = [sys.executable, "-m", "moodscore", "post", str(photo), "-o", str(folder), "-q", "--json"]
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - started


def tunes(posted: jobs.Posted) -> str:
    """The three tunes of a post as cells."""
    cells = [f"{v.genre}, {v.tempo_bpm:.0f} bpm, {v.off_asked:.2f}" for v in posted.variants]
    felt = posted.reading
    return f"{felt.mood.name} ({felt.affect.valence:+.2f}, {felt.affect.arousal:+.2f}) | {' | '.join(cells)}"


def run() -> str:
    photos = [PHOTOS / f"{name}.jpg" for name in CHOSEN]
    with tempfile.TemporaryDirectory(prefix="moodscore-bench-") as folder:
        out = Path(folder) / "out"
        once(photos[0], out)  # loads everything
        found = {photo: [once(photo, out) for _ in range(ROUNDS)] for photo in photos}
        cold = statistics.median(cold_s(photos[0], Path(folder) / "cold") for _ in range(ROUNDS))
    medians = {
        name: statistics.median(statistics.median(marks[name] for marks, _ in runs) for runs in found.values())
        for name in MARKS
    }
    slowest = max(marks["written"] for runs in found.values() for marks, _ in runs)
    rows = [f"| {name} | {seconds:.2f} s |" for name, seconds in medians.items()]
    rows += [f"| slowest of all, written | {slowest:.2f} s |", f"| cold, the whole program | {cold:.2f} s |"]
    told = [f"| {photo.stem} | {tunes(runs[0][1])} |" for photo, runs in found.items()]
    return "\n".join(
        [
            "| after the photo's file | |",
            "|---|---|",
            *rows,
            "",
            "Genre, tempo, and how far the judge hears each tune from what was asked for, in plane units:",
            "",
            "| photo | feeling | faithful | neighbour | contrast |",
            "|---|---|---|---|---|",
            *told,
        ]
    )


if __name__ == "__main__":
    print(run())
