"""Genre sound: excerpts of open scores played as each of the eight prompt genres, with what could have been asked of them.

A genre gives instruments to the voices of a piece, a kit, a swing and a range of tempo; key, tempo, touch and loudness vary
inside it. What is asked is read off what was arranged, and the feeling is the critic's, never a judge's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moodscore.affect import Affect
from moodscore.learn.data.open_scores import Piece
from moodscore.learn.data.score_bars import bar_notes
from moodscore.media import Note, Score, Track
from moodscore.music.chord_names import _TONES as TONES
from moodscore.music.diffusion_wishes import GENRE_NAMES, STRETCH_S, Asked
from moodscore.music.instruments import INSTRUMENTS
from moodscore.music.patterns import BEATS, KITS
from moodscore.music.prompt_genres import GENRES
from moodscore.music.tokens import BASS, DRUMS, INNER, MELODY, NO_CHORD, QUALITIES, TICKS

LENGTH_S = 20.48
_LEAD_S = 0.4  # played before and after, and cut off: the ends are faded
Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Casts:
    """Who plays in a genre: instruments for each voice, kits (or ""), swing, and whether only chords fill the middle."""

    melody: tuple[str, ...]
    inner: tuple[str, ...]
    bass: tuple[str, ...]
    pad: tuple[str, ...] = ()
    kits: tuple[str, ...] = ("",)
    swing: float = 0.5
    held: bool = False


STYLE_KITS: dict[str, tuple[tuple[int, str], ...]] = KITS | {
    "backbeat": ((36, "7.....5.7.4....."), (38, "....6.......6..."), (42, "4.4.5.4.4.4.5.43")),
    "four": ((36, "8...8...8...8..."), (38, "....7.......7..."), (42, "..5...5...5...54")),
    "drive": ((36, "8.....6.8.7....."), (38, "....9.......9..."), (42, "7.5.7.5.7.5.7.5."), (49, "6...............")),
    "ride": ((51, "6...6..56...6..5"), (44, "....5.......5..."), (36, "4.......3.......")),
}
CASTS: dict[str, Casts] = {
    "lo-fi": Casts(
        ("e-piano", "vibraphone", "clean guitar"), ("e-piano",), ("electric bass",), ("warm pad",), ("backbeat",), 0.56
    ),
    "piano ballad": Casts(("piano",), ("piano",), ("piano",), ("", "slow strings")),
    "orchestral": Casts(
        ("violin", "flute", "oboe", "horn", "trumpet"),
        ("strings", "pizzicato", "marcato strings", "harp"),
        ("contrabass", "cello", "tuba"),
        ("", "slow strings", "brass", "choir"),
        ("", "epic", "war"),
    ),
    "synthwave": Casts(("saw lead",), ("saw lead", "clean guitar"), ("synth bass",), ("warm pad", "halo pad"), ("four",)),
    "acoustic folk": Casts(
        ("flute", "nylon guitar", "violin", "clarinet"),
        ("nylon guitar", "steel guitar"),
        ("upright bass",),
        kits=("", "light"),
    ),
    "jazz trio": Casts(("piano",), ("piano",), ("upright bass",), (), ("ride", "brushes"), 0.62),
    "ambient": Casts(
        ("vibraphone", "celesta", "pan flute", "tubular bells"),
        ("new age pad",),
        ("cello",),
        ("halo pad", "choir", "warm pad"),
        held=True,
    ),
    "rock": Casts(("overdriven guitar",), ("overdriven guitar", "clean guitar"), ("electric bass",), (), ("drive",)),
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Excerpt:
    """An arranged excerpt: its score, `start_s` to cut off at its front, and what is asked, its feeling not yet known."""

    score: Score
    start_s: float
    asked: Asked

    def felt(self, affect: Affect) -> Asked:
        """What is asked, with a feeling."""
        affects = np.tile([affect.valence, affect.arousal], (len(self.asked.roots), 1))
        a = self.asked
        return Asked(affects, a.genre, a.classes, a.roots, a.beats, a.bar_beats, a.tempo_bpm, a.density_hz)


@dataclass(frozen=True, slots=True, eq=False)
class _Take:
    """A piece as it is going to be played: notes (n, 5) as in `Piece`, transposed, and the time of every tick."""

    piece: Piece
    notes: NDArray[np.int64]
    shift: int
    first_bar: int
    pace: float
    swing: float

    def seconds(self, ticks: Doubles) -> Doubles:
        """Seconds after the first bar, offbeats late by the swing."""
        beat, share = np.floor(ticks / TICKS), (ticks % TICKS) / TICKS
        s = self.swing
        late = np.where(share < 0.5, share * 2 * s, s + (share - 0.5) * 2 * (1 - s))
        at = np.interp((beat + late) * TICKS, self.piece.ticks, self.piece.times_s)
        return np.asarray((at - self.piece.times_s[self.first_bar]) / self.pace, np.float64)


def excerpt(piece: Piece, genre: str, rng: np.random.Generator) -> Excerpt | None:
    """About 20 s of a piece played as a genre; None where it is too short or says nothing."""
    casts, style = CASTS[genre], GENRES[GENRE_NAMES.index(genre)]
    natural = 60.0 * float(piece.beats.sum()) / float(piece.times_s[-1])
    wanted = np.clip(natural * 2.0 ** rng.uniform(-0.6, 0.6), 0.85 * style.slow_bpm, 1.15 * style.fast_bpm)
    pace = float(np.clip(wanted / natural, 0.6, 1.7))
    whole_s = LENGTH_S + 2 * _LEAD_S
    room = np.flatnonzero(piece.times_s[-1] - piece.times_s[:-1] >= whole_s * pace)
    if not len(room):
        return None
    shift = int(rng.integers(-4, 5))
    notes = piece.notes.copy()
    notes[notes[:, 1] != DRUMS, 2] += shift
    take = _Take(piece, notes, shift, int(rng.choice(room)), pace, casts.swing)
    tracks = _tracks(take, casts, rng, whole_s)
    if sum(len(t.notes) for t in tracks if not t.drums) < 12:
        return None
    return Excerpt(Score(tuple(tracks), whole_s), _LEAD_S, _asked(take, tracks, GENRE_NAMES.index(genre)))


def _tracks(take: _Take, casts: Casts, rng: np.random.Generator, end_s: float) -> list[Track]:
    touch, loud = float(rng.uniform(0.65, 1.05)), float(np.clip(rng.normal(74, 16), 42, 108))
    sung = casts.melody[int(rng.integers(len(casts.melody)))]
    tracks = []
    for voice, options in ((MELODY, (sung,)), (INNER, casts.inner), (BASS, casts.bass)):
        name = str(rng.choice(options))
        rows = take.notes[take.notes[:, 1] == voice]
        if voice == INNER and casts.held:
            continue
        tracks.append(_track(take, rows, name, (touch, loud + (6 if voice == MELODY else -6), end_s), rng))
    if casts.pad:
        name = str(rng.choice(casts.pad))
        tracks += [_pad(take, name, loud - 8, end_s)] if name else []
    kit = str(rng.choice(casts.kits))
    tracks += [_drums(take, kit, loud, end_s)] if kit else []
    return [t for t in tracks if t.notes]


def _track(
    take: _Take, rows: NDArray[np.int64], name: str, how: tuple[float, float, float], rng: np.random.Generator
) -> Track:
    touch, loud, end_s = how
    played = INSTRUMENTS[name]
    starts = take.seconds(rows[:, 0].astype(float))
    ends = take.seconds((rows[:, 0] + rows[:, 3]).astype(float))
    base = 0.0 if take.piece.flat else float(take.notes[:, 4].mean())
    accents = np.where(rows[:, 0] % TICKS == 0, 3.0, -2.0) if take.piece.flat else 0.8 * (rows[:, 4] - base)
    notes = []
    for start, end, pitch, accent in zip(starts, ends, rows[:, 2], accents, strict=True):
        if not -0.01 <= start < end_s - 0.05:
            continue
        velocity = int(np.clip(loud + accent + rng.normal(0, 3), 20, 122))
        long_s = max(0.06, (end - start) * (touch if not played.release_s > 0.6 else 1.0))
        notes.append(Note(max(0.0, float(start)), min(long_s, end_s - start), folded(int(pitch), name), velocity))
    level, hall = played.level_db + float(rng.uniform(-2, 2)), played.reverb
    return Track(name, played.program, tuple(notes), pan=played.pan, level_db=level, reverb=hall)


def folded(pitch: int, name: str) -> int:
    """The pitch moved by octaves into the range of an instrument."""
    played = INSTRUMENTS[name]
    while pitch < played.low:
        pitch += 12
    while pitch > played.high:
        pitch -= 12
    return max(0, pitch)


def _chords(take: _Take) -> list[tuple[int, int, int]]:
    """(tick, root, place in `QUALITIES`) of the chords from the first bar on, transposed; root -1 is no chord."""
    out = []
    for k, bar in enumerate(bar_notes(take.piece)):
        for beat, chord in bar.chords if k >= take.first_bar else ():
            root, quality = divmod(int(chord), len(QUALITIES))
            tick = int(take.piece.ticks[k]) + beat * TICKS
            out.append((tick, -1, 0) if chord == NO_CHORD else (tick, (root + take.shift) % 12, quality))
    return out


def _classes(root: int, quality: int) -> list[int]:
    return [(root + t) % 12 for t in TONES[QUALITIES[quality]]] if root >= 0 else []


def _pad(take: _Take, name: str, loud: float, end_s: float) -> Track:
    """Every chord held by an instrument around middle C."""
    chords = _chords(take)
    ticks = np.array([tick for tick, _, _ in chords] + [take.piece.ticks[-1]], float)
    times = take.seconds(ticks)
    notes = []
    for (_, root, quality), start, end in zip(chords, times[:-1], times[1:], strict=True):
        if 0 <= start < end_s - 0.1:
            velocity = int(np.clip(loud, 20, 110))
            held = [folded(55 + (pc - 55) % 12, name) for pc in _classes(root, quality)]
            notes += [Note(float(start), float(min(end, end_s) - start), pitch, velocity) for pitch in held]
    played = INSTRUMENTS[name]
    return Track("pad", played.program, tuple(notes), level_db=played.level_db - 1.0, reverb=played.reverb)


def _drums(take: _Take, kit: str, loud: float, end_s: float) -> Track:
    notes = []
    for k in range(take.first_bar, len(take.piece.beats)):
        beats = int(take.piece.beats[k])
        order = BEATS.get(beats, tuple(range(4)))[:beats]
        for key, pattern in STYLE_KITS[kit]:
            for beat, source in enumerate(order):
                for step, sign in enumerate(pattern[4 * source : 4 * source + 4]):
                    if sign != ".":
                        tick = take.piece.ticks[k] + beat * TICKS + step * TICKS / 4
                        start = float(take.seconds(np.array([tick]))[0])
                        if 0 <= start < end_s - 0.1:
                            notes.append(Note(start, 0.12, key, int(np.clip(int(sign) / 7 * loud, 15, 120))))
    return Track("drums", 0, tuple(notes), drums=True, level_db=-6.0, reverb=0.12)


def _asked(take: _Take, tracks: list[Track], genre: int) -> Asked:
    """What could have been asked, from the cut on."""
    times = _LEAD_S + STRETCH_S * np.arange(round(LENGTH_S / STRETCH_S))
    grid = take.seconds(take.piece.ticks.astype(float))
    bar = np.clip(np.searchsorted(grid, times + 1e-6, "right") - 1, 0, len(take.piece.beats) - 1)
    beats = take.piece.beats[bar].astype(float)
    seconds = grid[bar + 1] - grid[bar]
    chords = _chords(take)
    begins = take.seconds(np.array([tick for tick, _, _ in chords], float))
    which = np.searchsorted(begins, times + STRETCH_S / 2, "right") - 1
    roots = np.array([chords[k][1] if k >= 0 else -1 for k in which])
    classes = np.zeros((len(times), 12))
    for row, k in enumerate(which):
        classes[row, _classes(*chords[k][1:])] = 1.0 if k >= 0 else 0.0
    onsets = np.unique(np.round([n.start_s for t in tracks if not t.drums and t.name != "pad" for n in t.notes], 2))
    near = [np.sum((onsets >= t - 1.5) & (onsets < t + 1.5)) / 3.0 for t in times]
    inside = (times - grid[bar]) / seconds * beats
    return Asked(
        np.zeros((len(times), 2)), genre, classes, roots, inside, beats, 60.0 * beats / seconds, np.array(near, float)
    )
