"""Render: a timeline and a tune become one MP4. The only writer of video, and the only place where frames have numbers.

One streamed pass. Only the photos that can be seen now, and the next one, are in memory.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from moodscore.errors import BadValue, RenderFailed
from moodscore.film import frame as frames
from moodscore.film.effects import Camera
from moodscore.film.sheet import contact_sheet
from moodscore.film.timeline import Item, Timeline
from moodscore.media import Film, Tune
from moodscore.prepare import image, spool
from moodscore.prepare.whole import whole

__all__ = ["SIZES", "SUFFIXES", "Settings", "check_name", "contact_sheet", "render"]

SIZES: Mapping[str, tuple[int, int]] = {
    "1080p": (1920, 1080),
    "720p": (1280, 720),
    "4k": (3840, 2160),
    "square": (1080, 1080),
    "vertical": (1080, 1920),
}
SUFFIXES = (".mp4", ".m4v")
PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow")
AAC_FRAME = 1024
LONGEST_COMMENT = 1_000_000  # characters of recipe in the file's metadata; more would burden players
BT709 = 1
LIMITED_RANGE = 1


@dataclass(frozen=True, slots=True)
class Settings:
    """How a film is encoded: frame `size` (width, height), frames per second, x264 quality, effort and threads.

    `crf` 0 (lossless) .. 51; 18 looks like the photos (PSNR 45 dB). `threads` is fixed so that the same film has the same
    bytes on every number of cores; 0 lets x264 choose. Raises BadValue.
    """

    size: tuple[int, int] = SIZES["720p"]
    fps: int = 25
    crf: float = 18.0
    preset: str = "veryfast"
    threads: int = 4
    audio_bit_rate: int = 192_000

    def __post_init__(self) -> None:
        width, height = self.size
        if width % 2 or height % 2 or not (16 <= width <= 8192 and 16 <= height <= 8192):
            raise BadValue(f"size: expected even numbers of pixels from 16 to 8192, got {width} x {height}")
        if not 1 <= self.fps <= 120:
            raise BadValue(f"frames per second: expected 1 to 120, got {self.fps!r}")
        if not 0 <= self.crf <= 51:
            raise BadValue(f"crf: expected 0 to 51, got {self.crf!r}")
        if self.preset not in PRESETS:
            raise BadValue(f"preset: expected one of {', '.join(PRESETS)}, got {self.preset!r}")

    @classmethod
    def named(cls, size: str) -> Settings:
        """The settings for a size by name; raises BadValue when there is none."""
        if size not in SIZES:
            raise BadValue(f"size: expected one of {', '.join(SIZES)}, got {size!r}")
        return cls(SIZES[size])


def render(
    timeline: Timeline,
    tune: Tune,
    out: Path,
    settings: Settings = Settings(),
    recipe: Mapping[str, Any] | None = None,
    progress: Callable[[float], None] | None = None,
) -> Film:
    """Write the film: H.264 High yuv420p and AAC in an MP4 that starts at once, its volume following the picture.

    The file appears under its name only when it is finished; on any error, Ctrl-C included, nothing is left behind.
    `recipe` is JSON-ready and travels in the metadata. `progress` is told how much is done, 0 .. 1.
    Raises RenderFailed when `out` cannot be written, BadMedia when a photo cannot be read, BadValue for a short tune.
    """
    out = Path(out)
    if tune.duration_s < timeline.duration_s - 0.05:
        raise BadValue(
            f"tune: expected at least the film's {timeline.duration_s:.2f} s, got {tune.duration_s:.2f} s; "
            "compose or loop it to that length"
        )
    with whole(out) as part:
        try:
            _write(timeline, tune, part, settings, _tags(out, recipe or {}), progress or _unwatched)
        except av.error.FFmpegError as error:
            raise OSError(error.errno, error.strerror) from error
    return Film(out, timeline.duration_s, settings.size, dict(recipe or {}))


def check_name(out: Path) -> None:
    """Refuse a name that promises another kind of film than is written; raises RenderFailed."""
    if Path(out).suffix.lower() not in SUFFIXES:
        raise RenderFailed(f"{out}: expected a name that ends in {' or '.join(SUFFIXES)}, got {Path(out).suffix!r}")


class Reel:
    """The film's pictures in order of time: loads each photo shortly before it appears and forgets it afterwards."""

    def __init__(self, timeline: Timeline, size: tuple[int, int], pool: ThreadPoolExecutor) -> None:
        self._timeline, self._size, self._pool = timeline, size, pool
        self._loading: dict[int, Future[tuple[frames.Picture, Camera]]] = {}
        self._still: dict[int, frames.Bytes] = {}

    def frame(self, time_s: float) -> frames.Bytes:
        """The frame at `time_s` as flat I420; while nothing changes it is the very same array. Times must not go back."""
        visible = self._timeline.visible(time_s)
        self._fetch([i for i, _ in visible])
        return frames.mixed([(self._layer(i, time_s), opacity) for i, opacity in visible], self._size)

    def _fetch(self, visible: list[int]) -> None:
        if not visible:
            return
        for gone in [i for i in self._loading if i < visible[0]]:
            self._loading.pop(gone).cancel()
            self._still.pop(gone, None)
        for i in range(visible[0], min(visible[-1] + 2, len(self._timeline.items))):
            if i not in self._loading:
                self._loading[i] = self._pool.submit(_load, self._timeline.items[i], self._size)

    def _layer(self, index: int, time_s: float) -> frames.Bytes:
        if index in self._still:
            return self._still[index]
        picture, camera = self._loading[index].result()
        seen = picture.seen(camera.at(self._timeline.items[index].share(time_s)), self._size)
        if camera.start == camera.end:
            self._still[index] = seen
        return seen


