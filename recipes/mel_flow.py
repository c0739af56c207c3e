"""Mel flow: open scores played as eight genres -> a flow net that draws sound -> one ONNX file and its card.

    python recipes/mel_flow.py prepare FOLDER runs/music/corpus.npz --out runs/flow/excerpts.npz --minutes 15
    python recipes/mel_flow.py train runs/flow/excerpts.npz --out runs/flow/run --minutes 85
    python recipes/mel_flow.py peers --out runs/flow/peers.json
    python recipes/mel_flow.py finish runs/flow/excerpts.npz --run runs/flow/run --peers runs/flow/peers.json \
        --out src/moodscore/weights

FOLDER holds the archives of open scores; corpus.npz is what `music_transformer.py prepare` wrote of them, and says which
pieces may be used and which are held out. Each piece is arranged, played by our own player and heard as pitch bands; what
the critic hears in its notes is the feeling that is asked for, the judges have no part in it. `train` may be stopped and
started again. `peers` has the other composers heard by the audio judge, as `finish` has this one, which writes weights and
card.
"""

from __future__ import annotations

import argparse
import copy
import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

import mel_flow_measures as measures
from moodscore.errors import MoodscoreError
from moodscore.learn import export, export_flow
from moodscore.learn.data import genre_sound, open_scores
from moodscore.learn.data.mel_batches import Aims, Inputs, MelBatches
from moodscore.learn.data.open_scores import Piece
from moodscore.learn.data.token_corpus import Corpus
from moodscore.learn.models.mel_flow import MelFlow
from moodscore.learn.train import TrainConfig, fit, load_average, trained
from moodscore.music import critic, diffusion, pitch_bands, synth
from moodscore.music.diffusion_wishes import GENRE_NAMES, WIDTH
from moodscore.weights import store
from moodscore.weights.card import Card
from moodscore.weights.session import Session

VERSION = "1.0"
LIMITS = (
    "A small net trained for an hour and a quarter on a third of a core: "
    "it plays textures, rhythm and chords; melodies wander.",
    "It sounds like the General MIDI font that it learned, through 96 bands and found phases: no singing, no words.",
    "Chords and beats are the plan's; feelings are those a critic heard in notes, not those of listeners.",
    "Its tunes have no score: no MIDI, no parts, and the symbolic judge cannot hear them.",
    "The audio judge was fitted to all rated pieces, the critic that labelled to half of them: they share listeners.",
    "Written mostly from European music of the 17th to 20th century and from Chinese pop; other traditions are missing.",
)
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


def peers(arguments: argparse.Namespace) -> None:
    """Have the other composers heard by the audio judge, and the road to bands and back."""
    found = {}
    for name, play in (
        ("rules", measures.composed("rules")),
        ("rules_through_bands", measures.through_bands),
        ("neural", measures.composed("neural")),
    ):
        found[name] = measures.follows(measures.heard(play))
        print(name, found[name], flush=True)
        arguments.out.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


def parity(net: MelFlow, session: Session) -> float:
    """The largest difference between the net and the file."""
    rng = np.random.default_rng(0)
    shapes = ((2, diffusion.WINDOW, net.shape.patch), (2,), (2, diffusion.WINDOW), (2, diffusion.WINDOW, WIDTH))
    feeds = [np.asarray(rng.random(shape), np.float32) for shape in shapes]
    said = session.run(dict(zip(export_flow.INPUTS, feeds, strict=True)))["clean"]
    with torch.no_grad():
        truth = net(tuple(torch.from_numpy(feed) for feed in feeds)).numpy()  # type: ignore[arg-type]
    return round(float(np.abs(said - truth).max()), 5)


