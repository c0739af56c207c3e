"""Looking at photos: CPU time a photo by step, and photos a second with one and two workers.

24 photographs-to-be of 12 MP (4000 x 3000, JPEG quality 92, made here, the same every time), decoded at the scale that
perception needs. Steps are medians of CPU time on one core; photos a second are wall time of `moodscore look` on all of
them, best of three, in threads of one process (as it runs) and in processes.

    python benchmarks/run.py --only look
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import cv2

from bench_film import photo
from moodscore import jobs
from moodscore.errors import MoodscoreError
from moodscore.media import Photo
from moodscore.prepare import image
from moodscore.see import focus, people
from moodscore.see import photo as see_photo

COUNT = 24
ROUNDS = 3


def material(folder: Path) -> list[Path]:
    """The photos, made once and kept in the temporary folder."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{k:02d}.jpg" for k in range(COUNT)]
    for k, path in enumerate(paths):
        if not path.exists():
            path.write_bytes(cv2.imencode(".jpg", photo(k), [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes())
    return paths


def cpu_ms(work: Callable[[object], object], things: list) -> float:
    """Median CPU time of this thread for `work` on one thing, in milliseconds; the first is a warm-up."""
    work(things[0])
    times = []
    for _ in range(ROUNDS):
        for thing in things:
            start = time.thread_time()
            work(thing)
            times.append(time.thread_time() - start)
    return 1e3 * statistics.median(times)


def look(path: Path) -> None:
    """All of it, for a pool of processes, which can send no photos home."""
    jobs.look(path)


def each_second(pool: Executor, paths: list[Path]) -> float:
    """Photos a second through a warm pool, the best of ROUNDS."""
    list(pool.map(look, paths[:4]))
    best = 0.0
    for _ in range(ROUNDS):
        start = time.perf_counter()
        list(pool.map(look, paths))
        best = max(best, len(paths) / (time.perf_counter() - start))
    return best


def steps(paths: list[Path]) -> list[tuple[str, float]]:
    """(what, milliseconds) of each step; a step whose weights are not there is left out."""
    side = see_photo.want_side()
    seen: list[Photo] = [image.open(p, side) for p in paths]
    rows = [
        ("size from the header", cpu_ms(image.size_of, paths)),
        (f"decode, shorter side >= {side}", cpu_ms(lambda p: image.open(p, side), paths)),
    ]
    for what, work in (("scene network", see_photo.perceive), ("scene and faces", people.watch)):
        try:
            rows.append((what, cpu_ms(work, seen)))
        except MoodscoreError:
            continue
    return [*rows, ("focus", cpu_ms(focus.regions, seen)), ("look, all of it", cpu_ms(jobs.look, paths))]


def run() -> str:
    """Measure and tell."""
    cv2.setNumThreads(1)
    paths = material(Path(tempfile.gettempdir()) / "moodscore-bench" / "look")
    size_mb = sum(p.stat().st_size for p in paths) / len(paths) / 1e6
    lines = [f"{COUNT} JPEGs of 12 MP, {size_mb:.1f} MB each.", "", "| step | CPU ms a photo |", "|---|---|"]
    lines += [f"| {what} | {ms:.2f} |" for what, ms in steps(paths)]
    lines += ["", "| workers | photos a second |", "|---|---|"]
    for count in (1, 2):
        with ThreadPoolExecutor(count) as pool:
            lines.append(f"| {count} thread{'s' * (count > 1)} | {each_second(pool, paths):.1f} |")
        with ProcessPoolExecutor(count, get_context("spawn")) as pool:
            lines.append(f"| {count} process{'es' * (count > 1)} | {each_second(pool, paths):.1f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(run())
