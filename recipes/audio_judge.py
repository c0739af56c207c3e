"""Audio judge: rated pieces, played in many ways and worn -> audio features -> a small model, its ONNX file and card.

python recipes/audio_judge.py --data FOLDER --work FOLDER -o src/moodscore/weights [--most N] [--emopia]

FOLDER holds eimg_va.csv and eimg.zip and, for --emopia, emopia_train_val.csv and .zip, which nothing is fitted to. Every
piece is played twice, as piano and by instruments of two other families (with percussion the more often the more excited
the raters found it: a decision, no rating), and heard clean and worn. Features stay in --work as they are made, so that a
run can be stopped and taken up again; --most 0 fits to what is there. Needs the card of
recipes/audio_notes.py. All of it takes about an hour on one core.
"""

from __future__ import annotations

import argparse
import hashlib
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from moodscore.affect import Affect
from moodscore.learn import export
from moodscore.learn.data import eimg, emopia, renderings
from moodscore.measure import music as measure
from moodscore.media import Score, Track
from moodscore.music import synth
from moodscore.music.audio_features import NAMES, features, listen
from moodscore.music.audio_frames import RATE
from moodscore.music.audio_judge import NAME
from moodscore.music.features import features as score_features
from moodscore.weights import store
from moodscore.weights.card import Card

VERSION = "1.0"
FOLDS = 5
PENALTIES = (30.0, 100.0, 300.0, 1000.0)
EMOPIA_S = 20.0
Array = NDArray[np.float64]
Row = dict[str, object]


def piano(score: Score, number: int) -> Score:
    """The piece as its pianist played it, or by another piano, in another key and tempo."""
    return renderings.arranged(score, 1000 + number, ("piano",)) if number % 2 else score


def orchestrated(score: Score, number: int, arousal: float) -> tuple[Score, tuple[str, ...]]:
    """The piece played by one or two families, and which."""
    rng = np.random.default_rng(50000 + number)
    some = tuple(str(f) for f in rng.choice(list(renderings.FAMILIES), 2, replace=False))
    return renderings.arranged(score, 100000 + number, some, 0.5 / (1.0 + math.exp(-4.0 * arousal))), some


def opening(score: Score) -> Score:
    """The first twenty seconds."""
    tracks = (
        Track(t.name, t.program, tuple(n for n in t.notes if n.start_s < EMOPIA_S), t.drums, pedals=t.pedals)
        for t in score.tracks
    )
    return Score(tuple(tracks), min(score.duration_s, EMOPIA_S + 1.0))


def remembered(path: Path, make: Iterator[tuple[str, Score, int]]) -> dict[str, Array]:
    """Features by name, clean under the name itself and worn under name/worn: those in `path`, and the rest made now."""
    found: dict[str, Array] = {}
    if path.exists():
        with np.load(path) as stored:
            found = {name: stored[name] for name in stored.files}
    fresh = 0
    for name, score, seed in make:
        if f"{name}/worn" in found:
            continue
        sound = synth.play(score, RATE).samples.mean(axis=1)
        found[name] = features(listen(sound))
        found[f"{name}/worn"] = features(listen(renderings.worn(sound, RATE, seed)))
        fresh += 1
        if fresh % 25 == 0:
            np.savez(path, **found)
            print(f"{path.stem}: {len(found)}", flush=True)
    np.savez(path, **found)
    return found


def played(pieces: Sequence[eimg.Rated], most: int) -> Iterator[tuple[str, Score, int]]:
    """Name, score and seed of every rendering: each piece as piano and orchestrated, in an order drawn once."""
    for number in np.random.default_rng(3).permutation(len(pieces))[:most].tolist():
        piece = pieces[number]
        yield f"piano/{piece.name}", piano(piece.score, number), 2 * number
        yield f"other/{piece.name}", orchestrated(piece.score, number, piece.affect.arousal)[0], 2 * number + 1


