"""Soundtrack: a film gets another sound; its pictures are copied as they are, packet by packet.

Only where a container cannot hold the film's codec (a GIF in an MP4) are the pictures encoded anew, and the answer says so.
Where speech is heard the music lies `UNDER_SPEECH_DB` below it, going down quickly and coming back slowly, as a mixer's
hand would.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from moodscore.errors import BadMedia, BadValue, RenderFailed
from moodscore.film.render import tags
from moodscore.media import Clip, Film, Tune
from moodscore.prepare import clip as clips
from moodscore.prepare import clip_sound, reel, spool
from moodscore.prepare.whole import whole

MIXES = ("duck", "original", "replace")
COPIED: Mapping[str, frozenset[str]] = {
    ".mp4": frozenset({"h264", "hevc", "av1", "vp9", "mpeg4"}),
    ".m4v": frozenset({"h264", "hevc", "mpeg4"}),
    ".mov": frozenset({"h264", "hevc", "mpeg4", "prores", "mjpeg"}),
    ".mkv": frozenset(
        {"h264", "hevc", "av1", "vp9", "vp8", "mpeg4", "mpeg2video", "mpeg1video", "mjpeg", "theora", "ffv1"}
    ),
    ".webm": frozenset({"vp8", "vp9", "av1"}),
}
FORMATS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska", ".webm": "webm"}
RATE = {"aac": 44100, "libopus": 48000}
BIT_RATE = 192_000
UNDER_SPEECH_DB, UNDER_ORIGINAL_DB = 16.0, 12.0
SPEECH_LEVEL_DB = -23.0  # where speech is brought to, so that it can stand above music
MOST_GAIN_DB = 14.0
ATTACK_S, RELEASE_S, FORESIGHT_S = 0.25, 1.2, 0.4
MUSIC_LEVEL_DB = -17.0  # about where our own tunes lie
DESCRIPTION = "The music was made by a machine: moodscore."
_KNEE = 0.8

Floats = NDArray[np.float64]
Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Faders:
    """How loud music and the film's own sound are over time: factors (n,) every `step_s` seconds, in straight lines."""

    step_s: float
    music: Floats
    original: Floats

    def at(self, times_s: Floats) -> tuple[Samples, Samples]:
        """The factors of music and original at moments, float32 (n, 1)."""
        places = np.arange(len(self.music)) * self.step_s
        return tuple(  # type: ignore[return-value]
            np.interp(times_s, places, side).astype(np.float32)[:, None] for side in (self.music, self.original)
        )


def faders(mix: str, loudness_db: Floats, speech: Floats, step_s: float) -> Faders:
    """The faders for a mix from what is heard every `step_s` seconds: level in dBFS, share 0..1 of speech.

    "replace" is music alone. "original" keeps the film's sound in front, music low under all of it. "duck" lets the music
    lead and lowers it under speech. Raises BadValue for another mix.
    """
    if mix not in MIXES:
        raise BadValue(f"mix: expected one of {', '.join(MIXES)}, got {mix!r}")
    if mix == "replace" or not len(loudness_db):
        count = max(1, len(loudness_db))
        return Faders(step_s, np.ones(count), np.zeros(count))
    heard = loudness_db > -60.0
    spoken = speech > 0.5
    voice_db = (
        float(np.median(loudness_db[spoken]))
        if spoken.any()
        else float(np.median(loudness_db[heard]))
        if heard.any()
        else -90.0
    )
    lift_db = float(np.clip(SPEECH_LEVEL_DB - voice_db, -6.0, MOST_GAIN_DB)) if voice_db > -60.0 else 0.0
    beneath = UNDER_SPEECH_DB if mix == "duck" else UNDER_ORIGINAL_DB
    lowered_db = min(0.0, voice_db + lift_db - beneath - MUSIC_LEVEL_DB)
    low = spoken if mix == "duck" else heard
    music_db = _moved(np.where(_wider(low, step_s), lowered_db, 0.0), step_s)
    original = np.full(len(loudness_db), 10 ** (lift_db / 20))
    if mix == "duck":  # what is neither silence nor speech stays as a bed
        original = original * 10 ** (_moved(np.where(_wider(spoken, step_s), 0.0, -9.0), step_s) / 20)
    return Faders(step_s, 10 ** (music_db / 20), original)


