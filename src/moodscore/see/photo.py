"""A photo becomes a feeling: what people who look at it are likely to feel, and how sure the net is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moodscore.affect import Affect, Spread
from moodscore.media import Photo
from moodscore.prepare import image
from moodscore.reading import Reading
from moodscore.schemes import mood_labels
from moodscore.weights import store

MODEL = "photo-affect"


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Everything one pass over a photo gives: the reading, the backbone's embedding and the ImageNet probabilities.

    `embedding` is float32 (channels,), `imagenet` float32 (1000,) and sums to 1, in the usual order of the 1000 classes.
    """

    reading: Reading
    embedding: NDArray[np.float32]
    imagenet: NDArray[np.float32]


def want_side(model: str = MODEL) -> int:
    """The shorter side in pixels that `prepare.image.open` must keep for this model to see all it can."""
    return int(store.card(model).input["size"])


def look(photo: Photo, model: str = MODEL) -> Scene:
    """Look at a photo once.

    `reading.spread` is one standard deviation of the error expected on each axis, `reading.labels` the share of that
    Gaussian in each mood's octant, and `reading.confidence` the share of the top mood, 0 .. 1.
    Raises UnknownModel and BadWeights when the model is not there or not what its card says.
    """
    card = store.card(model)
    outputs = store.session(model).run({"image": image.tensor(photo, card.input)[None]})
    affect = Affect.clipped(*outputs["affect"][0].tolist())
    spread = Spread(*outputs["affect_sd"][0].tolist())
    labels = mood_labels(affect, spread.valence, spread.arousal)
    reading = Reading(affect, labels, max(labels.probs), card.source, spread)
    return Scene(reading, outputs["embedding"][0], outputs["imagenet"][0])


def perceive(photo: Photo, model: str = MODEL) -> Reading:
    """What people are likely to feel at a photo; see `look` for spread, labels and confidence."""
    return look(photo, model).reading
