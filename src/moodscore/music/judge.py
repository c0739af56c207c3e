"""Judge: hears a score and says the feeling in it.

Fitted to human ratings of other people's piano pieces, none of which the critic learned from (see `hearing`). It measures
what the composer wrote; no composer calls it, and no rule was inverted from it.
"""

from __future__ import annotations

from moodscore.affect import Affect, Spread
from moodscore.media import Score
from moodscore.music.hearing import heard
from moodscore.reading import Reading
from moodscore.schemes import mood_labels
from moodscore.weights import store

NAME = "judge"


def hear(score: Score) -> Reading:
    """The feeling in a score, as six listeners on average would rate it played on a piano.

    `confidence` is the probability of the mood it names, given how far off the judge was on pieces it had not seen
    (`spread`). Raises BadValue when the score has no pitched note, BadWeights when the weights are damaged.
    """
    return hear_all((score,))[0]


def hear_all(scores: tuple[Score, ...]) -> tuple[Reading, ...]:
    """The feeling in each of several scores; see `hear`."""
    card = store.card(NAME)
    other = card.scores["other_half"]
    spread = Spread(other["valence_rmse"], other["arousal_rmse"])
    return tuple(_reading(affect, spread, card.source) for affect in heard(NAME, scores))


def _reading(affect: Affect, spread: Spread, source: str) -> Reading:
    labels = mood_labels(affect, spread.valence, spread.arousal)
    return Reading(affect, labels, max(labels.probs), source, spread)
