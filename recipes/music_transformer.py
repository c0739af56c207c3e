"""Music Transformer: open scores -> tokens -> a conditioned decoder -> one ONNX file with a key-value cache, and its card.

    python recipes/music_transformer.py prepare FOLDER --out runs/music/corpus.npz
    python recipes/music_transformer.py train runs/music/corpus.npz --out runs/music/run --minutes 85 --threads 1
    python recipes/music_transformer.py export --run runs/music/run --out /tmp/early
    python recipes/music_transformer.py finish runs/music/corpus.npz --run runs/music/run --out src/moodscore/weights

FOLDER holds the archives of open scores and EIMG (whose pieces only tell which open scores to leave out). `train` may
be stopped and started again, with other threads and more minutes; `export` writes any checkpoint on the way; `finish`
measures on the held-out pieces and writes files/music-transformer.onnx and cards/music-transformer.json.
"""

from __future__ import annotations

import argparse
import copy
import json
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from moodscore.learn import export, export_music
from moodscore.learn.data import eimg, open_scores
from moodscore.learn.data.token_batches import IGNORED, TokenBatches
from moodscore.learn.data.token_corpus import Corpus, corpus_of, credits, melodies, score_print, without_copies
from moodscore.learn.models.music_transformer import MusicTransformer, Shape
from moodscore.learn.train import TrainConfig, fit, load_average, trained
from moodscore.measure import memory
from moodscore.music.conditions import WIDTH, WISHES, columns, vectors, wishes, without_feeling
from moodscore.music.tokens import KINDS, VOCABULARY, kind
from moodscore.weights import store
from moodscore.weights.card import Card
from moodscore.weights.session import Session

VERSION = "1.0"
DATA = (
    {
        "name": "OpenScore Lieder",
        "source": "lieder",
        "terms": "CC0",
        "what": "songs of the 18th to 20th century, engraved by volunteers",
    },
    {"name": "OpenScore String Quartets", "source": "quartets", "terms": "CC0", "what": "engraved string quartets"},
    {
        "name": "Mutopia",
        "source": "mutopia",
        "terms": "Public Domain or CC BY, by piece",
        "what": "engraved classical and folk music",
    },
    {"name": "Freedoom", "source": "freedoom", "terms": "BSD-3-Clause", "what": "game music with drums"},
    {
        "name": "POP909",
        "source": "pop909",
        "terms": "MIT",
        "what": "piano arrangements of pop songs; the songs themselves are in copyright",
    },
    {
        "name": "EIMG",
        "source": "eimg",
        "terms": "none stated",
        "what": "trains nothing; `critic-ridge`, fitted to half of it, labels the pieces; near copies are left out",
    },
)
LIMITS = (
    "Its feelings are those a critic heard in the training pieces, not those of listeners.",
    "Written mostly from European music of the 17th to 20th century and from Chinese pop; other traditions are missing.",
    "Engraved scores say nothing of touch: loudness was learnt from played and game music alone.",
    "Its notion of form reaches 512 tokens, about ten bars; longer form has to come from the plan.",
    "POP909's arrangements are MIT, the songs arranged are not: see how much its tunes share with the training pieces.",
)

OURS = TrainConfig(
    epochs=1000, batch_size=8, learning_rate=1e-3, weight_decay=0.02, flip=False,
    warmup=300, average=0.999, clip_norm=1.0, bfloat16=True,
)  # fmt: skip


