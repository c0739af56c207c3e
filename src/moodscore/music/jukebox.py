"""Jukebox: plays a library without end, and turns to another piece by a crossfade when it is asked to."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from moodscore.affect import Affect
from moodscore.music import library_sound, match
from moodscore.music.library import Library, Piece
from moodscore.music.library_sound import RATE

CROSSFADE_S = 3.0
REMEMBERED = 6  # pieces that are not played again so soon

Samples = NDArray[np.float32]


class Jukebox:
    """Sound of a library on demand: `turn` names the feeling, `play` gives the next samples.

    Two pieces that meet are crossfaded over three seconds with equal power. A piece that ends is followed by the next one
    for the same feeling. The same turns at the same samples give the same sound.
    """

    def __init__(self, library: Library, affect: Affect, seed: int = 0) -> None:
        match.check(library)
        self._library, self._seed = library, seed
        self._used: list[str] = []
        self._affect = affect
        self._now = self._enter()
        self._before: _Voice | None = None
        self._faded = 0

    @property
    def piece(self) -> Piece:
        """What is playing, or fading in."""
        return self._now.piece

    def turn(self, affect: Affect) -> Piece:
        """Go over to the piece for another feeling; the same piece goes on when it is still the nearest."""
        self._affect = affect
        wanted = match.nearest(self._library, affect, self._used[:-1], self._seed)
        if wanted.name != self._now.piece.name:
            self._change()
        return self._now.piece

    def play(self, count: int) -> Samples:
        """The next `count` frames (count, 2) float32 at 44,100 Hz."""
        if self._now.left_s < CROSSFADE_S and self._before is None:
            self._change()
        now = self._now.take(count)
        if self._before is None:
            return now
        fade = round(CROSSFADE_S * RATE)
        angle = np.clip((self._faded + np.arange(count)) / fade, 0.0, 1.0) * (np.pi / 2)
        out = now * np.sin(angle).astype(np.float32)[:, None]
        out += self._before.take(count) * np.cos(angle).astype(np.float32)[:, None]
        self._faded += count
        if self._faded >= fade:
            self._before = None
        return np.asarray(out, np.float32)

    def _change(self) -> None:
        self._before, self._faded = self._now, 0
        self._now = self._enter()

    def _enter(self) -> _Voice:
        piece = match.nearest(self._library, self._affect, self._used, self._seed)
        self._used = [*self._used, piece.name][-min(REMEMBERED, max(1, len(self._library.pieces) - 1)) :]
        return _Voice(piece)


class _Voice:
    """One piece being played, block by block; silence after its end."""

    def __init__(self, piece: Piece) -> None:
        self.piece = piece
        self._blocks: Iterator[Samples] = library_sound.stretch_of(piece, piece.start_s)
        self._held = np.zeros((0, 2), np.float32)
        self._played = 0

    @property
    def left_s(self) -> float:
        """Seconds until the piece ends."""
        return self.piece.end_s - self.piece.start_s - self._played / RATE

    def take(self, count: int) -> Samples:
        """The next `count` frames."""
        while len(self._held) < count:
            block = next(self._blocks, None)
            if block is None:
                self._held = np.concatenate([self._held, np.zeros((count - len(self._held), 2), np.float32)])
                break
            self._held = np.concatenate([self._held, block])
        out, self._held = self._held[:count], self._held[count:]
        self._played += count
        return out
