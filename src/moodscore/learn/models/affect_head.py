"""The head that turns a backbone's features into a feeling: a Gaussian process with an RBF kernel, exportable as layers.

Features of several stages are standardised, each block is given the same total variance, projected on their principal
components, and compared with the training pictures' by exp(-gamma d^2 / median d^2). The mean is that of kernel ridge
regression; the variance grows with the distance from everything seen. Source: C. E. Rasmussen & C. K. I. Williams,
"Gaussian Processes for Machine Learning", MIT Press 2006, chapter 2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class HeadConfig:
    """What is fixed before a head is fitted, and the grid its two free numbers are chosen from inside the training data.

    `components` principal components; `gammas` kernel widths; `noises` the noise-to-signal variance, chosen per axis by
    `inner_folds`-fold cross-validation over groups.
    """

    components: int = 128
    gammas: tuple[float, ...] = (0.7, 1.0, 1.5)
    noises: tuple[float, ...] = (0.03, 0.06, 0.12, 0.25, 0.5)
    inner_folds: int = 5


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """features (n, d) -> (features - centre) @ axes, (n, components)."""

    centre: Array
    axes: Array

    @classmethod
    def fit(cls, blocks: list[Array], components: int) -> Projection:
        """Standardise each block, scale it to unit total variance, keep the leading principal components of the whole."""
        width = np.concatenate([np.full(b.shape[1], b.shape[1] ** -0.5) / (b.std(0) + 1e-6) for b in blocks])
        whole = np.concatenate(blocks, 1)
        centre = whole.mean(0)
        scaled = (whole - centre) * width
        values, vectors = np.linalg.eigh(scaled @ scaled.T)
        keep = min(components, len(whole) - 1)
        values, vectors = values[::-1][:keep], vectors[:, ::-1][:, :keep]
        directions = scaled.T @ (vectors / np.sqrt(np.maximum(values, 1e-12)))
        return cls(centre, width[:, None] * directions)

    def __call__(self, blocks: list[Array]) -> Array:
        return np.asarray((np.concatenate(blocks, 1) - self.centre) @ self.axes)


def _squared_distances(a: Array, b: Array) -> Array:
    return np.asarray(np.maximum((a**2).sum(1)[:, None] + (b**2).sum(1)[None] - 2 * a @ b.T, 0.0))


@dataclass(frozen=True, slots=True, eq=False)
class AffectHead:
    """A fitted head for one axis or two: kernel against `points`, solved in the kernel's own axes.

    `said` gives the mean (n, axes) in plane units and the strangeness (n, axes) 0..1: the prior variance that nothing seen
    explains. `Doubt` turns strangeness into a variance.
    """

    projection: Projection
    points: Array
    bandwidth: tuple[float, ...]
    vectors: tuple[Array, ...]
    values: tuple[Array, ...]
    noise: tuple[float, ...]
    means: Array
    weights: Array

    def said(self, blocks: list[Array]) -> tuple[Array, Array]:
        """Mean feeling and strangeness (n, axes) of features."""
        distances = _squared_distances(self.projection(blocks), self.points)
        means, strange = [], []
        for axis in range(len(self.noise)):
            kernel = np.exp(-distances * self.bandwidth[axis])
            means.append(kernel @ self.weights[:, axis] + self.means[axis])
            known = ((kernel @ self.vectors[axis]) ** 2 / (self.values[axis] + self.noise[axis])).sum(1)
            strange.append(np.maximum(1.0 - known, 0.0))
        return np.stack(means, 1), np.stack(strange, 1)


@dataclass(frozen=True, slots=True, eq=False)
class Doubt:
    """The variance of the expected error: floor + slope * strangeness, (axes,) each, in squared plane units."""

    floor: Array
    slope: Array

    @classmethod
    def fit(cls, errors: Array, strangeness: Array) -> Doubt:
        """The most likely non-negative floor and slope for held-out errors (n, axes); slope 0 where it does not help."""
        ratios = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
        best = []
        for axis in range(errors.shape[1]):
            found = []
            for ratio in ratios:
                shape = 1.0 + ratio * strangeness[:, axis]
                floor = float((errors[:, axis] ** 2 / shape).mean())
                found.append((float(np.log(floor * shape).mean()), floor, floor * ratio))
            best.append(min(found)[1:])
        floors, slopes = zip(*best, strict=True)
        return cls(np.array(floors), np.array(slopes))

    def variance(self, strangeness: Array) -> Array:
        """Variance (n, axes) in squared plane units."""
        return np.asarray(self.floor + self.slope * strangeness)


def fit_head(blocks: list[Array], targets: Array, groups: list[str], config: HeadConfig, seed: int) -> AffectHead:
    """Fit a head on feature blocks [(n, d), ...] and targets (n, axes); gamma and noise are chosen over `groups`."""
    from moodscore.learn.data.oasis import group_folds

    fold = group_folds(groups, config.inner_folds, seed)
    choices = _choose(blocks, targets, fold, config)
    return _solve(blocks, targets, config.components, choices)


def _choose(
    blocks: list[Array], targets: Array, fold: NDArray[np.int64], config: HeadConfig
) -> list[tuple[float, float]]:
    """For each axis the (gamma, noise) with the least squared error on inner folds."""
    errors = np.zeros((len(config.gammas), len(config.noises), targets.shape[1]))
    for number in range(config.inner_folds):
        held = fold == number
        projection = Projection.fit([b[~held] for b in blocks], config.components)
        inside, outside = projection([b[~held] for b in blocks]), projection([b[held] for b in blocks])
        mean = targets[~held].mean(0)
        near, far = _squared_distances(inside, inside), _squared_distances(outside, inside)
        median = np.median(near[~np.eye(len(near), dtype=bool)])
        for g, gamma in enumerate(config.gammas):
            values, vectors = np.linalg.eigh(np.exp(-near * gamma / median))
            basis, aims = np.exp(-far * gamma / median) @ vectors, vectors.T @ (targets[~held] - mean)
            for k, noise in enumerate(config.noises):
                said = basis @ (aims / (values + noise)[:, None]) + mean
                errors[g, k] += ((said - targets[held]) ** 2).sum(0)
    best = [np.unravel_index(int(errors[:, :, axis].argmin()), errors.shape[:2]) for axis in range(targets.shape[1])]
    return [(config.gammas[int(g)], config.noises[int(k)]) for g, k in best]


def _solve(blocks: list[Array], targets: Array, components: int, choices: list[tuple[float, float]]) -> AffectHead:
    projection = Projection.fit(blocks, components)
    points = projection(blocks)
    distances = _squared_distances(points, points)
    median = float(np.median(distances[~np.eye(len(points), dtype=bool)]))
    mean = targets.mean(0)
    vectors, values, weights = [], [], []
    for axis, (gamma, noise) in enumerate(choices):
        value, vector = np.linalg.eigh(np.exp(-distances * gamma / median))
        vectors.append(vector)
        values.append(value)
        weights.append(vector @ ((vector.T @ (targets[:, axis] - mean[axis])) / (value + noise)))
    return AffectHead(
        projection,
        points,
        tuple(gamma / median for gamma, _ in choices),
        tuple(vectors),
        tuple(values),
        tuple(noise for _, noise in choices),
        mean,
        np.stack(weights, 1),
    )