def _load(item: Item, size: tuple[int, int]) -> tuple[frames.Picture, Camera]:
    full = image.size_of(item.path)
    camera = item.camera(full, size)
    photo = image.open(item.path, want_side=frames.wanted_side(full, camera, size))
    return frames.picture(photo.pixels, camera, size), camera


def _write(
    timeline: Timeline,
    tune: Tune,
    part: Path,
    settings: Settings,
    tags: Mapping[str, str],
    progress: Callable[[float], None],
) -> None:
    count = max(1, round(timeline.duration_s * settings.fps))
    container = av.open(str(part), "w", format="mp4", options={"movflags": "+faststart"})
    try:
        container.metadata.update(tags)
        video = _video_stream(container, settings)
        audio = container.add_stream("aac", rate=tune.rate, layout="stereo")
        audio.codec_context.bit_rate = settings.audio_bit_rate
        sounds = _sounds(timeline, tune)
        heard_s = 0.0
        with ThreadPoolExecutor(1, "prepare-photo") as pool:
            reel = Reel(timeline, settings.size, pool)
            for number, picture in enumerate(_pictures(reel, count, settings)):
                container.mux(video.encode(picture))
                while heard_s <= number / settings.fps and (sound := next(sounds, None)) is not None:
                    heard_s += sound.samples / tune.rate
                    container.mux(audio.encode(sound))
                progress((number + 1) / count)
        for sound in sounds:
            container.mux(audio.encode(sound))
        container.mux(video.encode(None))
        container.mux(audio.encode(None))
    except BaseException:
        with contextlib.suppress(Exception):
            container.close()
        raise
    container.close()


def _video_stream(container: av.container.OutputContainer, settings: Settings) -> av.VideoStream:
    options = {
        "preset": settings.preset,
        "crf": str(settings.crf),
        "profile": "high",
        "threads": str(settings.threads),
    }
    stream = container.add_stream("libx264", rate=settings.fps, options=options)
    stream.width, stream.height = settings.size
    stream.pix_fmt = "yuv420p"
    context = stream.codec_context
    context.time_base = Fraction(1, settings.fps)
    context.gop_size = 4 * settings.fps  # a viewer who jumps waits for at most four seconds of frames
    context.color_range, context.colorspace = LIMITED_RANGE, BT709
    context.color_primaries = context.color_trc = BT709
    return stream


def _pictures(reel: Reel, count: int, settings: Settings) -> Iterator[av.VideoFrame]:
    """The film's frames; a frame that stands still is converted once and sent again under its new time."""
    width, height = settings.size
    last: frames.Bytes | None = None
    picture: av.VideoFrame | None = None
    for number in range(count):
        seen = reel.frame(number / settings.fps)
        if picture is None or seen is not last:
            picture = av.VideoFrame.from_ndarray(seen.reshape(height * 3 // 2, width), format="yuv420p")
            picture.color_range, picture.colorspace = LIMITED_RANGE, BT709
            last = seen
        picture.pts, picture.time_base = number, Fraction(1, settings.fps)
        yield picture


def _sounds(timeline: Timeline, tune: Tune) -> Iterator[av.AudioFrame]:
    """The tune in AAC-sized frames, each sample times the film's gain at its time; silence where the tune has ended."""
    total = round(timeline.duration_s * tune.rate)
    for start in range(0, total, AAC_FRAME):
        end = min(total, start + AAC_FRAME)
        gain = timeline.gain(np.arange(start, end) / tune.rate).astype(np.float32)
        samples = np.zeros((2, end - start), np.float32)
        piece = tune.samples[start:end]
        samples[:, : len(piece)] = (piece * gain[: len(piece), None]).T
        spool.forget(tune.samples)
        sound = av.AudioFrame.from_ndarray(samples, format="fltp", layout="stereo")
        sound.sample_rate, sound.pts, sound.time_base = tune.rate, start, Fraction(1, tune.rate)
        yield sound


def tags(title: str, recipe: Mapping[str, Any], description: str, too_long: str) -> dict[str, str]:
    """A film's metadata: title, description, and the recipe as JSON, or `too_long` where it would burden players."""
    text = json.dumps({"machine_made": True, **recipe}, ensure_ascii=False, separators=(",", ":"))
    if len(text) > LONGEST_COMMENT:
        text = json.dumps({"machine_made": True, "recipe": too_long})
    return {"title": title, "comment": text, "description": description}


def _tags(out: Path, recipe: Mapping[str, Any]) -> dict[str, str]:
    """Those of a film of photos."""
    return tags(
        str(recipe.get("title", out.stem)),
        recipe,
        "Machine-made: photos set in motion and to music by moodscore.",
        "too long for the film; it stands beside it as JSON",
    )


def _unwatched(share: float) -> None:
    """The progress of somebody who does not want to watch."""
