"""Hearing: what the judge and the critic share, from scores to places on the plane.

The two are one architecture fitted by one recipe to two halves of the same listeners' ratings that have no piece in common:
what a composer may ask for advice (`critic`) is never what measures it (`judge`).
"""

from __future__ import annotations

import numpy as np

from moodscore.affect import Affect
from moodscore.media import Score
from moodscore.music.passage_features import features
from moodscore.music.passages import passages
from moodscore.weights import store


def heard(name: str, scores: tuple[Score, ...]) -> tuple[Affect, ...]:
    """The feeling in each of several scores as the model called `name` hears it: the mean over its passages.

    Raises BadValue when a score has no pitched note, BadWeights when the weights are damaged.
    """
    if not scores:
        return ()
    parts = [passages(score) for score in scores]
    rows = np.array([features(passage) for part in parts for passage in part], np.float32)
    said = store.session(name).run({"features": rows})["affect"]
    ends = np.cumsum([len(part) for part in parts])[:-1]
    means = [part.mean(0) for part in np.split(said.astype(np.float64), ends)]
    return tuple(Affect.clipped(float(v), float(a)) for v, a in means)