def critic(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Valence and arousal (n, 2) of features (n, 17): the model that may advise composers."""
    said = store.session("critic-ridge").run({"features": rows.astype(np.float32)}, ("affect",))["affect"]
    return np.asarray(said, np.float64)


def prepare(arguments: argparse.Namespace) -> None:
    """Read, lay on bars, leave out copies of rated pieces, label, write."""
    pieces = list(open_scores.load(arguments.data))
    rated = [score_print(piece.score) for piece in eimg.load(arguments.data)]
    kept, group, left_out = without_copies(pieces, rated)
    print(f"{len(pieces)} pieces on a grid, {len(left_out)} near copies of rated pieces left out", flush=True)
    corpus = corpus_of(kept, group, critic, lambda n: print(n, flush=True) if n % 500 == 0 else None)
    corpus.save(arguments.out)
    print(json.dumps(corpus.counts(), indent=1))


def token_loss(said: Tensor, aims: Tensor) -> Tensor:
    """Mean negative log likelihood of the aims, in nats a token."""
    return functional.cross_entropy(said.float().flatten(0, 1), aims.flatten(), ignore_index=IGNORED)


def train(arguments: argparse.Namespace) -> None:
    """Train, or go on training, a run folder."""
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    corpus = Corpus.read(arguments.corpus)
    config = replace(OURS, minutes=arguments.minutes, seed=arguments.seed)
    net: nn.Module = MusicTransformer()
    stream = TokenBatches(corpus)
    held = held_out(corpus, 32)
    print(f"{sum(p.numel() for p in net.parameters())} parameters, {len(corpus.tokens)} tokens; {config}", flush=True)
    began = time.time()

    def tell(row: dict[str, float]) -> None:
        line = f"epoch {row['epoch']:.0f} loss {row['loss']:.4f} at {(time.time() - began) / 60:.1f} min"
        if row["epoch"] % 4 == 0:
            now = copy.deepcopy(net)
            load_average(now, arguments.out)
            line += f"  held out {held_loss(now, held):.4f}"
        print(line, flush=True)

    fit(net, (stream, None), config, arguments.out, (token_loss, lambda said, aims: 0.0), tell)


def held_out(corpus: Corpus, count: int) -> tuple[tuple[Tensor, Tensor], Tensor]:
    """`count` plain segments of the validation pieces, always the same."""
    return TokenBatches(corpus, valid=True).batch(np.random.default_rng(7), count, plain=True)


@torch.no_grad()
def held_loss(net: nn.Module, held: tuple[tuple[Tensor, Tensor], Tensor]) -> float:
    """Mean loss on held-out segments."""
    net.eval()
    (ids, conditions), aims = held
    losses = [token_loss(net((ids[k : k + 8], conditions[k : k + 8])), aims[k : k + 8]) for k in range(0, len(ids), 8)]
    return float(torch.stack(losses).mean())


@torch.no_grad()
def losses(net: nn.Module, inputs: tuple[Tensor, Tensor], aims: Tensor) -> NDArray[np.float64]:
    """Negative log likelihood in nats of each aim that counts."""
    net.eval()
    out = []
    for k in range(0, len(aims), 8):
        said = net((inputs[0][k : k + 8], inputs[1][k : k + 8])).float()
        out.append(functional.cross_entropy(said.flatten(0, 1), aims[k : k + 8].flatten(), reduction="none"))
    return torch.cat(out).numpy()[aims.flatten().numpy() != IGNORED].astype(np.float64)


def likelihood(net: nn.Module, corpus: Corpus, count: int) -> dict[str, Any]:
    """Held-out nats a token by kind.

    With all wishes, without the feeling, and without any wish but where the bar stands.
    """
    (ids, conditions), aims = held_out(corpus, count)
    plain = vectors(wishes(1))[0]
    bare = conditions.clone()
    kept = [at for at in range(WIDTH) if plain[at] != 0 or at == columns("beats")[0] - 1]
    bare[..., [at for at in range(WIDTH) if at not in kept]] = 0.0
    feelingless = torch.from_numpy(without_feeling(conditions.numpy()))
    each = {
        name: losses(net, (ids, c), aims)
        for name, c in (("all_wishes", conditions), ("without_feeling", feelingless), ("without_wishes", bare))
    }
    found = np.array([kind(int(t)) for t in aims.flatten() if t != IGNORED])
    out: dict[str, Any] = {"tokens": len(found)}
    for name, values in each.items():
        by_kind = {k: round(float(values[found == k].mean()), 4) for k in KINDS if (found == k).any()}
        out[name] = {"all": round(float(values.mean()), 4)} | by_kind
    return out


def remembered(corpus: Corpus) -> dict[str, float]:
    """How much the melodies of held-out pieces share with the training pieces: what chance and tradition give."""
    known = memory.Memory(tuple(memory.steps(*line) for line in melodies(corpus, valid=False)))
    lines = [memory.steps(*line) for line in melodies(corpus, valid=True)]
    return {name: round(value, 3) for name, value in memory.evaluate(lines, known).items()}


def parity(net: MusicTransformer, session: Session, corpus: Corpus) -> float:
    """Largest difference of logits between the net on 160 held-out tokens at once and the file, token by token."""
    (ids, conditions), _ = held_out(corpus, 1)
    with torch.no_grad():
        whole = net((ids[:, :160], conditions[:, :160]))[0].numpy()
    past, worst = empty_past(net.shape, 1, 192), 0.0
    for k in range(160):
        feeds = {"ids": ids[:, k : k + 1].numpy(), "conditions": conditions[:, k : k + 1].numpy()}
        said = session.run(feeds | {"past": past, "length": np.array(k)})
        past[..., k : k + 1, :] = said["made"]
        worst = max(worst, float(np.abs(said["logits"][0] - whole[k]).max()))
    return round(worst, 5)


def empty_past(shape: Shape, count: int, places: int) -> NDArray[np.float32]:
    """A cache for `count` sequences of at most `places` tokens."""
    return np.zeros((shape.layers, 2, count, shape.heads, places, shape.width // shape.heads), np.float32)


def speed(session: Session, shape: Shape) -> dict[str, float]:
    """Tokens a second of one core (its own time, as others share it) for sequences at once, in a cache of 512 places."""
    out = {}
    for count in (1, 2, 8, 16):
        past = empty_past(shape, count, 512)
        feeds = {"ids": np.ones((count, 1), np.int64), "conditions": np.zeros((count, 1, WIDTH), np.float32)}
        spent = []
        for k in range(24):
            began = time.process_time()
            session.run(feeds | {"past": past, "length": np.array(480 + k)})
            spent.append(time.process_time() - began)
        out[f"tokens_per_s_batch_{count}"] = round(count / float(np.median(spent)), 0)
    return out


def write(arguments: argparse.Namespace) -> None:
    """Write the checkpoint of a run as ONNX, as it is now."""
    torch.set_num_threads(1)
    net = MusicTransformer()
    load_average(net, arguments.run_folder)
    arguments.out.mkdir(parents=True, exist_ok=True)
    path = arguments.out / "music-transformer.onnx"
    print(path, export_music.step_to_onnx(net, path), trained(arguments.run_folder))


def finish(arguments: argparse.Namespace) -> None:
    """Export, measure on held-out pieces, write weights and card."""
    torch.set_num_threads(1)
    corpus, net = Corpus.read(arguments.corpus), MusicTransformer()
    load_average(net, arguments.run_folder)
    net.eval()
    weights: Path = arguments.run_folder / "music-transformer.onnx"
    checksum = export_music.step_to_onnx(net, weights)
    session = Session(weights.read_bytes(), "music-transformer")
    results = {
        "held_out_nats_a_token": likelihood(net, corpus, arguments.segments),
        "held_out_melodies_in_training_melodies": remembered(corpus),
        "logits_differ_from_torch_by_at_most": parity(net, session, corpus),
        **speed(session, net.shape),
        "training": trained(arguments.run_folder),
    }
    export.ship(card_of(checksum, net.shape, corpus, results), weights, arguments.out)
    print(json.dumps(results, indent=1))


def card_of(checksum: str, shape: Shape, corpus: Corpus, results: dict[str, Any]) -> Card:
    """The card that ships beside the weights."""
    counts = corpus.counts()
    data = [dict(row) | counts.get(str(row["source"]), {}) for row in DATA]
    data.append(
        {"name": "pieces under CC BY that ask for credit, among those of Mutopia", "credits": credits(corpus.pieces)}
    )
    return Card(
        name="music-transformer",
        version=VERSION,
        task="the next token of a piece, told what is asked of each bar",
        summary="A decoder with relative self-attention over bars, chords, positions and notes, steered bar by bar.",
        file="music-transformer.onnx",
        sha256=checksum,
        licence="Apache-2.0",
        input={"vocabulary": VOCABULARY, "wishes": list(WISHES), "conditions": WIDTH} | asdict(shape),
        outputs={
            "logits": "(n, vocabulary) of the token that follows the last of each sequence",
            "made": "keys and values of the tokens given, for the caller's cache",
        },
        recipe="recipes/music_transformer.py",
        data=tuple(data),
        scores=results,
        limits=LIMITS,
    )


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    sub = commands.add_parser("prepare")
    sub.add_argument("data", type=Path)
    sub.add_argument("--out", type=Path, required=True)
    sub.set_defaults(run=prepare)
    sub = commands.add_parser("train")
    sub.add_argument("corpus", type=Path)
    sub.add_argument("--out", type=Path, required=True)
    sub.add_argument("--minutes", type=float, default=85)
    sub.add_argument("--threads", type=int, default=1)
    sub.add_argument("--seed", type=int, default=0)
    sub.set_defaults(run=train)
    sub = commands.add_parser("export")
    sub.add_argument("--run", dest="run_folder", type=Path, required=True)
    sub.add_argument("--out", type=Path, required=True)
    sub.set_defaults(run=write)
    sub = commands.add_parser("finish")
    sub.add_argument("corpus", type=Path)
    sub.add_argument("--run", dest="run_folder", type=Path, required=True)
    sub.add_argument("--out", type=Path, required=True)
    sub.add_argument("--segments", type=int, default=160)
    sub.set_defaults(run=finish)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
