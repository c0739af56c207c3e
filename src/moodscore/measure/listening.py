"""How people heard clips that were meant to express a mood: the answers of a blind listening test, scored.

Intervals of shares are Wilson's (E. B. Wilson, J. Am. Stat. Assoc. 22, 1927), which take every answer for itself; those of
correlations come from a bootstrap that draws whole participants, because the answers of one person are alike.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moodscore.affect import Affect
from moodscore.errors import BadValue
from moodscore.measure import bootstrap
from moodscore.measure.music import AXES, axis, concordance, pearson
from moodscore.schemes import MOODS, mood_steps

CHANCE = 1 / 8
CHANCE_WITHIN_ONE = 3 / 8
DRAWS = 2000
ENOUGH_ANSWERS = 10  # of a mood; with fewer, its interval is wider than a third of the scale
ENOUGH_PEOPLE = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """What one participant said of one clip, and what the clip was meant to be; moods by their English names.

    `said` and `heard` are None for a clip that did not play.
    """

    participant: str
    clip: str
    composer: str
    intended: str
    target: Affect
    said: str | None
    heard: Affect | None

    @property
    def given(self) -> bool:
        """Whether there is an answer."""
        return self.said is not None and self.heard is not None


def validate(answers: Sequence[Answer]) -> list[Answer]:
    """The answers that were given; raises BadValue when there is none, or a mood is unknown."""
    given = [a for a in answers if a.given]
    if not given:
        raise BadValue(f"listening: expected answers, got {len(answers)} clips and none that was judged")
    for answer in given:
        _ = MOODS[answer.intended], MOODS[answer.said or ""]
    return given


def wilson(hits: int, count: int, deviations: float = 1.959964) -> tuple[float, float]:
    """The interval (95 % by default) of a share that was seen as `hits` of `count`, 0 .. 1; (0, 1) for a count of 0."""
    if not 0 <= hits <= count:
        raise BadValue(f"wilson: expected 0 <= hits <= count, got {hits} of {count}")
    if count == 0:
        return 0.0, 1.0
    share, z = hits / count, deviations**2 / count
    middle = (share + z / 2) / (1 + z)
    reach = math.sqrt(share * (1 - share) * z + z**2 / 4) / (1 + z)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def hits(answers: Sequence[Answer], steps: int = 0) -> int:
    """How many answers name the intended mood, or one at most `steps` neighbours from it."""
    return sum(mood_steps(MOODS[a.intended], MOODS[a.said or ""]) <= steps for a in answers)


def confusion(answers: Sequence[Answer]) -> NDArray[np.int64]:
    """Counts (8, 8) in the order of the ring: rows are intended moods, columns the ones that were said."""
    table = np.zeros((8, 8), np.int64)
    names = MOODS.names
    for answer in answers:
        table[names.index(answer.intended), names.index(answer.said or "")] += 1
    return table


def agreement(answers: Sequence[Answer], seed: int = 0) -> dict[str, dict[str, float]]:
    """For each axis r and CCC between intended and heard, each with a 95 % interval `_low`, `_high`; nan for < 3 answers.

    The bootstrap draws participants; with a single one it draws answers.
    """
    people = [a.participant for a in answers]
    groups: list[object] = [*people] if len(set(people)) > 1 else [*range(len(people))]
    out: dict[str, dict[str, float]] = {}
    for name in AXES:
        target = axis([a.target for a in answers], name)
        heard = axis([a.heard for a in answers if a.heard is not None], name)
        found = dict.fromkeys(("r", "r_low", "r_high", "ccc", "ccc_low", "ccc_high"), math.nan)
        if len(answers) > 2:
            found["r"], found["ccc"] = pearson(target, heard), concordance(target, heard)
            for metric, (low, high) in bootstrap.correlations(target, heard, groups, DRAWS, seed).items():
                found[f"{metric}_low"], found[f"{metric}_high"] = low, high
        out[name] = found
    return out


def _share(count: int, total: int) -> dict[str, float]:
    low, high = wilson(count, total)
    return {"share": count / total if total else math.nan, "low": low, "high": high, "answers": total}


def table(answers: Sequence[Answer], seed: int = 0) -> dict[str, Any]:
    """The figures of one set of given answers: all together, mood by mood, the confusions, and the agreement on the axes."""
    moods = {}
    for name in MOODS.names:
        own = [a for a in answers if a.intended == name]
        moods[name] = {"right": _share(hits(own), len(own)), "within_one": _share(hits(own, 1), len(own))}
    return {
        "answers": len(answers),
        "participants": len({a.participant for a in answers}),
        "clips": len({a.clip for a in answers}),
        "right": _share(hits(answers), len(answers)),
        "within_one": _share(hits(answers, 1), len(answers)),
        "moods": moods,
        "confusion": confusion(answers).tolist(),
        "agreement": agreement(answers, seed),
    }


def doubts(answers: Sequence[Answer]) -> list[str]:
    """What there is too little of to trust the figures, in sentences; empty when there is enough."""
    found = []
    people = len({a.participant for a in answers})
    if people < ENOUGH_PEOPLE:
        found.append(
            f"{people} participant{'s' if people > 1 else ''}: with less than {ENOUGH_PEOPLE} the figures say how these "
            "people hear, not how people do"
        )
    counts = {name: sum(a.given and a.intended == name for a in answers) for name in MOODS.names}
    few = [f"{name} {count}" for name, count in counts.items() if count < ENOUGH_ANSWERS]
    if few:
        found.append(f"less than {ENOUGH_ANSWERS} answers for: {', '.join(few)}")
    unplayed = [a for a in answers if not a.given]
    if unplayed:
        found.append(f"{len(unplayed)} of {len(answers)} clips could not be played and are left out")
    return found


def evaluate(answers: Sequence[Answer], seed: int = 0) -> dict[str, Any]:
    """Every figure: `all` answers, each composer's under `composers` when there are several, `chance`, and `doubts`.

    Raises BadValue like `validate`.
    """
    given = validate(answers)
    composers = sorted({a.composer for a in given})
    parts = {name: table([a for a in given if a.composer == name], seed) for name in composers}
    return {
        "all": table(given, seed),
        "composers": parts if len(parts) > 1 else {},
        "chance": {"right": CHANCE, "within_one": CHANCE_WITHIN_ONE},
        "unplayable": len(answers) - len(given),
        "doubts": doubts(answers),
    }
