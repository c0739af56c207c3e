"""Sound: an audio file, or the sound of a film, becomes a Tune; and a Tune is fitted to a length.

Only files are opened, only as real media containers: a playlist is never followed to another file or the network.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moodscore.errors import BadMedia, BadValue
from moodscore.media import Tune

Samples = NDArray[np.float32]

FORMATS = (
    "wav,w64,rf64,mp3,flac,ogg,aac,mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,aiff,caf,au,avi,flv,asf,mpeg,mpegts,wv,ape,tta,"
    "ac3,eac3,amr,dsf,loas,mpc,mpc8,oma,tak"
)
MAX_SECONDS = 10800.0
_BROKEN_PACKETS = 64
_REMEDY = "give a sound file (wav, flac, mp3, opus, m4a) or a film with sound"


def open(path: str | Path, rate: int = 44100, max_seconds: float = MAX_SECONDS) -> Tune:
    """The sound of an audio file or film as a Tune at `rate` Hz, at most its first `max_seconds` seconds.

    Mono is heard from both sides, surround is mixed down. Pictures in the file are ignored. Raises BadMedia, naming the
    file, when there is no such file, it is empty or broken, or holds no sound.
    """
    path = Path(path)
    with _opened(path) as (container, stream):
        samples = _decoded(container, stream, rate, math.ceil(max_seconds * rate))
    _expect_samples(path, samples)
    return Tune(samples, rate, None, {"music": path.name})


def excerpts(path: str | Path, rate: int, most: int, length_s: float) -> tuple[Samples, ...]:
    """Up to `most` excerpts (frames, 2) of `length_s` seconds at `rate` Hz, spread evenly over the sound of a file.

    A file not longer than all of them together comes whole, as one. Of a longer one only the excerpts are decoded, so that
    three hours cost what three minutes do. Of a file that does not say how long it is, or cannot seek, the beginning
    comes. Broken places are left out. Raises BadMedia as `open` does.
    """
    path, most_frames = Path(path), math.ceil(length_s * rate)
    with _opened(path) as (container, stream):
        duration_s = _duration_s(container, stream)
        found: list[Samples] = []
        if duration_s > most * length_s:
            starts = [(duration_s - length_s) * (k + 0.5) / most for k in range(most)]
            found = [_from(container, stream, start_s, rate, most_frames) for start_s in starts]
            found = [samples for samples in found if len(samples)]
    if not found:
        found = [open(path, rate, most * length_s).samples]
    return tuple(found)


def stream(path: str | Path, rate: int = 44100, start_s: float = 0.0) -> Iterator[Samples]:
    """The sound of an audio file or film from `start_s` on, in blocks (frames, 2) at `rate` Hz, one in memory at a time.

    What lies before `start_s` is decoded and dropped, so that a place in a file is the same place however it is reached.
    Raises BadMedia as `open` does, for a broken part when that is reached.
    """
    late = round(start_s * rate)
    with _opened(Path(path)) as (container, sound):
        for block in _blocks(_frames(container.demux(sound)), sound, rate, math.ceil(MAX_SECONDS * rate)):
            if len(block) > late:
                yield block[late:]
            late = max(0, late - len(block))


def blocks_in(container: Any, stream: Any, rate: int, most: int) -> Iterator[Samples]:  # noqa: ANN401 - libav's
    """The sound stream of an open container (libav's) in blocks (frames, 2) at `rate` Hz, `most` frames at most.

    Broken places are passed over. Raises libav's errors when there are too many.
    """
    return _blocks(_frames(container.demux(stream)), stream, rate, most)


def told_length_s(path: str | Path) -> float:
    """How many seconds of sound a file says it holds, without decoding it; 0 when it does not say. BadMedia as `open`."""
    with _opened(Path(path)) as (container, sound):
        return _duration_s(container, sound)


def _duration_s(container: Any, stream: Any) -> float:  # noqa: ANN401 - libav's
    """How long the file says its sound is, in seconds; 0 when it does not say."""
    if stream.duration:
        return float(stream.duration * stream.time_base)
    return float(container.duration or 0) / 1e6


def _from(container: Any, stream: Any, start_s: float, rate: int, most: int) -> Samples:  # noqa: ANN401 - libav's
    """Up to `most` frames of sound from about `start_s` on; none where the file cannot be read there."""
    import av

    try:
        container.seek(int(start_s / stream.time_base), stream=stream)
        return _joined(_blocks(_frames(container.demux(stream)), stream, rate, most))
    except (av.error.FFmpegError, OSError, ValueError):
        return np.zeros((0, 2), np.float32)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, Any]]:
    """The container and its sound stream; whatever goes wrong with the file inside becomes BadMedia."""
    import av

    options = {"protocol_whitelist": "file", "format_whitelist": FORMATS}
    try:
        if not path.is_file():
            raise BadMedia(
                f"{path}: expected a file, got {'a folder' if path.is_dir() else 'nothing there'}; {_REMEDY}"
            )
        if not path.stat().st_size:
            raise BadMedia(f"{path}: expected sound, got an empty file; {_REMEDY}")
        with av.open(f"file:{path.resolve()}", options=options, metadata_errors="ignore") as container:
            if not container.streams.audio:
                raise BadMedia(f"{path}: expected sound, got a file without a sound track; {_REMEDY}")
            yield container, container.streams.audio[0]
    except (OSError, ValueError, av.error.FFmpegError) as error:  # a file that ends too early is neither of the first
        if isinstance(error, BadMedia):
            raise
        raise BadMedia(f"{path}: expected sound, got {_said(error)!r}; {_REMEDY}") from error


def _expect_samples(path: Path, samples: Samples) -> None:
    if not len(samples):
        raise BadMedia(f"{path}: expected sound, got a sound track without a single readable sample; {_REMEDY}")


def _said(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _joined(blocks: Iterator[Samples]) -> Samples:
    """All blocks in one array that grows by halves, so that the peak stays near the size of the result."""
    out = np.zeros((1 << 20, 2), np.float32)
    used = 0
    for block in blocks:
        if used + len(block) > len(out):
            out.resize((max(len(out) * 3 // 2, used + len(block)), 2), refcheck=False)
        out[used : used + len(block)] = block
        used += len(block)
    out.resize((used, 2), refcheck=False)
    return out


def _decoded(container: Any, stream: Any, rate: int, most: int) -> Samples:  # noqa: ANN401 - libav's
    """The sound (frames, 2), `most` frames at most."""
    samples = _joined(_blocks(_frames(container.demux(stream)), stream, rate, most))
    if "mp4" in container.format.name and stream.duration:
        # AAC comes in whole frames; what lies behind the track's own length is padding.
        length = round(float(stream.duration * stream.time_base) * rate)
        if 0 < len(samples) - length < 2048 * rate // stream.codec_context.sample_rate:
            return samples[:length]
    return samples


def _blocks(frames: Iterator[Any], stream: Any, rate: int, most: int) -> Iterator[Samples]:  # noqa: ANN401 - libav's
    """Frames as blocks (frames, 2) at `rate` Hz, `most` frames at most."""
    import av

    mono = stream.codec_context.channels == 1
    resampler = av.AudioResampler(format="fltp", layout="mono" if mono else "stereo", rate=rate)
    used = 0
    for frame in frames:
        for ready in resampler.resample(frame):
            planes = np.nan_to_num(np.asarray(ready.to_ndarray(), np.float32), posinf=1.0, neginf=-1.0)
            block = np.repeat(planes.T, 2, axis=1) if mono else planes.T
            yield block[: most - used]
            used += len(block)
            if used >= most:
                return


def _frames(packets: Iterator[Any]) -> Iterator[Any]:
    """The frames of packets and a final None; a few broken packets are skipped, as players do."""
    import av

    broken = 0
    for packet in packets:
        try:
            yield from packet.decode()
        except av.error.InvalidDataError:
            broken += 1
            if broken > _BROKEN_PACKETS:
                raise
    yield None


def fit(tune: Tune, duration_s: float, seed: int = 0) -> Tune:
    """The tune cut or looped to exactly `duration_s` seconds, silence at its ends removed and its end faded.

    Longer music ends in a fade that begins where the music is quietest, 1.5 to 5 s before the end. Shorter music is joined
    to its own beginning with equal-power crossfades, there where its pulse goes on best; `seed` picks among equally good
    joins. Raises BadValue when the duration is not positive, BadMedia when the music is silent.
    """
    if not 0 < duration_s < math.inf:
        raise BadValue(f"duration: expected seconds > 0, got {duration_s!r}")
    frames = max(1, round(duration_s * tune.rate))
    sounding = _sounding(tune.samples, tune.rate)
    if not len(sounding):
        raise BadMedia("music: expected sound, got only silence; choose another file")
    rng = np.random.default_rng(seed)
    out = sounding[:frames].copy() if len(sounding) >= frames else _looped(sounding, frames, tune.rate, rng)
    _fade_out(out, tune.rate)
    out /= max(1.0, float(np.abs(out).max()))  # two loud passages may meet in a crossfade
    return Tune(out, tune.rate, None, {**tune.recipe, "fitted_s": duration_s})


_STEP_S = 0.01


def _pulse(samples: Samples, rate: int) -> NDArray[np.float64]:
    """Root-mean-square level of each 10 ms."""
    step = max(1, round(_STEP_S * rate))
    count = len(samples) // step
    power = np.einsum("ij,ij->i", samples[: count * step], samples[: count * step]).reshape(count, step)
    return np.asarray(np.sqrt(power.mean(axis=1, dtype=np.float64) / 2))


def _sounding(samples: Samples, rate: int) -> Samples:
    """The samples without near-silence (60 dB below the loudest) at both ends."""
    level = _pulse(samples, rate)
    if not len(level) or level.max() <= 1e-6:
        return samples[:0] if not len(samples) or np.abs(samples).max() <= 1e-6 else samples
    heard = np.flatnonzero(level > max(level.max() * 1e-3, 1e-6))
    step = max(1, round(_STEP_S * rate))
    return samples[heard[0] * step : (heard[-1] + 1) * step]


def _looped(samples: Samples, frames: int, rate: int, rng: np.random.Generator) -> Samples:
    """Repetitions of `samples` joined by equal-power crossfades, `frames` long."""
    overlap = min(round(1.5 * rate), len(samples) // 3)
    joins = [_in_phase(samples, end, overlap, rate) for end in _joins(samples, overlap, rate)]
    out = np.zeros((frames, 2), np.float32)
    at, fade_in = 0, np.ones((overlap, 1), np.float32)
    while at < frames:
        piece = samples.copy()
        piece[:overlap] *= fade_in
        step = len(samples)
        if at + len(samples) < frames:
            end, likeness = joins[int(rng.integers(len(joins)))]
            fade_in, fade_out = _crossfade(overlap, likeness)
            piece = piece[:end]
            piece[end - overlap :] *= fade_out
            step = end - overlap
        piece = piece[: frames - at]
        out[at : at + len(piece)] += piece
        at += max(step, 1)
    return out


def _crossfade(overlap: int, likeness: float) -> tuple[Samples, Samples]:
    """Rising and falling gains (overlap, 1) that keep the power of two sounds whose correlation is `likeness`."""
    angle = np.linspace(0, np.pi / 2, overlap, dtype=np.float32)[:, None]
    power = np.sqrt(1 + 2 * max(likeness, 0.0) * np.sin(angle) * np.cos(angle))
    return np.asarray(np.sin(angle) / power, np.float32), np.asarray(np.cos(angle) / power, np.float32)


def _in_phase(samples: Samples, end: int, overlap: int, rate: int) -> tuple[int, float]:
    """The end within 10 ms of `end` at which the waves of the crossfade agree best, and their correlation there."""
    reach = min(round(0.01 * rate), len(samples) - end, end - overlap)
    opening = samples[:overlap].sum(axis=1)
    around = samples[end - overlap - reach : end + reach].sum(axis=1)
    if reach <= 0 or not opening.any():
        return end, 0.0
    size = 1 << (len(around) + overlap).bit_length()
    product = np.fft.irfft(np.fft.rfft(around, size) * np.conj(np.fft.rfft(opening, size)), size)[: 2 * reach + 1]
    best = int(product.argmax())
    heard = around[best : best + overlap]
    scale = math.sqrt(float((heard**2).sum()) * float((opening**2).sum()))
    return end - reach + best, float(product[best]) / scale if scale > 0 else 0.0


def _joins(samples: Samples, overlap: int, rate: int) -> list[int]:
    """Where a repetition may end (frame after its last): up to three places before which the pulse is most like the start's.

    Likeness is the correlation of level changes over the crossfade; only the last third of the music is searched.
    """
    step = max(1, round(_STEP_S * rate))
    rise = np.maximum(np.diff(_pulse(samples, rate), prepend=0.0), 0.0)
    width = overlap // step
    if width < 8:
        return [len(samples)]
    opening = rise[:width] - rise[:width].mean()
    first = max(width, len(rise) * 2 // 3)
    likeness = {}
    for end in range(first, len(rise) + 1):
        before = rise[end - width : end] - rise[end - width : end].mean()
        scale = math.sqrt(float((before**2).sum() * (opening**2).sum()))
        likeness[end * step] = float(before @ opening) / scale if scale > 0 else 0.0
    best = max(likeness.values())
    if best < 0.2:
        return [len(samples)]
    return [end for end, value in sorted(likeness.items(), key=lambda item: -item[1])[:3] if value > best - 0.02]


def _fade_out(samples: Samples, rate: int) -> None:
    """Fade the end to silence in place, from the quietest moment between 5 and 1.5 s before it (a third of short tunes)."""
    longest, shortest = (min(round(s * rate), len(samples) // 3) for s in (5.0, 1.5))
    pulse = _pulse(samples[len(samples) - longest : len(samples) - shortest], rate)
    level = np.convolve(pulse, np.ones(15), "valid") if len(pulse) >= 15 else np.zeros(1)
    start = longest - int(level.argmin()) * round(_STEP_S * rate)
    samples[len(samples) - start :] *= (np.cos(np.linspace(0, np.pi, start)) * 0.5 + 0.5).astype(np.float32)[:, None]
