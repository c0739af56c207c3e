"""Decode: the composing net writes bars token by token, several readings of them at once, inside their limits.

Guidance runs the net twice, with and without the feeling asked for, and goes on past their difference. A cache of keys and
values makes a token cost the same wherever it stands; the context before the bars is read in one step.
"""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moodscore.music.conditions import without_feeling
from moodscore.music.neural_limits import LENGTH_TICKS, NEVER, BarLimits, Biases, pitch_biases
from moodscore.music.tokens import (
    BAR,
    BASS,
    END,
    FIRST_CHORD,
    FIRST_LENGTH,
    FIRST_NOTE,
    FIRST_OF,
    FIRST_POSITION,
    INNER,
    MELODY,
    QUALITIES,
    TICKS,
    Grammar,
    position_token,
)
from moodscore.weights import store
from moodscore.weights.session import Session

NAME = "music-transformer"
GROWTH = 64  # places by which the cache grows
STAYING = 2.0  # what another chord on the same root costs, more each time; a third is not allowed
WORN = 0.25  # what each of the last six chords costs when it comes again
REPEATED, LEAP = (
    0.6,
    0.7,
)  # what the melody's last pitch costs, and a leap of a fourth, or twice, of a sixth
PACE = 14  # tokens a beat beyond which a bar moves on to the next beat
LONGEST = 4 * TICKS  # of a melody note


@dataclass(frozen=True, slots=True)
class Choices:
    """How tokens are drawn: heat of the distribution, share of it that counts, guidance by feeling, how many readings."""

    temperature: float = 1.0
    top_p: float = 0.95
    guidance: float = 1.5
    count: int = 2


