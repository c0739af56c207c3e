"""A film for the benchmarks: photos of examples/photos under a moving camera, a cut every four seconds, with music.

1920 x 1080 at 25 frames per second, H.264 and AAC, with the grain that cameras leave, made here and the same every time. A
longer film is the same packets again and again; a sparse one has a frame a second.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from moodscore.affect import Affect
from moodscore.music import plan, rules, synth
from moodscore.trajectory import Trajectory

PHOTOS = Path(__file__).parent.parent / "examples" / "photos"
SIZE, FPS, SHOT_S, SECONDS = (1920, 1080), 25, 4.0, 30
RATE = 44_100


def made(path: Path, fps: int = FPS, crf: int = 21) -> Path:
    """The film of half a minute at `fps` frames per second, made once and kept at `path`."""
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part.mp4")
    with av.open(str(part), "w") as out:
        video = out.add_stream("libx264", rate=fps, options={"preset": "veryfast", "crf": str(crf), "threads": "4"})
        video.width, video.height, video.pix_fmt = *SIZE, "yuv420p"
        video.gop_size = max(8, 2 * fps)
        audio = out.add_stream("aac", rate=RATE, layout="stereo", bit_rate=160_000)
        for pixels in _pictures(fps):
            out.mux(video.encode(av.VideoFrame.from_ndarray(pixels, format="bgr24")))
        out.mux(video.encode(None))
        for frame in _sound():
            out.mux(audio.encode(frame))
        out.mux(audio.encode(None))
    part.rename(path)
    return path


def _pictures(fps: int) -> Iterator[np.ndarray]:
    """Frames (1080, 1920, 3) BGR: each photo for one shot, the camera drifting and closing in."""
    rng = np.random.default_rng(0)
    grain = rng.normal(8, 2.4, (2 * SIZE[1], 2 * SIZE[0])).astype(np.uint8)
    grain = cv2.merge([grain] * 3)
    paths = sorted(PHOTOS.glob("*.jpg"))
    for k in range(SECONDS * fps):
        shot, share = divmod(k / (SHOT_S * fps), 1)
        if k % round(SHOT_S * fps) == 0:
            photo, way = cv2.imread(str(paths[int(shot) % len(paths)])), rng.uniform(-0.06, 0.06, 2)
        shown = _shown(photo, 1.15 + 0.12 * share, way * (2 * share - 1))
        x, y = rng.integers(0, SIZE[0]), rng.integers(0, SIZE[1])
        yield cv2.add(shown, grain[y : y + SIZE[1], x : x + SIZE[0]])


def _shown(photo: np.ndarray, zoom: float, drift: np.ndarray) -> np.ndarray:
    """The part of a photo that fills the frame, magnified by `zoom`, shifted by a share of the frame's sides."""
    high, wide = photo.shape[:2]
    scale = zoom * max(SIZE[0] / wide, SIZE[1] / high)
    x, y = (side * (0.5 + d) - scale * middle / 2 for side, d, middle in zip(SIZE, drift, (wide, high), strict=True))
    return cv2.warpAffine(photo, np.array([[scale, 0, x], [0, scale, y]]), SIZE, borderMode=cv2.BORDER_REFLECT_101)


def _sound() -> Iterator[av.AudioFrame]:
    """Composed music."""
    planned = plan.plan(Trajectory.hold(Affect(0.4, 0.4), float(SECONDS)), 1)
    samples = synth.play(rules.compose(planned, 1), RATE).samples[: SECONDS * RATE]
    for at in range(0, len(samples), 1024):
        block = np.ascontiguousarray(samples[at : at + 1024].T)
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE, at, Fraction(1, RATE)
        yield frame


def repeated(film: Path, times: int, path: Path) -> Path:
    """A film as many times as long as `film`: its packets one after the other, nothing is encoded again."""
    with av.open(str(film)) as source, av.open(str(path), "w") as out:
        streams = {s.index: out.add_stream_from_template(s) for s in (source.streams.video[0], source.streams.audio[0])}
        packets = [p for p in source.demux() if p.dts is not None]
        held = [(p.stream, p.pts, p.dts, bool(p.is_keyframe), p.duration, bytes(p)) for p in packets]
        last = dict.fromkeys(streams, -(1 << 62))
        for time in range(times):
            for stream, pts, dts, key, duration, data in held:
                shift = round(time * SECONDS / stream.time_base)
                if dts + shift <= last[stream.index]:  # sound's run-in, which lies before its time
                    continue
                last[stream.index] = dts + shift
                packet = av.Packet(data)
                packet.stream, packet.time_base = streams[stream.index], stream.time_base
                packet.pts, packet.dts, packet.duration, packet.is_keyframe = pts + shift, dts + shift, duration, key
                out.mux(packet)
    return path
