"""Strangers' photos: what decoding them in a locked-up process costs over decoding them here, and how many a second.

Photographs-to-be of 12 MP (4000 x 3000, JPEG quality 92, made here) and one of 1 MP, received as the studio receives an
upload: decoded, scaled to 2048 px, encoded anew at 2048 and 640 px. "Here" is the same work by the same functions in this
process; the difference is the price of the fork, the lock and the way home. Wall time is a median, CPU time a mean over all
processes that take part.

    python benchmarks/run.py --only sandbox
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2

from bench_film import photo
from moodscore.prepare import sandbox, sandbox_encode, sandbox_picture

COUNT, ROUNDS = 12, 4


def material(folder: Path) -> tuple[list[Path], list[Path]]:
    """Large photos and small ones, made once and kept in the temporary folder."""
    folder.mkdir(parents=True, exist_ok=True)
    large = [folder / f"{k:02d}.jpg" for k in range(COUNT)]
    small = [folder / f"small-{k:02d}.jpg" for k in range(COUNT)]
    for k, (one, other) in enumerate(zip(large, small, strict=True)):
        if not (one.exists() and other.exists()):
            pixels = photo(k)
            cv2.imwrite(str(one), pixels, [cv2.IMWRITE_JPEG_QUALITY, 92])
            cv2.imwrite(str(other), cv2.resize(pixels, (1152, 864), interpolation=cv2.INTER_AREA))
    return large, small


class Home:
    """Keeps what a task tells, as the line to the program would carry it."""

    def __init__(self) -> None:
        self.told: dict = {}
        self.data = b""

    def facts(self, **facts) -> None:
        self.told = facts

    def numbers(self, tag: bytes, *parts: bytes) -> None:
        self.data = b"".join(parts)


def here(path: Path) -> None:
    """The work of a receiving without the process: decode, scale, encode."""
    home = Home()
    descriptor = os.open(path, os.O_RDONLY)
    file = sandbox_picture.HeldFile(descriptor, path.stat().st_size)
    sandbox_picture.task(file, {"name": "a", "kind": "JPEG", "side": sandbox_encode.LARGE_SIDE}, home)
    os.close(descriptor)
    image = sandbox_encode.pixels(home.data, home.told["shown"])
    for side in (sandbox_encode.LARGE_SIDE, sandbox_encode.SMALL_SIDE):
        sandbox_encode.rendition(image, side)
    sandbox_encode.placeholder(image)


def used_ms(pid: int) -> float:
    """CPU time of a process and of its children that have ended, in milliseconds."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return 1e3 * sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK")


def cost_ms(work: Callable[[Path], object], paths: list[Path]) -> tuple[float, float]:
    """(median wall, mean CPU) milliseconds a photo; CPU is that of this process, the server and its children."""
    work(paths[0])
    server, walls = sandbox.server_pid(), []
    cpu = 1e3 * time.process_time() + used_ms(server)
    for path in paths * ROUNDS:
        start = time.perf_counter()
        work(path)
        walls.append(time.perf_counter() - start)
    cpu = 1e3 * time.process_time() + used_ms(server) - cpu
    return 1e3 * statistics.median(walls), cpu / len(walls)


def each_second(paths: list[Path], threads: int) -> float:
    """Photos a second through the sandbox, the best of ROUNDS."""
    best = 0.0
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(ROUNDS):
            start = time.perf_counter()
            list(pool.map(sandbox.photo, paths))
            best = max(best, len(paths) / (time.perf_counter() - start))
    return best


def resident_mb(pid: int) -> tuple[float, float]:
    """(resident, of that its own) memory of a process in MB."""
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines())
    return tuple(int(fields[name].split()[0]) / 1024 for name in ("VmRSS", "RssAnon"))


def run() -> str:
    """Measure and tell."""
    large, small = material(Path(tempfile.gettempdir()) / "moodscore-bench" / "sandbox")
    start = time.perf_counter()
    sandbox.warm()
    started_s = time.perf_counter() - start
    lines = ["| photo | | wall | CPU |", "|---|---|---|---|"]
    for what, paths in (("12 MP", large), ("1 MP", small)):
        direct, apart = cost_ms(here, paths), cost_ms(sandbox.photo, paths)
        lines += [
            f"| {what} | {where} | {wall:.0f} ms | {cpu:.0f} ms |"
            for where, (wall, cpu) in (("here", direct), ("in the sandbox", apart))
        ]
        lines.append(f"| {what} | more | {apart[0] - direct[0]:.0f} ms | {apart[1] - direct[1]:.0f} ms |")
    lines += ["", "| threads | photos of 12 MP a second |", "|---|---|"]
    lines += [f"| {threads} | {each_second(large, threads):.1f} |" for threads in (1, 2, 4)]
    resident, own = resident_mb(sandbox.server_pid())
    return "\n".join(
        [
            *lines,
            "",
            f"The server starts in {started_s:.2f} s and holds {resident:.0f} MB, {own:.0f} MB of them its own.",
        ]
    )


if __name__ == "__main__":
    print(run())
