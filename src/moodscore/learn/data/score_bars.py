"""Score bars: a piece on its grid becomes tokens, wishes, pitch classes and feelings, bar by bar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moodscore.learn.data.open_scores import SOURCES, Piece
from moodscore.media import Note, Score, Track
from moodscore.music.chord_names import chords
from moodscore.music.conditions import wishes
from moodscore.music.features import NAMES, features
from moodscore.music.tokens import BASS, DRUMS, MELODY, TICKS, BarNotes, Struck, encode_bar

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Critic = Callable[[Array], Array]  # features (n, 17) -> valence and arousal (n, 2)

STRETCHES = (0.8, 0.9, 1.0, 1.12, 1.25)  # how much faster a piece is also heard
WINDOW_S = 15.0  # the critic learned from pieces of about this length
# The mean velocity features of the critic's own pieces, given to scores whose velocities say nothing.
NEUTRAL_VELOCITY = {"velocity_mean": 77.7, "velocity_max": 84.4}
_AT = {name: k for k, name in enumerate(NAMES)}
_CHORD_BEATS = {4: (0, 2), 5: (0, 3), 6: (0, 3)}


@dataclass(frozen=True, slots=True, eq=False)
class Bars:
    """What training needs of a piece.

    Tokens of each bar, wishes (m, 17), pitch classes (m, 12), feelings (m, stretches, 2).
    """

    tokens: list[list[int]]
    wishes: Array
    classes: Array
    feelings: Array


def bars_of(piece: Piece, critic: Critic) -> Bars:
    """Everything training needs of a piece; feelings are the critic's."""
    ticks = piece.ticks
    index = np.searchsorted(ticks, piece.notes[:, 0], "right") - 1
    tokens = [encode_bar(bar) for bar in bar_notes(piece)]
    asked = _wishes(piece, index)
    return Bars(tokens, asked, sounding(piece, ticks)[0], feelings(piece, critic))


def bar_notes(piece: Piece) -> list[BarNotes]:
    """The piece as bars of notes with the chords that sound in them."""
    ticks = piece.ticks
    index = np.searchsorted(ticks, piece.notes[:, 0], "right") - 1
    levels = np.zeros(len(index)) if piece.flat else _levels(piece, index)
    named = _chords(piece)
    notes: list[list[Struck]] = [[] for _ in piece.beats]
    starts = ticks[index]
    for bar, start, level, (tick, voice, pitch, length, _) in zip(index, starts, levels, piece.notes, strict=True):
        notes[bar].append(Struck(int(tick - start), int(voice), int(pitch), int(length), int(level)))
    return [BarNotes(int(b), c, tuple(n)) for b, c, n in zip(piece.beats, named, notes, strict=True)]


def _levels(piece: Piece, index: Ints) -> Array:
    """Each note's velocity above the mean of its bar, drums among themselves."""
    drums = piece.notes[:, 1] == DRUMS
    group = index * 2 + drums
    count = np.maximum(np.bincount(group, minlength=2 * len(piece.beats)), 1)
    mean = np.bincount(group, weights=piece.notes[:, 4], minlength=2 * len(piece.beats)) / count
    return np.asarray(np.clip(piece.notes[:, 4] - mean[group], -60, 60), np.float64)


def sounding(piece: Piece, borders: Ints) -> tuple[Array, Ints]:
    """Ticks each pitch class sounds between neighbouring borders (m, 12), and the bass's pitch class (m,) or -1."""
    notes = piece.notes[piece.notes[:, 1] != DRUMS]
    count = len(borders) - 1
    held, lowest = np.zeros((count, 12)), np.full(count, 200)
    first = np.searchsorted(borders, notes[:, 0], "right") - 1
    for step in range(64):
        at = first + step
        inside = (at < count) & (borders[np.minimum(at, count)] < notes[:, 0] + notes[:, 3])
        if not inside.any():
            break
        n, k = notes[inside], at[inside]
        begin, end = np.maximum(n[:, 0], borders[k]), np.minimum(n[:, 0] + n[:, 3], borders[k + 1])
        np.add.at(held, (k, n[:, 2] % 12), (end - begin) * np.where(n[:, 1] == BASS, 1.5, 1.0) + 1.0)
        np.minimum.at(lowest, k, n[:, 2])
    return held, np.where(lowest < 200, lowest % 12, -1)


def _chords(piece: Piece) -> list[tuple[tuple[int, int], ...]]:
    """For each bar its (beat, chord) pairs; a chord is named again only where it changes within the bar."""
    places = [(bar, beat) for bar, n in enumerate(piece.beats) for beat in _CHORD_BEATS.get(int(n), (0,))]
    borders = np.array([piece.ticks[bar] + beat * TICKS for bar, beat in places] + [piece.ticks[-1]])
    out: list[list[tuple[int, int]]] = [[] for _ in piece.beats]
    for (bar, beat), chord in zip(places, chords(*sounding(piece, borders)), strict=True):
        if not beat or out[bar][-1][1] != chord:
            out[bar].append((beat, int(chord)))
    return [tuple(c) for c in out]


