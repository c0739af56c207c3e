"""Judge: hears a score and says the feeling in it.

A ridge regression from seventeen features (see `features`), fitted to human ratings of other people's piano pieces. It
measures what the composer wrote; the composer never calls it, and no rule was inverted from it.
"""

from __future__ import annotations

import numpy as np

from moodscore.affect import Affect, Spread
from moodscore.media import Score
from moodscore.music.features import features
from moodscore.reading import Reading
from moodscore.schemes import mood_labels
from moodscore.weights import store

NAME = "judge-ridge"


def hear(score: Score) -> Reading:
    """The feeling in a score, as six listeners on average would rate it played on a piano.

    `confidence` is the probability of the mood it names, given how far off the judge was on pieces it had not seen
    (`spread`). Raises BadValue when the score has no pitched note, BadWeights when the weights are damaged.
    """
    return hear_all((score,))[0]


def hear_all(scores: tuple[Score, ...]) -> tuple[Reading, ...]:
    """The feeling in each of several scores; see `hear`."""
    card = store.card(NAME)
    rows = np.array([features(score) for score in scores], np.float32).reshape(len(scores), -1)
    affects = store.session(NAME).run({"features": rows})["affect"]
    spread = Spread(card.scores["valence_rmse"], card.scores["arousal_rmse"])
    return tuple(_reading(float(v), float(a), spread, card.source) for v, a in affects)


def _reading(valence: float, arousal: float, spread: Spread, source: str) -> Reading:
    affect = Affect.clipped(valence, arousal)
    labels = mood_labels(affect, spread.valence, spread.arousal)
    return Reading(affect, labels, max(labels.probs), source, spread)
