"""The film of bench_film.py made with MoviePy; runs in an environment that has only MoviePy.

python moviepy_peer.py PHOTOS SOUND OUT
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from moviepy import AudioFileClip, CompositeVideoClip, ImageClip, vfx
from PIL import Image

SECONDS, FADE, FPS, SIZE, ZOOM = 3.0, 1.0, 25, (1280, 720), 1.12
X264 = ["-crf", "18", "-profile:v", "high", "-g", "100", "-pix_fmt", "yuv420p", "-movflags", "+faststart"]


def shrunk(path: Path) -> np.ndarray:
    """The photo cut to the frame's shape at the size of the nearest view, decoded scaled as ours is."""
    with Image.open(path) as image:
        image.draft("RGB", (round(SIZE[0] * ZOOM), round(SIZE[0] * ZOOM)))
        width, height = image.size
        high = round(width * SIZE[1] / SIZE[0])
        top = (height - high) // 2
        box = (0, top, width, top + high)
        return np.asarray(image.convert("RGB").resize((round(SIZE[0] * ZOOM), round(SIZE[1] * ZOOM)), box=box))


def clip(path: Path, index: int, count: int) -> ImageClip:
    """One photo with its place in time, its zoom and its fades."""
    start = max(0.0, index * SECONDS - FADE / 2)
    lasts = min(count * SECONDS, (index + 1) * SECONDS + FADE / 2) - start
    zoom = vfx.Resize(lambda t: (1 + (ZOOM - 1) * t / lasts) / ZOOM)
    effects = [zoom, vfx.CrossFadeIn(FADE)] + ([vfx.CrossFadeOut(FADE)] if index == count - 1 else [])
    return ImageClip(shrunk(path), duration=lasts).with_effects(effects).with_start(start).with_position("center")


def gain(t: np.ndarray, total: float) -> np.ndarray:
    """The volume: in from silence, a little lower at each join, out to silence."""
    apart = np.abs((t + SECONDS / 2) % SECONDS - SECONDS / 2)
    ends = np.clip(np.minimum(t, total - t) / FADE, 0, 1)
    return ends * (0.75 + 0.25 * np.clip(apart / (FADE / 2), 0, 1))


def main(photos: str, sound: str, out: str) -> None:
    paths = sorted(Path(photos).glob("*.jpg"))
    total = len(paths) * SECONDS
    film = CompositeVideoClip([clip(p, k, len(paths)) for k, p in enumerate(paths)], size=SIZE).with_duration(total)
    music = AudioFileClip(sound).transform(lambda get, t: get(t) * np.atleast_1d(gain(np.asarray(t), total))[:, None])
    film.with_audio(music).write_videofile(
        out,
        temp_audiofile_path=str(Path(out).parent),  # else it is left in the current folder when a run is stopped
        fps=FPS,
        codec="libx264",
        audio_codec="aac",
        audio_bitrate="192k",
        preset="veryfast",
        threads=4,
        ffmpeg_params=X264,
        logger=None,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
