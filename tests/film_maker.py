"""Tiny films for tests: each frame is a plain colour that tells its number, so that any frame can be recognised."""

import struct
from fractions import Fraction

import av
import numpy as np

RATE = 44100


def colour(number):
    """A colour that tells the number, 0 .. 63, and survives compression."""
    return np.array([(number % 4) * 80 + 8, (number // 4 % 4) * 80 + 8, (number // 16 % 4) * 80 + 8], np.uint8)


def number_of(pixels):
    """The number of the frame that these pixels show."""
    levels = np.rint((pixels.reshape(-1, 3).mean(0) - 8) / 80).astype(int).clip(0, 3)
    return int(levels[0] + 4 * levels[1] + 16 * levels[2])


def plain(number, size=(64, 48)):
    return np.broadcast_to(colour(number), (size[1], size[0], 3)).copy()


def write(
    path,
    frames=20,
    fps=25,
    times_ms=None,
    size=(64, 48),
    codec="libx264",
    pix_fmt="yuv420p",
    sound_s=0.0,
    gop=6,
    aspect=None,
    container=None,
    picture=plain,
    options=None,
):
    """A film of `frames` numbered frames (or of those that `picture(number, size)` paints), at `times_ms` when given."""
    with av.open(str(path), "w", format=container, options=options or {}) as out:
        video = out.add_stream(codec, rate=fps, width=size[0], height=size[1], pix_fmt=pix_fmt)
        video.codec_context.thread_count = 1
        if codec == "libx264":
            video.options = {"preset": "ultrafast", "crf": "10", "bf": "2"}
        video.codec_context.gop_size = gop
        if aspect:
            video.codec_context.sample_aspect_ratio = Fraction(*aspect)
        if times_ms is not None:
            video.codec_context.time_base = Fraction(1, 1000)
        audio = out.add_stream("aac", rate=RATE, layout="mono") if sound_s else None
        for n in range(frames):
            frame = av.VideoFrame.from_ndarray(picture(n, size), format="rgb24")
            if pix_fmt != "rgb24":
                frame = frame.reformat(format=pix_fmt)
            if times_ms is not None:
                frame.pts, frame.time_base = times_ms[n], Fraction(1, 1000)
            else:
                frame.pts, frame.time_base = n, Fraction(1, fps)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        if audio:
            _beep(out, audio, sound_s)
    return path


def _beep(out, audio, seconds):
    """Half silence, half a tone."""
    at = np.arange(round(seconds * RATE)) / RATE
    wave = (0.5 * np.sin(2 * np.pi * 440 * at) * (at >= seconds / 2)).astype(np.float32)
    frame = av.AudioFrame.from_ndarray(wave[None], format="fltp", layout="mono")
    frame.sample_rate = RATE
    for k, ready in enumerate(av.AudioResampler("fltp", "mono", RATE, frame_size=1024).resample(frame)):
        ready.pts = k * 1024
        out.mux(audio.encode(ready))
    out.mux(audio.encode(None))


def turn(path, degrees):
    """Write into an mp4 how far its picture is to be turned clockwise on screen, as telephones do."""
    data = bytearray(path.read_bytes())
    c, s = {90: (0, 1), 180: (-1, 0), 270: (0, -1)}[degrees]
    matrix = struct.pack(">9i", c << 16, s << 16, 0, -s << 16, c << 16, 0, 0, 0, 1 << 30)
    at = data.find(b"tkhd") + 4 + 4 + 4 * 5 + 8 + 8  # version, times, track, length; reserved; layer, volume
    data[at : at + 36] = matrix
    path.write_bytes(data)
    return path
