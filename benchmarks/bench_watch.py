"""Watching films: speed, memory, soundtracks and live readings, on two cores.

A film of photos under a moving camera: 1920 x 1080, 25 frames per second, H.264 with grain, a cut every 4 s, composed music
in AAC; made here, the same every time. Each job runs in a process of its own with everything loaded; seconds are for each
second of film, and the jobs stand beside plain decoding of the same file in the same run. A soundtrack is timed from the
start of the program. The long films have a frame a second, so that an hour is watched in minutes: what is remembered of a
film are the frames that are read, and those are about one a second in any film.

    python benchmarks/run.py --only watch
    MOODSCORE_BENCH_RUNS=1 python benchmarks/run.py --only watch            once instead of three times
    MOODSCORE_BENCH_MINUTES=2,10 python benchmarks/run.py --only watch      shorter long films
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import av
import cv2

import moving_film
from bench_film import Cost, cost
from moodscore import jobs
from moodscore.prepare import camera
from moodscore.see import live

HERE = Path(__file__).parent
JOBS = (
    ("decode", "decoding by PyAV, picture"),
    ("decode_all", "decoding by PyAV, picture and sound"),
    ("cuts", "cuts alone"),
    ("watch", "`moodscore watch`: cuts, feeling, motion, faces, sound, genre"),
    ("genre", "`moodscore genre`: a pair a second"),
)
LIVE_S, CLIP_S = 10.0, 60


def rounds() -> int:
    return int(os.environ.get("MOODSCORE_BENCH_RUNS", "3"))


def minutes() -> tuple[int, ...]:
    """How long the long films are."""
    return tuple(int(text) for text in os.environ.get("MOODSCORE_BENCH_MINUTES", "10,60").split(","))


def child(job: str, film: Path) -> Cost:
    """What a job on a film takes in a fresh process."""
    command = [sys.executable, str(HERE / "watch_child.py"), job, str(film)]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    wall_s, cpu_s, peak_mb = (float(number) for number in said.split()[-3:])
    return Cost(cpu_s, wall_s, peak_mb)


def middle(costs: Sequence[Cost]) -> Cost:
    return Cost(*(statistics.median(getattr(c, name) for c in costs) for name in ("cpu_s", "wall_s", "peak_mb")))


def ffmpeg(film: Path) -> Cost | None:
    """The ffmpeg command line decoding picture and sound into nothing; None where it is not installed."""
    if not shutil.which("ffmpeg"):
        return None
    command = ["ffmpeg", "-nostdin", "-v", "error", "-threads", "2", "-i", str(film), "-map", "0", "-f", "null", "-"]
    return middle([cost(command) for _ in range(rounds())])


def row(name: str, got: Cost, against: Cost) -> str:
    """A row of the table of speeds; `against` is plain decoding."""
    each = moving_film.SECONDS
    cells = f"{got.wall_s / each:.3f} | {got.cpu_s / each:.3f} | {each / got.wall_s:.1f} x | {got.peak_mb:.0f}"
    return f"| {name} | {cells} | {got.cpu_s / against.cpu_s:.2f} |"


def speeds(film: Path) -> list[str]:
    """Jobs and peers on the film; they take turns, so that other work on the machine meets all of them."""
    costs: dict[str, list[Cost]] = {job: [] for job, _ in JOBS}
    for _ in range(rounds()):
        for job in costs:
            costs[job].append(child(job, film))
    plain = middle(costs["decode"])
    peer = ffmpeg(film)
    lines = [
        f"The film of {moving_film.SECONDS} s, {film.stat().st_size * 8e-6 / moving_film.SECONDS:.1f} Mbit/s; "
        f"medians of {rounds()} runs.",
        "",
        "| | wall s | CPU s | times real time | peak memory MB | CPU beside PyAV |",
        "|---|---|---|---|---|---|",
        *([row("decoding by the ffmpeg command line, picture and sound", peer, plain)] if peer else []),
    ]
    return lines + [row(name, middle(costs[job]), plain) for job, name in JOBS]


def memory(folder: Path) -> list[str]:
    """A row for each length of film: watching it in a fresh process."""
    sparse = moving_film.made(folder / "sparse.mp4", fps=1, crf=32)
    lines = ["| `moodscore watch` on a film of | peak memory MB | wall s | times real time |", "|---|---|---|---|"]
    with tempfile.TemporaryDirectory(dir=folder) as passing:
        for length in minutes():
            film = moving_film.repeated(sparse, length * 60 // moving_film.SECONDS, Path(passing) / f"{length}.mp4")
            got = child("watch", film)
            speed = length * 60 / got.wall_s
            lines.append(f"| {length} min, a frame a second | {got.peak_mb:.0f} | {got.wall_s:.0f} | {speed:.0f} x |")
            film.unlink()
    return lines


def two_frames(film: Path, folder: Path) -> float:
    """Median seconds from two picture files to a genre, warm."""
    with av.open(str(film)) as container:
        found = [
            frame.to_ndarray(format="bgr24") for frame, _ in zip(container.decode(video=0), range(2), strict=False)
        ]
    paths = [folder / "first.jpg", folder / "second.jpg"]
    for path, pixels in zip(paths, found, strict=True):
        path.write_bytes(cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes())
    took = []
    for _ in range(23):
        start = time.perf_counter()
        jobs.frames_to_genre(*paths)
        took.append(time.perf_counter() - start)
    return statistics.median(took[3:])


def live_row(film: Path) -> str:
    """Readings a second and their latency with the film played as a camera."""
    live.read(next(camera.watch(str(film))).photo)
    readings = list(jobs.watch_live(str(film), LIVE_S))
    lasted = readings[-1].time_s - readings[0].time_s
    late = sorted(1000 * reading.latency_s for reading in readings)
    return (
        f"| live, the film played as a camera | {(len(readings) - 1) / lasted:.1f} readings a second, from frame to reading "
        f"{statistics.median(late):.0f} ms (median), {late[int(0.95 * len(late))]:.0f} ms (95th percentile) |"
    )


def waits(film: Path, folder: Path) -> list[str]:
    """What a user waits for."""
    clip = moving_film.repeated(film, CLIP_S // moving_film.SECONDS, folder / "clip.mp4")
    scored = middle([child("soundtrack", clip) for _ in range(rounds())])
    clip.unlink()
    return [
        "| | |",
        "|---|---|",
        f"| two frames -> genre, warm | {1000 * two_frames(film, folder):.0f} ms |",
        f"| `moodscore soundtrack` for {CLIP_S} s of film, cold | {scored.wall_s:.1f} s (CPU {scored.cpu_s:.1f} s, peak "
        f"{scored.peak_mb:.0f} MB) |",
        live_row(film),
    ]


def run() -> str:
    """Measure and tell."""
    folder = Path(tempfile.gettempdir()) / "moodscore-bench" / "watch"
    film = moving_film.made(folder / "film.mp4")
    return "\n".join([*speeds(film), "", *memory(folder), "", *waits(film, folder)])


if __name__ == "__main__":
    print(run())
