"""Spectrogram round trip: a played piece, its picture, and the sounds that come back -> the figures of the documentation.

python recipes/spectrogram_round_trip.py -o docs/pictures

Writes spectrogram-picture.png (Riffusion's picture of five seconds of a joyful piece) and spectrogram-round-trip.png (what
was played, what comes back by default, and by the published method), and prints how far off each is.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from moodscore.affect import Affect
from moodscore.draw import sound as drawing
from moodscore.media import Tune
from moodscore.music import plan, rules, spectrogram, synth
from moodscore.trajectory import Trajectory

COLUMNS = 512


def played() -> Tune:
    """Five seconds from the middle of a joyful piece."""
    score = rules.compose(plan.plan(Trajectory.hold(Affect(0.7, 0.5), 16.0), 1), 1)
    samples = synth.play(score).samples[8 * spectrogram.RATE :][: COLUMNS * spectrogram.HOP]
    return Tune(samples, spectrogram.RATE, score, score.recipe)


def convergence(sound: np.ndarray, back: np.ndarray) -> float:
    """The difference of two sounds' mel bands over their size."""
    a, b = spectrogram.amplitudes(sound), spectrogram.amplitudes(back)
    return float(np.linalg.norm(a - b) / np.linalg.norm(a))


def main() -> None:
    """Write both figures."""
    parser = argparse.ArgumentParser(description="Draw the round trip through Riffusion's picture.")
    parser.add_argument("-o", "--out", type=Path, required=True, help="the folder to write into")
    out = parser.parse_args().out
    tune = played()
    image = spectrogram.to_image(tune)
    spectrogram.save(image, out / "spectrogram-picture.png")
    back = {method: spectrogram.to_tune(image, 0, method) for method in spectrogram.METHODS}
    for method, heard in back.items():
        print(f"{method}: spectral convergence {convergence(tune.samples, heard.samples):.3f}")
    panels = [drawing.spectrogram(t, 360) for t in (tune, *back.values())]
    page = Image.new("RGB", (panels[0].width, sum(p.height for p in panels)))
    for k, panel in enumerate(panels):
        page.paste(panel, (0, k * panel.height))
    page.quantize(128).save(out / "spectrogram-round-trip.png", optimize=True)


if __name__ == "__main__":
    main()
