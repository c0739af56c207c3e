"""The head that turns a backbone's features into a feeling: a Gaussian process with an RBF kernel, exportable as layers.

Features of several stages are standardised, each block is given the same total variance, projected on their principal
components, and compared with the training pictures' by exp(-gamma d^2 / median d^2). The feeling is the process's mean,
which is kernel ridge regression. Its own variance tells distance only and said nothing of the held-out errors, so a second
set of weights on the same kernel learns how large those were. Source: C. E. Rasmussen & C. K. I. Williams, "Gaussian
Processes for Machine Learning", MIT Press 2006, chapter 2.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class HeadConfig:
    """What is fixed before a head is fitted, and the grid its two free numbers are chosen from inside the training data.

    `components` principal components; `gammas` kernel widths; `noises` the noise-to-signal variance, chosen per axis by
    `inner_folds`-fold cross-validation over groups. `error_noise` is the noise of the weights that foretell errors.
    """

    components: int = 128
    gammas: tuple[float, ...] = (0.7, 1.0, 1.5)
    noises: tuple[float, ...] = (0.03, 0.06, 0.12, 0.25, 0.5)
    inner_folds: int = 5
    error_noise: float = 3.0


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
    """A fitted head for one axis or more: a kernel against `points` (m, components), and weights (m, axes) on it.

    `error_means` and `error_weights` foretell the absolute error; they are 0 until `with_errors` was called.
    """

    projection: Projection
    points: Array
    bandwidth: Array
    means: Array
    weights: Array
    error_means: Array
    error_weights: Array

    def kernels(self, places: Array) -> list[Array]:
        """For each axis the likeness (n, m) of places to the points, 0..1."""
        distances = _squared_distances(places, self.points)
        return [np.exp(-distances * width) for width in self.bandwidth]

    def said(self, blocks: list[Array]) -> tuple[Array, Array]:
        """Feeling and foretold absolute error (n, axes) of feature blocks."""
        kernels = self.kernels(self.projection(blocks))
        mean = [k @ self.weights[:, axis] + self.means[axis] for axis, k in enumerate(kernels)]
        error = [k @ self.error_weights[:, axis] + self.error_means[axis] for axis, k in enumerate(kernels)]
        return np.stack(mean, 1), np.stack(error, 1)

    def with_errors(self, errors: Array, noise: float) -> AffectHead:
        """The same head, knowing the held-out absolute errors (m, axes) of the pictures it was fitted on, in their order."""
        means, identity = errors.mean(0), np.eye(len(self.points))
        solved = [
            np.linalg.solve(kernel + noise * identity, errors[:, axis] - means[axis])
            for axis, kernel in enumerate(self.kernels(self.points))
        ]
        return replace(self, error_means=means, error_weights=np.stack(solved, 1))

    def without_scores(self, classifier: Array) -> AffectHead:
        """The same head on all blocks but the last, the class scores.

        They are `classifier` (classes, d) times the embedding, the first d columns of the block before, so their part of the
        projection is added to its.
        """
        classes, width = classifier.shape
        axes = self.projection.axes[:-classes].copy()
        block = len(axes) - 2 * width
        axes[block : block + width] += classifier.T @ self.projection.axes[-classes:]
        return replace(self, projection=Projection(self.projection.centre[:-classes], axes))


@dataclass(frozen=True, slots=True, eq=False)
class Doubt:
    """From foretold absolute errors to standard deviations: scale * max(foretold, floor), (axes,) each."""

    scale: Array
    floor: Array

    @classmethod
    def fit(cls, errors: Array, foretold: Array) -> Doubt:
        """The scale at which held-out errors (n, axes) have unit variance; the floor is 0.3 of the mean absolute error."""
        floor = 0.3 * np.abs(errors).mean(0)
        return cls(np.sqrt(((errors / np.maximum(foretold, floor)) ** 2).mean(0)), floor)

    def deviation(self, foretold: Array) -> Array:
        """Standard deviations (n, axes) in plane units."""
        return np.asarray(self.scale * np.maximum(foretold, self.floor))


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
    mean, identity = targets.mean(0), np.eye(len(points))
    weights = [
        np.linalg.solve(np.exp(-distances * gamma / median) + noise * identity, targets[:, axis] - mean[axis])
        for axis, (gamma, noise) in enumerate(choices)
    ]
    bandwidth, nothing = np.array([gamma / median for gamma, _ in choices]), np.zeros_like(mean)
    return AffectHead(projection, points, bandwidth, mean, np.stack(weights, 1), nothing, np.zeros_like(targets))
