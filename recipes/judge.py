"""Judge: rated piano pieces -> features -> regression -> the critic and the judge, each from its own half.

python recipes/judge.py --data FOLDER -o src/moodscore/weights

FOLDER holds eimg_va.csv and eimg.zip. Writes files/critic.onnx, files/judge.onnx and their cards.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from moodscore.affect import Affect
from moodscore.learn.data import eimg
from moodscore.measure import music as measure
from moodscore.music.features import NAMES, features
from moodscore.weights.card import Card

FOLDS = 10
LAMBDAS = (0.3, 1.0, 3.0, 10.0, 30.0)
VERSION = "1.0"
USES = {
    "critic": "what composers may ask while they work",
    "judge": "what composed music is measured by, and nothing else",
}
LIMITS = (
    "Fitted to solo piano; of other instruments it hears the notes, not the timbre; it does not hear drums.",
    "It draws valence towards the middle: listeners agree less on it, and a regression answers with the mean.",
    "Its listeners heard fast music as pleasant, so slow pleasant music is placed too low in valence.",
    "A judge of the same features was looked at while the rules were revised, so its agreement with them is optimistic.",
)
Array = NDArray[np.float64]


def fit(x: Array, y: Array, penalty: float) -> dict[str, Array]:
    """Ridge regression of y (n, 2) on standardised, clipped features x (n, 17); the intercept is free."""
    mean, scale = x.mean(0), x.std(0)
    low, high = np.percentile(x, [0.5, 99.5], axis=0)
    z = (np.clip(x, low, high) - mean) / scale
    centre, z0 = y.mean(0), z.mean(0)
    weight = np.linalg.solve((z - z0).T @ (z - z0) + penalty * np.eye(x.shape[1]), (z - z0).T @ (y - centre))
    return {"low": low, "high": high, "mean": mean, "scale": scale, "weight": weight, "bias": centre - z0 @ weight}


def predict(model: dict[str, Array], x: Array) -> Array:
    """Affects (n, 2) in [-1, 1] for features (n, 17)."""
    z = (np.clip(x, model["low"], model["high"]) - model["mean"]) / model["scale"]
    return np.clip(z @ model["weight"] + model["bias"], -1.0, 1.0)


def folds_of(x: Array, seed: int = 0) -> NDArray[np.int_]:
    """A fold for each piece; pieces with the same features to three digits (near-copies) share one."""
    _, group = np.unique(x.round(3), axis=0, return_inverse=True)
    group = group.reshape(-1)
    return (np.random.default_rng(seed).permutation(group.max() + 1) % FOLDS)[group]


def cross_predicted(x: Array, y: Array, penalty: float) -> Array:
    """Predictions for each piece from a model that did not see its fold."""
    fold, out = folds_of(x), np.zeros_like(y)
    for k in range(FOLDS):
        out[fold == k] = predict(fit(x[fold != k], y[fold != k], penalty), x[fold == k])
    return out


def scores(x: Array, y: Array, penalty: float) -> dict[str, float]:
    """Every metric in ten-fold cross-validation."""
    said = cross_predicted(x, y, penalty)
    pairs = [[Affect.clipped(v, a) for v, a in rows] for rows in (y, said)]
    return {name: round(value, 4) for name, value in measure.evaluate(*pairs).items()}


def graph(model: dict[str, Array]) -> bytes:
    """ONNX bytes: features (n, 17) -> affect (n, 2): clip to the range seen, standardise, multiply, clip to the plane."""
    values = {name: np.asarray(value, np.float32) for name, value in model.items()}
    values |= {"minus": np.asarray(-1.0, np.float32), "plus": np.asarray(1.0, np.float32)}
    nodes = [
        helper.make_node("Max", ["features", "low"], ["above"]),
        helper.make_node("Min", ["above", "high"], ["inside"]),
        helper.make_node("Sub", ["inside", "mean"], ["centred"]),
        helper.make_node("Div", ["centred", "scale"], ["standard"]),
        helper.make_node("MatMul", ["standard", "weight"], ["product"]),
        helper.make_node("Add", ["product", "bias"], ["free"]),
        helper.make_node("Clip", ["free", "minus", "plus"], ["affect"]),
    ]
    inputs = [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", len(NAMES)])]
    outputs = [helper.make_tensor_value_info("affect", TensorProto.FLOAT, ["n", 2])]
    constants = [numpy_helper.from_array(value, name) for name, value in values.items()]
    made = helper.make_model(
        helper.make_graph(nodes, "judge", inputs, outputs, constants),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=9,
    )
    onnx.checker.check_model(made)
    return bytes(made.SerializeToString())


def apart(x: Array, mine: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which pieces of a half have no near-copy (the same features to three digits) in the other half."""
    _, group = np.unique(x.round(3), axis=0, return_inverse=True)
    group = group.reshape(-1)
    return mine & ~np.isin(group, group[~mine])


def card_for(name: str, data: bytes, counts: dict[str, int], measured: dict[str, object]) -> Card:
    """The card of the critic or the judge."""
    return Card(
        name=name,
        version=VERSION,
        task="music-affect",
        summary=f"Valence and arousal of a score, fitted to human ratings: {USES[name]}.",
        file=f"{name}.onnx",
        sha256=hashlib.sha256(data).hexdigest(),
        licence="Apache-2.0",
        input={"features": list(NAMES), "drums": "left out"},
        outputs={"affect": "valence and arousal, each in [-1, 1]"},
        recipe="recipes/judge.py",
        data=(
            {
                "name": "EIMG",
                "what": f"{counts['fitted']} piano pieces of about 15 s, mean rating of six listeners, "
                "1..9 mapped by (x - 5) / 4; "
                f"{counts['left_out']} more of this half were left out because the other half has near-copies of them",
                "licence": "none stated: fitted to, not redistributed",
            },
        ),
        scores=measured,
        limits=LIMITS,
    )


def main() -> None:
    """Fit, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with eimg_va.csv and eimg.zip")
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder that gets cards/ and files/")
    options = parser.parse_args()
    pieces = eimg.load(options.data)
    x = np.array([features(piece.score) for piece in pieces])
    y = np.array([(piece.affect.valence, piece.affect.arousal) for piece in pieces])
    tried = {p: scores(x, y, p) for p in LAMBDAS}
    penalty = max(LAMBDAS, key=lambda p: tried[p]["valence_r"] + tried[p]["arousal_r"])
    first = {piece.name for piece in eimg.halves(pieces)[0]}
    in_first = np.array([piece.name in first for piece in pieces])
    for name, mine in (("critic", in_first), ("judge", ~in_first)):
        kept = apart(x, mine)
        model = fit(x[kept], y[kept], penalty)
        pairs = [[Affect.clipped(v, a) for v, a in rows] for rows in (y[~mine], predict(model, x[~mine]))]
        other = {key: round(value, 4) for key, value in measure.evaluate(*pairs).items()}
        measured = {"protocol": f"{FOLDS}-fold cross-validation over all pieces, near-copies kept together"}
        measured |= tried[penalty] | {"on the other half": other}
        counts = {"fitted": int(kept.sum()), "left_out": int((mine & ~kept).sum())}
        data = graph(model)
        (options.out / "files" / f"{name}.onnx").write_bytes(data)
        card_for(name, data, counts, measured).write(options.out / "cards" / f"{name}.json")
        print(name, counts, measured)


if __name__ == "__main__":
    main()
