"""Token batches: segments of a corpus for training: transposed to C, stretched in time, wishes dropped now and then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from moodscore.learn.data.open_scores import SOURCES
from moodscore.learn.data.score_bars import STRETCHES
from moodscore.learn.data.token_corpus import Corpus
from moodscore.learn.train import TrainConfig
from moodscore.music.conditions import GROUPS, STYLES, columns, vectors
from moodscore.music.tokens import PAD, shifts

Array = NDArray[np.float64]
Batch = tuple[tuple[Tensor, Tensor], Tensor]

# What share of segments each source gives, by style.
SHARES = {"song": 0.24, "quartet": 0.10, "classical": 0.24, "game": 0.08, "pop": 0.34}
IGNORED = -100  # the aim of what is padding
DROP_FEELING, DROP_OTHER, DROP_STYLE, DROP_MANY = 0.15, 0.10, 0.20, 0.15
_RARE = 0.4  # the power by which rare regions of the plane are drawn oftener
_KEYS = np.array(
    [
        [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88],
        [6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17],
    ]
)  # Krumhansl & Kessler (1982)


def key_of(classes: Array) -> tuple[int, int]:
    """(tonic 0..11, mode: 1 major, 0 minor) of pitch classes (12,) by the best correlation with the key profiles."""
    profiles = np.array([np.roll(row - row.mean(), k) for row in _KEYS for k in range(12)])
    profiles /= np.linalg.norm(profiles, axis=1, keepdims=True)
    best = int(np.argmax(profiles @ (classes - classes.mean())))
    return best % 12, int(best < 12)


def bar_weights(corpus: Corpus, valid: bool) -> Array:
    """How likely a segment begins at each bar (sums to 1).

    Long pieces do not rule (square root), sources get their `SHARES`, rare feelings and bars with a melody come
    oftener.
    """
    bars = np.diff(corpus.piece_at)
    piece = np.repeat(np.arange(len(bars)), bars)
    style = np.array([SOURCES[p["source"]].style for p in corpus.pieces])[piece]
    use = np.array([p["valid"] == valid for p in corpus.pieces])[piece]
    weights = use / np.sqrt(bars[piece])
    weights *= np.where(corpus.wishes[:, columns("melody")[0]] > 0, 1.0, 0.4)
    feeling = np.nan_to_num(corpus.feelings[:, STRETCHES.index(1.0)])
    cell = np.clip(((feeling + 1.0) * 4).astype(int), 0, 7)
    counts = np.zeros((8, 8))
    np.add.at(counts, (cell[:, 0], cell[:, 1]), weights)
    common = counts[cell[:, 0], cell[:, 1]] / max(counts.max(), 1e-9)
    weights *= np.minimum(4.0, np.maximum(common, 1e-9) ** -_RARE)
    for number, name in enumerate(STYLES):
        mine = style == number
        total = weights[mine].sum()
        weights[mine] *= SHARES[name] / total if total > 0 else 0.0
    out: Array = weights / weights.sum()
    return out


@dataclass(frozen=True, slots=True, eq=False)
class TokenBatches:
    """A stream of segments for `fit`: inputs (ids (n, length), conditions (n, length, c)) and aims (n, length).

    An aim is the token that follows, or `IGNORED`. The condition beside a token is that of its bar. `steps` batches an
    epoch.
    """

    corpus: Corpus
    length: int = 512
    steps: int = 250
    valid: bool = False
    _weights: Array = field(init=False, repr=False)
    _shifts: NDArray[np.int64] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_weights", np.cumsum(bar_weights(self.corpus, self.valid)))
        object.__setattr__(self, "_shifts", shifts())

    def __len__(self) -> int:
        return self.steps

    def epoch(self, number: int, config: TrainConfig, progress: Callable[[], float]) -> Iterator[Batch]:
        """The batches of one epoch, drawn by the seed and the epoch's number."""
        rng = np.random.default_rng([config.seed, 41, number])
        for _ in range(self.steps):
            yield self.batch(rng, config.batch_size)

    def batch(self, rng: np.random.Generator, count: int, plain: bool = False) -> Batch:
        """`count` segments; `plain` ones are neither stretched nor lack wishes."""
        rows = [self._segment(rng, plain) for _ in range(count)]
        ids, conditions, aims = (torch.from_numpy(np.stack(column)) for column in zip(*rows, strict=True))
        return (ids, conditions), aims

    def _start(self, rng: np.random.Generator) -> tuple[int, int]:
        """(piece, first bar): anywhere, at its beginning, or so that its end is in sight."""
        c = self.corpus
        bar = min(int(np.searchsorted(self._weights, rng.random(), "right")), len(c.bar_at) - 2)
        piece = int(np.searchsorted(c.piece_at, bar, "right")) - 1
        chance = rng.random()
        if chance < 0.12:
            bar = int(c.piece_at[piece])
        elif chance < 0.30:
            last = int(c.piece_at[piece + 1])
            fits = int(np.searchsorted(c.bar_at, c.bar_at[last] - self.length, "left"))
            bar = min(last - 1, max(int(c.piece_at[piece]), fits) + int(rng.integers(0, 3)))
        return piece, bar

    def _segment(
        self, rng: np.random.Generator, plain: bool
    ) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.int64]]:
        c = self.corpus
        piece, first = self._start(rng)
        begin = int(c.bar_at[first])
        end = min(begin + self.length + 1, int(c.bar_at[c.piece_at[piece + 1]]))
        last = int(np.searchsorted(c.bar_at, end, "left"))  # one past the last bar that is touched
        tonic, mode = key_of(c.classes[first:last].sum(0).astype(np.float64))
        tokens = self._shifts[-tonic % 12][c.tokens[begin:end].astype(np.int64)]
        asked = c.wishes[first:last].astype(np.float64)
        asked[:, columns("mode")[0]] = mode
        asked[:, columns("register")[0]] += -tonic if tonic < 6 else 12 - tonic
        stretch = STRETCHES.index(1.0) if plain else int(rng.choice(len(STRETCHES), p=(0.15, 0.15, 0.4, 0.15, 0.15)))
        asked[:, columns("tempo_bpm", "density_hz", "melody_hz")] *= STRETCHES[stretch]
        asked[:, columns("valence", "arousal")] = c.feelings[first:last, stretch]
        if not plain:
            asked[:, columns("dynamics")] += rng.uniform(-6, 6)
            asked[:, columns("valence", "arousal")] += rng.normal(0, 0.04, 2)
            _drop(asked, rng)
        of_bar = np.repeat(np.arange(last - first), np.diff(np.minimum(c.bar_at[first : last + 1], end)))
        ids = np.full(self.length, PAD, np.int64)
        aims = np.full(self.length, IGNORED, np.int64)
        count = len(tokens) - 1
        ids[:count], aims[:count] = tokens[:-1], tokens[1:]
        conditions = np.zeros((self.length, vectors(asked[:1]).shape[1]), np.float32)
        conditions[:count] = vectors(asked)[of_bar[:count]]
        return ids, conditions, aims


def _drop(asked: Array, rng: np.random.Generator) -> None:
    """Make some groups of wishes unknown for a whole segment."""
    many = rng.random() < DROP_MANY
    for group in GROUPS:
        chance = DROP_FEELING if "valence" in group else DROP_STYLE if "style" in group else DROP_OTHER
        if rng.random() < (0.6 if many and "valence" not in group else chance):
            asked[:, columns(*group)] = np.nan
