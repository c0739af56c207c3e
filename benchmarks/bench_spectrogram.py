"""Spectrograms: a picture of 5.12 s in stereo becomes sound, by each method.

Four feelings composed by rule with seed 1, seconds 8 to 13.12 as Riffusion's picture (512 x 512) and back. "faster" is
5.12 s over the CPU time of one core, decoding included. Convergence is the difference of the mel bands over their size, and
level the root-mean-square difference of their levels (60 dB deep), both against the sound that the picture was made from;
"middle" is how much more alike left and right have become (difference of their correlation); "heard" is how far the audio
judge moves on the plane.

    python benchmarks/run.py --only spectrogram
"""

from __future__ import annotations

import resource
import sys
import time

import numpy as np

from moodscore.affect import Affect
from moodscore.media import Tune
from moodscore.music import audio_judge, phase, plan, rules, spectrogram, synth
from moodscore.trajectory import Trajectory

FEELINGS = {"joyful": (0.7, 0.5), "tense": (-0.6, 0.6), "sad": (-0.6, -0.5), "peaceful": (0.6, -0.6)}
FROM, COLUMNS = 8 * spectrogram.RATE, 512
METHODS = {
    "tracked (the default)": lambda bands: phase.tracked(bands),
    "tracked, starting phases only": lambda bands: phase.tracked(bands, steps=(0, 0)),
    "Griffin-Lim, 5 steps, transform of 4,410": lambda bands: phase.griffin_lim(bands, 0, 5, 0.0, 1),
    "fast Griffin-Lim, 5 steps, transform of 4,410": lambda bands: phase.griffin_lim(bands, 0, 5, 0.99, 1),
    "fast Griffin-Lim, 32 steps, transform of 4,410": lambda bands: phase.griffin_lim(bands, 0, 32, 0.99, 1),
    "Riffusion's: fast Griffin-Lim, 32 steps, transform of 17,640": lambda bands: phase.griffin_lim(bands),
}


def piece(feeling: tuple[float, float]) -> np.ndarray:
    score = rules.compose(plan.plan(Trajectory.hold(Affect(*feeling), 16.0), 1), 1)
    return synth.play(score).samples[FROM : FROM + COLUMNS * spectrogram.HOP]


def alike(sound: np.ndarray) -> float:
    return float(np.corrcoef(sound.T)[0, 1])


def apart(sound: np.ndarray, back: np.ndarray) -> list[float]:
    """Convergence, level in dB, likeness of the sides, and distance on the plane."""
    a, b = spectrogram.amplitudes(sound), spectrogram.amplitudes(back)
    levels = [20 * np.log10(np.maximum(x / a.max(), 1e-3)) for x in (a, b)]
    heard = [audio_judge.hear(s, spectrogram.RATE).affect for s in (sound, back)]
    moved = np.hypot(heard[0].valence - heard[1].valence, heard[0].arousal - heard[1].arousal)
    convergence = np.linalg.norm(a - b) / np.linalg.norm(a)
    return [convergence, float(np.sqrt(np.mean((levels[0] - levels[1]) ** 2))), alike(back) - alike(sound), moved]


def measured(name: str) -> list[float]:
    """CPU seconds and `apart`, means over the four feelings, of one method."""
    rows = []
    for sound in SOUNDS:
        image = spectrogram.to_image(Tune(sound, spectrogram.RATE))
        start = time.process_time()
        bands = spectrogram.bands_of(np.asarray(image), True, image.getexif()[spectrogram.MAX_VALUE])
        back = METHODS[name](bands) / np.float32(32768.0)
        rows.append([time.process_time() - start, *apart(sound, back)])
    return np.mean(rows, axis=0).tolist()


SOUNDS: list[np.ndarray] = []


def run() -> str:
    SOUNDS[:] = [piece(feeling) for feeling in FEELINGS.values()]
    warm = spectrogram.amplitudes(SOUNDS[0][: 40 * spectrogram.HOP])
    phase.tracked(warm)
    phase.griffin_lim(warm, steps=1)
    start = time.process_time()
    for sound in SOUNDS:
        spectrogram.to_image(Tune(sound, spectrogram.RATE))
    drawn = (time.process_time() - start) / len(SOUNDS)
    lines = [
        f"Sound to picture: {1000 * drawn:.0f} ms. Picture to sound:",
        "",
        "| method | CPU | faster | convergence | level | middle | heard |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in METHODS:
        cpu, convergence, level, middle, moved = measured(name)
        figures = f"{convergence:.3f} | {level:.2f} dB | {middle:+.2f} | {moved:.3f}"
        lines.append(f"| {name} | {cpu:.2f} s | {5.12 / cpu:.1f} x | {figures} |")
    return "\n".join(lines)


def main() -> None:
    print(run())
    print(f"peak of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB", file=sys.stderr)


if __name__ == "__main__":
    main()
