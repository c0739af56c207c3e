"""Tokens: bars of notes to and from the small vocabulary that the composing net reads and writes.

The idea of bar, position and chord tokens is REMI's (Y.-S. Huang & Y.-H. Yang, "Pop Music Transformer", ACM MM 2020);
that a note should cost few tokens is taken from compound words (W.-Y. Hsiao et al., AAAI 2021). A note is two tokens
here: who plays which pitch, then how long and how loud; a drum hit is one. Everything is written as if the tonic were
C (major or minor).

A piece is a run of bars and END:

    bar      = BAR  CHORD  struck*  moment*          the chord and the notes on the first beat follow without a position
    moment   = POSITION  CHORD?  struck*             positions rise within a bar; CHORD only on a beat; never empty
    struck   = NOTE  LENGTH | DRUM                   the ids of NOTE and DRUM rise within a moment, so each comes once:
                                                     melody (at most one), then bass (at most one), then inner notes,
                                                     drums
    piece    = bar+  END

`Grammar` says which ids may come next. Time: `TICKS` = 12 ticks a beat; a beat of compound metre is a dotted one.
Notes begin on sixteenths, triplets or sixths of a beat (`SLOTS`). A bar has 1..6 beats. Loudness is a level relative
to the bar's mean velocity.
"""

from __future__ import annotations

import bisect
import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from moodscore.errors import BadValue

TICKS = 12
MAX_BEATS = 6
SLOTS = (0, 2, 3, 4, 6, 8, 9, 10)
LENGTHS = (2, 3, 4, 6, 8, 9, 12, 15, 18, 24, 30, 36, 48, 60, 72, 96)  # ticks
LEVELS = (-24, -10, 0, 10, 24)  # velocity above the bar's mean
MELODY, BASS, INNER, DRUMS = range(4)
VOICES = ("melody", "bass", "inner", "drums")
RANGES = ((48, 96), (24, 68), (33, 96))  # lowest pitch, one above the highest, of melody, bass, inner
# kick, snare, stick, hat, open hat, crash, ride, floor tom, middle tom, high tom, tambourine, block
KIT = (36, 38, 37, 42, 46, 49, 51, 41, 45, 50, 54, 76)
# fmt: off
NEAR_DRUMS = {
    35: 36, 39: 38, 40: 38, 43: 41, 44: 42, 47: 45, 48: 50, 52: 49, 53: 51, 55: 49, 57: 49, 59: 51, 70: 54, 82: 54,
}
# fmt: on
DRUM_LEVELS = (-8, 12)
QUALITIES = ("", "m", "dim", "aug", "7", "maj7", "m7", "sus4")
PITCH_CLASSES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
CHORDS = (*(root + quality for root in PITCH_CLASSES for quality in QUALITIES), "N")
NO_CHORD = len(CHORDS) - 1

PAD, END, BAR = 0, 1, 2
FIRST_CHORD = 3
FIRST_POSITION = FIRST_CHORD + len(CHORDS)
FIRST_NOTE = FIRST_POSITION + MAX_BEATS * len(SLOTS)
_NOTES_OF = tuple(high - low for low, high in RANGES)
FIRST_OF = (
    FIRST_NOTE,
    FIRST_NOTE + _NOTES_OF[0],
    FIRST_NOTE + sum(_NOTES_OF[:2]),
    FIRST_NOTE + sum(_NOTES_OF),
)
FIRST_LENGTH = FIRST_OF[DRUMS] + len(KIT) * len(DRUM_LEVELS)
VOCABULARY = FIRST_LENGTH + len(LENGTHS) * len(LEVELS)
KINDS = ("special", "chord", "position", "melody", "bass", "inner", "drum", "length")
_STARTS = (0, FIRST_CHORD, FIRST_POSITION, *FIRST_OF, FIRST_LENGTH)

Ids = NDArray[np.int64]


_SLOT_OF = tuple(min(range(len(SLOTS)), key=lambda k: abs(SLOTS[k] - rest)) for rest in range(TICKS))


@functools.cache
def _nearest_length(ticks: int) -> int:
    return min(range(len(LENGTHS)), key=lambda k: max(LENGTHS[k] / ticks, ticks / LENGTHS[k]))


@functools.cache
def _nearest_level(level: int) -> int:
    return min(range(len(LEVELS)), key=lambda k: abs(LEVELS[k] - level))


def kind(token: int) -> str:
    """What a token is, one of `KINDS`. Raises BadValue outside the vocabulary."""
    if not 0 <= token < VOCABULARY:
        raise BadValue(f"token: expected 0..{VOCABULARY - 1}, got {token!r}")
    return KINDS[bisect.bisect_right(_STARTS, token) - 1]


@dataclass(frozen=True, slots=True, order=True)
class Struck:
    """A note in a bar.

    Tick from the bar's start, voice 0..3, MIDI pitch, length in ticks, velocity above the bar's mean.
    """

    tick: int
    voice: int
    pitch: int
    ticks: int = TICKS
    level: int = 0


