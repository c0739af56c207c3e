"""Token corpus: all pieces as tokens and wishes in one file, cut into training and validation by piece."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moodscore.errors import BadMedia
from moodscore.learn.data import near_copies
from moodscore.learn.data.open_scores import Piece
from moodscore.learn.data.score_bars import Critic, bars_of
from moodscore.media import Score
from moodscore.music.conditions import columns
from moodscore.music.tokens import (
    BAR,
    DRUMS,
    END,
    FIRST_NOTE,
    FIRST_OF,
    FIRST_POSITION,
    MELODY,
    RANGES,
    TICKS,
    VOCABULARY,
    tick_of,
)

VALID_SHARE = 0.04


@dataclass(frozen=True, slots=True, eq=False)
class Corpus:
    """Bars of all pieces, one after the other.

    `tokens` (t,) uint16; bar k is tokens[bar_at[k] : bar_at[k + 1]], the last of a piece with END. Piece p is the bars
    piece_at[p] : piece_at[p + 1]. `wishes` (m, 17), `classes` (m, 12), `feelings` (m, stretches, 2) are of each bar.
    `pieces` says name, source, licence of each piece, and whether it validates.
    """

    tokens: NDArray[np.uint16]
    bar_at: NDArray[np.int64]
    piece_at: NDArray[np.int64]
    wishes: NDArray[np.float32]
    classes: NDArray[np.float32]
    feelings: NDArray[np.float32]
    pieces: list[dict[str, Any]]

    def save(self, path: Path) -> None:
        """Write the corpus to one .npz file."""
        arrays = {
            name: getattr(self, name) for name in ("tokens", "bar_at", "piece_at", "wishes", "classes", "feelings")
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(path, pieces=np.array(json.dumps(self.pieces, ensure_ascii=False)), **arrays)

    @staticmethod
    def read(path: Path) -> Corpus:
        """A corpus that `save` wrote; raises BadMedia when the file is something else or of another vocabulary."""
        try:
            with np.load(path, allow_pickle=False) as stored:
                arrays = {name: stored[name] for name in stored.files}
            pieces = json.loads(str(arrays.pop("pieces")))
            corpus = Corpus(pieces=pieces, **arrays)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BadMedia(f"{path}: expected a prepared corpus, got {error}; run prepare again") from error
        if int(corpus.tokens.max(initial=0)) >= VOCABULARY:
            raise BadMedia(f"{path}: expected tokens below {VOCABULARY}, got an older vocabulary; run prepare again")
        return corpus

    def piece_tokens(self, number: int) -> NDArray[np.uint16]:
        """All tokens of one piece."""
        first, last = self.piece_at[number], self.piece_at[number + 1]
        return self.tokens[self.bar_at[first] : self.bar_at[last]]

    def counts(self) -> dict[str, dict[str, int]]:
        """Pieces, bars and tokens of each source."""
        out: dict[str, Counter[str]] = {}
        for k, piece in enumerate(self.pieces):
            row = out.setdefault(piece["source"], Counter())
            first, last = self.piece_at[k], self.piece_at[k + 1]
            row.update(pieces=1, bars=int(last - first), tokens=int(self.bar_at[last] - self.bar_at[first]))
        return {name: dict(row) for name, row in out.items()}


def score_print(score: Score) -> near_copies.Fingerprint:
    """The fingerprint of a score."""
    notes = [n for t in score.tracks if not t.drums for n in t.notes]
    notes.sort(key=lambda n: (n.start_s, n.pitch))
    return near_copies.fingerprint(np.array([n.start_s for n in notes]), np.array([n.pitch for n in notes]), 0.05)


def _print(piece: Piece) -> near_copies.Fingerprint:
    notes = piece.notes[piece.notes[:, 1] != DRUMS]
    return near_copies.fingerprint(notes[:, 0].astype(np.float64), notes[:, 2], 0.5)


def without_copies(
    pieces: Sequence[Piece], barred: Sequence[near_copies.Fingerprint]
) -> tuple[list[Piece], list[int], list[str]]:
    """Pieces that are no near copies of `barred` ones, a group number for each, and the names of those left out."""
    linked = near_copies.pairs([*barred, *map(_print, pieces)])
    n = len(barred)
    out = {b - n for a, b in linked if a < n <= b}
    kept = [k for k in range(len(pieces)) if k not in out]
    place = {k: new for new, k in enumerate(kept)}
    inner = [(place[a - n], place[b - n]) for a, b in linked if a >= n and a - n in place and b - n in place]
    return [pieces[k] for k in kept], near_copies.groups(len(kept), inner), [pieces[k].name for k in sorted(out)]


def _validates(name: str) -> bool:
    return hashlib.sha256(name.encode()).digest()[0] < 256 * VALID_SHARE


def corpus_of(
    pieces: Sequence[Piece], group: Sequence[int], critic: Critic, tell: Callable[[int], None] = lambda done: None
) -> Corpus:
    """The corpus of pieces; those of one group train or validate together. `tell` hears how many are done."""
    tokens: list[int] = []
    bar_at, piece_at, rows = [0], [0], []
    about: list[dict[str, Any]] = []
    for k, piece in enumerate(pieces):
        bars = bars_of(piece, critic)
        for number, bar in enumerate(bars.tokens):
            tokens += bar + ([END] if number == len(bars.tokens) - 1 else [])
            bar_at.append(len(tokens))
        piece_at.append(len(bar_at) - 1)
        rows.append((bars.wishes, bars.classes, bars.feelings))
        said = {"name": piece.name, "source": piece.source, "licence": piece.licence}
        about.append({**said, "valid": _validates(pieces[group[k]].name)})
        tell(k + 1)
    wishes, classes, feelings = (np.concatenate([r[i] for r in rows]).astype(np.float32) for i in range(3))
    return Corpus(np.array(tokens, np.uint16), np.array(bar_at), np.array(piece_at), wishes, classes, feelings, about)


def credits(pieces: Iterable[dict[str, Any]]) -> list[str]:
    """The names of pieces whose licence asks for credit (CC BY), with the licence, in order."""
    return sorted(f"{p['name']} ({p['licence']})" for p in pieces if p["licence"].startswith("CC BY"))


def melodies(corpus: Corpus, valid: bool) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """(onsets in ticks, pitches) of the melody of each training (or validation) piece that has one of eight notes."""
    lows, highs = FIRST_OF[MELODY], FIRST_OF[MELODY + 1]
    out = []
    for number, piece in enumerate(corpus.pieces):
        if piece["valid"] != valid:
            continue
        first, last = corpus.piece_at[number], corpus.piece_at[number + 1]
        bar_ticks = np.concatenate([[0], np.cumsum(corpus.wishes[first:last, columns("beats")[0]])]) * TICKS
        ids = corpus.piece_tokens(number).astype(np.int64)
        of_bar = np.cumsum(ids == BAR) - 1
        moment = (ids >= FIRST_POSITION) & (ids < FIRST_NOTE)
        # What sounds at a note is said by the last POSITION or BAR before it.
        last_mark = np.maximum.accumulate(np.where(moment | (ids == BAR), np.arange(len(ids)), 0))
        sung = (ids >= lows) & (ids < highs)
        marks = ids[last_mark[sung]]
        ticks = np.array([0 if mark == BAR else tick_of(int(mark)) for mark in marks], np.int64)
        if len(ticks) >= 8:
            onsets = bar_ticks[of_bar[sung]].astype(np.int64) + ticks
            out.append((onsets, ids[sung] - lows + RANGES[MELODY][0]))
    return out
