"""Judge: rated piano pieces -> features of passages -> kernel regression -> the critic and the judge, from a half each.

python recipes/judge.py --data FOLDER -o src/moodscore/weights [--table benchmarks/music-judge.md] [--emopia FOLDER]

FOLDER holds eimg_va.csv and eimg.zip. Writes files/critic.onnx, files/judge.onnx and their cards, and critic-ridge, the
earlier critic of seventeen features that labelled the corpus of the composing net. With --emopia (emopia_train_val.csv and
.zip) both are also asked for the quadrants of EMOPIA's validation clips; nothing is fitted to that set.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from judge_graph import kernel_graph, ridge_graph
from judge_rows import COPIES, Rows, families, rows_of
from moodscore.affect import Affect
from moodscore.learn.data import eimg, emopia
from moodscore.learn.data.eimg import Rated
from moodscore.measure import music as measure
from moodscore.music import passage_features
from moodscore.music.features import NAMES, features
from moodscore.music.passages import passages
from moodscore.weights.card import Card

FOLDS = 10
PENALTY = 3.0
WIDTH, CALM, SLOPED, CENTRES = 0.3, 0.5, 0.1, 1000
VERSION = "2.0"
BASELINE = "17 features, ridge"
USES = {
    "critic": "what composers may ask while they work",
    "judge": "what composed music is measured by, and nothing else",
    "critic-ridge": "kept for the labels it gave",
}
LIMITS = (
    "Fitted to solo piano; of other instruments it hears the notes, not the timbre; it does not hear drums.",
    "It draws valence towards the middle: listeners agree less on it, and a regression answers with the mean.",
    "Its listeners heard fast music as pleasant, so slow pleasant music is placed too low in valence.",
    "A judge of the first seventeen features was looked at while the rules were revised; this one was not.",
)
Array = NDArray[np.float64]
Bools = NDArray[np.bool_]
Model = dict[str, Array]
Fit = Callable[[Bools, Bools], Array]


def fit(x: Array, y: Array, penalty: float) -> Model:
    """Ridge regression of y (n, 2) on standardised, clipped features x (n, f); the intercept is free."""
    mean, scale = x.mean(0), x.std(0)
    low, high = np.percentile(x, [0.5, 99.5], axis=0)
    z = (np.clip(x, low, high) - mean) / scale
    centre, z0 = y.mean(0), z.mean(0)
    weight = np.linalg.solve((z - z0).T @ (z - z0) + penalty * np.eye(x.shape[1]), (z - z0).T @ (y - centre))
    return {"low": low, "high": high, "mean": mean, "scale": scale, "weight": weight, "bias": centre - z0 @ weight}


def predict(model: Model, x: Array) -> Array:
    """Affects (n, 2) in [-1, 1] of features (n, f) by ridge regression."""
    return np.clip(standard(model, x) @ model["weight"] + model["bias"], -1.0, 1.0)


def standard(model: Model, x: Array) -> Array:
    """Features clipped to the range seen, in standard deviations from their mean."""
    return (np.clip(x, model["low"], model["high"]) - model["mean"]) / model["scale"]


def alike(one: Array, other: Array) -> Array:
    """How alike standardised rows are (n, m): a Gaussian of their distance, and a little of their product for far ones."""
    squares = (one**2).sum(1)[:, None] + (other**2).sum(1)[None] - 2 * one @ other.T
    width = WIDTH / one.shape[1]
    return np.asarray(np.exp(-width * np.maximum(squares, 0.0)) + SLOPED / one.shape[1] * one @ other.T)


def kernel_fit(rows: Rows, y: Array) -> Model:
    """Weighted kernel ridge regression of the pieces' affects y (pieces, 2); the passages as they are carry the answer."""
    x, aim = rows.features, y[rows.piece]
    low, high = np.percentile(x, [0.5, 99.5], axis=0)
    held = np.clip(x, low, high)
    model = {"low": low, "high": high, "mean": held.mean(0), "scale": held.std(0) + 1e-9}
    z, bias = standard(model, x), aim.mean(0)
    centres = z[rows.own]
    centres = np.random.default_rng(0).permutation(centres)[:CENTRES]
    seen = alike(z, centres)
    normal = (seen * rows.weight[:, None]).T @ seen + CALM * alike(centres, centres) + 1e-6 * np.eye(len(centres))
    answer = np.linalg.solve(normal, (seen * rows.weight[:, None]).T @ (aim - bias))
    slope = SLOPED / x.shape[1] * centres.T @ answer
    return model | {"centres": centres, "answer": answer, "slope": slope, "bias": bias}


