"""Clips as three streams on disk: every tenth frame, the flow at it, and the wave, so that films are decoded only once.

A kept clip is one .npz file. Frames are JPEG; flow is rounded to 1/6 pixel within 20 pixels and kept as JPEG too, as the
first two-stream nets did (K. Simonyan & A. Zisserman, NIPS 2014); the wave is 16 bit. A film of ten seconds takes about
1 MB. Nothing here needs torch, so that processes which only prepare start quickly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import cv2
import numpy as np
from numpy.typing import NDArray

from moodscore.errors import BadMedia, BadValue, RenderFailed
from moodscore.media import Clip
from moodscore.prepare import clip as films
from moodscore.prepare import motion, sound
from moodscore.prepare.whole import whole

RATE = 22050  # Hz, mono: what SoundNet hears
MAX_SECONDS = 120.0
BOUND_PX = 20.0
_STEPS = 120.0  # each way from the middle
_QUALITY = 92

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How clips become streams: the whole frame squashed to `side` pixels a side, and every `every`-th frame taken."""

    side: int = 256
    every: int = 10

    def __post_init__(self) -> None:
        if self.side < motion.LEAST_SIDE or self.every < 1:
            raise BadValue(f"clips: expected a side >= {motion.LEAST_SIDE} px and every >= 1, got {self}")

    @property
    def name(self) -> str:
        """A folder name: clips kept under one recipe are of no use to another."""
        return f"{self.side}px-every{self.every}"


@dataclass(frozen=True, slots=True, eq=False)
class Streams:
    """What a clip is to the net: frames, the motion at them, and sound.

    `frames` (f, side, side, 3) uint8 sRGB; `flow` (f, side, side, 2) float32, pixels right and down from each frame to the
    one after it; `wave` (samples,) float32 in [-1, 1] at 22,050 Hz.
    """

    frames: Pixels
    flow: Floats
    wave: Floats


def streams(path: Path, recipe: Recipe) -> Streams:
    """The three streams of a film; a film without sound is silent.

    Raises BadMedia as `prepare.clip.open` does, and for a film of more than two minutes, whose frames would be too many.
    """
    clip = films.open(path)
    if clip.duration_s > MAX_SECONDS:
        raise BadMedia(f"{path}: expected a clip of at most {MAX_SECONDS:g} s, got {clip.duration_s:.0f} s; cut it")
    pairs = list(_pairs(clip, recipe))
    if not pairs:
        raise BadMedia(f"{path}: expected two frames or more, got fewer; leave it out")
    flow = np.stack([motion.flow(first, second) for first, second in pairs])
    return Streams(np.stack([first for first, _ in pairs]), flow, _wave(clip))


def _pairs(clip: Clip, recipe: Recipe) -> Iterator[tuple[Pixels, Pixels]]:
    """Every tenth frame with the one after it."""
    size, held = (recipe.side, recipe.side), None
    for number, frame in enumerate(films.frames(clip)):
        if held is not None:
            yield held, frame.pixels(size)
            held = None
        if number % recipe.every == 0:
            held = frame.pixels(size)


def _wave(clip: Clip) -> Floats:
    if not clip.has_sound:
        return np.zeros(max(1, round(clip.duration_s * RATE)), np.float32)
    return np.asarray(sound.open(clip.path, RATE).samples.mean(axis=1), np.float32)


def keep(made: Streams, path: Path) -> None:
    """Write streams to a file, whole or not at all."""
    frames = [_jpeg(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR)) for frame in made.frames]
    # The two directions stand above each other in one grey picture.
    flow = [_jpeg(np.concatenate([_rounded(moved[..., 0]), _rounded(moved[..., 1])])) for moved in made.flow]
    wave = np.round(made.wave.clip(-1, 1) * 32767).astype(np.int16)
    with whole(path) as part, part.open("wb") as file:
        np.savez(
            file,
            frames=np.concatenate(frames),
            frame_ends=np.cumsum([len(f) for f in frames]),
            flow=np.concatenate(flow),
            flow_ends=np.cumsum([len(f) for f in flow]),
            wave=wave,
        )


