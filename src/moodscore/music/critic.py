"""Critic: hears scores while music is being made, to choose among several or to label a corpus.

It is the judge's sister, fitted to other pieces (see `hearing`), so that a composer may ask it as often as it likes without
touching what the composer is measured by.
"""

from __future__ import annotations

from moodscore.affect import Affect
from moodscore.media import Score
from moodscore.music.hearing import heard

NAME = "critic"


def hear_all(scores: tuple[Score, ...]) -> tuple[Affect, ...]:
    """The feeling in each of several scores; drums are not heard.

    Raises BadValue when a score has no pitched note, BadWeights when the weights are damaged.
    """
    return heard(NAME, scores)
