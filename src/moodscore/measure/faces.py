"""How well faces are found: recall and precision of boxes against reference boxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from moodscore.errors import BadValue
from moodscore.media import Box, Face


@dataclass(frozen=True, slots=True)
class Detection:
    """Counts over all pictures: reference boxes that were found and missed, and detections that hit no reference."""

    found: int
    missed: int
    false: int

    @property
    def recall(self) -> float:
        """Share of reference boxes that were found, 0..1; 1 when there are none."""
        return self.found / (self.found + self.missed) if self.found + self.missed else 1.0

    @property
    def precision(self) -> float:
        """Share of counted detections that hit a reference box, 0..1; 1 when nothing was detected."""
        return self.found / (self.found + self.false) if self.found + self.false else 1.0


def overlap(one: Box, other: Box) -> float:
    """Intersection over union of two boxes, 0..1."""
    across = min(one.right, other.right) - max(one.left, other.left)
    down = min(one.bottom, other.bottom) - max(one.top, other.top)
    inner = max(0.0, across) * max(0.0, down)
    return inner / (one.area + other.area - inner)


def validate(
    truths: Sequence[Sequence[Box]], unknown: Sequence[Sequence[Box]], found: Sequence[Sequence[Face]]
) -> None:
    """Raise BadValue unless all three speak of the same number of pictures."""
    if not len(truths) == len(unknown) == len(found):
        raise BadValue(f"faces: expected one entry per picture, got {len(truths)}, {len(unknown)} and {len(found)}")


def matched(truths: Sequence[Box], unknown: Sequence[Box], found: Sequence[Face], least: float = 0.5) -> Detection:
    """One picture: best-scored faces first, each takes the free reference box it overlaps most, by at least `least`.

    A face that takes none but overlaps an unknown box as much counts neither for nor against.
    """
    free, false = list(truths), 0
    for face in sorted(found, key=lambda f: -f.score):
        best = max(free, key=lambda box: overlap(box, face.box), default=None)
        if best is not None and overlap(best, face.box) >= least:
            free.remove(best)
        elif not any(overlap(box, face.box) >= least for box in unknown):
            false += 1
    return Detection(len(truths) - len(free), len(free), false)


def evaluate(
    truths: Sequence[Sequence[Box]],
    unknown: Sequence[Sequence[Box]],
    found: Sequence[Sequence[Face]],
    least: float = 0.5,
) -> Detection:
    """All pictures together: reference boxes, boxes of unknown worth, and detections, picture by picture."""
    validate(truths, unknown, found)
    each = [matched(t, u, f, least) for t, u, f in zip(truths, unknown, found, strict=True)]
    return Detection(sum(d.found for d in each), sum(d.missed for d in each), sum(d.false for d in each))