def _rounded(pixels: Floats) -> Pixels:
    steps = np.round(pixels.clip(-BOUND_PX, BOUND_PX) * (_STEPS / BOUND_PX))
    return np.asarray(steps + 128, np.uint8)


def _jpeg(picture: Pixels) -> Pixels:
    done, data = cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, _QUALITY))
    assert done
    return np.asarray(data, np.uint8).reshape(-1)


def count(path: Path) -> int:
    """How many frames a kept clip has. Raises BadMedia, naming it, when it is not one."""
    return len(_member(path, "frame_ends")[0])


def read(path: Path, chosen: Sequence[int] | None = None) -> Streams:
    """A kept clip, or only some of its frames by number. Raises BadMedia, naming it, when it is not one."""
    frames, frame_ends, flow, flow_ends, wave = _member(path, "frames", "frame_ends", "flow", "flow_ends", "wave")
    numbers = range(len(frame_ends)) if chosen is None else chosen
    try:
        shown = [_decoded(frames, frame_ends, k, cv2.IMREAD_COLOR_RGB) for k in numbers]
        moved = [_decoded(flow, flow_ends, k, cv2.IMREAD_GRAYSCALE) for k in numbers]
    except (cv2.error, IndexError, ValueError) as error:
        raise BadMedia(f"{path}: expected a kept clip, got a damaged one; delete it and run again") from error
    halves = (np.stack(moved).astype(np.float32) - 128) * np.float32(BOUND_PX / _STEPS)
    side = halves.shape[2]
    flows = np.stack([halves[:, :side], halves[:, side:]], axis=3)
    return Streams(np.stack(shown), flows, (wave.astype(np.float32) / 32767).astype(np.float32))


def _decoded(data: Any, ends: Any, number: int, kind: int) -> Pixels:  # noqa: ANN401 - arrays of a file
    picture = cv2.imdecode(data[ends[number - 1] if number else 0 : ends[number]], kind)
    if picture is None:
        raise ValueError("no picture")
    return np.asarray(picture, np.uint8)


def _member(path: Path, *names: str) -> tuple[Any, ...]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            return tuple(kept[name] for name in names)
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise BadMedia(f"{path}: expected a kept clip, got none that can be read; delete it and run again") from error


def prepare(
    paths: Sequence[Path],
    recipe: Recipe,
    folder: Path,
    workers: int = 1,
    tell: Callable[[float], None] = lambda share: None,
) -> tuple[list[Path | None], list[str]]:
    """Keep the streams of many films in `folder`/<recipe>; those already there are not made again.

    Returns the kept file of each film, None where it could not be read, and what was wrong with those. `workers` is how many
    processes share the work. Raises RenderFailed when the folder cannot be written.
    """
    home = folder / recipe.name
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RenderFailed(f"{home}: expected a folder to keep clips in, got {error.strerror}; name another") from error
    one = partial(_prepared, recipe=recipe, home=home)
    kept: list[Path | None] = []
    wrong: list[str] = []
    for path, said in _each(one, paths, workers):
        kept.append(path)
        if said is not None:
            wrong.append(said)
        tell(len(kept) / len(paths))
    return kept, wrong


def _each(
    one: Callable[[Path], tuple[Path | None, str | None]], paths: Sequence[Path], workers: int
) -> Iterable[tuple[Path | None, str | None]]:
    if workers == 1:
        yield from map(one, paths)
        return
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        yield from pool.map(one, paths, chunksize=4)


def _prepared(path: Path, recipe: Recipe, home: Path) -> tuple[Path | None, str | None]:
    """The kept file of a film, or None and one line that says why there is none."""
    kept = home / f"{path.stem}.npz"
    if kept.is_file():
        return kept, None
    try:
        keep(streams(path, recipe), kept)
    except BadMedia as error:
        return None, str(error)
    return kept, None
