"""FER2013: 48x48 grey faces with one noisy label each, and ten FERPlus raters' votes for the same faces.

Source: I. Goodfellow et al., "Challenges in representation learning" (2013); E. Barsoum et al., "Training deep networks for
facial expression recognition with crowd-sourced label distribution" (2016). Order of classes: `schemes.EXPRESSIONS`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from moodscore.errors import BadMedia

SIDE = 48
CLASSES = 7
# FERPlus counts neutral, happiness, surprise, sadness, anger, disgust, fear, contempt, unknown, not-a-face: where ours are.
_FERPLUS_ORDER = (4, 5, 6, 1, 3, 2, 0)
_NO_VOTES = 255


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """Faces and what people said of them, one row each.

    `images` uint8 (n, 48, 48); `labels` float32 (n, 7), the FER label as a distribution (identical pictures share the mean
    of their labels); `votes` float32 (n, 7), the FERPlus votes for the seven classes as a distribution, uniform where there
    are none; `trust` float32 (n,), the share 0..1 of the ten votes that fell on the seven classes.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.float32]
    votes: NDArray[np.float32]
    trust: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.images)

    def rows(self, keep: NDArray[np.bool_] | NDArray[np.int64]) -> Faces:
        """The rows that a mask or an index picks."""
        return Faces(self.images[keep], self.labels[keep], self.votes[keep], self.trust[keep])


def vote_distributions(counts: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """FERPlus counts (n, 10) -> distributions over the seven classes (n, 7) and the share of votes they hold (n,).

    Votes for contempt, unknown and not-a-face have no place among the seven: they are left out and lower the share.
    A row of 255s (no FERPlus row) and a row without a vote for the seven become uniform with share 0.
    """
    missing = counts[:, 0] == _NO_VOTES
    all_votes = np.where(missing[:, None], 0, counts).astype(np.float32)
    ours = all_votes[:, _FERPLUS_ORDER]
    held = ours.sum(1)
    distributions = np.where(held[:, None] > 0, ours / np.maximum(held, 1)[:, None], 1 / CLASSES)
    return distributions.astype(np.float32), (held / np.maximum(all_votes.sum(1), 1)).astype(np.float32)


def _read(path: Path) -> dict[str, NDArray[np.uint8]]:
    try:
        with np.load(path) as pack:
            return {name: pack[name] for name in ("image", "label", "split", "ferplus_votes", "duplicate_of_valid")}
    except (OSError, KeyError, ValueError) as error:
        raise BadMedia(f"{path}: expected an npz with image, label, split, ferplus_votes, got {error}") from error


def _faces(pack: dict[str, NDArray[np.uint8]], keep: NDArray[np.bool_]) -> Faces:
    votes, trust = vote_distributions(pack["ferplus_votes"][keep])
    labels = np.eye(CLASSES, dtype=np.float32)[pack["label"][keep]]
    return Faces(pack["image"][keep], labels, votes, trust)


def _digests(images: NDArray[np.uint8]) -> list[bytes]:
    return [hashlib.sha256(image.tobytes()).digest() for image in images]


def merged(faces: Faces) -> Faces:
    """One row for each distinct picture; identical pictures share the mean of their labels and votes."""
    rows: dict[bytes, list[int]] = {}
    for row, digest in enumerate(_digests(faces.images)):
        rows.setdefault(digest, []).append(row)
    groups = list(rows.values())
    means = [np.stack([values[g].mean(0) for g in groups]) for values in (faces.labels, faces.votes, faces.trust)]
    return Faces(faces.images[[g[0] for g in groups]], means[0], means[1], means[2])


def training(path: Path, holdout_share: float = 0.08) -> tuple[Faces, Faces]:
    """The official Training split as (rows to learn from, rows to choose by).

    Pictures that also stand in PublicTest are dropped, identical ones are merged, and the held-out share is cut by a hash of
    the pixels, so it is the same on every machine. Raises BadMedia when the file is not the expected npz.
    """
    pack = _read(path)
    faces = merged(_faces(pack, (pack["split"] == 0) & ~pack["duplicate_of_valid"].astype(bool)))
    draw = np.array([int.from_bytes(d[:4], "big") / 2**32 for d in _digests(faces.images)])
    return faces.rows(draw >= holdout_share), faces.rows(draw < holdout_share)


def public_test(path: Path) -> Faces:
    """The official PublicTest split, every row as it stands. Look at it once, at the end."""
    pack = _read(path)
    return _faces(pack, pack["split"] == 1)
