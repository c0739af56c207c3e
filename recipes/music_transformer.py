"""Music Transformer: open scores -> tokens -> a conditioned decoder -> one ONNX file with a key-value cache, and its card.

    python recipes/music_transformer.py prepare FOLDER --out runs/music/corpus.npz
    python recipes/music_transformer.py train runs/music/corpus.npz --out runs/music/run --minutes 85 --threads 1
    python recipes/music_transformer.py export --run runs/music/run --out /tmp/early
    python recipes/music_transformer.py finish runs/music/corpus.npz --run runs/music/run --out src/moodscore/weights

FOLDER holds the archives of open scores and EIMG (whose pieces only tell which open scores to leave out). `train` may be
stopped and started again, with other threads and more minutes; `export` writes any checkpoint on the way; `finish` measures on
the held-out pieces and writes files/music-transformer.onnx and cards/music-transformer.json.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional


from moodscore.learn.data import eimg, open_scores
from moodscore.learn.data.token_batches import IGNORED, TokenBatches
from moodscore.learn.data.token_corpus import Corpus, corpus_of, credits, score_print, without_copies
from moodscore.learn.models.music_transformer import MusicTransformer
from moodscore.learn.train import TrainConfig, fit, load_average, trained
from moodscore.weights import store

OURS = TrainConfig(
    epochs=1000, batch_size=8, learning_rate=1e-3, weight_decay=0.02, flip=False,
    warmup=300, average=0.999, clip_norm=1.0, bfloat16=True,
)  # fmt: skip


def critic(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Valence and arousal (n, 2) of features (n, 17): the model that may advise composers."""
    said = store.session("critic").run({"features": rows.astype(np.float32)}, ("affect",))["affect"]
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
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
