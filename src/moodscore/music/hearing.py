"""Hearing: what the judge and the critic share, from scores to places on the plane.

The two are one architecture fitted by one recipe to two halves of the same listeners' ratings that have no piece in common:
what a composer may ask for advice (`critic`) is never what measures it (`judge`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from moodscore.affect import Affect
from moodscore.media import Score
from moodscore.music.features import features
from moodscore.weights import store


def heard(name: str, scores: tuple[Score, ...]) -> tuple[Affect, ...]:
    """The feeling in each of several scores as the model called `name` hears it.

    Raises BadValue when a score has no pitched note, BadWeights when the weights are damaged.
    """
    if not scores:
        return ()
    rows: NDArray[np.float32] = np.array([features(score) for score in scores], np.float32)
    affects = store.session(name).run({"features": rows})["affect"]
    return tuple(Affect.clipped(float(v), float(a)) for v, a in affects)
