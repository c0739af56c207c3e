"""Genre: posters, photographs and drawings -> film-like crops -> the photo reader's embedding -> a small genre head.

    python recipes/genre.py features --posters DIR --photographs DIR --drawings DIR [--clips DIR] --cache runs/genre
    python recipes/genre.py finish --cache runs/genre -o src/moodscore/weights

`features` reads every picture once plain and some times as a frame of a film might show it; `finish` chooses by
cross-validation over films, reports held-out posters and left-out open films, and writes the weights and their card.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn
from torch.nn import functional

from moodscore.learn import export
from moodscore.learn.data import posters
from moodscore.learn.data.film_like import film_like
from moodscore.learn.data.posters import FOLDS, Picture
from moodscore.measure import labels as measure
from moodscore.media import Photo
from moodscore.prepare import clip, image
from moodscore.schemes import GENRES
from moodscore.see.photo import MODEL as BACKBONE
from moodscore.weights import store
from moodscore.weights.card import Card

VERSION = "1.0"
NAMES = GENRES.names
KINDS = ("live", "drawn", "rendered")
KIND_OF = {"ani2d": "drawn", "ani3d": "rendered", "drawn": "drawn", "photographed": "live"}
LIVE = tuple(name for name in NAMES if KIND_OF.get(name, "live") == "live")
VIEWS, KIND_VIEWS = 8, 2
FRAME_EVERY_S = 0.5
CLIP_GENRES = {"big_buck_bunny": "ani3d", "tears_of_steel": "sf", "nosferatu": "horror", "pigs": "ani2d"}
DECAYS = (0.03, 0.1, 0.3)
Array = NDArray[np.float32]
DATA = (
    {
        "name": "film posters with one genre each",
        "use": "1,606 posters in whole and in film-like crops; genre by the table, animation sorted by eye",
        "terms": "copyrighted: taught from, never shown or shipped",
    },
    {
        "name": "PACS photographs and drawings (Li et al., 2017)",
        "use": "800 + 800 pictures: photographed or drawn, no genre",
        "terms": "none stated; never shown or shipped",
    },
    {
        "name": "open films",
        "use": "checked on, not taught from: frames every half second of excerpts of four films (CC BY: Big Buck Bunny and "
        "Tears of Steel, (c) Blender Foundation; Nosferatu and Pigs in a Polka, said to be in the public domain)",
        "terms": "as said",
    },
)
LIMITS = (
    "Learnt from posters, which advertise a film, not from its frames; few open films were at hand to check it on frames.",
    "Action, horror, romance and science fiction share many frames: a verdict on two frames is a guess, on a clip a hint.",
    "Trust it most on drawn against rendered against live pictures; old films without colour lean to horror.",
    "Films of other genres are given one of the six all the same; look at the probabilities.",
)


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Embeddings (n, 1280), what each says, its fold, the picture or film it is of, and whether it is film-like."""

    x: Array
    says: NDArray[np.str_]
    fold: NDArray[np.int64]
    of: NDArray[np.str_]
    film_like: NDArray[np.bool_]

    def where(self, keep: NDArray[np.bool_]) -> Rows:
        """Some of the rows."""
        return Rows(self.x[keep], self.says[keep], self.fold[keep], self.of[keep], self.film_like[keep])


def embedded(views: list[NDArray[np.uint8]]) -> Array:
    """The photo reader's embeddings (n, 1280) of pictures."""
    recipe = store.card(BACKBONE).input
    batch = np.stack([image.tensor(Photo(v, "view", (v.shape[1], v.shape[0])), recipe) for v in views])
    return np.asarray(store.session(BACKBONE).run({"image": batch}, ("embedding",))["embedding"], np.float32)


def views_of(picture: Picture, count: int, rng: np.random.Generator) -> list[NDArray[np.uint8]]:
    """A picture as it is, and `count` times as a film might show a part of it."""
    pixels = image.open(picture.path).pixels
    return [pixels, *(film_like(pixels, rng) for _ in range(count))]