def _wider(on: NDArray[np.bool_], step_s: float) -> NDArray[np.bool_]:
    """Each stretch begun a little earlier, so that the fader is down when the first word comes."""
    early = max(1, round(FORESIGHT_S / step_s))
    out = on.copy()
    for k in range(1, early + 1):
        out[:-k] |= on[k:]
    return out


def _moved(wanted_db: Floats, step_s: float) -> Floats:
    """A fader that follows what is wanted: down within the attack, up again within the release, in decibels a second."""
    reach = max(1.0, float(np.ptp(wanted_db)))
    down, up = reach * step_s / ATTACK_S, reach * step_s / RELEASE_S
    out = np.empty_like(wanted_db)
    now = wanted_db[0]
    for k, aim in enumerate(wanted_db):
        now = max(aim, now - down) if aim < now else min(aim, now + up)
        out[k] = now
    return out


def check_name(out: Path) -> None:
    """Refuse a name whose kind of film cannot be written; raises RenderFailed."""
    if Path(out).suffix.lower() not in FORMATS:
        raise RenderFailed(f"{out}: expected a name that ends in {', '.join(FORMATS)}, got {Path(out).suffix!r}")


def soundtrack(
    clip: Clip,
    tune: Tune,
    mixed: Faders,
    out: Path,
    recipe: Mapping[str, Any] | None = None,
    progress: Callable[[float], None] | None = None,
) -> Film:
    """Write the film with its new sound: pictures copied, sound mixed and encoded as AAC (Opus in WebM).

    The film appears under its name only when it is whole. `recipe` travels in its metadata, with "pictures" copied or
    encoded. Raises RenderFailed when `out` cannot be written, BadMedia when the film cannot be read.
    """
    out = Path(out)
    check_name(out)
    kind = out.suffix.lower()
    with whole(out) as part, _readable(clip) as source:
        picture = reel.picture_of(source)
        copied = (
            picture.codec_context.name in COPIED[kind] or picture.codec_context.codec.canonical_name in COPIED[kind]
        )
        known = {**(recipe or {}), "pictures": "copied" if copied else "encoded"}
        container = av.open(str(part), "w", format=FORMATS[kind], options=_options(kind))
        try:
            container.metadata.update(tags(out.stem, known, DESCRIPTION, "too long for the film"))
            writer = _Writer(container, "libopus" if kind == ".webm" else "aac", picture if copied else None, clip)
            writer.write(source, (tune, mixed, clip), progress or (lambda share: None))
        except BaseException as error:
            with contextlib.suppress(Exception):
                container.close()
            if isinstance(error, av.error.FFmpegError):
                raise OSError(error.errno, error.strerror) from error
            raise
        container.close()
    return Film(out, clip.duration_s, clip.size, known)


@contextlib.contextmanager
def _readable(clip: Clip) -> Iterator[Any]:
    try:
        container = reel.opened(clip.path)
    except (OSError, ValueError) as error:
        raise BadMedia(f"{clip.path}: expected the film it was, got {error}; copy it again") from error
    with container:
        yield container


def _options(kind: str) -> dict[str, str]:
    return {"movflags": "+faststart"} if FORMATS[kind] in ("mp4", "mov") else {}


