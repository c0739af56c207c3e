"""Faces: finding them and reading their expressions, on one core.

Pictures are made here, the same every time: the detector's cost depends on the size of the canvas, not on who is in it. An
expression costs the same for every face, whatever its size.

    python benchmarks/run.py --only face
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable

os.environ.setdefault("MOODSCORE_THREADS", "1")

import cv2
import numpy as np

from moodscore.media import Box, Face, Photo
from moodscore.see import face, people
from moodscore.weights import store

RUNS = 60
NAMES = (face.DETECTOR, face.EXPRESSION)
SIZES = ((640, 480), (480, 640), (640, 640), (1280, 960))
PLACES = ((0.42, 0.40), (0.58, 0.40), (0.50, 0.50), (0.44, 0.60), (0.56, 0.60))


def photo(width: int, height: int) -> Photo:
    """Soft noise of the size asked for."""
    rng = np.random.default_rng(0)
    small = rng.integers(0, 255, (height // 16, width // 16, 3), np.uint8)
    pixels = np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)
    return Photo(pixels, f"{width}x{height}", (width, height))


def milliseconds(work: Callable[[], object], runs: int = RUNS) -> tuple[float, float]:
    """Median and 95th percentile of `runs` calls after five warm ones."""
    took = []
    for run in range(runs + 5):
        start = time.perf_counter()
        work()
        took += [1000 * (time.perf_counter() - start)] if run >= 5 else []
    return statistics.median(took), sorted(took)[int(0.95 * len(took))]


def run() -> str:
    cv2.setNumThreads(1)
    rows = []
    for width, height in SIZES:
        shown = photo(width, height)
        rows.append((f"find faces, {width} x {height} photo", *milliseconds(lambda shown=shown: face.find(shown))))
    shown = photo(1280, 960)
    one = Face(Box(0.35, 0.25, 0.65, 0.75), 0.9, PLACES)
    rows.append(("read one expression, crop included", *milliseconds(lambda: face.perceive(shown, one))))
    rows.append(("photo -> fused reading without faces", *milliseconds(lambda: people.perceive(shown), runs=20)))
    table = ["| one core, warm | median | 95th percentile |", "|---|---|---|"]
    table += [f"| {name} | {middle:.1f} ms | {high:.1f} ms |" for name, middle, high in rows]
    sizes = [f"{store.card(name).file} {len(store.checked_bytes(store.card(name))) / 1e6:.2f} MB" for name in NAMES]
    return "\n".join(table) + f"\n\nWeights: {', '.join(sizes)}."