def features(options: argparse.Namespace) -> None:
    """Embed every picture, and the frames of the clips, and keep them in the cache folder."""
    options.cache.mkdir(parents=True, exist_ok=True)
    teach = [(p, VIEWS) for p in posters.posters(options.posters)]
    teach += [(p, KIND_VIEWS) for p in posters.kinds(options.photographs, "photographed")]
    teach += [(p, KIND_VIEWS) for p in posters.kinds(options.drawings, "drawn")]
    x, says, fold, of, like = [], [], [], [], []
    for number, (picture, count) in enumerate(teach):
        found = embedded(views_of(picture, count, np.random.default_rng((options.seed, number))))
        x.append(found)
        says += [picture.says] * len(found)
        fold += [picture.fold] * len(found)
        of += [picture.path.name] * len(found)
        like += [False] + [True] * count
        if number % 200 == 0:
            print(f"{number} of {len(teach)}", flush=True)
    np.savez(options.cache / "pictures.npz", x=np.concatenate(x), says=says, fold=fold, of=of, film_like=like)
    if options.clips:
        films = [
            (p, g) for p in sorted(options.clips.iterdir()) for k, g in CLIP_GENRES.items() if p.name.startswith(k)
        ]
        x, says, of = [], [], []
        for path, genre in films:
            for frame in clip.frames(clip.open(path), every_s=FRAME_EVERY_S):
                x.append(embedded([frame.pixels()])[0])
                says.append(genre)
                of.append(path.stem)
        np.savez(options.cache / "frames.npz", x=np.stack(x), says=says, of=of)


def load(path: Path) -> Rows:
    """Rows of a cache file; frames of films belong to no fold."""
    with np.load(path) as pack:
        n = len(pack["x"])
        fold = pack["fold"] if "fold" in pack else np.full(n, -1)
        like = pack["film_like"] if "film_like" in pack else np.ones(n, bool)
        return Rows(pack["x"], pack["says"], fold, pack["of"], like)


class Head(nn.Module):
    """Embedding (n, 1280) -> log-probabilities of the six genres (n, 6).

    First live, drawn or rendered; then, for live pictures, which of the four genres: photographs and drawings without a
    genre can teach the first question, and posters of live films alone teach the second.
    """

    def __init__(self, mean: Array, scale: Array) -> None:
        super().__init__()
        self.mean, self.scale = nn.Buffer(torch.from_numpy(mean)), nn.Buffer(torch.from_numpy(scale))
        self.kind, self.genre = nn.Linear(len(mean), len(KINDS)), nn.Linear(len(mean), len(LIVE))
        for layer in (self.kind, self.genre):
            nn.init.zeros_(layer.weight)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        z = (x - self.mean) / self.scale
        return functional.log_softmax(self.kind(z), 1), functional.log_softmax(self.genre(z), 1)


def weights_of(rows: Rows, names: list[str]) -> NDArray[np.float64]:
    """A weight for each row: rare names count for more, by the power .75 of their share; a poster's whole view for half."""
    counts = {name: sum(1 for n in names if n == name) for name in set(names)}
    weights = np.array([counts[name] ** -0.75 for name in names]) * np.where(rows.film_like, 1.0, 0.5)
    return np.asarray(weights / weights.mean())


