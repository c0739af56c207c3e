"""Library sound: cues become one tune of exact length: pieces at one loudness, joined by equal-power crossfades.

Pieces are read in a stream and the tune may live on disk (see `spool`), so memory does not grow with either's length.
"""

from __future__ import annotations

import atexit
import hashlib
import itertools
import math
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from moodscore.errors import BadMedia, BadValue, RenderFailed
from moodscore.media import Tune
from moodscore.music import export, mix, synth
from moodscore.music import score as scores
from moodscore.music.library import Piece
from moodscore.music.library_index import cache_dir
from moodscore.music.match import Cue
from moodscore.music.soundfont import FONT
from moodscore.prepare import sound, spool

RATE = 44100
CROSSFADE_S = 1.5
AFTER_S = 0.4  # of a crossfade lies behind the border, so that the new piece's first beat is clear
SHORTEST_CROSSFADE_S = 1.0  # where a piece is entered at its very beginning, and all of it lies behind
FADE_S = 5.0  # the longest fade at the end
RENDERING = 1  # raise it when scores sound different, so that they are played again
_LOUDEST_GAIN_DB = 24.0
_SAFE_LUFS = -60.0
_FORGET = 1 << 20  # frames

Samples = NDArray[np.float32]
Span = tuple[float, float]
Progress = Callable[[float], None]


def soundtrack(cues: Sequence[Cue], rate: int = RATE, progress: Progress | None = None) -> Tune:
    """The cues as one tune that ends with the last: -16 LUFS, true peak at or below -1 dBTP, its ends faded to silence.

    Pieces meet in equal-power crossfades of up to 1.5 s around their joins. MIDI pieces are played, once; what was played is
    kept in the user's cache. `rate` is in Hz, `progress` is told the share 0..1 that is done. The recipe names every piece.
    Raises BadValue without cues, BadMedia when a piece can no longer be read.
    """
    if not cues:
        raise BadValue("soundtrack: expected at least one cue, got none; pick pieces first")
    duration_s = cues[-1].end_s
    out = spool.silence(max(1, round(duration_s * rate)))
    fades = [None, *(_crossfade(*pair) for pair in itertools.pairwise(cues)), None]
    for k, cue in enumerate(cues):
        sound_file(cue.piece, progress and partial(_share, progress, k, len(cues)))
        _lay(out, rate, cue, (fades[k], fades[k + 1]))
        if progress:
            progress(0.8 * (k + 1) / len(cues))
    _begin(out, rate, cues[0])
    _end(out, rate, cues[-1])
    mix.master(out, rate)
    if progress:
        progress(1.0)
    return Tune(out, rate, None, {"pieces": [cue.as_dict() for cue in cues]})


def _share(progress: Progress, k: int, count: int, share: float) -> None:
    """Tell how far the playing of piece `k` of `count` brings the whole."""
    progress(0.8 * (k + share) / count)


def stretch_of(piece: Piece, from_s: float, rate: int = RATE) -> Iterator[Samples]:
    """The sound of a piece from `from_s` on, in blocks (frames, 2) at `rate` Hz, levelled to about -16 LUFS.

    Raises BadMedia when the piece can no longer be read.
    """
    gain = np.float32(_gain(piece, from_s, piece.end_s))
    for block in sound.stream(sound_file(piece), rate, from_s):
        yield block * gain


