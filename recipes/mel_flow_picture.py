"""Mel flow picture: one tune of each genre as the net drew it -> the figure of the documentation.

python recipes/mel_flow_picture.py -o docs/pictures

Writes drawn-genres.png: ten seconds of each genre, semitones upwards, over the chords that were asked for.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from moodscore.affect import Affect
from moodscore.music import diffusion, pitch_bands, plan
from moodscore.music import diffusion_wishes as asking
from moodscore.trajectory import Trajectory

SECONDS = 10.24
PLACES = ((0.5, -0.4), (-0.5, -0.4), (-0.2, 0.5), (0.4, 0.4), (0.6, 0.0), (0.5, 0.3), (0.0, -0.6), (-0.5, 0.7))


def main() -> None:
    """Draw and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder for the picture")
    out = parser.parse_args().out
    figure = Figure(figsize=(13, 12), layout="constrained")
    for place, genre, axes in zip(PLACES, asking.GENRE_NAMES, figure.subplots(4, 2).ravel(), strict=True):
        planned = plan.plan(Trajectory.hold(Affect(*place), SECONDS), 1)
        wishes = diffusion.wishes_of(planned, 1, genre).vectors()
        levels = diffusion.drawn(wishes, 1, diffusion.Choices(genre=genre))
        chords = np.kron(wishes[:, asking.CHORD.start : asking.CHORD.start + 12].T, np.ones((1, 4))) * 2 - 1
        rows = np.concatenate([chords, np.full((2, len(levels)), -1.0), levels.T])
        axes.imshow(
            rows, origin="lower", aspect="auto", cmap="magma", vmin=-1, vmax=1, extent=(0, SECONDS, 0, len(rows))
        )
        axes.set_yticks([0, 14, 14 + 12, 14 + 36, 14 + 60, 14 + 84], ["C (chord)", "E1", "E2", "E4", "E6", "E8"])
        axes.set_title(f"{genre}, valence {place[0]:+.1f}, arousal {place[1]:+.1f}", fontsize=10)
    figure.supxlabel(f"seconds; {pitch_bands.BANDS} semitones over the twelve pitch classes of the chord asked for")
    figure.savefig(out / "drawn-genres.png", dpi=70)
    with Image.open(out / "drawn-genres.png") as drawn:
        few = drawn.convert("RGB").quantize(96)
    few.save(out / "drawn-genres.png", optimize=True)


if __name__ == "__main__":
    main()