def fitted(rows: Rows, decay: float, seed: int = 0) -> Head:
    """A head fitted to rows by full-batch L-BFGS on cross-entropy with weight decay; deterministic."""
    torch.manual_seed(seed)
    x = torch.from_numpy(rows.x)
    head = Head(rows.x.mean(0), rows.x.std(0) + 1e-3)
    kinds = [KIND_OF.get(s, "live") for s in rows.says]
    kind_aim = torch.tensor([KINDS.index(k) for k in kinds])
    kind_weight = torch.tensor(weights_of(rows, kinds), dtype=torch.float32)
    live = torch.tensor([s in LIVE for s in rows.says])
    genre_aim = torch.tensor([LIVE.index(s) for s in rows.says if s in LIVE])
    genre_rows = rows.where(live.numpy())
    genre_weight = torch.tensor(weights_of(genre_rows, list(genre_rows.says)), dtype=torch.float32)
    optimizer = torch.optim.LBFGS(head.parameters(), max_iter=60, history_size=8, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        kind, genre = head(x)
        loss = (functional.nll_loss(kind, kind_aim, reduction="none") * kind_weight).mean()
        loss = loss + (functional.nll_loss(genre[live], genre_aim, reduction="none") * genre_weight).mean()
        loss = loss + decay * (head.kind.weight.square().sum() + head.genre.weight.square().sum())
        torch.autograd.backward(loss)
        return loss

    optimizer.step(closure)
    return head.eval()


@torch.no_grad()
def said(head: Head, x: Array) -> NDArray[np.float64]:
    """Probabilities (n, 6) in the order of the scheme."""
    kind, genre = (part.exp().double().numpy() for part in head(torch.from_numpy(x)))
    columns = [
        kind[:, KINDS.index("live")] * genre[:, LIVE.index(name)]
        if name in LIVE
        else kind[:, KINDS.index(KIND_OF[name])]
        for name in NAMES
    ]
    return np.stack(columns, 1)


def truth_of(rows: Rows) -> NDArray[np.int64]:
    """The number of each row's genre."""
    return np.array([NAMES.index(s) for s in rows.says])


def held_out(rows: Rows, decay: float) -> NDArray[np.float64]:
    """Probabilities for every row from a head that saw no view of its fold's films and object classes."""
    out = np.zeros((len(rows.says), len(NAMES)))
    for fold in range(FOLDS):
        out[rows.fold == fold] = said(fitted(rows.where(rows.fold != fold), decay), rows.x[rows.fold == fold])
    return out


def together(rows: Rows, probs: NDArray[np.float64], views: int) -> tuple[Rows, NDArray[np.float64]]:
    """The first `views` film-like views of each picture read as one: the mean of their probabilities."""
    first: dict[str, list[int]] = {}
    for row in np.flatnonzero(rows.film_like):
        first.setdefault(str(rows.of[row]), []).append(int(row))
    groups = [found[:views] for found in first.values()]
    keep = np.zeros(len(rows.says), bool)
    keep[[g[0] for g in groups]] = True
    order = np.argsort([g[0] for g in groups])
    return rows.where(keep), np.stack([probs[groups[k]].mean(0) for k in order])


def chosen(rows: Rows) -> tuple[float, float, NDArray[np.float64]]:
    """Decay and temperature by the log loss of held-out film-like views of posters, and all held-out probabilities."""
    told = np.array([s in NAMES for s in rows.says]) & rows.film_like
    tried = {decay: held_out(rows, decay) for decay in DECAYS}
    truth = truth_of(rows.where(told))
    best = min(tried, key=lambda d: measure.log_loss(tried[d][told], truth))
    probs = tried[best]
    losses = {
        t: measure.log_loss(measure.tempered(probs[told], t), truth) for t in np.round(np.arange(0.5, 3.01, 0.05), 2)
    }
    return best, float(min(losses, key=lambda t: losses[t])), probs


def poster_scores(rows: Rows, probs: NDArray[np.float64]) -> dict[str, object]:
    """What held-out posters give: whole, as one film-like view, as two and as eight."""
    told = np.array([s in NAMES for s in rows.says])
    rows, probs = rows.where(told), probs[told]
    whole = ~rows.film_like
    out: dict[str, object] = {"whole posters": measure.evaluate(probs[whole], truth_of(rows.where(whole)), NAMES)}
    for views, name in ((1, "one film-like view"), (2, "two film-like views"), (VIEWS, "eight film-like views")):
        some, means = together(rows, probs, views)
        out[name] = measure.evaluate(means, truth_of(some), NAMES)
    return out


def film_scores(rows: Rows, frames: Rows, decay: float, temperature: float) -> dict[str, object]:
    """Each open film left out: share of its frames read right, and the mean probabilities, without and with the others."""
    out: dict[str, object] = {}
    alone = fitted(rows, decay)
    for film in dict.fromkeys(frames.of):
        mine, others = frames.where(frames.of == film), frames.where(frames.of != film)
        mixed = Rows(*(np.concatenate(pair) for pair in zip(vars_of(rows), vars_of(others), strict=True)))
        found: dict[str, object] = {"truth": str(mine.says[0]), "frames": len(mine.says)}
        for name, head in (("pictures alone", alone), ("with the other films", fitted(mixed, decay))):
            probs = measure.tempered(said(head, mine.x), temperature)
            mean = probs.mean(0)
            found[name] = {
                "frames_right": round(measure.accuracy(probs, truth_of(mine)), 3),
                "verdict": NAMES[int(mean.argmax())],
                "mean": {n: round(float(p), 3) for n, p in zip(NAMES, mean, strict=True)},
            }
        out[str(film)] = found
    return out


def vars_of(rows: Rows) -> tuple[NDArray[np.generic], ...]:
    """The columns of rows."""
    return rows.x, rows.says, rows.fold, rows.of, rows.film_like


def graph(head: Head, temperature: float) -> bytes:
    """ONNX bytes: embedding (n, 1280) -> probs (n, 6)."""
    weight = torch.cat([head.kind.weight, head.genre.weight]).detach().T
    bias = torch.cat([head.kind.bias, head.genre.bias]).detach()
    live = len(KINDS) - 1 + len(LIVE)
    columns = [len(KINDS) + LIVE.index(n) if n in LIVE else KINDS.index(KIND_OF[n]) for n in NAMES]
    values = {
        "mean": head.mean.numpy(), "scale": head.scale.numpy(), "weight": weight.numpy(), "bias": bias.numpy(),
        "sizes": np.array([len(KINDS), len(LIVE)]), "live": np.array([KINDS.index("live")]), "columns": np.array(columns),
        "temperature": np.float32(temperature), "tiny": np.float32(1e-12),
    }  # fmt: skip
    assert live == 6
    steps = [
        ("Sub", ["embedding", "mean"], ["centred"]), ("Div", ["centred", "scale"], ["standard"]),
        ("MatMul", ["standard", "weight"], ["product"]), ("Add", ["product", "bias"], ["logits"]),
    ]  # fmt: skip
    nodes = [helper.make_node(*step) for step in steps]
    nodes += [
        helper.make_node("Split", ["logits", "sizes"], ["kind_logits", "genre_logits"], axis=1),
        helper.make_node("Softmax", ["kind_logits"], ["kind"], axis=1),
        helper.make_node("Softmax", ["genre_logits"], ["genre"], axis=1),
        helper.make_node("Gather", ["kind", "live"], ["alive"], axis=1),
        helper.make_node("Mul", ["genre", "alive"], ["live_genre"]),
        helper.make_node("Concat", ["kind", "live_genre"], ["joined"], axis=1),
        helper.make_node("Gather", ["joined", "columns"], ["plain"], axis=1),
        helper.make_node("Max", ["plain", "tiny"], ["above"]),
        helper.make_node("Log", ["above"], ["logs"]),
        helper.make_node("Div", ["logs", "temperature"], ["tempered"]),
        helper.make_node("Softmax", ["tempered"], ["probs"], axis=1),
    ]
    inputs = [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", len(head.mean)])]
    outputs = [helper.make_tensor_value_info("probs", TensorProto.FLOAT, ["n", len(NAMES)])]
    constants = [numpy_helper.from_array(np.asarray(value), name) for name, value in values.items()]
    return export.drawn_by_hand(helper.make_graph(nodes, "genre", inputs, outputs, constants))


def card_for(data: bytes, results: dict[str, object]) -> Card:
    """The card that ships beside the weights."""
    return Card(
        name="genre",
        version=VERSION,
        task="film genre of a frame, six classes",
        summary="A linear head on the photo reader's embedding: live, drawn or rendered; then four genres of live film.",
        file="genre.onnx",
        sha256=hashlib.sha256(data).hexdigest(),
        licence="Apache-2.0",
        input={"embedding": store.card(BACKBONE).source},
        outputs={"probs": "(n, 6) probabilities in the order of the scheme, calibrated on held-out posters"},
        recipe="recipes/genre.py",
        data=DATA,
        scores=results,
        limits=LIMITS,
        scheme="genre",
    )


def finish(options: argparse.Namespace) -> None:
    """Choose, measure, write."""
    torch.set_num_threads(1)
    rows, frames = load(options.cache / "pictures.npz"), load(options.cache / "frames.npz")
    decay, temperature, probs = chosen(rows)
    results: dict[str, object] = {
        "protocol": f"{FOLDS}-fold by film; object classes of photographs and drawings held out whole",
        "decay": decay,
        "temperature": temperature,
        "posters": poster_scores(rows, measure.tempered(probs, temperature)),
        "open_films": film_scores(rows, frames, decay, temperature),
    }
    # Frames of four films teach those films and not their genres: with the others taught, a film left out is read worse.
    data = graph(fitted(rows, decay), temperature)
    card = card_for(data, results)
    (options.out / "files" / card.file).write_bytes(data)
    card.write(options.out / "cards" / "genre.json")
    print(json.dumps(results, indent=1))


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    sub = commands.add_parser("features")
    for name in ("posters", "photographs", "drawings"):
        sub.add_argument(f"--{name}", type=Path, required=True)
    sub.add_argument("--clips", type=Path)
    sub.add_argument("--cache", type=Path, required=True)
    sub.add_argument("--seed", type=int, default=0)
    sub.set_defaults(run=features)
    sub = commands.add_parser("finish")
    sub.add_argument("--cache", type=Path, required=True)
    sub.add_argument("-o", "--out", type=Path, required=True)
    sub.set_defaults(run=finish)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