def sound_file(piece: Piece, progress: Progress | None = None) -> Path:
    """The sound file of a piece: its own, or what its score was played to, kept in the user's cache by content.

    The bytes are the same every time. Raises BadMedia when the score can no longer be read.
    """
    if not piece.score:
        return piece.path
    name = f"{piece.sha256[:32]}-{_player()}.flac"
    kept = cache_dir() / "played" / name
    if kept.is_file():
        return kept
    try:
        tune = synth.play(scores.from_midi(piece.path.read_bytes()), RATE, progress)
    except OSError as error:
        raise BadMedia(
            f"{piece.path}: expected a MIDI file, got {error.strerror!r}; index the library again"
        ) from error
    with suppress(RenderFailed, OSError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        export.write(tune, kept)
        return kept
    passing = _passing() / name
    if not passing.is_file():
        export.write(tune, passing)
    return passing


@lru_cache(maxsize=1)
def _passing() -> Path:
    """A folder for what cannot be kept; it goes when the process ends."""
    folder = tempfile.mkdtemp(prefix="moodscore-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def _player() -> str:
    """What stands for the sound of the player in a cached file's name."""
    stat = f"{RENDERING} {FONT.stat().st_size} {mix.TARGET_LUFS}".encode()
    corrections = synth.CORRECTIONS.read_bytes() if synth.CORRECTIONS.exists() else b""
    return hashlib.sha256(stat + corrections).hexdigest()[:8]


def _crossfade(leaves: Cue, enters: Cue) -> Span:
    """From when to when two cues sound together, in seconds of the whole: mostly before their border.

    A piece that is entered at its very beginning has nothing to sound before the border; then the crossfade lies behind.
    """
    most = min(leaves.end_s - leaves.start_s, enters.end_s - enters.start_s) / 3
    before_s = max(0.0, min(CROSSFADE_S - AFTER_S, most, enters.from_s))
    after_s = min(max(AFTER_S, SHORTEST_CROSSFADE_S - before_s), most)
    return enters.start_s - before_s, enters.start_s + after_s


def _lay(out: Samples, rate: int, cue: Cue, fades: tuple[Span | None, Span | None]) -> None:
    """Add a cue to `out`, rising over the first of `fades` and falling over the second; None is an end of the whole."""
    rise, fall = fades
    start_s = rise[0] if rise else cue.start_s
    at, last = round(start_s * rate), min(len(out), round((fall[1] if fall else cue.end_s) * rate))
    gain = _gain(cue.piece, cue.from_s, cue.to_s)
    for block in sound.stream(sound_file(cue.piece), rate, max(0.0, cue.from_s - cue.start_s + start_s)):
        block = block[: last - at]
        if not len(block):
            break
        time_s = np.arange(at, at + len(block)) / rate
        level = np.full(len(block), gain)
        if rise:
            level *= np.sin(_angle(time_s, rise))
        if fall:
            level *= np.cos(_angle(time_s, fall))
        out[at : at + len(block)] += block * level.astype(np.float32)[:, None]
        if (at + len(block)) // _FORGET != at // _FORGET:
            spool.forget(out)
        at += len(block)
    spool.forget(out)


def _angle(time_s: NDArray[np.float64], span: Span) -> NDArray[np.float64]:
    """0 before `span`, a quarter turn after it, straight between: sine and cosine of it keep the power."""
    start_s, end_s = span
    return np.asarray(np.clip((time_s - start_s) / max(end_s - start_s, 1e-6), 0.0, 1.0) * (math.pi / 2))


def _gain(piece: Piece, from_s: float, to_s: float) -> float:
    """What brings a part of a piece to the house loudness: by the mean power of its stretches that are not near silence."""
    ends_s = [stretch.start_s for stretch in piece.stretches[1:]] + [piece.end_s]
    spans = [s for s, end_s in zip(piece.stretches, ends_s, strict=True) if s.start_s < to_s and end_s > from_s]
    heard = [s.lufs for s in spans if s.lufs > _SAFE_LUFS] or [max(s.lufs for s in piece.stretches)]
    power = sum(10 ** (lufs / 10) for lufs in heard) / len(heard)
    return float(10 ** (min(_LOUDEST_GAIN_DB, mix.TARGET_LUFS - 10 * math.log10(power)) / 20))


def _end(out: Samples, rate: int, last: Cue) -> None:
    """Fade what would be cut off, from the quietest moment between 5 and 1.5 s before the end; the last sample is 0."""
    if last.fades:
        longest, shortest = (min(round(s * rate), len(out) // 3) for s in (FADE_S, FADE_S * 0.3))
        step = max(1, rate // 100)
        part = out[len(out) - longest : len(out) - shortest]
        count = len(part) // step
        power = np.square(part[: count * step]).reshape(count, -1).mean(axis=1) if count else np.zeros(1)
        smooth = np.convolve(power, np.ones(15), "valid") if count >= 15 else power[:1]
        start = longest - int(smooth.argmin()) * step
        out[len(out) - start :] *= (np.cos(np.linspace(0, np.pi, start)) * 0.5 + 0.5).astype(np.float32)[:, None]
    mix.fade_ends(out, rate)


def _begin(out: Samples, rate: int, first: Cue) -> None:
    """Raise a piece that is entered in its middle within a fifth of a second."""
    if first.from_s > first.piece.start_s:
        rise = min(len(out), rate // 5)
        out[:rise] *= np.sin(np.linspace(0, np.pi / 2, rise)).astype(np.float32)[:, None]