def _smooth(values: Array, weights: Array) -> Array:
    """Weighted means over a bar and its neighbours; nan where nothing weighs."""
    kernel = np.array([0.5, 1.0, 0.5])
    total = np.convolve(weights, kernel, "same")
    with np.errstate(invalid="ignore", divide="ignore"):
        out: Array = np.where(total > 0, np.convolve(np.nan_to_num(values) * weights, kernel, "same") / total, np.nan)
    return out


def _wishes(piece: Piece, index: Ints) -> Array:
    """What each bar is like, as the wishes it fulfils.

    Feeling, key and register's transposition are left to the batches.
    """
    count, seconds = len(piece.beats), np.diff(piece.times_s)
    voice = piece.notes[:, 1]
    present = np.stack([np.bincount(index[voice == v], minlength=count) > 0 for v in range(4)])
    lead, others = voice == MELODY, (voice != MELODY) & (voice != DRUMS)

    def rate(mask: NDArray[np.bool_]) -> Array:
        moments = np.unique(piece.notes[mask, 0])
        bars = np.searchsorted(piece.ticks, moments, "right") - 1
        return _smooth(np.bincount(bars, minlength=count) / seconds, seconds)

    def mean(column: Array, mask: NDArray[np.bool_]) -> Array:
        n = np.bincount(index[mask], minlength=count).astype(np.float64)
        sums = np.bincount(index[mask], weights=column[mask], minlength=count)
        return _smooth(sums / np.maximum(n, 1), n)

    dynamics = mean(piece.notes[:, 4].astype(float), voice != DRUMS)
    return wishes(
        count,
        tempo_bpm=60.0 * piece.beats / seconds,
        density_hz=rate(others),
        melody_hz=np.where(present[MELODY], rate(lead), np.nan),
        register=mean(piece.notes[:, 2].astype(float), lead),
        dynamics=np.nan if piece.flat else dynamics,
        articulation=mean(_sounding_share(piece), voice != DRUMS),
        melody=present[0],
        bass=present[1],
        inner=present[2],
        drums=present[3],
        style=SOURCES[piece.source].style,
        beats=piece.beats,
        bars_left=np.arange(count)[::-1],
        bars_before=np.arange(count),
    )


def _sounding_share(piece: Piece) -> Array:
    """For each note, how much of the time to its voice's next onset it sounds, at most 1."""
    out = np.ones(len(piece.notes))
    for voice in range(4):
        mine = np.flatnonzero(piece.notes[:, 1] == voice)
        moments = np.append(np.unique(piece.notes[mine, 0]), piece.ticks[-1] + TICKS)
        gap = moments[np.searchsorted(moments, piece.notes[mine, 0], "right")] - piece.notes[mine, 0]
        out[mine] = np.minimum(1.0, piece.notes[mine, 3] / np.maximum(gap, 1))
    return out


def feelings(piece: Piece, critic: Critic) -> Array:
    """(bars, stretches, 2): what the critic hears around each bar, were the piece played that much faster."""
    count, seconds = len(piece.beats), np.diff(piece.times_s)
    width = int(np.clip(round(WINDOW_S / float(np.median(seconds))), 4, 16))
    centres, rows = [], []
    for first in range(0, max(1, count - width // 2), max(1, width // 2)):
        last = min(first + width, count)
        said = _features(piece, first, last)
        if said is not None:
            centres.append((first + last) / 2)
            rows.append(said)
    if not rows:
        return np.full((count, len(STRETCHES), 2), np.nan)
    heard = critic(np.concatenate(rows)).reshape(len(rows), len(STRETCHES), 2)
    at = np.arange(count) + 0.5
    flat = heard.reshape(len(rows), -1)
    out = np.stack([np.interp(at, centres, column) for column in flat.T], 1)
    return out.reshape(count, len(STRETCHES), 2)


def _features(piece: Piece, first: int, last: int) -> Array | None:
    """(stretches, 17) features of the bars first..last, or None where too little sounds."""
    span = (piece.notes[:, 0] >= piece.ticks[first]) & (piece.notes[:, 0] < piece.ticks[last])
    notes = piece.notes[span & (piece.notes[:, 1] != DRUMS)]
    if len(notes) < 8:
        return None
    start = np.interp(notes[:, 0], piece.ticks, piece.times_s) - piece.times_s[first]
    end = np.interp(notes[:, 0] + notes[:, 3], piece.ticks, piece.times_s) - piece.times_s[first]
    lasts = np.maximum(end - start, 0.02)
    played = tuple(Note(s, d, p, v) for s, d, p, v in zip(start, lasts, *notes[:, [2, 4]].T.tolist(), strict=True))
    base = features(Score((Track("", 0, played),), float(end.max()) + 0.1))
    if piece.flat:
        for name, value in NEUTRAL_VELOCITY.items():
            base[_AT[name]] = value
    out = np.tile(base, (len(STRETCHES), 1))
    by = np.log2(STRETCHES)
    out[:, _AT["log_notes_hz"]] += by
    out[:, _AT["log_duration_mean"]] -= by
    out[:, _AT["duration_extremity"]] = (out[:, _AT["log_duration_mean"]] + 1.5) ** 2
    out[:, _AT["short_notes"]] = [(np.maximum(lasts, 0.03) / s < 0.2).mean() for s in STRETCHES]
    return out