def kernel_predict(model: Model, rows: Rows, pieces: Bools) -> Array:
    """Affects (marked pieces, 2) of pieces as they are."""
    kept = rows.of(pieces)
    return kernel_said(model, kept.features[kept.own])


def kernel_said(model: Model, x: Array) -> Array:
    """Affects (n, 2) in [-1, 1] of features (n, f)."""
    return np.clip(alike(standard(model, x), model["centres"]) @ model["answer"] + model["bias"], -1.0, 1.0)


def means(said: Array, owner: NDArray[np.int_]) -> Array:
    """The mean of the rows of each owner, in the order of owners."""
    _, index, count = np.unique(owner, return_inverse=True, return_counts=True)
    out = np.zeros((len(count), 2))
    np.add.at(out, index, said)
    return out / count[:, None]


def cross_predicted(family: NDArray[np.int_], ask: Fit) -> Array:
    """Predictions for each piece by a model that saw none of its family; `ask` takes the pieces to learn and to hear."""
    names, member = np.unique(family, return_inverse=True)
    fold = (np.random.default_rng(0).permutation(len(names)) % FOLDS)[member]
    out = np.zeros((len(family), 2))
    for k in range(FOLDS):
        out[fold == k] = ask(fold != k, fold == k)
    return out


def scores(y: Array, said: Array) -> dict[str, float]:
    """Every metric."""
    pairs = [[Affect.clipped(v, a) for v, a in rows] for rows in (y, said)]
    return {name: round(value, 4) for name, value in measure.evaluate(*pairs).items()}


def halves(pieces: Sequence[Rated], family: NDArray[np.int_]) -> tuple[dict[str, Bools], dict[str, int]]:
    """Which pieces each of the two learns from, and how many of its half were left out for the other's sake.

    A family in both halves stays in the one that has more of it; of equals, that of its first piece.
    """
    first = {piece.name for piece in eimg.halves(pieces)[0]}
    in_first = np.array([piece.name in first for piece in pieces])
    balance = np.bincount(family, weights=np.where(in_first, 1.0, -1.0), minlength=len(pieces))[family]
    to_first = np.where(balance == 0, in_first[family], balance > 0)
    kept = {"critic": in_first & to_first, "judge": ~in_first & ~to_first}
    return kept, {"critic": int((in_first & ~to_first).sum()), "judge": int((~in_first & to_first).sum())}


def quadrants(said: Array, y: Array, truth: Array) -> dict[str, float]:
    """Shares of clips heard on the right side, with the axes as borders and with the rated pieces' own line for valence.

    Listeners of the rated pieces heard lively music as pleasant, EMOPIA's annotators chose a quadrant: the line is the mean
    valence of rated pieces as lively as the clip, by linear regression.
    """
    slope = float(np.cov(y.T, bias=True)[0, 1] / y[:, 1].var())
    line = y[:, 0].mean() + slope * (said[:, 1] - y[:, 1].mean())
    right = (said > 0) == (truth > 0)
    by_line = (said[:, 0] > line) == (truth[:, 0] > 0)
    found = {"valence": right[:, 0], "arousal": right[:, 1], "quadrant": right.all(1), "valence_by_line": by_line}
    found["quadrant_by_line"] = by_line & right[:, 1]
    return {name: round(float(hits.mean()), 4) for name, hits in found.items()}


