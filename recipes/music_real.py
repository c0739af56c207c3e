"""Real: composed pieces held against real ones, measure by measure; writes a table.

python recipes/music_real.py --corpus quartets.zip lieder.zip pop.zip -o FILE.md [--pieces 100] [--seeds 4]

A corpus is a zip of MIDI files. From each of `--pieces` files, chosen by a fixed seed, half a minute from the tenth second
on is measured; composed are 30 s for each of nine points of the plane.
"""

from __future__ import annotations

import argparse
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from moodscore.affect import Affect
from moodscore.errors import MoodscoreError
from moodscore.measure import pieces
from moodscore.media import Note, Score, Track
from moodscore.music.plan import plan
from moodscore.music.rules import compose
from moodscore.music.score import from_midi
from moodscore.trajectory import Trajectory

POINTS = tuple(Affect(v, a) for a in (0.8, 0.0, -0.8) for v in (-0.8, 0.0, 0.8))
Row = dict[str, float]


def window(score: Score, start_s: float = 10.0, length_s: float = 30.0) -> Score:
    """The notes that start inside a window, cut off at its end."""
    end = start_s + length_s

    def inside(notes: tuple[Note, ...]) -> tuple[Note, ...]:
        kept = (n for n in notes if start_s <= n.start_s < end)
        return tuple(Note(n.start_s - start_s, min(n.duration_s, end - n.start_s), n.pitch, n.velocity) for n in kept)

    tracks = tuple(Track(t.name, t.program, inside(t.notes), t.drums) for t in score.tracks)
    return Score(tracks, length_s)


def real(corpus: Path, count: int) -> Iterator[Row]:
    """Measures of up to `count` pieces of a zip; pieces too short, broken or without a melody there are passed over."""
    with zipfile.ZipFile(corpus) as archive:
        names = sorted(n for n in archive.namelist() if n.endswith(".mid"))
        for name in np.random.default_rng(0).permutation(names)[:count]:
            try:
                score = from_midi(archive.read(str(name)))
                if score.duration_s >= 45.0:
                    yield pieces.evaluate(window(score))
            except MoodscoreError:
                continue


def composed(seeds: int) -> list[Row]:
    """Measures of our pieces: nine points, `seeds` each, point by point."""
    return [
        pieces.evaluate(compose(plan(Trajectory.hold(point, 30.0), seed), seed))
        for point in POINTS
        for seed in range(seeds)
    ]


def table(rows: dict[str, list[Row]], ours: list[Row]) -> str:
    """Medians of every corpus, the range 5 .. 95 % over all of them, and where our median and extremes lie."""
    lines = [
        "# How composed pieces compare with real ones",
        "",
        "Medians of half a minute of real pieces, the widest 5..95 % range among the corpora, and composed pieces from nine",
        "points of the plane. `!` marks a measure whose composed median lies outside the real range.",
        "",
        "| measure | " + " | ".join(rows) + " | real 5..95 % | composed median | composed 5..95 % | |",
        "|---|" + "---|" * (len(rows) + 4),
    ]
    for name in ours[0]:
        spans = {k: np.percentile([r[name] for r in v], (5, 50, 95)) for k, v in rows.items()}
        low, high = min(s[0] for s in spans.values()), max(s[2] for s in spans.values())
        mine = np.percentile([r[name] for r in ours], (5, 50, 95))
        medians = " | ".join(f"{s[1]:.2f}" for s in spans.values())
        mark = "" if low <= mine[1] <= high else "!"
        lines.append(
            f"| {name} | {medians} | {low:.2f}..{high:.2f} | {mine[1]:.2f} | {mine[0]:.2f}..{mine[2]:.2f} | {mark} |"
        )
    counts = ", ".join(f"{k} {len(v)}" for k, v in rows.items())
    return "\n".join([*lines, "", f"Pieces: {counts}, composed {len(ours)}.", ""])


def main() -> None:
    """Measure, write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, nargs="+", required=True, help="zips of MIDI files")
    parser.add_argument("-o", "--out", type=Path, required=True, help="Markdown file to write")
    parser.add_argument("--pieces", type=int, default=100)
    parser.add_argument("--seeds", type=int, default=4)
    options = parser.parse_args()
    rows = {corpus.stem: list(real(corpus, options.pieces)) for corpus in options.corpus}
    text = table(rows, composed(options.seeds))
    options.out.write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
