"""Export: a Tune becomes a sound file, or the MIDI file of its score; whole or not at all.

Every file carries its recipe (JSON after "moodscore:") and says that it was machine-made.
"""

from __future__ import annotations

import errno
import struct
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moodscore.errors import RenderFailed
from moodscore.media import Tune
from moodscore.music import score as scores
from moodscore.prepare import spool
from moodscore.prepare.whole import whole

MADE_BY = "Machine-made music, composed and played by moodscore."
CHOSEN_BY = "Music chosen and fitted by moodscore; its makers and rights are those of the pieces."
_BLOCK = 1 << 16


@dataclass(frozen=True, slots=True)
class _Codec:
    """An encoder of libav: its container, sample format, bits a second, the rates in Hz it takes, and its options."""

    name: str
    container: str
    form: str
    bit_rate: int | None
    rates: tuple[int, ...]
    options: tuple[tuple[str, str], ...] = ()


_MP3_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
_CODECS = {
    ".flac": _Codec("flac", "flac", "s16", None, (*_MP3_RATES, 88200, 96000, 176400, 192000)),
    ".mp3": _Codec("libmp3lame", "mp3", "fltp", 192_000, _MP3_RATES),
    ".opus": _Codec("libopus", "ogg", "flt", 128_000, (48000,)),
    # FFmpeg calls its fast search for quantizers the better one at high bit rates; it takes a third of the time.
    ".m4a": _Codec("aac", "ipod", "fltp", 192_000, (*_MP3_RATES, 88200, 96000), (("aac_coder", "fast"),)),
}
SUFFIXES = (".wav", *_CODECS, ".mid")


def write(tune: Tune, path: Path) -> None:
    """Write a tune in the format its suffix names: .wav, .flac (16 bit, dithered), .mp3, .opus, .m4a or .mid (its score).

    The file appears whole or not at all. Raises RenderFailed, naming the file and the remedy, for an unknown suffix, a
    .mid of a tune without a score, or a place that cannot be written.
    """
    path = Path(path)
    _check_suffix(tune, path)
    with whole(path) as part:
        _writer(path.suffix.lower())(tune, part)


def encode(tune: Tune, suffix: str, bit_rate: int | None = None) -> bytes:
    """The bytes of the file that `write` would make for a name ending in `suffix`, at another `bit_rate` if one is given."""
    with tempfile.TemporaryDirectory(prefix="moodscore-") as folder:
        path = Path(folder) / f"tune{suffix}"
        if bit_rate and suffix in _CODECS:
            _encode(tune, path, replace(_CODECS[suffix], bit_rate=bit_rate))
        else:
            write(tune, path)
        return path.read_bytes()


def _check_suffix(tune: Tune, path: Path) -> None:
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise RenderFailed(f"{path}: expected a name that ends in {', '.join(SUFFIXES)}, got {suffix or 'no suffix'!r}")
    if suffix == ".mid" and tune.score is None:
        raise RenderFailed(f"{path}: expected a tune with a score, got sound without one; write it as .wav instead")


def _writer(suffix: str) -> Callable[[Tune, Path], None]:
    if suffix == ".wav":
        return _write_wav
    if suffix == ".mid":
        return _write_midi
    return lambda tune, part: _encode(tune, part, _CODECS[suffix])


def comment(tune: Tune) -> str:
    """What the metadata of every file of this tune says: that it is machine-made, if it is, and its recipe as JSON."""
    said = CHOSEN_BY if {"music", "pieces"} & set(tune.recipe) else MADE_BY
    return f"{said} {scores.RECIPE_PREFIX}{scores.recipe_text(tune.recipe)}"


def _sixteen(tune: Tune) -> Iterator[NDArray[np.int16]]:
    """The samples as 16-bit blocks with triangular dither of a fixed seed; exact silence stays exact."""
    rng = np.random.default_rng(16)
    for start in range(0, len(tune.samples), _BLOCK):
        block = tune.samples[start : start + _BLOCK]
        dither = rng.random(block.shape, np.float32) - rng.random(block.shape, np.float32)
        scaled = block * np.float32(32767.0) + np.where(block == 0, np.float32(0), dither)
        yield np.clip(np.rint(scaled), -32768, 32767).astype("<i2")
        spool.forget(tune.samples)


def _write_wav(tune: Tune, part: Path) -> None:
    info = b"INFO" + _riff(b"ISFT", b"moodscore\0") + _riff(b"ICMT", comment(tune).encode() + b"\0")
    body = len(tune.samples) * 4
    form = struct.pack("<HHIIHH", 1, 2, tune.rate, tune.rate * 4, 4, 16)
    head = b"WAVE" + _riff(b"fmt ", form) + _riff(b"LIST", info) + b"data" + struct.pack("<I", body)
    if len(head) + body >= 1 << 32:
        raise OSError(errno.EFBIG, "a WAV file holds at most 4 GiB, an .mp3 more")
    with part.open("wb") as file:
        file.write(b"RIFF" + struct.pack("<I", len(head) + body) + head)
        for block in _sixteen(tune):
            file.write(block.tobytes())


def _riff(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) & 1)


def _write_midi(tune: Tune, part: Path) -> None:
    assert tune.score is not None
    part.write_bytes(scores.to_midi(tune.score))


def _encode(tune: Tune, part: Path, codec: _Codec) -> None:
    import av

    rate = min(codec.rates, key=lambda r: (r < min(tune.rate, max(codec.rates)), abs(r - tune.rate)))
    options = (
        {"fflags": "+bitexact", "movflags": "+faststart"} if codec.container == "ipod" else {"fflags": "+bitexact"}
    )
    with av.open(str(part), "w", format=codec.container, container_options=options) as out:
        out.metadata.update({"title": "moodscore", "artist": "moodscore", "comment": comment(tune)})
        stream: Any = out.add_stream(
            codec.name, rate=rate, layout="stereo", format=codec.form, options=dict(codec.options)
        )
        stream.thread_count = 1
        if codec.bit_rate:
            stream.bit_rate = codec.bit_rate
        done = 0
        for block in _converted(tune, rate, codec):
            frame: Any = av.AudioFrame.from_ndarray(block, format=codec.form, layout="stereo")
            frame.sample_rate, frame.pts = rate, done
            done += block.size // 2
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def _converted(tune: Tune, rate: int, codec: _Codec) -> Iterator[NDArray[Any]]:
    """Blocks in the encoder's rate and layout: (1, frames * 2) interleaved, or (2, frames) planar."""
    import soxr

    if codec.form == "s16":
        ready = tune if rate == tune.rate else Tune(soxr.resample(tune.samples, tune.rate, rate), rate)
        yield from (np.ascontiguousarray(block).reshape(1, -1) for block in _sixteen(ready))
        return
    stream = None if rate == tune.rate else soxr.ResampleStream(tune.rate, rate, 2, dtype="float32")
    for start in range(0, len(tune.samples), _BLOCK):
        block = tune.samples[start : start + _BLOCK]
        if stream:
            block = stream.resample_chunk(block, last=start + _BLOCK >= len(tune.samples))
        if len(block):
            planar = codec.form.endswith("p")
            yield np.ascontiguousarray(block.T if planar else block.reshape(1, -1))
        spool.forget(tune.samples)
