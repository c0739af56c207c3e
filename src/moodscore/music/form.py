"""Form: how many phrases a piece has, how long each is, which of them are the same, and how each one ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrase:
    """A stretch of bars: its letter with primes for variations ("A''"), bars, how it cadences, and its block of four.

    Cadences: "half" (ends open, on the dominant), "authentic" (closes on the tonic), "deceptive" (closes elsewhere),
    "open" (the last phrase, whose tonic is the coda), "lead" (the introduction), "final" (the coda).
    """

    label: str
    bars: int
    cadence: str
    block: int = 0

    @property
    def theme(self) -> str:
        """The letter without its primes."""
        return self.label.rstrip("'")

    @property
    def variation(self) -> int:
        """How many primes the label has: how far the phrase may stray from the theme's first statement."""
        return self.label.count("'")


_SHORT = {
    1: ("A",),
    2: ("A", "A'"),
    3: ("A", "B", "A'"),
    4: ("A", "A'", "B", "A''"),
    5: ("A", "A'", "B", "B'", "A''"),
    6: ("A", "A'", "B", "B'", "A'", "A''"),
}
_BLOCKS = ("AB", "CD", "AB", "EC", "AD", "CE")


def labels(count: int) -> list[tuple[str, int]]:
    """(label, block) of `count` phrases: a small song form up to six, then a rondo of four-phrase blocks."""
    if count in _SHORT:
        return [(label, 0) for label in _SHORT[count]]
    out: list[tuple[str, int]] = []
    block = 0
    while len(out) < count:
        one, other = tuple(_BLOCKS[block % len(_BLOCKS)])
        out += [(label, block) for label in (one, one + "'", other, one + "''")]
        block += 1
    out = out[:count]
    out[-1] = ("A''", out[-1][1])
    return out


def intro_bars(bars: int) -> int:
    """Bars of introduction for a piece of `bars` bars."""
    return 0 if bars < 7 else 1 if bars < 13 else 2


def lengths(bars: int, pull: Sequence[float]) -> list[int]:
    """Phrase lengths that add up to `bars`; `pull[k]` >= 0 says how much a border before bar `k` is wanted.

    Four bars is the ideal (two in pieces of fewer than eight), found by dynamic programming over all borders.
    """
    ideal = 4 if bars >= 8 else 2
    best: list[tuple[float, tuple[int, ...]]] = [(0.0, ())]
    for end in range(1, bars + 1):
        options = []
        for length in range(1, min(8, end) + 1):
            cost, path = best[end - length]
            odd = 0.35 if length % 2 else 0.0
            wanted = pull[end] if end < bars else 0.0
            options.append((cost + 0.3 * abs(length - ideal) ** 1.5 + odd + 0.05 - wanted, (*path, length)))
        best.append(min(options))
    return list(best[bars][1])


def phrases(bars: int, pull: Sequence[float], dark: bool) -> list[Phrase]:
    """The form of a piece of `bars` bars; `dark` music may end a contrasting phrase deceptively."""
    if bars <= 2:
        return [Phrase("A", bars - 1, "open"), Phrase("coda", 1, "final")] if bars == 2 else [Phrase("A", 1, "final")]
    intro = intro_bars(bars)
    body = lengths(bars - intro - 1, pull[intro:])
    out = [Phrase("intro", intro, "lead")] if intro else []
    for k, (length, (label, block)) in enumerate(zip(body, labels(len(body)), strict=True)):
        out.append(Phrase(label, length, _cadence(label, k == len(body) - 1, dark), block))
    return [*out, Phrase("coda", 1, "final", out[-1].block)]


def _cadence(label: str, last: bool, dark: bool) -> str:
    if last:
        return "open"
    if label.endswith("'"):
        return "authentic"
    if label[0] in "BD" and dark:
        return "deceptive"
    return "half"