class Table:
    """Rows of features with what is known of each: ratings, piece, fold, families that play, percussion, wear."""

    def __init__(self, pieces: Sequence[eimg.Rated], found: dict[str, Array]) -> None:
        order = {piece.name: k for k, piece in enumerate(pieces)}
        names = sorted(found)
        self.x = np.array([found[name] for name in names])
        self.piece = np.array([order[name.split("/")[1]] for name in names])
        self.y = np.array([(pieces[k].affect.valence, pieces[k].affect.arousal) for k in self.piece])
        self.piano = np.array([name.startswith("piano/") for name in names])
        self.worn = np.array([name.endswith("/worn") for name in names])
        self.fold = folds_of(pieces, self.piece)
        self.families, self.drums = [("piano",)] * len(names), np.zeros(len(names), bool)
        for row in np.flatnonzero(~self.piano):
            piece = pieces[self.piece[row]]
            score, self.families[row] = orchestrated(piece.score, int(self.piece[row]), piece.affect.arousal)
            self.drums[row] = any(t.drums for t in score.tracks)

    def plays(self, family: str) -> NDArray[np.bool_]:
        """Rows in which a family may play."""
        return np.array([family in some for some in self.families])


def folds_of(pieces: Sequence[eimg.Rated], numbers: NDArray[np.int_], seed: int = 0) -> NDArray[np.int_]:
    """A fold for each piece number; near-copies (the same symbolic features to three digits) share one."""
    wanted, at = np.unique(numbers, return_inverse=True)
    x = np.array([score_features(pieces[k].score) for k in wanted])
    _, group = np.unique(x.round(3), axis=0, return_inverse=True)
    group = group.reshape(-1)
    return (np.random.default_rng(seed).permutation(group.max() + 1) % FOLDS)[group][at]


def fit(x: Array, y: Array, penalty: float) -> dict[str, Array]:
    """Ridge regression of y (n, 2) on standardised features x, clipped to the range that nearly all were in."""
    low, high = np.percentile(x, [1.0, 99.0], axis=0)
    inside = np.clip(x, low, high)
    mean, scale = inside.mean(0), np.maximum(inside.std(0), 1e-6)
    z, centre = (inside - mean) / scale, y.mean(0)
    weight = np.linalg.solve(z.T @ z + penalty * np.eye(x.shape[1]), z.T @ (y - centre))
    return {"low": low, "high": high, "mean": mean, "scale": scale, "weight": weight, "bias": centre}


def predict(model: dict[str, Array], x: Array) -> Array:
    """Affects (n, 2) in [-1, 1]."""
    z = (np.clip(x, model["low"], model["high"]) - model["mean"]) / model["scale"]
    return np.clip(z @ model["weight"] + model["bias"], -1.0, 1.0)


def cross_predicted(table: Table, penalty: float) -> Array:
    """What is said of each row by a model that heard no rendering of its piece."""
    out = np.zeros_like(table.y)
    for k in range(FOLDS):
        mine = table.fold == k
        out[mine] = predict(fit(table.x[~mine], table.y[~mine], penalty), table.x[mine])
    return out


def other_instruments(table: Table, penalty: float) -> tuple[Array, Array]:
    """Truth and what is said of orchestrations by models that never heard that family nor any rendering of the piece."""
    truth, said = [], []
    for family in renderings.FAMILIES:
        if family == "piano":
            continue
        plays = table.plays(family) & ~table.drums & ~table.worn
        known = ~table.plays(family) & ~np.isin(table.piece, table.piece[plays])
        truth.append(table.y[plays])
        said.append(predict(fit(table.x[known], table.y[known], penalty), table.x[plays]))
    return np.concatenate(truth), np.concatenate(said)


def metrics(truth: Array, said: Array) -> dict[str, float]:
    """Every metric."""
    pairs = [[Affect.clipped(v, a) for v, a in rows] for rows in (truth, said)]
    return {name: round(value, 4) for name, value in measure.evaluate(*pairs).items()}


def other_listeners(folder: Path, work: Path, model: dict[str, Array]) -> dict[str, float]:
    """Shares of EMOPIA's validation clips whose quadrant and side of each axis is heard, clean and worn."""
    clips = [clip for clip in emopia.load(folder) if clip.split == "val"]
    found = remembered(work / "emopia.npz", ((c.name, opening(c.score), k) for k, c in enumerate(clips)))
    truth = np.sign([(c.affect.valence, c.affect.arousal) for c in clips])
    out: dict[str, float] = {"clips": len(clips)}
    for wear, suffix in (("clean", ""), ("worn", "/worn")):
        right = np.sign(predict(model, np.array([found[c.name + suffix] for c in clips]))) == truth
        shares = {"quadrant": right.all(axis=1), "valence": right[:, 0], "arousal": right[:, 1]}
        out |= {f"{name}_{wear}": round(float(share.mean()), 4) for name, share in shares.items()}
    return out