@dataclass(slots=True, eq=False)
class Reading:
    """One way of writing the bars: its tokens so far, bar by bar, and what may come next."""

    limits: Sequence[BarLimits]
    rng: np.random.Generator
    grammar: Grammar = field(default_factory=Grammar)
    bars: list[list[int]] = field(default_factory=list)
    done: bool = False
    _chord: int = -1
    _roots: list[int] = field(default_factory=list)
    _stayed: int = 0  # chords in a row with the root that sounds
    _struck: set[int] = field(default_factory=set)
    _voices: set[int] = field(default_factory=set)
    _inner: int = 0  # inner notes struck at this moment
    _tune: list[int] = field(default_factory=list)  # NOTE tokens of the melody
    _sung: int = 0  # ticks from this bar's start to the end of the melody's last note

    @property
    def at(self) -> BarLimits:
        """The limits of the bar being written."""
        return self.limits[len(self.bars) - 1]

    def take(self, token: int) -> None:
        """Go on by one token; BAR or END after the last bar ends the reading."""
        if token in (BAR, END) and len(self.bars) == len(self.limits):
            self.done = True
            return
        if token == BAR:
            self._turn()
        waiting = self.grammar.pending
        self.grammar.take(token)
        self.bars[-1].append(token)
        if FIRST_CHORD <= token < FIRST_POSITION:
            self._sound(token - FIRST_CHORD)
        elif FIRST_POSITION <= token < FIRST_NOTE:
            self._inner = 0
        elif FIRST_NOTE <= token < FIRST_LENGTH:
            self._struck.add(self.grammar.tick)
            self._voices.add(_voice(token))
            self._inner += _voice(token) == INNER
        elif token >= FIRST_LENGTH and _voice(waiting) == MELODY:
            self._tune.append(waiting)
            self._sung = self.grammar.tick + int(LENGTH_TICKS[token - FIRST_LENGTH])

    def recall(self, tokens: Sequence[int]) -> None:
        """Know the chords and the tune of the bars before, so that the next ones go on from them."""
        for token in tokens:
            if FIRST_CHORD <= token < FIRST_POSITION:
                self._sound(token - FIRST_CHORD)
            elif FIRST_OF[MELODY] <= token < FIRST_OF[BASS]:
                self._tune.append(token)

    def _sound(self, chord: int) -> None:
        same = self._chord >= 0 and chord // len(QUALITIES) == self._chord // len(QUALITIES)
        self._roots.append(chord // len(QUALITIES))
        self._chord, self._stayed = chord, self._stayed + 1 if same else 0

    def _turn(self) -> None:
        """Begin the next bar."""
        if self.bars:
            self._sung -= self.at.beats * TICKS
        self.grammar.begin(self.limits[len(self.bars)].beats)
        self.bars.append([])
        self._struck, self._voices, self._inner = set(), set(), 0

    def biases(self) -> Biases:
        """What is added to the net's logits (VOCABULARY,); NEVER where a token may not come."""
        grammar, bar = self.grammar, self.at
        out = np.where(grammar.valid(), np.float32(0), NEVER)
        out[END] = NEVER
        if grammar.pending:
            self._length(out)
        elif self._chord_due():
            out[:FIRST_CHORD] = out[FIRST_POSITION:] = NEVER
            self._name(out, bar.chords[grammar.tick // TICKS])
        else:
            self._moment(out)
        return out if (out > NEVER / 2).any() else self._anyhow()

    def _anyhow(self) -> Biases:
        """What the grammar allows where the limits leave nothing: the end of the bar, if it may close."""
        out = np.where(self.grammar.valid(), np.float32(0), NEVER)
        out[END] = NEVER
        if self.grammar.may_close:
            out[BAR + 1 :] = NEVER
        return out

    def _chord_due(self) -> bool:
        """Whether this moment must begin with a chord."""
        last, tick = self.grammar.last, self.grammar.tick
        opened = last == BAR or FIRST_POSITION <= last < FIRST_NOTE
        return opened and tick % TICKS == 0 and tick // TICKS in self.at.chords

    def _name(self, out: Biases, asked: Biases) -> None:
        """Chords that may come: at a picture change any but the one that sounds, if there is another."""
        span = out[FIRST_CHORD:FIRST_POSITION]
        span += asked
        for root in self._roots[-6:]:
            span[root * len(QUALITIES) : (root + 1) * len(QUALITIES)] -= WORN
        if self._chord >= 0:
            root = self._chord // len(QUALITIES) * len(QUALITIES)
            span[root : root + len(QUALITIES)] -= STAYING * (1 + 3 * self._stayed)
        moved = self.grammar.tick > 0 or self.at.cut
        if moved and self._chord >= 0:
            others = np.delete(span, self._chord)
            if others.max() > NEVER / 2:
                span[self._chord] = NEVER

    def _length(self, out: Biases) -> None:
        """Notes end with their section; bass and inner notes with their bar, as chords change there."""
        grammar, bar = self.grammar, self.at
        voice = _voice(grammar.pending)
        left = (min(bar.ends, grammar.tick + LONGEST) if voice == MELODY else bar.beats * TICKS) - grammar.tick
        ahead = [beat * TICKS for beat in bar.chords if beat * TICKS > grammar.tick]
        if ahead and voice != MELODY:
            left = min(ahead) - grammar.tick
        span = out[FIRST_LENGTH:]
        span[left < LENGTH_TICKS] = NEVER
        if bar.closing:
            longest = LENGTH_TICKS[left >= LENGTH_TICKS].max()
            span[longest > LENGTH_TICKS] = NEVER

    def _moment(self, out: Biases) -> None:
        """Where notes may be struck, which ones, and whether the bar may close."""
        grammar, bar = self.grammar, self.at
        weak, strong = pitch_biases(self._chord, bar.mode, bar.closing, bar.ranges, 1.0 - 0.5 * bar.dissonance)
        out += strong if grammar.tick % TICKS == 0 else weak
        if grammar.tick > bar.melody_until:
            out[FIRST_OF[MELODY] : FIRST_OF[BASS]] = NEVER
        if self._tune:
            away = np.abs(np.arange(FIRST_OF[MELODY], FIRST_OF[BASS]) - self._tune[-1])
            stuck = REPEATED * (1 + 2 * (self._tune[-2:-1] == self._tune[-1:]))
            out[FIRST_OF[MELODY] : FIRST_OF[BASS]] -= np.where(away == 0, stuck, LEAP * (1.0 * (away > 4) + (away > 9)))
        if grammar.tick % (TICKS // 2):  # a bass in sixteenths or triplets growls
            out[FIRST_OF[BASS] : FIRST_OF[INNER]] = NEVER
        if FIRST_POSITION <= grammar.last < FIRST_NOTE and grammar.tick % TICKS == 0:
            out[FIRST_CHORD:FIRST_POSITION] += bar.free if grammar.tick == bar.beats // 2 * TICKS else NEVER
        beat = grammar.tick // TICKS
        full = len(self.bars[-1]) > PACE * (beat + 1) + 2 and grammar.tick in self._struck
        full &= not bar.pulse or self._inner > 0 or grammar.tick % bar.pulse > 0
        if full and not bar.closing:
            out[FIRST_POSITION : FIRST_POSITION + 8 * (beat + 1)] = NEVER
        if (full or self._inner >= bar.chord_notes) and not bar.closing:
            out[FIRST_OF[INNER] : FIRST_LENGTH] = NEVER
        self._close(out)
        if not bar.closing:
            self._lead(out)

    def _lead(self, out: Biases) -> None:
        """Every bar has a bass under its first chord, and where a melody sings it does not fall silent for long."""
        grammar, bar = self.grammar, self.at
        starts = FIRST_CHORD <= grammar.last < FIRST_NOTE
        missing = [v for v in (MELODY, BASS) if v in bar.voices and v not in self._voices]
        due = max(TICKS, -(-(self._sung + bar.rest) // TICKS) * TICKS)
        if MELODY in bar.voices and due <= min(bar.melody_until, (bar.beats - 1) * TICKS):
            if grammar.tick < due:
                out[BAR] = NEVER
                out[position_token(due) + 1 : FIRST_POSITION + 8 * bar.beats] = NEVER
            elif starts and _only(out, MELODY):
                return
        if bar.pulse:
            self._beat(out)
        if BASS in missing and grammar.tick == 0 and (starts or MELODY in self._voices):
            keep = out[FIRST_OF[MELODY] : FIRST_OF[BASS]].copy()
            if _only(out, BASS) and starts:
                out[FIRST_OF[MELODY] : FIRST_OF[BASS]] = keep

    def _close(self, out: Biases) -> None:
        """A bar closes when every picture change was met, something sounds in it, and it is not overfull."""
        grammar, bar = self.grammar, self.at
        ahead = sorted(beat * TICKS for beat in bar.chords if beat * TICKS > grammar.tick)
        if ahead:
            out[BAR] = NEVER
            out[position_token(ahead[0]) + 1 : FIRST_POSITION + 8 * bar.beats] = NEVER
        if grammar.tick not in self._struck and (bar.opening or bar.closing or grammar.tick):
            out[BAR] = out[FIRST_POSITION:FIRST_NOTE] = NEVER
        if not self._struck:
            out[BAR] = NEVER
        if bar.closing:
            self._finish(out, ahead)

    def _beat(self, out: Biases) -> None:
        """The accompaniment does not miss a stroke of its pulse."""
        tick, pulse = self.grammar.tick, self.at.pulse
        if not tick % pulse and not self._inner:
            out[BAR] = out[FIRST_POSITION:FIRST_NOTE] = NEVER
        following = (tick // pulse + 1) * pulse
        if following < self.at.beats * TICKS:
            out[BAR] = NEVER
            out[position_token(following) + 1 : FIRST_NOTE] = NEVER

    def _finish(self, out: Biases, ahead: list[int]) -> None:
        """The last chord: each voice once, nothing after it but picture changes."""
        out[FIRST_POSITION:FIRST_NOTE] = NEVER
        missing = [v for v in self.at.voices if v not in self._voices]
        if missing and self.grammar.last >= FIRST_CHORD and _only(out, missing[0]):
            return
        if ahead and self.grammar.tick in self._struck and not self.grammar.pending:
            out[position_token(ahead[0])] = 0.0


def _voice(token: int) -> int:
    return bisect.bisect_right(FIRST_OF, token) - 1


def _only(out: Biases, voice: int) -> bool:
    """Leave nothing but notes of one voice, if there are any; whether there were."""
    low, high = FIRST_OF[voice], FIRST_OF[voice + 1]
    if not (out[low:high] > NEVER / 2).any():
        return False
    out[:low] = out[high:] = NEVER
    return True


@dataclass(slots=True, eq=False)
class _Cache:
    """Keys and values of the tokens so far; rows are first the readings with the feeling, then the same without."""

    session: Session
    past: NDArray[np.float32]
    length: int

    def step(self, ids: NDArray[np.int64], conditions: NDArray[np.float32]) -> NDArray[np.float32]:
        """Logits after one more token in each row."""
        feeds: dict[str, NDArray[Any]] = {"ids": ids[:, None], "conditions": conditions[:, None]}
        if self.length == self.past.shape[4]:
            room = np.zeros((*self.past.shape[:4], GROWTH, self.past.shape[5]), np.float32)
            self.past = np.concatenate([self.past, room], 4)
        said = self.session.run(feeds | {"past": self.past, "length": np.array(self.length)})
        self.past[..., self.length : self.length + 1, :] = said["made"]
        self.length += 1
        return np.asarray(said["logits"], np.float32)

    def keep(self, rows: NDArray[np.int64]) -> None:
        """Forget all but these rows."""
        self.past = np.ascontiguousarray(self.past[:, :, rows])


def _read(
    session: Session, ids: Sequence[int], said: NDArray[np.float32], count: int
) -> tuple[_Cache, NDArray[np.float32]]:
    """The cache after a context, for `count` readings with and without feeling, and the logits that follow it."""
    shape = store.card(NAME).input
    both = np.stack([said, without_feeling(said)])
    heads = int(shape["heads"])
    past = np.zeros((int(shape["layers"]), 2, 2, heads, 1, int(shape["width"]) // heads), np.float32)
    feeds = {"ids": np.tile(np.array(ids, np.int64), (2, 1)), "conditions": both, "past": past, "length": np.array(0)}
    out = session.run(feeds)
    made = np.repeat(out["made"], count, 2)
    room = np.zeros((*made.shape[:4], GROWTH, made.shape[5]), np.float32)
    return _Cache(session, np.concatenate([made, room], 4), len(ids)), np.repeat(out["logits"], count, 0)


def write(
    context: tuple[Sequence[int], NDArray[np.float32]],
    limits: Sequence[BarLimits],
    conditions: NDArray[np.float32],
    rngs: Sequence[np.random.Generator],
    choices: Choices,
) -> list[list[list[int]]]:
    """Readings of the bars that `limits` describes: for each generator, the tokens of each bar, BAR first.

    `context` is the tokens before and the conditions (t, WIDTH) of each; `conditions` (bars, WIDTH) those of the bars.
    Deterministic: readings draw from their own generators. Raises BadWeights when the weights are damaged.
    """
    readings = [Reading(limits, rng) for rng in rngs]
    for reading in readings:
        reading.recall(context[0])
        reading.take(BAR)
    ids = [*context[0], BAR]
    said = np.concatenate([context[1], conditions[:1]])
    cache, logits = _read(store.session(NAME), ids, said, len(readings))
    plain = without_feeling(conditions)
    alive = list(readings)
    while True:
        for reading, row in zip(alive, _guided(logits, choices.guidance), strict=True):
            reading.take(_drawn(row + reading.biases(), choices, reading.rng))
        going = [k for k, reading in enumerate(alive) if not reading.done]
        if not going:
            return [reading.bars for reading in readings]
        if len(going) < len(alive):
            cache.keep(np.array([*going, *(len(alive) + k for k in going)]))
            alive = [alive[k] for k in going]
        last = np.array([r.bars[-1][-1] for r in alive] * 2, np.int64)
        bars = [len(r.bars) - 1 for r in alive]
        logits = cache.step(last, np.concatenate([conditions[bars], plain[bars]]))


def _guided(logits: NDArray[np.float32], guidance: float) -> NDArray[np.float32]:
    with_feeling, without = np.split(logits, 2)
    return without + np.float32(guidance) * (with_feeling - without)


def _drawn(logits: Biases, choices: Choices, rng: np.random.Generator) -> int:
    """A token from the likeliest ones that hold `top_p` of the whole."""
    logits = logits / np.float32(choices.temperature)
    order = np.argsort(-logits, kind="stable")[:128]
    shares = np.exp(logits[order] - logits[order[0]], dtype=np.float64)
    heights = np.cumsum(shares)
    # the tail beyond the 128 likeliest is left out as well
    kept = int(np.searchsorted(heights, choices.top_p * heights[-1])) + 1
    return int(order[np.searchsorted(heights[:kept], rng.random() * heights[kept - 1], "right").clip(0, kept - 1)])
