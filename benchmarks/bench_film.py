"""A film of 32 photos: CPU time, wall time and memory beside the ffmpeg command line and MoviePy.

32 photographs-to-be of 12 MP (made here, the same every time) become 96 seconds of 1280 x 720 at 25 frames per second, each
photo 3 s with crossfades of 1 s, and a volume that follows the picture. All use x264 with the same settings. The
ffmpeg command line does the plain job: scale, xfade, fade, volume; each photo is decoded once and then repeated, which is
its fast way. MoviePy does crossfades with a slow zoom. Both get what they are good at: MoviePy's photos are shrunk to the
size it needs before it zooms.

    python benchmarks/run.py --only film
    MOODSCORE_BENCH_RUNS=1 python benchmarks/run.py --only film       once instead of three times

MoviePy is installed into a virtual environment of its own beside the photos, under the system's temporary folder.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import soundfile

HERE = Path(__file__).parent
COUNT, SECONDS, FADE, FPS, SIZE = 32, 3.0, 1.0, 25, (1280, 720)
MANY = 320
X264 = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-profile:v", "high", "-g", "100", "-threads", "4")
MOVIEPY = "moviepy==2.2.1"

OURS = """
import sys
from pathlib import Path
import soundfile
from moodscore.film import render, timeline
from moodscore.media import Tune
photos, sound, out, camera, count = sys.argv[1:]
count = int(count)
samples, rate = soundfile.read(sound, dtype="float32")
found = sorted(Path(photos).glob("*.jpg"))
paths = (found * (count // len(found) + 1))[:count]
options = timeline.Options(seconds=96.0, fade_s=1.0, camera=camera == "moving")
settings = render.Settings(size=(1280, 720), fps=25, crf=18, preset="veryfast", threads=4)
render.render(timeline.arrange(paths, options), Tune(samples, rate), Path(out), settings)
"""


@dataclass(frozen=True)
class Cost:
    cpu_s: float
    wall_s: float
    peak_mb: float


def photo(index: int) -> np.ndarray:
    """A 4000 x 3000 picture with what photographs have: smooth light, edges, texture at several scales and grain."""
    rng = np.random.default_rng(index)
    picture = np.zeros((3000, 4000, 3), np.float32)
    for cells, strength in ((4, 90), (24, 45), (160, 28), (900, 16)):
        coarse = rng.standard_normal((cells * 3 // 4, cells, 3)).astype(np.float32)
        picture += strength * cv2.resize(coarse, (4000, 3000), interpolation=cv2.INTER_CUBIC)
    picture += 120
    for _ in range(40):
        centre, axes = rng.integers(0, (4000, 3000)), rng.integers(40, 500, 2)
        colour = tuple(float(c) for c in rng.uniform(0, 255, 3))
        cv2.ellipse(picture, [int(c) for c in centre], [int(a) for a in axes], rng.uniform(0, 180), 0, 360, colour, -1)
    picture += 5 * rng.standard_normal((3000, 4000, 1)).astype(np.float32)
    return np.clip(picture, 0, 255).astype(np.uint8)


def material(folder: Path) -> tuple[Path, Path]:
    """(photos, sound), made once and kept in the temporary folder."""
    photos = folder / "photos"
    photos.mkdir(parents=True, exist_ok=True)
    for k in range(COUNT):
        path = photos / f"{k:02d}.jpg"
        if not path.exists():
            path.write_bytes(cv2.imencode(".jpg", photo(k), [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes())
    sound = folder / "sound.wav"
    if not sound.exists():
        t = np.arange(round(44_100 * SECONDS * COUNT)) / 44_100
        wave = 0.2 * np.sin(2 * np.pi * 220 * t) + 0.1 * np.sin(2 * np.pi * 331 * t)
        soundfile.write(sound, np.stack([wave, wave], axis=1), 44_100, subtype="PCM_16")
    return photos, sound


def ffmpeg(photos: Path, sound: Path, out: Path) -> list[str]:
    """The plain job as one ffmpeg command."""
    total = COUNT * SECONDS
    length = round((SECONDS + FADE) * FPS)
    inputs = [part for path in sorted(photos.glob("*.jpg")) for part in ("-i", str(path))]
    shape = f"{SIZE[0]}:{SIZE[1]}"
    chains = [
        f"[{k}:v]scale={shape}:force_original_aspect_ratio=increase,crop={shape},setsar=1,format=yuv420p,"
        f"loop=loop={length - 1}:size=1,settb=1/{FPS},setpts=N,fps={FPS}[p{k}]"
        for k in range(COUNT)
    ]
    last = "p0"
    for k in range(1, COUNT):
        chains.append(f"[{last}][p{k}]xfade=transition=fade:duration={FADE}:offset={k * SECONDS - FADE / 2}[x{k}]")
        last = f"x{k}"
    chains.append(f"[{last}]fade=t=in:d={FADE},fade=t=out:st={total - FADE}:d={FADE},trim=duration={total}[v]")
    dip = f"0.75+0.25*abs(cos(PI*min(abs(mod(t+{SECONDS / 2},{SECONDS})-{SECONDS / 2}),0.5)/1))"
    chains.append(f"[{COUNT}:a]volume='{dip}':eval=frame,afade=t=in:d={FADE},afade=t=out:st={total - FADE}:d={FADE}[a]")
    return [
        *("ffmpeg", "-nostdin", "-y", "-v", "error", *inputs, "-i", str(sound), "-filter_complex", ";".join(chains)),
        *("-map", "[v]", "-map", "[a]", *X264, "-pix_fmt", "yuv420p"),
        *("-c:a", "aac", "-b:a", "192k", "-movflags", "+faststart", str(out)),
    ]


def ours(photos: Path, sound: Path, out: Path, camera: str, count: int = COUNT) -> list[str]:
    return [sys.executable, "-c", OURS, str(photos), str(sound), str(out), camera, str(count)]


def moviepy(folder: Path, photos: Path, sound: Path, out: Path) -> list[str] | None:
    """The command of the peer in its own environment; None where it cannot be installed."""
    python = folder / "moviepy" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder / "moviepy")], check=True)
        got = subprocess.run([str(python), "-m", "pip", "install", "-q", MOVIEPY], check=False)
        if got.returncode:
            shutil.rmtree(folder / "moviepy")
            return None
    return [str(python), str(HERE / "moviepy_peer.py"), str(photos), str(sound), str(out)]


def cost(command: Sequence[str]) -> Cost:
    """What one run of a command takes, the processes that it starts included; memory is that of its largest process."""
    env = {**os.environ, "PYTHONWARNINGS": "ignore"}
    watch = (
        "import resource, subprocess, sys, time; start = time.monotonic();"
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL);"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN);"
        "print(used.ru_utime + used.ru_stime, time.monotonic() - start, used.ru_maxrss / 1024)"
    )
    said = subprocess.run(
        [sys.executable, "-c", watch, *command], check=True, stdout=subprocess.PIPE, text=True, env=env
    ).stdout
    return Cost(*(float(number) for number in said.split()[-3:]))


def median(command: Sequence[str], runs: int) -> Cost:
    costs = [cost(command) for _ in range(runs)]
    return Cost(*(statistics.median(getattr(c, name) for c in costs) for name in ("cpu_s", "wall_s", "peak_mb")))


def row(name: str, got: Cost | None, against: Cost | None = None) -> str:
    if got is None:
        return f"| {name} | not installed | | | |"
    ratio = f"{got.cpu_s / against.cpu_s:.2f}" if against else ""
    return f"| {name} | {got.cpu_s:.1f} | {got.wall_s:.1f} | {got.peak_mb:.0f} | {ratio} |"


def run() -> str:
    """Measure everything; returns markdown."""
    runs = int(os.environ.get("MOODSCORE_BENCH_RUNS", "3"))
    folder = Path(tempfile.gettempdir()) / "moodscore-bench-film"
    photos, sound = material(folder)
    still, moving, peer, movie, many = (folder / f"{name}.mp4" for name in ("still", "moving", "ff", "moviepy", "many"))
    plain = median(ffmpeg(photos, sound, peer), runs) if shutil.which("ffmpeg") else None
    command = moviepy(folder, photos, sound, movie)
    costly = median(command, min(runs, 1)) if command else None
    lines = [
        f"{COUNT} photos of 12 MP, {COUNT * SECONDS:.0f} s at 1280 x 720, 25 frames per second; x264 veryfast, crf 18, "
        f"4 threads for all; medians of {runs} runs, MoviePy once.",
        "",
        "| | CPU-seconds | wall seconds | peak memory MB | CPU beside its peer |",
        "|---|---|---|---|---|",
        row("ffmpeg command line: xfade, volume", plain),
        row("moodscore, still camera", median(ours(photos, sound, still, "still"), runs), plain),
        row("MoviePy 2.2.1: crossfade, zoom", costly),
        row("moodscore, slow pan and zoom", median(ours(photos, sound, moving, "moving"), runs), costly),
        row(f"moodscore, {MANY} photos in the same time", cost(ours(photos, sound, many, "moving", MANY))),
        "",
        "A tune of more than two minutes waits in a temporary file, so a longer film needs no more memory.",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    print(run())