def measured(table: Table, penalty: float) -> dict[str, object]:
    """All tables of the card."""
    said = cross_predicted(table, penalty)
    plain = ~table.drums
    views = {
        "piano": table.piano & ~table.worn,
        "piano_worn": table.piano & table.worn,
        "others": ~table.piano & plain & ~table.worn,
        "others_worn": ~table.piano & plain & table.worn,
    }
    out: dict[str, object] = dict(metrics(table.y[plain], said[plain]))
    out |= {name: metrics(table.y[rows], said[rows]) for name, rows in views.items() if rows.sum() > 1}
    if (~table.piano).any():
        out["family_never_heard"] = metrics(*other_instruments(table, penalty))
    for name in ("log_onsets_hz", "log_notes_hz"):
        column = table.x[plain, NAMES.index(name)]
        out[f"arousal_r_of_{name}_alone"] = round(float(np.corrcoef(column, table.y[plain, 1])[0, 1]), 4)
    return out


def graph(model: dict[str, Array]) -> bytes:
    """ONNX bytes: features (n, k) -> affect (n, 2): clip to the range seen, standardise, multiply, clip to the plane."""
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
    return export.drawn_by_hand(helper.make_graph(nodes, NAME, inputs, outputs, constants))


def card_for(data: bytes, table: Table, scores: dict[str, object]) -> Card:
    """The card."""
    return Card(
        name=NAME,
        version=VERSION,
        task="music-affect",
        summary="Valence and arousal of sound, from audio features, fitted to human ratings of pieces played in many ways.",
        file=f"{NAME}.onnx",
        sha256=hashlib.sha256(data).hexdigest(),
        licence="Apache-2.0",
        input={"features": list(NAMES), "rate": RATE, "notes": store.card("audio-notes").source},
        outputs={"affect": "valence and arousal, each in [-1, 1]"},
        recipe="recipes/audio_judge.py",
        data=(
            {
                "name": "EIMG",
                "what": f"{len(np.unique(table.piece))} piano pieces of about 15 s, mean rating of six listeners, "
                f"1..9 mapped by (x - 5) / 4; {int(table.piano.sum())} times heard as piano, {int((~table.piano).sum())} "
                f"times by other instruments, {int(table.worn.sum())} of these worn; played by our own player",
                "licence": "none stated: fitted to, not redistributed",
            },
        ),
        scores=scores,
        limits=limits_of(table),
    )


def limits_of(table: Table) -> tuple[str, ...]:
    """How far not to trust it."""
    limits = [
        "Its listeners heard the pieces on a piano: what another instrument, a voice or a drum adds is not in the ratings.",
        "It learned from a General MIDI font; no rated recording was at hand to check it on.",
        "It says arousal better than valence; of valence trust the order of pieces more than the number.",
        "Speech and noise are heard as if they were music.",
    ]
    if table.piano.all():
        limits.append("Fitted to piano only: how well it hears other instruments was not measured.")
    if not table.worn.any():
        limits.append("Fitted to clean sound only: how well it hears noisy or narrow recordings was not measured.")
    if table.drums.any():
        limits.append("Percussion was added the more often the more excited a piece was rated: a decision, no rating.")
    return tuple(limits)


def main() -> None:
    """Play, listen, fit, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with eimg_va.csv and eimg.zip")
    parser.add_argument("--work", type=Path, required=True, help="folder for features already made")
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder that gets cards/ and files/")
    parser.add_argument("--most", type=int, default=1 << 30, help="pieces to play")
    parser.add_argument("--emopia", action="store_true", help="check on EMOPIA's validation clips too")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    pieces = eimg.load(options.data)
    table = Table(pieces, remembered(options.work / "eimg.npz", played(pieces, options.most)))
    tried = {p: metrics(table.y, cross_predicted(table, p)) for p in PENALTIES}
    penalty = max(PENALTIES, key=lambda p: tried[p]["valence_r"] + tried[p]["arousal_r"])
    model = fit(table.x, table.y, penalty)
    scores: dict[str, object] = {
        "protocol": f"{FOLDS}-fold cross-validation by piece over all renderings, near-copies together, percussion left out",
        "penalty": penalty,
    }
    scores |= measured(table, penalty)
    if options.emopia:
        scores["emopia_val"] = other_listeners(options.data, options.work, model)
    data = graph(model)
    (options.out / "files" / f"{NAME}.onnx").write_bytes(data)
    card_for(data, table, scores).write(options.out / "cards" / f"{NAME}.json")
    for name, value in scores.items():
        print(f"{name:34s} {value}")


if __name__ == "__main__":
    main()
