"""Library reading: a file becomes a Piece: what is felt in it along its length, how loud it is, where it may be cut.

Recordings are read in a stream, one stretch in memory at a time, however long they are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from moodscore.affect import Affect, Spread
from moodscore.errors import BadMedia, BadValue
from moodscore.media import Note, Score, Track
from moodscore.music import audio_judge, judge, loudness, mix
from moodscore.music import score as scores
from moodscore.music.library import LONGEST_S, SCORE_SUFFIXES, SHORTEST_S, Piece, Stretch
from moodscore.prepare import sound
from moodscore.reading import Reading
from moodscore.schemes import mood_labels
from moodscore.weights import store

RATE = 44100
STRETCH_S = 15.0
JOIN_EVERY_S = 2.0
_STEP_S = 0.01
_LARGEST_SCORE = 16 << 20  # bytes
_REMEDY = "leave it out, or put another file in its place"

Samples = NDArray[np.float32]
Levels = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ears:
    """Who listens: to sound (samples (frames, 2), rate in Hz) and to scores; and the names of both with their versions."""

    sound: Callable[[Samples, int], Reading]
    score: Callable[[Score], Reading]
    sources: tuple[str, str]


def ears() -> Ears:
    """The judges that ship."""
    sources = store.card(audio_judge.NAME).source, store.card(judge.NAME).source
    return Ears(audio_judge.hear, judge.hear, sources)


def read(path: Path, name: str, sha256: str, ears: Ears) -> Piece:
    """The piece in a file; raises BadMedia, saying why, when it is silent, broken, too short or too long."""
    if path.suffix.lower() in SCORE_SUFFIXES:
        return _read_score(path, name, sha256, ears)
    _check_length(path, sound.told_length_s(path), may_be_unsaid=True)
    return _read_sound(path, name, sha256, ears)


def _check_length(path: Path, seconds: float, may_be_unsaid: bool = False) -> None:
    if seconds > LONGEST_S:
        told = f"{seconds / 3600:.1f} h" if seconds >= 5400 else f"{seconds / 60:.0f} min"
        raise BadMedia(f"{path}: expected a piece of at most {LONGEST_S / 60:.0f} min, got {told}; cut it into pieces")
    if seconds < SHORTEST_S and not (may_be_unsaid and seconds == 0):
        raise BadMedia(f"{path}: expected a piece of at least {SHORTEST_S:g} s, got {seconds:.1f} s; {_REMEDY}")


@dataclass(slots=True)
class _Heard:
    """What was heard of a recording so far: a reading and a loudness for each stretch, and the level of each 10 ms."""

    starts_s: list[float]
    readings: list[Reading | None]
    lufs: list[float]
    levels: list[Levels]
    frames: int = 0


def _read_sound(path: Path, name: str, sha256: str, ears: Ears) -> Piece:
    heard = _Heard([], [], [], [])
    for stretch in _stretches(path):
        heard.starts_s.append(heard.frames / RATE)
        heard.lufs.append(loudness.integrated(stretch, RATE))
        heard.readings.append(_reading_of(stretch, heard.lufs[-1], ears))
        heard.levels.append(_levels(stretch))
        heard.frames += len(stretch)
    _check_length(path, heard.frames / RATE)
    known = [reading for reading in heard.readings if reading is not None]
    levels = np.concatenate(heard.levels)
    sounding = np.flatnonzero(levels > max(levels.max() * 1e-3, 1e-5))
    if not known or not len(sounding):
        raise BadMedia(f"{path}: expected music, got silence; {_REMEDY}")
    start_s, end_s = float(sounding[0]) * _STEP_S, float(sounding[-1] + 1) * _STEP_S
    _check_length(path, end_s - start_s)
    joins = (start_s, *_quiet_places(levels, start_s, end_s), end_s)
    return Piece(
        name, path, sha256, False, start_s, end_s, _together(known), _filled(heard), tuple(round(t, 2) for t in joins)
    )


def _stretches(path: Path) -> Iterator[Samples]:
    """The sound of a file in stretches of 15 s; the last is 7.5 to 22.5 s long. A file past the longest is refused."""
    whole, frames = round(STRETCH_S * RATE), 0
    waiting: list[Samples] = []
    held = 0
    for block in sound.stream(path, RATE):
        waiting.append(block)
        held += len(block)
        frames += len(block)
        if frames > LONGEST_S * RATE + whole:
            _check_length(path, frames / RATE)
        if held >= whole * 3 // 2:
            joined = np.concatenate(waiting)
            yield joined[:whole]
            waiting, held = [joined[whole:]], held - whole
    if held:
        yield np.concatenate(waiting)


def _reading_of(stretch: Samples, lufs: float, ears: Ears) -> Reading | None:
    """What is felt in a stretch, or None when there is nothing to hear in it."""
    if not math.isfinite(lufs) or len(stretch) < RATE:
        return None
    try:
        return ears.sound(stretch, RATE)
    except (BadMedia, BadValue):  # too quiet for the listener: it has nothing to say, and the file may go on
        return None


def _levels(samples: Samples) -> Levels:
    """Root-mean-square level of each 10 ms."""
    step = round(_STEP_S * RATE)
    count = max(1, len(samples) // step)
    power = np.einsum("ij,ij->i", samples[: count * step], samples[: count * step])
    return np.asarray(np.sqrt(np.pad(power, (0, -len(power) % step)).reshape(count, -1).mean(axis=1) / 2), np.float64)


def _quiet_places(levels: Levels, start_s: float, end_s: float) -> list[float]:
    """The quietest moment of every two seconds, over an eighth of a second, with no onset just before it."""
    smooth = np.convolve(levels, np.ones(13) / 13, "same")
    rise = np.maximum(np.diff(smooth, prepend=smooth[:1]), 0.0)
    busy = smooth + 4.0 * np.convolve(rise, np.ones(12), "full")[: len(smooth)]
    places: list[float] = []
    cell = JOIN_EVERY_S
    for k in range(int((end_s - start_s) / cell)):
        first, last = (round((start_s + (k + share) * cell) / _STEP_S) for share in (0, 1))
        place = (first + int(busy[first:last].argmin())) * _STEP_S
        if start_s + 1.0 < place < end_s - 1.0 and (not places or place - places[-1] > 0.8):
            places.append(place)
    return places


def _filled(heard: _Heard) -> tuple[Stretch, ...]:
    """The stretches; one without anything to hear has the feeling of its neighbour."""
    known = [k for k, reading in enumerate(heard.readings) if reading is not None]
    out = []
    for k, start_s in enumerate(heard.starts_s):
        reading = heard.readings[min(known, key=lambda other: abs(other - k))]
        assert reading is not None
        lufs = heard.lufs[k] if math.isfinite(heard.lufs[k]) else -70.0
        out.append(Stretch(round(start_s, 3), reading.affect, round(lufs, 2)))
    return tuple(out)


def _together(readings: list[Reading]) -> Reading:
    """What several stretches say together: the mean feeling; no surer than one of them alone."""
    n = len(readings)
    affect = Affect.clipped(sum(r.affect.valence for r in readings) / n, sum(r.affect.arousal for r in readings) / n)
    spread = Spread(sum(r.spread.valence for r in readings) / n, sum(r.spread.arousal for r in readings) / n)
    labels = mood_labels(affect, spread.valence, spread.arousal)
    return Reading(affect, labels, min(1.0, max(labels.probs)), readings[0].source, spread)


def _read_score(path: Path, name: str, sha256: str, ears: Ears) -> Piece:
    try:
        if path.stat().st_size > _LARGEST_SCORE:
            raise BadMedia(f"expected a MIDI file of at most 16 MB, got {path.stat().st_size / 1e6:.0f} MB; {_REMEDY}")
        score = scores.from_midi(path.read_bytes())
        _check_length(path, score.duration_s)
        reading = ears.score(score)
    except (BadMedia, BadValue, OSError) as error:
        said = str(error)
        raise BadMedia(said if said.startswith(str(path)) else f"{path}: {said}") from error
    bars = bar_lines(score)
    stretches = tuple(
        Stretch(round(start, 3), _felt(score, start, end, reading, ears), mix.TARGET_LUFS)
        for start, end in _phrases(bars, score.duration_s)
    )
    joins = [t for t in bars if 0.5 < t < score.duration_s - 0.5]
    ends = (0.0, *joins, score.duration_s)
    return Piece(name, path, sha256, True, 0.0, score.duration_s, reading, stretches, tuple(round(t, 4) for t in ends))


def _phrases(bars: list[float], duration_s: float) -> list[tuple[float, float]]:
    """Whole bars in groups of about 15 s, from bar line to bar line."""
    starts = [0.0]
    for bar in bars:
        if bar - starts[-1] >= STRETCH_S and duration_s - bar >= STRETCH_S / 2:
            starts.append(bar)
    return list(zip(starts, [*starts[1:], duration_s], strict=True))


def _felt(score: Score, start_s: float, end_s: float, whole: Reading, ears: Ears) -> Affect:
    """What is felt in some bars of a score; where they hold too little to say, what is felt in all of it."""
    part = between(score, start_s, end_s)
    if sum(len(track.notes) for track in part.tracks if not track.drums) < 8:
        return whole.affect
    return ears.score(part).affect


def between(score: Score, start_s: float, end_s: float) -> Score:
    """The notes of a score that begin from `start_s` until before `end_s`, and are cut off there; times count anew."""
    tracks = []
    for track in score.tracks:
        notes = tuple(
            Note(n.start_s - start_s, max(1e-3, min(n.end_s, end_s) - n.start_s), n.pitch, n.velocity)
            for n in track.notes
            if start_s <= n.start_s < end_s
        )
        tracks.append(Track(track.name, track.program, notes, track.drums, track.pan, track.level_db, track.reverb))
    bpm = [tempo for time_s, tempo in score.tempos if time_s <= start_s + 1e-6][-1]
    later = [(time_s - start_s, tempo) for time_s, tempo in score.tempos if start_s + 1e-6 < time_s < end_s]
    kept = tuple(track for track in tracks if track.notes)
    return Score(kept, end_s - start_s, ((0.0, bpm), *later), score.beats_per_bar)


def bar_lines(score: Score) -> list[float]:
    """The time in seconds of every bar line of a score, through its tempo changes, from its first beat on."""
    lines, beats = [0.0], 0.0
    ends = [time_s for time_s, _ in score.tempos[1:]] + [score.duration_s]
    for (start_s, bpm), end_s in zip(score.tempos, ends, strict=True):
        while True:
            bar_s = start_s + (len(lines) * score.beats_per_bar - beats) * 60.0 / bpm
            if bar_s > end_s + 1e-3 or len(lines) > 1 << 16:
                break
            lines.append(bar_s)
        beats += (end_s - start_s) * bpm / 60.0
    return [line for line in lines if line < score.duration_s]
