"""Mel flow: open scores played as eight genres -> a flow net that draws sound -> one ONNX file and its card.

    python recipes/mel_flow.py prepare FOLDER runs/music/corpus.npz --out runs/flow/excerpts.npz --minutes 15
    python recipes/mel_flow.py train runs/flow/excerpts.npz --out runs/flow/run --minutes 85
    python recipes/mel_flow.py export --run runs/flow/run --out /tmp/early
    python recipes/mel_flow.py finish runs/flow/excerpts.npz --run runs/flow/run --out src/moodscore/weights

FOLDER holds the archives of open scores; corpus.npz is what `music_transformer.py prepare` wrote of them, and says which
pieces may be used and which are held out. Each piece is arranged, played by our own player and heard as pitch bands; what
the critic hears in its notes is the feeling that is asked for, the judges have no part in it. `train` may be stopped and
started again; `export` writes any checkpoint on the way.
"""

from __future__ import annotations

import argparse
import copy
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from moodscore.errors import MoodscoreError
from moodscore.learn.data import genre_sound, open_scores
from moodscore.learn.data.mel_batches import Aims, Inputs, MelBatches
from moodscore.learn.data.open_scores import Piece
from moodscore.learn.data.token_corpus import Corpus
from moodscore.learn.models.mel_flow import MelFlow
from moodscore.learn.train import TrainConfig, fit, load_average
from moodscore.music import critic, pitch_bands, synth
from moodscore.music.diffusion_wishes import GENRE_NAMES

OURS = TrainConfig(
    epochs=1000, batch_size=16, learning_rate=1e-3, weight_decay=0.01, flip=False,
    warmup=300, average=0.999, clip_norm=1.0, bfloat16=True,
)  # fmt: skip
NEAREST = 0.1  # to the clean end, closer to which errors weigh no more
FRAMES = round(genre_sound.LENGTH_S * pitch_bands.FRAMES_HZ)


def allowed(data: Path, corpus: Corpus) -> list[tuple[Piece, bool]]:
    """The pieces the corpus kept, and whether each is held out."""
    known = {(p["source"], p["name"]): bool(p["valid"]) for p in corpus.pieces}
    return [(p, known[p.source, p.name]) for p in open_scores.load(data) if (p.source, p.name) in known]


def excerpts(pieces: list[tuple[Piece, bool]], minutes: float, seed: int) -> Iterator[dict[str, object]]:
    """Played excerpts until the time is over, genre by genre; each source comes as often as its pieces are many."""
    rng = np.random.default_rng(seed)
    order, until, count = rng.permutation(len(pieces)), time.monotonic() + 60 * minutes, 0
    while time.monotonic() < until:
        piece, valid = pieces[order[count % len(order)]]
        genre = GENRE_NAMES[count % len(GENRE_NAMES)]
        count += 1
        try:
            found = genre_sound.excerpt(piece, genre, rng)
            affect = critic.hear_all((found.score,))[0] if found else None
        except MoodscoreError:
            continue
        if found is None or affect is None:
            continue
        sound = synth.play(found.score, pitch_bands.RATE).samples.mean(axis=1)
        bands = pitch_bands.levels(sound[round(found.start_s * pitch_bands.RATE) :])[:FRAMES]
        yield {
            "levels": np.round((bands + 1.0) * 127.5).astype(np.uint8),
            "wishes": found.felt(affect).vectors().astype(np.float16),
            "affects": np.array([affect.valence, affect.arousal], np.float32),
            "genres": GENRE_NAMES.index(genre),
            "valid": valid,
            "sources": piece.source,
        }


def prepare(arguments: argparse.Namespace) -> None:
    """Arrange, play, listen, write."""
    pieces = allowed(arguments.data, Corpus.read(arguments.corpus))
    print(f"{len(pieces)} pieces", flush=True)
    rows = []
    for row in excerpts(pieces, arguments.minutes, arguments.seed):
        rows.append(row)
        if len(rows) % 100 == 0:
            print(len(rows), flush=True)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    np.savez(arguments.out, **{name: np.array([row[name] for row in rows]) for name in rows[0]})
    print(len(rows), "excerpts", Counter(str(row["sources"]) for row in rows), flush=True)


def flow_loss(said: Tensor, aims: Aims) -> Tensor:
    """Mean squared error of the flow that the answer stands for, over stretches that were not known."""
    clean, time, known = aims
    weight = (1.0 - time).clamp_min(NEAREST) ** -2
    errors = ((said.float() - clean) ** 2).mean(2) * weight[:, None]
    return (errors * (1 - known)).sum() / (1 - known).sum()


@torch.no_grad()
def held_loss(net: nn.Module, held: list[tuple[Inputs, Aims]]) -> float:
    """Mean loss on held-out windows."""
    net.eval()
    return float(np.mean([flow_loss(net(inputs), aims).item() for inputs, aims in held]))


def train(arguments: argparse.Namespace) -> None:
    """Train, or go on training, a run folder."""
    torch.set_num_threads(1)
    torch.manual_seed(arguments.seed)
    stream, valid = MelBatches.read(arguments.excerpts), MelBatches.read(arguments.excerpts, valid=True)
    rng = np.random.default_rng(7)
    held = [valid.batch(rng, 16) for _ in range(8)]
    net: nn.Module = MelFlow()
    config = replace(OURS, minutes=arguments.minutes, seed=arguments.seed)
    print(f"{sum(p.numel() for p in net.parameters())} parameters, {len(stream.levels)} excerpts; {config}", flush=True)
    began = time.time()

    def tell(row: dict[str, float]) -> None:
        now = copy.deepcopy(net)
        load_average(now, arguments.out)
        said = f"epoch {row['epoch']:.0f} loss {row['loss']:.4f} held out {held_loss(now, held):.4f}"
        print(f"{said} at {(time.time() - began) / 60:.1f} min", flush=True)

    fit(net, (stream, None), config, arguments.out, (flow_loss, lambda said, aims: 0.0), tell)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    sub = commands.add_parser("prepare")
    sub.add_argument("data", type=Path)
    sub.add_argument("corpus", type=Path)
    sub.add_argument("--out", type=Path, required=True)
    sub.add_argument("--minutes", type=float, default=15)
    sub.add_argument("--seed", type=int, default=0)
    sub.set_defaults(run=prepare)
    sub = commands.add_parser("train")
    sub.add_argument("excerpts", type=Path)
    sub.add_argument("--out", type=Path, required=True)
    sub.add_argument("--minutes", type=float, default=85)
    sub.add_argument("--seed", type=int, default=0)
    sub.set_defaults(run=train)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
