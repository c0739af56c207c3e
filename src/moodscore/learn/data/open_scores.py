"""Open scores: pieces under open licences, laid on bars and beats, with each note's role.

A folder holds the archives of `SOURCES` (any of them may be missing) and `mutopia_pd_ccby.csv` (file, licence). A
piece's beats come from its time signatures; where those say nothing of the sound (POP909 is played, with a constant
offset), and for upbeats, beats and bar lines are placed where the onsets, long notes and basses fall.
"""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from moodscore.errors import BadMedia, MoodscoreError
from moodscore.learn.data.score_roles import PITCH, START, VELOCITY, Part, with_roles
from moodscore.music import midi
from moodscore.music.tokens import DRUMS, MAX_BEATS, TICKS, snapped

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Source:
    """An archive.

    Its file, its place in `conditions.STYLES`, its licence, and whether it was played and not engraved.
    """

    archive: str
    style: int
    licence: str
    played: bool = False


SOURCES: dict[str, Source] = {
    "lieder": Source("openscore_lieder_cc0.zip", 0, "CC0"),
    "quartets": Source("openscore_quartets_cc0.zip", 1, "CC0"),
    "mutopia": Source("mutopia_pd_ccby.zip", 2, "Public Domain"),
    "freedoom": Source("freedoom_bsd.zip", 3, "BSD-3-Clause"),
    "pop909": Source("pop909_mit.zip", 4, "MIT", played=True),
}
# LilyPond writes 60 beats a minute when the engraver gave no tempo; such pieces get a middling one.
UNSAID_BPM, MIDDLING_BPM = 60.0, 96.0
LEAST_NOTES = 60
PLAYED_CLARITY = 0.6


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A piece on its grid.

    `notes` (n, 5) are tick from the first bar (12 a beat), voice 0..3, pitch, length in ticks, velocity, in that order;
    `beats` (m,) of each bar; `times_s` (m + 1,) where bars begin and the last ends; `flat` when velocities say nothing.
    """

    name: str
    source: str
    licence: str
    notes: Ints
    beats: Ints
    times_s: Array
    flat: bool

    @property
    def ticks(self) -> Ints:
        """(m + 1,) where bars begin and the last ends, in ticks."""
        return np.concatenate([[0], np.cumsum(self.beats * TICKS)]).astype(np.int64)


def load(folder: Path) -> Iterator[Piece]:
    """The pieces of a folder, source by source; what cannot be laid on a grid is passed over.

    Raises BadMedia, naming the folder, when it holds none of the archives or a broken one.
    """
    found = {name: folder / s.archive for name, s in SOURCES.items() if (folder / s.archive).is_file()}
    if not found:
        raise BadMedia(f"{folder}: expected one of {', '.join(s.archive for s in SOURCES.values())}, got none")
    for name, path in found.items():
        licences = _licences(path.with_suffix(".csv"))
        try:
            with zipfile.ZipFile(path) as archive:
                for member in sorted(m for m in archive.namelist() if m.lower().endswith((".mid", ".midi"))):
                    piece = _piece(member, archive.read(member), name, licences.get(member, SOURCES[name].licence))
                    if piece is not None:
                        yield piece
        except zipfile.BadZipFile as error:
            raise BadMedia(f"{path}: expected a zip archive, got {error}; copy it again") from error


def _licences(table: Path) -> dict[str, str]:
    if not table.is_file():
        return {}
    with table.open(encoding="utf-8", newline="") as file:
        return {row["file"]: row["licence"] for row in csv.DictReader(file)}


def _piece(member: str, data: bytes, source: str, licence: str) -> Piece | None:
    try:
        file = midi.read(data)
    except MoodscoreError:
        return None
    if file.ticks_per_s:
        return None
    parts = [part for events in file.tracks for part in parts_of(events, file.division)]
    if sum(len(p.notes) for p in parts if not p.drums) < LEAST_NOTES:
        return None
    return laid((Path(member).stem, source, licence), with_roles(parts, source), file)


def parts_of(events: tuple[midi.Event, ...], division: int) -> list[Part]:
    """The parts of one MIDI track, one for each channel, in quarters."""
    name = next((e.data.decode("latin-1") for e in events if e.meta == midi.NAME), "")
    rows: dict[int, list[tuple[float, float, int, int]]] = {}
    programs: dict[int, int] = {}
    sounding: dict[tuple[int, int], tuple[int, int]] = {}
    for e in events:
        if e.kind == midi.PROGRAM:
            programs.setdefault(e.channel, e.data[0])
        elif e.kind in (midi.ON, midi.OFF):
            began = sounding.pop((e.channel, e.data[0]), None)
            if began is not None and e.tick > began[0]:
                row = (began[0] / division, (e.tick - began[0]) / division, e.data[0], began[1])
                rows.setdefault(e.channel, []).append(row)
            if e.kind == midi.ON and e.data[1]:
                sounding[e.channel, e.data[0]] = (e.tick, e.data[1])
    return [Part(name, programs.get(c, 0), c == 9, np.array(sorted(r), np.float64)) for c, r in rows.items()]


@dataclass(frozen=True, slots=True, eq=False)
class _Bars:
    """Bars in quarters: where each begins (and the last ends), and its beats."""

    starts: Array
    beats: Ints


def _beat_quarters(numerator: int, denominator: int) -> float:
    if denominator >= 8 and numerator % 3 == 0 and numerator >= 6:
        return 12.0 / denominator
    return 0.5 if denominator == 8 else 1.0


def _cut(beats: int) -> list[int]:
    """A bar of many beats as bars of at most `MAX_BEATS`."""
    if beats <= MAX_BEATS:
        return [beats]
    count = -(-beats // 4)
    return [beats // count + (k < beats % count) for k in range(count)]


def _bars(signatures: list[tuple[float, int, int]], first: float, end: float) -> _Bars:
    """Bars from `first` (quarters) to past `end` by (quarter, numerator, denominator)."""
    starts, beats = [first], []
    for k, (_, numerator, denominator) in enumerate(signatures):
        until = signatures[k + 1][0] if k + 1 < len(signatures) else end
        beat, quarters = _beat_quarters(numerator, denominator), numerator * 4.0 / denominator
        while starts[-1] < until - 1e-6:
            # A signature that changes inside a bar cuts it short.
            length = min(quarters, max(until - starts[-1], beat)) if k + 1 < len(signatures) else quarters
            pieces = _cut(max(1, round(length / beat)))
            for size in pieces:
                starts.append(starts[-1] + length * size / sum(pieces))
                beats.append(size)
    return _Bars(np.array(starts), np.array(beats, np.int64))


def _signatures(file: midi.File) -> list[tuple[float, int, int]]:
    found = {
        e.tick / file.division: (e.data[0], 2 ** e.data[1])
        for events in file.tracks
        for e in events
        if e.meta == midi.METRE and len(e.data) > 1 and e.data[0] and e.data[1] <= 5
    }
    rows = [(q, *found[q]) for q in sorted(found)]
    return rows if rows and rows[0][0] <= 0 else [(0.0, 4, 4), *rows]


def _weights(notes: Array) -> Array:
    """How much each note marks a beat: long and low ones do."""
    return np.minimum(notes[:, 1], 4.0) * np.where(notes[:, PITCH] < 55, 2.0, 1.0)


def _downbeat(notes: Array, beat: float, count: int, origin: float) -> tuple[int, float]:
    """Which of `count` phases of a beat (quarters) after `origin` is marked most, and how much more than phase 0."""
    at = (notes[:, START] - origin) / beat
    on = np.abs(at - np.round(at)) < 0.1
    marked = np.bincount(np.round(at[on]).astype(int) % count, weights=_weights(notes[on]), minlength=count)
    best = int(np.argmax(marked))
    return best, float(marked[best] / max(marked[0], 1e-9))


def _played_grid(notes: Array, end: float) -> _Bars | None:
    """Bars of four beats where a performance at constant tempo puts them; None when its onsets follow no grid."""
    turn = np.exp(2j * np.pi * 4 * notes[:, START]).mean()
    if abs(turn) < PLAYED_CLARITY:
        return None
    origin = float(np.angle(turn)) / (2 * np.pi * 4)
    sixteenth = _downbeat(notes, 0.25, 4, origin)[0]
    origin += 0.25 * sixteenth
    origin += _downbeat(notes, 1.0, 4, origin)[0] - 4.0
    return _bars([(origin, 4, 4)], origin, end)


def _grid(notes: Array, file: midi.File, played: bool) -> _Bars | None:
    end = float((notes[:, START] + notes[:, 1]).max())
    if played:
        return _played_grid(notes, end)
    signatures = _signatures(file)
    first = 0.0
    if len(signatures) == 1:
        numerator, denominator = signatures[0][1:]
        beat = _beat_quarters(numerator, denominator)
        count = max(1, round(numerator * 4.0 / denominator / beat))
        phase, gain = _downbeat(notes, beat, count, 0.0)
        if phase and gain > 1.25:
            first = (phase - count) * beat
    return _bars(signatures, first, end)


def _seconds(file: midi.File, source: str, quarters: Array) -> Array:
    """Seconds of moments in quarters, by the tempo map."""
    found = {
        e.tick / file.division: int.from_bytes(e.data, "big") / 1e6
        for events in file.tracks
        for e in events
        if e.meta == midi.TEMPO and len(e.data) == 3
    }
    at = sorted(found)
    paces = [found[q] for q in at]
    if source == "mutopia" and {round(60 / p, 2) for p in paces if p} <= {UNSAID_BPM}:
        at, paces = [0.0], [60.0 / MIDDLING_BPM]
    if not at or at[0] > 0:
        at, paces = [0.0, *at], [0.5, *paces]
    times = np.concatenate([[0.0], np.cumsum(np.diff(at) * paces[:-1])])
    index = np.clip(np.searchsorted(at, quarters, "right") - 1, 0, None)
    out: Array = times[index] + (quarters - np.array(at)[index]) * np.array(paces)[index]
    return out


def laid(name: tuple[str, str, str], parts: list[tuple[int, Array]], file: midi.File) -> Piece | None:
    """The piece called (name, source, licence) of (voice, notes (n, 4) in quarters) on its grid; None without one."""
    played = SOURCES[name[1]].played
    pitched = np.concatenate([notes for voice, notes in parts if voice != DRUMS])
    grid = _grid(pitched, file, played)
    if grid is None:
        return None
    first_ticks = np.concatenate([[0], np.cumsum(grid.beats * TICKS)])
    rows = []
    for voice, notes in parts:
        bar = np.clip(np.searchsorted(grid.starts, notes[:, START] + 1e-6, "right") - 1, 0, len(grid.beats) - 1)
        per_quarter = grid.beats[bar] * TICKS / (grid.starts[bar + 1] - grid.starts[bar])
        within = (notes[:, START] - grid.starts[bar]) * per_quarter
        ticks = np.round(within / 3) * 3 if played else np.array([snapped(t) for t in within])
        lengths = np.maximum(2, np.round(notes[:, 1] * per_quarter))
        columns = (first_ticks[bar] + ticks, np.full(len(notes), voice), notes[:, PITCH], lengths, notes[:, VELOCITY])
        rows.append(np.stack(columns, 1))
    return _trimmed(name, _single(np.concatenate(rows).astype(np.int64)), grid, _seconds(file, name[1], grid.starts))


def _single(notes: Ints) -> Ints:
    """In order, and one note where the same pitch of a voice is struck twice at once.

    One melody and one bass note at once.
    """
    order = np.lexsort((-notes[:, 3], -notes[:, 2] * np.where(notes[:, 1] == 1, -1, 1), notes[:, 1], notes[:, 0]))
    notes = notes[order]
    pitch = np.where(notes[:, 1] < 2, 0, notes[:, 2])
    _, kept = np.unique(np.stack([notes[:, 0], notes[:, 1], pitch], 1), axis=0, return_index=True)
    notes = notes[np.sort(kept)]
    return notes[np.lexsort((notes[:, 2], notes[:, 1], notes[:, 0]))]


def _trimmed(name: tuple[str, str, str], notes: Ints, grid: _Bars, times_s: Array) -> Piece | None:
    """Without the empty bars before and after the music; None when too few bars or notes are left."""
    ticks = np.concatenate([[0], np.cumsum(grid.beats * TICKS)])
    bar = np.searchsorted(ticks, notes[:, 0], "right") - 1
    first, last = int(bar.min()), min(int(bar.max()), len(grid.beats) - 1)
    notes = notes[bar <= last] - np.array([ticks[first], 0, 0, 0, 0])
    times_s = times_s[first : last + 2] - times_s[first]
    if last - first < 7 or len(notes) < LEAST_NOTES or (np.diff(times_s) <= 0.05).any():
        return None
    flat = bool(notes[notes[:, 1] != DRUMS, 4].std() < 3.0)
    return Piece(*name, notes, grid.beats[first : last + 1], times_s, flat)
