"""Tunes: composing, playing and writing thirty seconds, on one core.

Four feelings, one in each quadrant, 30 s each, composed with seed 1, by rule where nothing else is said. "cold" is a fresh
process with all imports; "first" is the first playing of a score in a running process (its keys' sounds are made), "again"
the second. The peak is of a whole process. Set beside it: symusic's own synthesizer on the same notes, which knows neither
velocity, pedal, filters, hall nor loudness.

The composers are set beside each other: medians over the feelings, everything loaded. Tokens are those that the net draws,
in all the readings of a phrase that it writes for the critic to choose from; "one reading" is the same without a choice.

    python benchmarks/run.py --only tune
"""

from __future__ import annotations

import contextlib
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from unittest import mock

os.environ.setdefault("MOODSCORE_THREADS", "1")

import symusic

from moodscore.affect import Affect
from moodscore.errors import MoodscoreError
from moodscore.media import Score
from moodscore.music import composers, export, plan, rules, synth
from moodscore.music.score import to_midi
from moodscore.music.soundfont import FONT
from moodscore.trajectory import Trajectory

SECONDS = 30.0
FEELINGS = {"joyful": (0.7, 0.5), "tense": (-0.6, 0.6), "sad": (-0.6, -0.5), "peaceful": (0.6, -0.6)}
ROUNDS = 3

CHILD = """
import resource, sys, time
start = time.process_time()
from moodscore.affect import Affect
from moodscore.music import plan, rules, synth
from moodscore.trajectory import Trajectory
seconds = float(sys.argv[1])
score = rules.compose(plan.plan(Trajectory.hold(Affect(0.7, 0.5), seconds), 1), 1)
synth.play(score)
print(time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def score_of(feeling: tuple[float, float]) -> Score:
    return rules.compose(plan.plan(Trajectory.hold(Affect(*feeling), SECONDS), 1), 1)


def cpu_s(work: Callable[[], object]) -> float:
    """CPU time of one call, in seconds: other processes on the machine do not count."""
    start = time.process_time()
    work()
    return time.process_time() - start


def child(seconds: float) -> tuple[float, float]:
    """CPU seconds and peak memory in MiB of a fresh process that composes and plays `seconds`."""
    said = subprocess.run([sys.executable, "-c", CHILD, str(seconds)], capture_output=True, text=True, check=True)
    cpu, peak = said.stdout.split()
    return float(cpu), float(peak)


def playing() -> list[str]:
    """A row for each feeling: composing, playing first and again, in CPU milliseconds."""
    rows = ["| feeling | tracks | notes | compose | play, first | play, again |", "|---|---|---|---|---|---|"]
    for name, feeling in FEELINGS.items():
        score = score_of(feeling)
        composed = statistics.median(cpu_s(lambda feeling=feeling: score_of(feeling)) for _ in range(ROUNDS))
        first = cpu_s(lambda score=score: synth.play(score))
        again = statistics.median(cpu_s(lambda score=score: synth.play(score)) for _ in range(ROUNDS))
        cells = f"{1000 * composed:.0f} ms | {1000 * first:.0f} ms | {1000 * again:.0f} ms"
        rows.append(f"| {name} | {len(score.tracks)} | {len(score.notes)} | {cells} |")
    return rows


def writing() -> list[str]:
    """A row for each format: CPU milliseconds and size."""
    tune = synth.play(score_of(FEELINGS["joyful"]))
    rows = ["| format | write | size |", "|---|---|---|"]
    for suffix in export.SUFFIXES:
        took = statistics.median(cpu_s(lambda suffix=suffix: export.encode(tune, suffix)) for _ in range(ROUNDS))
        rows.append(f"| {suffix} | {1000 * took:.0f} ms | {len(export.encode(tune, suffix)) / 1000:.0f} kB |")
    return rows


def peer() -> float:
    """Median CPU seconds of symusic's synthesizer on the joyful score, its font open and its samples decoded."""
    notes = symusic.Score.from_midi(to_midi(score_of(FEELINGS["joyful"])))
    player = symusic.Synthesizer(str(FONT), 44100, 4)
    player.render(notes, True)
    return statistics.median(cpu_s(lambda: player.render(notes, True)) for _ in range(ROUNDS))


def by(composer: str) -> str:
    """Three cells: CPU seconds of composing 30 s, of composing and playing it, and tokens drawn in a second, if any are."""
    composed, played = [], []
    with counting() as count:
        for feeling in FEELINGS.values():
            planned = plan.plan(Trajectory.hold(Affect(*feeling), SECONDS), 1)
            start = time.process_time()
            score = composers.compose(planned, 1, composer)
            composed.append(time.process_time() - start)
            played.append(composed[-1] + cpu_s(lambda score=score: synth.play(score)))
    drawn = f"{count['tokens'] / count['cpu_s']:.0f}" if count["tokens"] else ""
    return f"{statistics.median(composed):.2f} s | {statistics.median(played):.2f} s | {drawn}"


@contextlib.contextmanager
def counting() -> Iterator[dict[str, float]]:
    """Tokens that the net draws inside, and the CPU seconds that it takes to write them."""
    from moodscore.music import neural_decode

    count = {"tokens": 0.0, "cpu_s": 0.0}
    write = neural_decode.write

    def counted(*asked: object) -> list[list[list[int]]]:
        start = time.process_time()
        readings = write(*asked)
        count["cpu_s"] += time.process_time() - start
        count["tokens"] += sum(len(bar) for reading in readings for bar in reading)
        return readings

    with mock.patch.object(neural_decode, "write", counted):
        yield count


def composing() -> list[str]:
    """A row for each composer; one whose weights are not there is said so."""
    rows = ["| composer | compose | compose and play | tokens a second |", "|---|---|---|---|"]
    for name in composers.COMPOSERS:
        try:
            composers.compose(plan.plan(Trajectory.hold(Affect(0.0, 0.0), SECONDS), 1), 1, name)  # loads everything
        except MoodscoreError as error:
            rows.append(f"| {name} | not there: {error} | | |")
            continue
        rows.append(f"| {name} | {by(name)} |")
        if name == "neural":
            rows.append(f"| {name}, one reading | {once(name)} |")
    return rows


def once(composer: str) -> str:
    """The cells of `by` for a net that may not choose among several readings."""
    from moodscore.music import neural

    with mock.patch.object(neural, "CHOICES", replace(neural.CHOICES, count=1)):
        return by(composer)


def run() -> str:
    synth.play(score_of((0.0, 0.0)))  # imports and the font
    colds = [child(SECONDS) for _ in range(ROUNDS)]
    _, long_peak = child(300.0)
    summary = [
        "| whole process | CPU | peak memory |",
        "|---|---|---|",
        f"| 30 s composed and played, cold | {statistics.median(c for c, _ in colds):.2f} s | {colds[0][1]:.0f} MiB |",
        f"| 300 s composed and played, cold | - | {long_peak:.0f} MiB |",
    ]
    sound = f"symusic's synthesizer, same notes, no mix: {1000 * peer():.0f} ms"
    return "\n".join(
        ["CPU time of one core.", "", *playing(), "", *composing(), "", *summary, "", *writing(), "", sound]
    )


def main() -> None:
    print(run())
    print(f"peak of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB", file=sys.stderr)


if __name__ == "__main__":
    main()
