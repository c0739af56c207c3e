"""Rows for fitting the judge: rated pieces as features, as they are and as three people might have played them.

Most rated pieces were entered, not played: flat velocities, no pedal, notes on the grid. A judge fitted to them alone
takes a pedal for a slow, dark piece. So each piece is also shown with touch, timing and pedal of a performance, under the
same rating.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from moodscore.errors import BadMedia
from moodscore.learn.data import near_copies
from moodscore.learn.data.eimg import Rated
from moodscore.music.features import onset_groups, pitched
from moodscore.music.passage_features import NAMES, features
from moodscore.music.passages import Passage

COPIES = 3
RUN = 6
OWN_SHARE = 0.6  # how much a piece as it is counts against its performed copies together
Array = NDArray[np.float64]
Ints = NDArray[np.int_]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Features (n, features) of performances, the piece of each (n,), its weight (n,); `own` marks pieces as they are."""

    features: Array
    piece: Ints
    weight: Array
    own: NDArray[np.bool_]

    def of(self, pieces: NDArray[np.bool_]) -> Rows:
        """The rows of the pieces marked."""
        kept = pieces[self.piece]
        return Rows(self.features[kept], self.piece[kept], self.weight[kept], self.own[kept])


def rows_of(pieces: Sequence[Rated], kept_in: Path | None = None) -> Rows:
    """All rows, copy by copy: each piece as it is, then three performances; `kept_in` keeps the features between runs."""
    count = len(pieces)
    if kept_in and kept_in.exists():
        x = np.load(kept_in)
    else:
        x = np.array([row for copy in range(COPIES + 1) for row in _copy(pieces, copy)])
        if kept_in:
            np.save(kept_in, x)
    if x.shape != (count * (COPIES + 1), len(NAMES)):
        raise BadMedia(
            f"{kept_in}: expected features of {count} pieces in {COPIES + 1} copies, got {x.shape}; delete it"
        )
    own = np.arange(len(x)) < count
    return Rows(x, np.tile(np.arange(count), COPIES + 1), np.where(own, OWN_SHARE, (1 - OWN_SHARE) / COPIES), own)


def _copy(pieces: Sequence[Rated], copy: int) -> Iterator[Array]:
    """The features of every piece as it is (copy 0) or performed (1, 2, ...); rated pieces are about a passage long."""
    rng = np.random.default_rng(copy - 1) if copy else None
    for rated in pieces:
        notes = pitched(rated.score)
        yield features(Passage(notes if rng is None else performed(notes, rng)))


def performed(notes: Array, rng: np.random.Generator) -> Array:
    """Rows of notes as somebody might play them: touch, timing, articulation and pedal, each by chance."""
    notes = notes.copy()
    onsets = onset_groups(notes[:, 0])
    if rng.random() < 0.7:
        notes[:, 3] = _touched(notes, onsets, rng)
    if rng.random() < 0.7:
        shift = rng.normal(0, rng.uniform(0.005, 0.025), int(onsets[-1]) + 1)[onsets]
        shift += rng.normal(0, rng.uniform(0.003, 0.012), len(notes))
        notes[:, :2] += shift[:, None]
        notes[:, 1] = np.maximum(notes[:, 1], notes[:, 0] + 0.03)
    if rng.random() < 0.3:
        notes[:, 1] = notes[:, 0] + (notes[:, 1] - notes[:, 0]) * rng.uniform(0.6, 1.0)
    notes = notes[np.lexsort((notes[:, 2], notes[:, 0]))]
    return _pedalled(notes, rng) if rng.random() < 0.65 else notes


def _touched(notes: Array, onsets: Ints, rng: np.random.Generator) -> Array:
    """Velocities with the highest notes brought out, phrases swelling and fading, and fingers uneven."""
    top = np.zeros(int(onsets[-1]) + 1)
    np.maximum.at(top, onsets, notes[:, 2])
    change = np.where(notes[:, 2] == top[onsets], rng.uniform(0, 12), 0.0)
    phrase = np.sin(notes[:, 0] * 2 * np.pi / rng.uniform(4, 12) + rng.uniform(0, 6))
    change += phrase * rng.uniform(0, 8) + rng.normal(0, rng.uniform(2, 8), len(notes))
    return np.asarray(np.clip(notes[:, 3] + change - change.mean() + rng.normal(0, 4), 15, 124))


def _pedalled(notes: Array, rng: np.random.Generator) -> Array:
    """Notes that last until the pedal changes, which it does at low notes, every one to five seconds."""
    notes, onsets = notes.copy(), onset_groups(notes[:, 0])
    times = notes[np.unique(onsets, return_index=True)[1], 0]
    lowest = np.full(len(times), 200.0)
    np.minimum.at(lowest, onsets, notes[:, 2])
    patience, middle, changes = rng.uniform(0.7, 2.5), np.median(notes[:, 2]), [times[0]]
    for time, low in zip(times[1:], lowest[1:], strict=True):
        waited = time - changes[-1]
        if waited >= 2 * patience or (low <= middle and waited >= patience):
            changes.append(time)
    ups = np.array([*changes, notes[:, 1].max() + 0.3])
    after = np.searchsorted(ups, np.maximum(notes[:, 1] - 0.02, notes[:, 0] + 0.02))
    ends = np.maximum(notes[:, 1], ups[np.minimum(after, len(ups) - 1)])
    for pitch in np.unique(notes[:, 2]):
        same = np.flatnonzero(notes[:, 2] == pitch)
        ends[same[:-1]] = np.minimum(ends[same[:-1]], np.maximum(notes[same[1:], 0], notes[same[:-1], 0] + 0.03))
    notes[:, 1] = ends
    return notes


def families(pieces: Sequence[Rated]) -> Ints:
    """A number for each piece; excerpts of one work, near-copies and variations share theirs.

    Two belong together when the runs of six intervals through all notes of one lie in the other by three tenths or more.
    """
    prints = []
    for rated in pieces:
        notes = pitched(rated.score)
        notes = notes[np.lexsort((notes[:, 2], notes[:, 0].round(2)))]
        steps = np.diff(notes[:, 2]).astype(np.int8)
        prints.append(frozenset(steps[k : k + RUN].tobytes() for k in range(len(steps) - RUN + 1)))
    return np.array(near_copies.groups(len(pieces), near_copies.pairs(prints)))