def held_out(path: Path, net: nn.Module) -> tuple[dict[str, Any], Any]:
    """Figures on held-out excerpts as they were played, the loss on them, and the genre reader fitted to the others."""
    with np.load(path) as stored:
        levels, wishes, genres, valid = (stored[name] for name in ("levels", "wishes", "genres", "valid"))
    sound = [x.astype(np.float32) / 127.5 - 1.0 for x in levels]
    portraits = np.stack([measures.portrait(x) for x in sound])
    reader = measures.genre_reader(portraits[~valid], genres[~valid])
    rng, stream = np.random.default_rng(7), MelBatches.read(path, valid=True)
    chords = [measures.chord_share(sound[k], wishes[k].astype(np.float32)) for k in np.flatnonzero(valid)]
    figures = {
        "excerpts": int(valid.sum()),
        "loss": round(held_loss(net, [stream.batch(rng, 16) for _ in range(8)]), 4),
        "genre_told_as_played": round(float((reader(portraits[valid]) == genres[valid]).mean()), 3),
        "chord_share_as_played": round(float(np.nanmean(chords)), 3),
    }
    return figures, reader


def finish(arguments: argparse.Namespace) -> None:
    """Export, ship with a bare card, measure what ships, write the card."""
    torch.set_num_threads(1)
    net = MelFlow()
    load_average(net, arguments.run_folder)
    net.eval()
    weights: Path = arguments.run_folder / "mel-flow.onnx"
    checksum = export_flow.flow_to_onnx(net, weights, diffusion.WINDOW)
    with np.load(arguments.excerpts) as stored:
        counts = Counter(str(name) for name in stored["sources"])
    export.ship(card_of(checksum, net, counts, {}), weights, arguments.out)
    store.cards.cache_clear()
    figures, reader = held_out(arguments.excerpts, net)
    results: dict[str, Any] = {
        "heard_by_audio_judge": measures.follows(measures.heard(measures.drawn)),
        "peers_heard_by_audio_judge": json.loads(arguments.peers.read_text("utf-8")),
        "held_out": figures,
        "drawn": measures.drawing(reader),
        "core_seconds_for_5_s": measures.clip_seconds(),
        "steps": diffusion.Choices().steps,
        "guidance": diffusion.Choices().guidance,
        "feeling": diffusion.Choices().feeling,
        "differs_from_torch_by_at_most": parity(net, Session(weights.read_bytes(), "mel-flow")),
        "training": trained(arguments.run_folder),
    }
    export.ship(card_of(checksum, net, counts, results), weights, arguments.out)
    print(json.dumps(results, indent=1))


SOURCES = {
    "lieder": ("OpenScore Lieder", "CC0"),
    "quartets": ("OpenScore String Quartets", "CC0"),
    "mutopia": ("Mutopia", "Public Domain or CC BY, by piece; credits in the card of music-transformer"),
    "freedoom": ("Freedoom", "BSD-3-Clause"),
    "pop909": ("POP909", "MIT; the songs themselves are in copyright"),
}


def card_of(checksum: str, net: MelFlow, counts: Counter[str], results: dict[str, Any]) -> Card:
    """The card that ships beside the weights."""
    what = f"excerpts of {genre_sound.LENGTH_S:g} s, arranged as the eight genres, played by our own player"
    data = [
        {"name": name, "terms": terms, "excerpts": counts[source], "what": what}
        for source, (name, terms) in SOURCES.items()
    ]
    data.append(
        {"name": "EIMG", "terms": "none stated", "what": "trains nothing; `critic`, fitted to half of it, labels"}
    )
    return Card(
        name=diffusion.NAME,
        version=VERSION,
        task="drawing five seconds of music as semitone bands, told feeling, genre, chords and beats",
        summary="A rectified-flow transformer of 7.7 million parameters that plays without a score.",
        file=f"{diffusion.NAME}.onnx",
        sha256=checksum,
        licence="Apache-2.0",
        input={"window": diffusion.WINDOW, "wishes": WIDTH, "genres": list(GENRE_NAMES)} | asdict(net.shape),
        outputs={"clean": "(n, window, patch) the sound behind the noise: four frames of 96 levels, times two"},
        recipe="recipes/mel_flow.py",
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
    sub = commands.add_parser("peers")
    sub.add_argument("--out", type=Path, required=True)
    sub.set_defaults(run=peers)
    sub = commands.add_parser("finish")
    sub.add_argument("excerpts", type=Path)
    sub.add_argument("--run", dest="run_folder", type=Path, required=True)
    sub.add_argument("--peers", type=Path, required=True)
    sub.add_argument("--out", type=Path, required=True)
    sub.set_defaults(run=finish)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