def ask_emopia(folder: Path, models: dict[str, Model], y: Array) -> dict[str, dict[str, float]]:
    """What each model hears in EMOPIA's validation clips."""
    clips = [clip for clip in emopia.load(folder) if clip.split == "val"]
    truth = np.array([(clip.affect.valence, clip.affect.arousal) for clip in clips])
    parts = [passages(clip.score) for clip in clips]
    x = np.array([passage_features.features(passage) for part in parts for passage in part])
    owner = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    out = {}
    for name, model in models.items():
        if "centres" in model:
            said = means(kernel_said(model, x), owner)
        else:
            said = predict(model, np.array([features(clip.score) for clip in clips]))
        out[name] = quadrants(said, y, truth)
    return out


def card_for(name: str, data: bytes, counts: tuple[int, int], measured: dict[str, Any]) -> Card:
    """The card of the critic or the judge."""
    shown = (
        f"{counts[0]} piano pieces of about 15 s, each as it is and in {COPIES} performances; mean rating of six listeners, "
        f"1..9 mapped by (x - 5) / 4; {counts[1]} more of this half were left out: the other half has more of the same works"
    )
    return Card(
        name=name,
        version=VERSION,
        task="music-affect",
        summary=f"Valence and arousal of a score, fitted to human ratings: {USES[name]}.",
        file=f"{name}.onnx",
        sha256=hashlib.sha256(data).hexdigest(),
        licence="Apache-2.0",
        input={"features": list(passage_features.NAMES), "of": "passages of about 15 s, averaged", "drums": "left out"},
        outputs={"affect": "valence and arousal, each in [-1, 1]"},
        recipe="recipes/judge.py",
        data=({"name": "EIMG", "what": shown, "licence": "none stated: fitted to, not redistributed"},),
        scores=measured,
        limits=LIMITS,
    )


def compared(x: Array, rows: Rows, family: NDArray[np.int_], y: Array) -> dict[str, dict[str, float]]:
    """What is gained step by step, in ten-fold cross-validation with families kept together; x (n, 17)."""
    wide = rows.features[rows.own]
    density = x[:, [NAMES.index("log_notes_hz")]]
    asks: dict[str, Fit] = {
        "note density alone": lambda learn, hear: predict(fit(density[learn], y[learn], PENALTY), density[hear]),
        BASELINE: lambda learn, hear: predict(fit(x[learn], y[learn], PENALTY), x[hear]),
        f"{wide.shape[1]} features, ridge": lambda learn, hear: predict(fit(wide[learn], y[learn], 100.0), wide[hear]),
        "these, kernel, performances": lambda learn, hear: kernel_predict(kernel_fit(rows.of(learn), y), rows, hear),
    }
    return {name: scores(y, cross_predicted(family, ask)) for name, ask in asks.items()}


def table(
    steps: dict[str, dict[str, float]], other: dict[str, dict[str, float]], heard: dict[str, dict[str, float]]
) -> str:
    """Everything measured, as Markdown."""
    lines = [
        "# How well the judge hears",
        "",
        f"{FOLDS}-fold cross-validation over all rated pieces; excerpts and variations of one work are kept together.",
        "Below them the two that ship, each fitted to its half and asked about the other.",
        "",
        "| | V r | V CCC | V RMSE | A r | A CCC | A RMSE | quadrant |",
        "|---|---|---|---|---|---|---|---|",
    ]
    keys = [f"{axis}_{metric}" for axis in measure.AXES for metric in ("r", "ccc", "rmse")] + ["quadrant_accuracy"]
    for name, found in (steps | {f"`{k}` on the other half": v for k, v in other.items()}).items():
        lines.append(f"| {name} | " + " | ".join(f"{found[key]:.3f}" for key in keys) + " |")
    if heard:
        lines += [
            "",
            "Asked for the quadrants of EMOPIA's validation clips, to which nothing was fitted (share heard right).",
            "The line: a clip is pleasant when it is heard as more pleasant than rated pieces as lively are on average.",
            "",
            "| | quadrant | V | A | quadrant by the line | V by the line |",
            "|---|---|---|---|---|---|",
        ]
        for name, found in heard.items():
            names = ("quadrant", "valence", "arousal", "quadrant_by_line", "valence_by_line")
            lines.append(f"| {name} | " + " | ".join(f"{found[key]:.3f}" for key in names) + " |")
    return "\n".join([*lines, ""])