@dataclass(frozen=True, slots=True)
class BarNotes:
    """One bar: how many beats, (beat, chord number) pairs beginning with beat 0, and the notes in order."""

    beats: int
    chords: tuple[tuple[int, int], ...] = ((0, NO_CHORD),)
    notes: tuple[Struck, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.beats <= MAX_BEATS:
            raise BadValue(f"bar: expected 1..{MAX_BEATS} beats, got {self.beats!r}; split the bar")
        if not self.chords or self.chords[0][0] != 0:
            raise BadValue(f"bar: expected a chord on beat 0, got {self.chords!r}")


def position_token(tick: int) -> int:
    """The POSITION token of the allowed moment nearest to `tick` (an allowed tick is exact)."""
    beat, rest = divmod(tick, TICKS)
    return FIRST_POSITION + beat * len(SLOTS) + _SLOT_OF[rest]


def tick_of(token: int) -> int:
    """The tick of a POSITION token."""
    beat, slot = divmod(token - FIRST_POSITION, len(SLOTS))
    return beat * TICKS + SLOTS[slot]


def snapped(tick: float) -> int:
    """The nearest allowed tick of a bar that goes on: 0, 2, 3, 4, 6, 8, 9, 10, 12 ..."""
    beat, rest = divmod(tick, TICKS)
    return int(beat) * TICKS + min((*SLOTS, TICKS), key=lambda slot: abs(slot - rest))


def chord_token(root: int, quality: str) -> int:
    """The CHORD token of a root 0..11 above the tonic and one of `QUALITIES`."""
    return FIRST_CHORD + root % 12 * len(QUALITIES) + QUALITIES.index(quality)


def _folded(pitch: int, voice: int) -> int:
    """A pitch moved by octaves into its voice's range."""
    low, high = RANGES[voice]
    if pitch < low:
        return pitch + 12 * -((pitch - low) // 12)
    return pitch - 12 * -((high - 1 - pitch) // 12) if pitch >= high else pitch


def note_token(note: Struck) -> int:
    """The NOTE or DRUM token: pitches out of a voice's range move by octaves, drums to the kit's nearest piece."""
    if note.voice == DRUMS:
        pitch = NEAR_DRUMS.get(note.pitch, note.pitch)
        piece = min(range(len(KIT)), key=lambda k: abs(KIT[k] - pitch))
        return FIRST_OF[DRUMS] + piece * len(DRUM_LEVELS) + int(note.level > 2)
    return FIRST_OF[note.voice] + _folded(note.pitch, note.voice) - RANGES[note.voice][0]


def length_token(note: Struck) -> int:
    """The LENGTH token: the nearest length (by ratio) and level."""
    return FIRST_LENGTH + _nearest_length(note.ticks) * len(LEVELS) + _nearest_level(note.level)


def struck(tick: int, token: int, length: int = PAD) -> Struck:
    """The note of a NOTE (with its LENGTH) or DRUM token at `tick`."""
    voice = bisect.bisect_right(FIRST_OF, token) - 1
    if voice == DRUMS:
        piece, level = divmod(token - FIRST_OF[DRUMS], len(DRUM_LEVELS))
        return Struck(tick, DRUMS, KIT[piece], 3, DRUM_LEVELS[level])
    ticks, level = divmod(length - FIRST_LENGTH, len(LEVELS))
    return Struck(tick, voice, token - FIRST_OF[voice] + RANGES[voice][0], LENGTHS[ticks], LEVELS[level])


def encode_bar(bar: BarNotes) -> list[int]:
    """The tokens of one bar, BAR first.

    Notes beyond the grammar (a second melody or bass note at once, doubles) are left out.
    """
    moments: dict[int, dict[int, list[int]]] = {}
    single: set[tuple[int, int]] = set()
    for note in sorted(bar.notes):
        position, token = position_token(note.tick), note_token(note)
        if position >= FIRST_POSITION + bar.beats * len(SLOTS) or (position, note.voice) in single:
            continue
        if note.voice in (MELODY, BASS):
            single.add((position, note.voice))
        moment = moments.setdefault(position, {})
        moment.setdefault(token, [token] if note.voice == DRUMS else [token, length_token(note)])
    chords = {position_token(beat * TICKS): FIRST_CHORD + chord for beat, chord in bar.chords}
    out = [BAR]
    for position in sorted({*moments, *chords}):
        if position != FIRST_POSITION:
            out.append(position)
        if position in chords:
            out.append(chords[position])
        out += [t for _, tokens in sorted(moments.get(position, {}).items()) for t in tokens]
    return out


def encode(bars: Iterable[BarNotes]) -> list[int]:
    """The tokens of a whole piece, with END."""
    return [*(token for bar in bars for token in encode_bar(bar)), END]


def decode(ids: Sequence[int], beats: Sequence[int]) -> list[BarNotes]:
    """The bars that tokens say; `beats` is how many each bar has. Raises BadValue where the grammar is broken."""
    grammar = Grammar()
    bars: list[BarNotes] = []
    chords: list[tuple[int, int]] = []
    notes: list[Struck] = []

    def close() -> None:
        if chords:
            bars.append(BarNotes(beats[len(bars)], tuple(chords), tuple(notes)))

    for at, token in enumerate(ids):
        if token == BAR:
            close()
            chords, notes = [], []
            if len(bars) >= len(beats):
                raise BadValue(f"tokens: expected {len(beats)} bars, got another BAR at {at}; ask for more bars")
            grammar.begin(beats[len(bars)])
        before = grammar.pending
        if not grammar.allows(token):
            raise BadValue(f"tokens: expected what the grammar allows at {at}, got {token} ({kind(token)})")
        grammar.take(token)
        if FIRST_CHORD <= token < FIRST_POSITION:
            chords.append((grammar.tick // TICKS, token - FIRST_CHORD))
        elif token >= FIRST_LENGTH:
            notes.append(struck(grammar.tick, before, token))
        elif token >= FIRST_OF[DRUMS]:
            notes.append(struck(grammar.tick, token))
    close()
    return bars


@dataclass(slots=True)
class Grammar:
    """Which tokens may come next: call `begin(beats)` before each BAR, `take(token)` after each token.

    `valid()` is a mask (VOCABULARY,) bool of what may follow. It offers BAR and END wherever a bar may close; which of
    the two, and when, is the caller's choice, as only the plan knows the bars left (`may_close`). `tick` is where the
    next note of this moment begins, `pending` a NOTE token that waits for its LENGTH, or 0.
    """

    beats: int = 4
    tick: int = 0
    pending: int = 0
    last: int = PAD
    _floor: int = field(default=0, repr=False)
    _started: bool = field(default=False, repr=False)
    _ended: bool = field(default=False, repr=False)

    def begin(self, beats: int) -> None:
        """The next BAR opens a bar of `beats` beats, 1..6."""
        if not 1 <= beats <= MAX_BEATS:
            raise BadValue(f"bar: expected 1..{MAX_BEATS} beats, got {beats!r}")
        self.beats = beats

    @property
    def may_close(self) -> bool:
        """Whether the bar is complete here, so that BAR or END may follow."""
        opened = self.last in (PAD, BAR) or FIRST_POSITION <= self.last < FIRST_NOTE
        return self._started and not (opened or self.pending or self._ended)

    def valid(self) -> NDArray[np.bool_]:
        """A mask (VOCABULARY,) of the tokens that may come next."""
        mask = np.zeros(VOCABULARY, bool)
        if self._ended:
            return mask
        if not self._started:
            mask[BAR] = True
        elif self.last == BAR:
            mask[FIRST_CHORD:FIRST_POSITION] = True
        elif self.pending:
            mask[FIRST_LENGTH:] = True
        else:
            self._open(mask)
        return mask

    def _open(self, mask: NDArray[np.bool_]) -> None:
        mask[self._floor : FIRST_LENGTH] = True
        if FIRST_POSITION <= self.last < FIRST_NOTE:
            mask[FIRST_CHORD:FIRST_POSITION] = self.tick % TICKS == 0
            return
        mask[[BAR, END]] = True
        mask[position_token(self.tick) + 1 : FIRST_POSITION + self.beats * len(SLOTS)] = True

    def allows(self, token: int) -> bool:
        """Whether `token` may come next."""
        return 0 <= token < VOCABULARY and bool(self.valid()[token])

    def take(self, token: int) -> None:
        """Go on by one token; it must be one that `valid` allows."""
        if token == BAR:
            self._started, self.tick, self._floor = True, 0, FIRST_NOTE
        elif token == END:
            self._ended = True
        elif FIRST_POSITION <= token < FIRST_NOTE:
            self.tick, self._floor = tick_of(token), FIRST_NOTE
        elif FIRST_NOTE <= token < FIRST_LENGTH:
            voice = bisect.bisect_right(FIRST_OF, token) - 1
            self._floor = FIRST_OF[voice + 1] if voice in (MELODY, BASS) else token + 1
            self.pending = token if voice != DRUMS else 0
        else:
            self.pending = 0
        self.last = token


def shifts() -> Ids:
    """(12, VOCABULARY): row s turns each token into the same music s semitones up (s > 6: 12 - s down), ranges kept."""
    table = np.tile(np.arange(VOCABULARY, dtype=np.int64), (12, 1))
    for s in range(12):
        up = s if s <= 6 else s - 12
        for root in range(12):
            for q in range(len(QUALITIES)):
                table[s, FIRST_CHORD + root * len(QUALITIES) + q] = chord_token(root + up, QUALITIES[q])
        for voice in (MELODY, BASS, INNER):
            low, high = RANGES[voice]
            for pitch in range(low, high):
                table[s, FIRST_OF[voice] + pitch - low] = FIRST_OF[voice] + _folded(pitch + up, voice) - low
    return table
