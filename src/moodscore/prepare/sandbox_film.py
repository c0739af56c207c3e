"""What the locked-up child does with a stranger's film or sound: decode it, and hand back bare frames and samples."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace

from moodscore.errors import BadMedia
from moodscore.prepare import clip_sound, reel, sound
from moodscore.prepare.picture_file import MAX_PIXELS, MAX_SIDE
from moodscore.prepare.sandbox_kinds import DEMUXERS
from moodscore.prepare.sandbox_picture import HeldFile, Reply

MOST_S = 600.0
RATE = 44100
MOST_FRAMES_A_SECOND = 30
PICTURE_CODECS = frozenset(("h264", "hevc", "vp8", "vp9", "av1", "mpeg4", "mjpeg", "prores"))
SOUND_CODECS = frozenset(("aac", "mp3", "opus", "vorbis", "flac", "alac"))
_DECODERS = (*PICTURE_CODECS, *SOUND_CODECS, "libdav1d", "mp3float", "libopus", "libvorbis", "libvpx", "libvpx-vp9")
_PCM = ("s16le", "s16be", "s24le", "s24be", "s32le", "s32be", "f32le", "f32be", "f64le", "u8", "s8", "alaw", "mulaw")
_PCM_CODECS = tuple(f"pcm_{form}" for form in _PCM)
TIME = struct.Struct(">d")
_GREATEST = 32767


def film(file: HeldFile, asked: dict[str, Any], reply: Reply) -> None:
    """Tell the film's sizes, length and whether it has sound, then its frames as I420 and its sound as stereo int16.

    Frames come upright with square pixels, longer side at most `side`, at most 30 a second, each after its time; the sound
    comes in blocks of a second along with them.
    """
    name, kind = str(asked["name"]), str(asked["kind"])
    with _opened(file, kind) as container:
        stream = _picture_of(name, container)
        first = next(reel.Decoder(container, stream), None)
        if first is None:
            raise BadMedia(f"{name}: expected a film, got one without a readable frame; copy or convert it again")
        duration_s = _checked_s(name, reel.length_of(container, stream)[0])
        heard = _sound_of(container)
        full = reel.upright_size(first[1], stream)
        size = _within(full, int(asked["side"]))
        reply.facts(width=full[0], height=full[1], shown=size, duration_s=duration_s, has_sound=heard is not None)
        with _opened(HeldFile(file.descriptor, file.size), kind) as again:
            sounds = clip_sound.blocks_in(again, RATE, duration_s) if heard is not None else iter(())
            _send(_frames(container, stream, duration_s), sounds, reel.Scaler(stream), size, reply)
    reply.facts(whole=True)


def music(file: HeldFile, asked: dict[str, Any], reply: Reply) -> None:
    """Tell how long a sound file, or a film's sound, says it is (0 if it does not), then its samples as stereo int16."""
    name, most = str(asked["name"]), math.ceil(MOST_S * RATE)
    with _opened(file, str(asked["kind"])) as container:
        stream = _sound_of(container)
        if stream is None:
            raise BadMedia(f"{name}: expected sound, got a file without a sound track we read; choose another one")
        told_s = float(stream.duration * stream.time_base if stream.duration else (container.duration or 0) / 1e6)
        reply.facts(told_s=_checked_s(name, told_s) if told_s > 0 else 0.0)
        total = 0
        for block in sound.blocks_in(container, stream, RATE, most + RATE):
            total += len(block)
            if total > most:
                _checked_s(name, total / RATE)
            reply.numbers(b"A", _as_int16(block))
    reply.facts(whole=True)


def _opened(file: HeldFile, kind: str) -> Any:  # noqa: ANN401 - libav's
    return reel.held(cast(BinaryIO, file), DEMUXERS[kind], (*_DECODERS, *_PCM_CODECS))


def _picture_of(name: str, container: Any) -> Any:  # noqa: ANN401
    """The moving picture of a film, ready to be decoded in one thread; BadMedia when there is none we take."""
    stream = reel.picture_of(container)
    if stream is None:
        raise BadMedia(f"{name}: expected a film, got a file without a moving picture; give an MP4, MOV or WebM film")
    context = stream.codec_context
    if context is None or context.codec.canonical_name not in PICTURE_CODECS:
        raise BadMedia(f"{name}: expected a film in a known format, got another; convert it to H.264 in MP4")
    width, height = context.width, context.height
    if width > MAX_SIDE or height > MAX_SIDE or width * height > MAX_PIXELS:
        raise BadMedia(
            f"{name}: expected at most {MAX_PIXELS // 1_000_000} megapixels and {MAX_SIDE:,} pixels a side, "
            f"got {width:,} x {height:,}; scale it down first"
        )
    context.thread_count = 1
    return stream


def _sound_of(container: Any) -> Any:  # noqa: ANN401
    """The first sound track we take, alone where it can be told, or None."""
    track = next(iter(container.streams.audio), None)
    if track is None or track.codec_context is None:
        return None
    codec = track.codec_context.codec.canonical_name
    if codec not in SOUND_CODECS and codec not in _PCM_CODECS:
        return None
    track.codec_context.thread_count = 1
    return track


def _checked_s(name: str, duration_s: float) -> float:
    if not 0 < duration_s <= MOST_S:
        got = f"{duration_s / 60:.1f} minutes or more" if duration_s > 0 else "nothing to see or hear"
        raise BadMedia(f"{name}: expected at most {MOST_S / 60:.0f} minutes, got {got}; cut it first")
    return duration_s


def _within(size: tuple[int, int], side: int) -> tuple[int, int]:
    """The size with its longer side at most `side`, in even pixels."""
    scale = min(1.0, side / max(size))
    wide, high = (max(2, round(n * scale / 2) * 2) for n in size)
    return wide, high


def _frames(container: Any, stream: Any, end_s: float) -> Iterator[tuple[float, Any]]:  # noqa: ANN401
    """The film's frames from its beginning to `end_s`, so many that no second has more than 30."""
    decoder = reel.Decoder(container, stream)
    container.seek(min(0, stream.start_time or 0), stream=stream, backward=True)
    last_s = -1.0
    for time_s, picture in decoder:
        if time_s > end_s:
            return
        if time_s - last_s >= 1 / MOST_FRAMES_A_SECOND - 1e-3:
            last_s = time_s
            yield time_s, picture


def _send(
    frames: Iterator[tuple[float, Any]],
    sounds: Iterator[np.ndarray[Any, np.dtype[np.float32]]],
    scaler: reel.Scaler,
    size: tuple[int, int],
    reply: Reply,
) -> None:
    heard_s = 0.0
    for time_s, picture in frames:
        while heard_s <= time_s and (block := next(sounds, None)) is not None:
            heard_s += len(block) / RATE
            reply.numbers(b"A", _as_int16(block))
        reply.numbers(b"V", TIME.pack(time_s), _as_i420(scaler, picture, size))
    for block in sounds:
        reply.numbers(b"A", _as_int16(block))


def _as_int16(block: np.ndarray[Any, np.dtype[np.float32]]) -> bytes:
    return bytes(np.rint(np.clip(block, -1.0, 1.0) * _GREATEST).astype("<i2").tobytes())


def _as_i420(scaler: reel.Scaler, picture: Any, size: tuple[int, int]) -> bytes:  # noqa: ANN401
    """A frame as Y, U and V planes of 8 bits, BT.709, limited range."""
    shown = av.VideoFrame.from_ndarray(scaler.pixels(picture, size), format="rgb24")
    ready = shown.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG)
    return bytes(ready.to_ndarray().tobytes())
