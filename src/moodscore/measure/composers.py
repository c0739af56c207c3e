"""Composers: how well their pieces follow the feeling asked for, and how near they lie to pieces by people.

Distances are those of L.-C. Yang & A. Lerch, "On the evaluation of generative models in music" (Neural Computing and
Applications 32, 2020): the distances between composed and real pieces are held against the distances among real pieces.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from moodscore.affect import Affect
from moodscore.errors import BadValue
from moodscore.measure import bootstrap, music

Array = NDArray[np.float64]
Row = Mapping[str, float]
LEVELS = (-0.8, -0.4, 0.0, 0.4, 0.8)
GRID = tuple(Affect(v, a) for a in reversed(LEVELS) for v in LEVELS)
SHARES = tuple(k / 40 for k in range(41))  # the quantiles that a corpus is kept as
DRAWS = 1000
BINS = 1024
_FORMAT = "moodscore-real-pieces"


@dataclass(frozen=True, slots=True)
class Piece:
    """A composed piece that was listened to: what was asked for, what the judge heard, and what it is like as music."""

    target: Affect
    heard: Affect
    measures: Row
    took_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Real:
    """Pieces by people: how many of each corpus, and of each measure the 41 quantiles from least to greatest."""

    counts: Mapping[str, int]
    quantiles: Mapping[str, tuple[float, ...]]

    @classmethod
    def of(cls, corpora: Mapping[str, Sequence[Row]]) -> Real:
        """What the measures of pieces, corpus by corpus, have in common; values that are not finite are passed over.

        Raises BadValue for less than ten pieces.
        """
        rows = [row for pieces in corpora.values() for row in pieces]
        if len(rows) < 10:
            raise BadValue(f"real pieces: expected ten or more that can be measured, got {len(rows)}; name more files")
        columns = {name: _finite([row[name] for row in rows]) for name in rows[0]}
        kept = {name: np.quantile(values, SHARES) for name, values in columns.items() if len(values)}
        return cls(
            {name: len(pieces) for name, pieces in corpora.items()},
            {name: tuple(round(float(q), 5) for q in values) for name, values in kept.items()},
        )

    @classmethod
    def from_dict(cls, data: object) -> Real:
        """The inverse of `as_dict`; raises BadValue for anything else."""
        try:
            assert isinstance(data, dict)
            assert data["format"] == _FORMAT
            counts = {str(name): int(count) for name, count in data["pieces"].items()}
            quantiles = {str(name): tuple(map(float, values)) for name, values in data["quantiles"].items()}
            assert all(len(values) == len(SHARES) for values in quantiles.values())
        except (AssertionError, AttributeError, KeyError, TypeError, ValueError) as error:
            raise BadValue("real pieces: expected what `moodscore measure music` keeps, got something else") from error
        return cls(counts, quantiles)

    def as_dict(self) -> dict[str, object]:
        """JSON-ready."""
        quantiles = {name: list(values) for name, values in self.quantiles.items()}
        return {"format": _FORMAT, "pieces": dict(self.counts), "quantiles": quantiles}

    def at(self, measure: str, share: float) -> float:
        """The value that `share` (0 .. 1) of the pieces do not exceed."""
        return float(np.interp(share, SHARES, self.quantiles[measure]))


@cache
def shipped() -> Real:
    """The real pieces that moodscore was last compared with; measured by `moodscore measure music --real`."""
    text = resources.files("moodscore.measure").joinpath("real_pieces.json").read_text("utf-8")
    return Real.from_dict(json.loads(text))


def validate(pieces: Sequence[Piece]) -> None:
    """Raise BadValue unless there are at least three pieces for more than one target."""
    if len(pieces) < 3 or len({p.target for p in pieces}) < 2:
        raise BadValue(f"composers: expected three or more pieces for different targets, got {len(pieces)}")


def following(pieces: Sequence[Piece], seed: int = 0) -> dict[str, float]:
    """How the heard feelings follow the targets: the metrics of `measure.music`, and 95 % intervals of r and quadrants.

    `<axis>_r_low`, `_r_high` and `quadrant_low`, `_high` are percentiles of `DRAWS` bootstrap samples of pieces;
    `<axis>_side` is the share of targets off the axis that were heard on the right side of it.
    """
    targets, heard = [p.target for p in pieces], [p.heard for p in pieces]
    out = music.evaluate(targets, heard)
    for name in music.AXES:
        one, other = music.axis(targets, name), music.axis(heard, name)
        found = bootstrap.correlations(one, other, range(len(pieces)), DRAWS, seed)
        out[f"{name}_r_low"], out[f"{name}_r_high"] = found["r"]
        off = one != 0
        out[f"{name}_side"] = float((np.sign(one[off]) == np.sign(other[off])).mean()) if off.any() else float("nan")
    hits = [music.quadrant_accuracy([t], [h]) for t, h in zip(targets, heard, strict=True) if t.valence and t.arousal]
    out["quadrant_low"], out["quadrant_high"] = bootstrap.share(hits, DRAWS, seed)
    return out


def cells(pieces: Sequence[Piece]) -> dict[Affect, Affect]:
    """The mean heard feeling of each target."""
    said: dict[Affect, list[Affect]] = {}
    for piece in pieces:
        said.setdefault(piece.target, []).append(piece.heard)
    return {
        target: Affect.clipped(float(np.mean([a.valence for a in heard])), float(np.mean([a.arousal for a in heard])))
        for target, heard in said.items()
    }


def distances(values: Sequence[float] | Array, real: Sequence[float] | Array) -> dict[str, float]:
    """How far the values of composed pieces lie from those of real ones.

    `shift` is the standardised mean difference (Cohen's d with the pooled deviation; negative: composed is less). `overlap`
    (0 .. 1, more is nearer) and `divergence` (Kullback-Leibler, nats, less is nearer) compare the distances among real
    pieces with those between composed and real ones. Raises BadValue for less than two finite values on a side.
    """
    x, y = _finite(values), _finite(real)
    if len(x) < 2 or len(y) < 2:
        raise BadValue(f"distances: expected two or more values on each side, got {len(x)} and {len(y)}")
    pooled = np.sqrt((x.var() + y.var()) / 2)
    gap = float(x.mean() - y.mean())
    shift = gap / float(pooled) if pooled > 1e-12 else float(np.sign(gap)) * (abs(gap) > 1e-12)
    within = np.abs(y[:, None] - y[None, :])[np.triu_indices(len(y), 1)]
    between = np.abs(x[:, None] - y[None, :]).ravel()
    p, q = _densities(within, between)
    positive = p > 1e-12
    divergence = float((p[positive] * np.log(p[positive] / np.maximum(q[positive], 1e-12))).sum())
    return {"shift": shift, "overlap": float(np.minimum(p, q).sum()), "divergence": max(0.0, divergence)}


def _finite(values: Sequence[float] | Array) -> Array:
    array = np.asarray(values, np.float64)
    return array[np.isfinite(array)]


def _densities(one: Array, other: Array) -> tuple[Array, Array]:
    """Two samples as smooth densities over the same `BINS` bins, each summing to 1 (Gaussian kernels, Scott's width)."""
    widths = [max(sample.std() * len(sample) ** -0.2, 0.0) for sample in (one, other)]
    reach = max(one.max(), other.max(), 1e-9)
    margin = 4 * max(max(widths), reach / BINS)
    edges = np.linspace(-margin, reach + margin, BINS + 1)
    step = edges[1] - edges[0]
    smooth = []
    for sample, width in zip((one, other), widths, strict=True):
        counts = np.histogram(sample, edges)[0].astype(np.float64)
        offsets = np.arange(-BINS // 2, BINS // 2 + 1) * step
        kernel = np.exp(-0.5 * (offsets / max(width, step / 2)) ** 2)
        density = np.convolve(counts, kernel, "same")[:BINS]
        smooth.append(density / density.sum())
    return smooth[0], smooth[1]


def evaluate(pieces: Sequence[Piece], real: Real) -> dict[str, dict[str, dict[str, float]]]:
    """For each measure the composed quartiles ("composed"), the real ones ("real") and the "distances" between them.

    Measures without two finite values are left out. Raises BadValue like `validate`.
    """
    validate(pieces)
    composed: dict[str, dict[str, float]] = {}
    people: dict[str, dict[str, float]] = {}
    apart: dict[str, dict[str, float]] = {}
    quarters = {"low": 0.05, "quarter": 0.25, "median": 0.5, "three_quarters": 0.75, "high": 0.95}
    for name in real.quantiles:
        values = _finite([p.measures.get(name, float("nan")) for p in pieces])
        if len(values) < 2:
            continue
        composed[name] = {key: float(np.quantile(values, share)) for key, share in quarters.items()}
        people[name] = {key: real.at(name, share) for key, share in quarters.items()}
        apart[name] = distances(values, real.quantiles[name])
    return {"composed": composed, "real": people, "distances": apart}


def nearness(apart: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Over all measures: the mean absolute shift, the mean overlap and the mean divergence."""
    rows = list(apart.values())
    return {
        "shift": float(np.mean([abs(row["shift"]) for row in rows])),
        "overlap": float(np.mean([row["overlap"] for row in rows])),
        "divergence": float(np.mean([row["divergence"] for row in rows])),
    }