class _Writer:
    """An output container with a copied or encoded picture and an encoded sound."""

    def __init__(self, container: Any, codec: str, copied: Any, clip: Clip) -> None:  # noqa: ANN401 - libav's
        self._container = container
        self._copied = copied
        self._video = container.add_stream_from_template(copied) if copied is not None else _encoder(container, clip)
        self._rate = RATE[codec]
        self._audio = container.add_stream(codec, rate=self._rate, layout="stereo")
        self._audio.codec_context.bit_rate = BIT_RATE

    def write(self, source: Any, parts: tuple[Tune, Faders, Clip], progress: Callable[[float], None]) -> None:  # noqa: ANN401
        """Pictures and sound side by side, in order of time."""
        clip = parts[2]
        sounds = _sounds(*parts, self._rate)
        heard_s = 0.0
        packets = self._copies(source) if self._copied is not None else self._encoded(clip)
        for time_s, packet in packets:
            self._container.mux(packet)
            while heard_s <= time_s and (sound := next(sounds, None)) is not None:
                heard_s += sound.samples / self._rate
                self._container.mux(self._audio.encode(sound))
            progress(min(1.0, time_s / clip.duration_s))
        for sound in sounds:
            self._container.mux(self._audio.encode(sound))
        self._container.mux(self._audio.encode(None))

    def _copies(self, source: Any) -> Iterator[tuple[float, Any]]:  # noqa: ANN401
        """The film's packets as they are, their clock beginning at 0."""
        base = self._copied.time_base
        shift = round(reel.origin_of(source) / base)
        for packet in source.demux(self._copied):
            if packet.dts is None or packet.size == 0:
                continue
            packet.dts -= shift
            if packet.pts is not None:
                packet.pts -= shift
            packet.stream = self._video
            yield float(packet.dts * base), packet

    def _encoded(self, clip: Clip) -> Iterator[tuple[float, Any]]:
        """The film's frames encoded anew, each at its own time."""
        size = self._video.width, self._video.height
        tick = Fraction(1, 90_000)
        for frame in clips.frames(clip):
            picture = av.VideoFrame.from_ndarray(frame.pixels(size), format="rgb24").reformat(format="yuv420p")
            picture.pts, picture.time_base = round(frame.time_s / tick), tick
            for packet in self._video.encode(picture):
                yield frame.time_s, packet
        for packet in self._video.encode(None):
            yield clip.duration_s, packet


def _encoder(container: Any, clip: Clip) -> Any:  # noqa: ANN401
    webm = "webm" in container.format.name
    codec, options = (
        ("libvpx-vp9", {"crf": "30", "b": "0"}) if webm else ("libx264", {"preset": "veryfast", "crf": "18"})
    )
    stream = container.add_stream(codec, rate=30, options=options)
    stream.width, stream.height = (max(2, side - side % 2) for side in clip.size)
    stream.pix_fmt = "yuv420p"
    stream.codec_context.time_base = Fraction(1, 90_000)
    return stream


def _sounds(tune: Tune, mixed: Faders, clip: Clip, rate: int) -> Iterator[av.AudioFrame]:
    """The mixed sound in frames of 1,024 samples, as long as the film to the sample."""
    resampler = av.AudioResampler(format="fltp", layout="stereo", rate=rate)
    at = 0
    for block in _mixed(tune, mixed, clip):
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block.T), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = tune.rate, at, Fraction(1, tune.rate)
        at += len(block)
        yield from resampler.resample(frame)
    yield from resampler.resample(None)


def _mixed(tune: Tune, mixed: Faders, clip: Clip) -> Iterator[Samples]:
    """Music and the film's own sound under their faders, in blocks of half a second; peaks rounded, never clipped."""
    total = round(clip.duration_s * tune.rate)
    at = 0
    for original in clip_sound.blocks(clip, tune.rate, 0.5):
        count = min(len(original), total - at)
        if count <= 0:
            return
        music_gain, original_gain = mixed.at((at + np.arange(count)) / tune.rate)
        block = original[:count] * original_gain
        piece = tune.samples[at : at + count]
        block[: len(piece)] += piece * music_gain[: len(piece)]
        spool.forget(tune.samples)
        at += count
        yield rounded(block)


def rounded(samples: Samples) -> Samples:
    """Samples with peaks over .8 bent so that they stay below 1; quieter ones are untouched."""
    over = np.abs(samples) - _KNEE
    bent = np.sign(samples) * (_KNEE + (1 - _KNEE) * np.tanh(np.maximum(over, 0) / (1 - _KNEE)))
    return np.asarray(np.where(over > 0, bent, samples), np.float32)