def earlier_critic(pieces: Sequence[Rated], y: Array) -> tuple[bytes, Card]:
    """The critic 1.0: a ridge of seventeen features, which labelled the composing net's corpus and advises nobody now."""
    x = np.array([features(piece.score) for piece in pieces])
    first = {piece.name for piece in eimg.halves(pieces)[0]}
    mine = np.array([piece.name in first for piece in pieces])
    _, group = np.unique(x.round(3), axis=0, return_inverse=True)
    kept = mine & ~np.isin(group.reshape(-1), group.reshape(-1)[~mine])
    model = fit(x[kept], y[kept], PENALTY)
    data = ridge_graph(model)
    measured = {"protocol": "asked about the judge's half"} | scores(y[~mine], predict(model, x[~mine]))
    card = card_for("critic-ridge", data, (int(kept.sum()), int((mine & ~kept).sum())), measured)
    summary = (
        "Valence and arousal of a score from seventeen features; labelled the composing net's corpus, advises nobody."
    )
    shown = f"{int(kept.sum())} piano pieces, mean rating of six listeners; critic 1.0, unchanged"
    return data, replace(
        card,
        version="1.0",
        summary=summary,
        input={"features": list(NAMES), "drums": "left out"},
        data=({"name": "EIMG", "what": shown, "licence": "none stated: fitted to, not redistributed"},),
    )


def write(out: Path, name: str, data: bytes, card: Card) -> None:
    """A model's file and card."""
    for folder in ("cards", "files"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    (out / "files" / f"{name}.onnx").write_bytes(data)
    card.write(out / "cards" / f"{name}.json")


def main() -> None:
    """Read, measure, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with eimg_va.csv and eimg.zip")
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder that gets cards/ and files/")
    parser.add_argument("--rows", type=Path, help=".npy file that keeps the features between runs")
    parser.add_argument("--table", type=Path, help="Markdown file to write")
    parser.add_argument("--emopia", type=Path, help="folder with emopia_train_val.csv and emopia_train_val.zip")
    options = parser.parse_args()
    pieces = eimg.load(options.data)
    y = np.array([(piece.affect.valence, piece.affect.arousal) for piece in pieces])
    rows, family = rows_of(pieces, options.rows), families(pieces)
    x = np.array([features(piece.score) for piece in pieces])
    steps = compared(x, rows, family, y)
    kept, left_out = halves(pieces, family)
    models = {name: kernel_fit(rows.of(mine), y) for name, mine in kept.items()}
    others = {"critic": kept["judge"], "judge": kept["critic"]}
    other = {name: scores(y[others[name]], kernel_predict(m, rows, others[name])) for name, m in models.items()}
    heard = ask_emopia(options.emopia, {BASELINE: fit(x, y, PENALTY)} | models, y) if options.emopia else {}
    for name, model in models.items():
        protocol = f"{FOLDS}-fold cross-validation over all pieces, excerpts and variations of one work kept together"
        measured: dict[str, Any] = {"protocol": protocol} | list(steps.values())[-1] | {"other_half": other[name]}
        measured |= {"in ten-fold, less": dict(list(steps.items())[:-1])}
        measured |= {"emopia_validation": heard[name]} if heard else {}
        data = kernel_graph(model, WIDTH / rows.features.shape[1])
        write(options.out, name, data, card_for(name, data, (int(kept[name].sum()), left_out[name]), measured))
    write(options.out, "critic-ridge", *earlier_critic(pieces, y))
    text = table(steps, other, heard)
    print(text)
    if options.table:
        options.table.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
