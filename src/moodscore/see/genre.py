"""Film genre from two consecutive frames, and of a whole clip from many such pairs.

Two frames are read by the photo reader's backbone and a small head; the pair's answer is the mean of its frames'. The head
learnt from posters, so the card says how far to trust it. Source of the task: two frames in, one of six genres out (S1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moodscore.errors import BadValue
from moodscore.media import Photo
from moodscore.prepare import image
from moodscore.reading import Reading
from moodscore.schemes import GENRES, Labels
from moodscore.see.photo import MODEL as BACKBONE
from moodscore.weights import store

HEAD = "genre"


def perceive(first: Photo, second: Photo) -> Reading:
    """The genre that two consecutive frames look like; `confidence` is the probability of the likeliest."""
    return of_embeddings(np.stack([embedding(first), embedding(second)]))


def embedding(frame: Photo) -> NDArray[np.float32]:
    """What the head reads of a frame: float32 (1280,); `see.photo.look` gives the same on its way."""
    recipe = store.card(BACKBONE).input
    found = store.session(BACKBONE).run({"image": image.tensor(frame, recipe)[None]}, ("embedding",))
    return np.asarray(found["embedding"][0], np.float32)


def of_embeddings(embeddings: NDArray[np.float32]) -> Reading:
    """The genre of frames that belong together, from their embeddings (n, 1280); raises BadValue without any."""
    if embeddings.ndim != 2 or not len(embeddings):
        raise BadValue(f"genre: expected the embeddings (n, 1280) of frames, got {embeddings.shape}")
    probs = store.session(HEAD).run({"embedding": embeddings})["probs"].mean(0)
    return _reading(Labels.of("genre", probs.tolist()))


def verdict(pairs: Sequence[Reading]) -> Reading:
    """The genre of a clip from those of its pairs: their mean, each counting by how sure it is.

    A pair's say is one minus its entropy as a share of the most there can be, so pairs that could be anything hardly count.
    Raises BadValue without a pair.
    """
    if not pairs:
        raise BadValue("genre: expected the readings of one or more pairs, got none")
    most = float(np.log2(len(GENRES.labels)))
    says = np.array([max(1e-3, 1.0 - pair.labels.entropy / most) for pair in pairs])
    probs = np.array([pair.labels.probs for pair in pairs])
    mean = (says[:, None] * probs).sum(0) / says.sum()
    return _reading(Labels.of("genre", mean.tolist()))


def _reading(labels: Labels) -> Reading:
    return Reading(labels.expectation, labels, max(labels.probs), store.card(HEAD).source, labels.spread)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One pair of a clip: when its first frame appears, in seconds, and what the pair was read as."""

    time_s: float
    reading: Reading


def strongest(found: Sequence[Evidence], genre: str, count: int = 6) -> tuple[Evidence, ...]:
    """The pairs that speak most for a genre, strongest first, at least a second apart."""
    kept: list[Evidence] = []
    for one in sorted(found, key=lambda e: (-e.reading.labels[genre], e.time_s)):
        if all(abs(one.time_s - other.time_s) >= 1.0 for other in kept):
            kept.append(one)
        if len(kept) == count:
            break
    return tuple(kept)
