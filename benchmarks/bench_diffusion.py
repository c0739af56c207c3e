"""Diffusion: a point on the plane becomes sound that the flow net draws, without a score.

Medians of three seeds, the model already open, in seconds of one core (CPU time). "drawing" is the net, "sounding" finding
the phases and mixing. A window is 5.12 s; 30 s take nine. "loop" also joins the end to the beginning.

    python benchmarks/run.py --only diffusion
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from moodscore.affect import Affect
from moodscore.music import diffusion, plan
from moodscore.trajectory import Trajectory

SEEDS = (1, 2, 3)
CASES = {
    "5.12 s, 4 steps": (5.12, diffusion.Choices(steps=4)),
    "5.12 s, as by default": (5.12, diffusion.Choices()),
    "5.12 s, 16 steps": (5.12, diffusion.Choices(steps=16)),
    "30 s, as by default": (30.0, diffusion.Choices()),
    "30 s, a loop": (30.0, replace(diffusion.Choices(), loop=True)),
}


def taken(seconds: float, choices: diffusion.Choices) -> list[float]:
    """CPU seconds of drawing, and of the whole, medians over the seeds."""
    rows = []
    for seed in SEEDS:
        planned = plan.plan(Trajectory.hold(Affect(0.3, 0.3), seconds), seed)
        began = time.process_time()
        diffusion.drawn(diffusion.wishes_of(planned, seed).vectors(), seed, choices)
        middle = time.process_time()
        diffusion.compose(planned, seed, choices)
        rows.append([middle - began, time.process_time() - middle])
    return [float(value) for value in np.median(rows, axis=0)]


def run() -> str:
    taken(1.0, diffusion.Choices())
    lines = ["| what | drawing | sounding | whole | faster than it lasts |", "|---|---|---|---|---|"]
    for name, (seconds, choices) in CASES.items():
        drawing, whole = taken(seconds, choices)
        lines.append(f"| {name} | {drawing:.2f} s | {whole - drawing:.2f} s | {whole:.2f} s | {seconds / whole:.0f}x |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(run())
