"""Audio notes: open scores played in many ways -> which notes sound and begin -> a small net, its ONNX file and card.

python recipes/audio_notes.py --data FOLDER --work FOLDER -o src/moodscore/weights

FOLDER holds pop909_mit.zip, openscore_lieder_cc0.zip, openscore_quartets_cc0.zip, mutopia_pd_ccby.zip and freedoom_bsd.zip.
Twelve seconds of up to 400 of their pieces are played by our own player, half of them worn; every eighth is held out. The
rated pieces the audio judge learns from are not among them. Excerpts stay in --work, so that a second run is quick. Takes
about five minutes on one core.
"""

from __future__ import annotations

import argparse
import hashlib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from moodscore.errors import MoodscoreError
from moodscore.learn import export
from moodscore.learn.data import renderings
from moodscore.media import Note, Score, Track
from moodscore.music import synth
from moodscore.music.audio_frames import LOWEST, RATE, STRIDE_HZ, analyse
from moodscore.music.audio_notes import INPUTS, NAME, PITCHES, stacked
from moodscore.music.score import from_midi
from moodscore.weights.card import Card

VERSION = "1.0"
PIECES = {
    "pop909_mit": 110,
    "openscore_lieder_cc0": 80,
    "openscore_quartets_cc0": 60,
    "mutopia_pd_ccby": 110,
    "freedoom_bsd": 40,
}
EXCERPT_S = 12.0
LONGEST_S = 2.0  # of a note: what was plucked longer ago is hardly heard
EPOCHS, BATCH, RATE_TOP = 8, 8192, 6e-3
STRUCK_WEIGHT = 3.0
Array = NDArray[np.float32]


def excerpts(data: Path, seed: int = 7) -> Iterator[Score]:
    """Twelve seconds of each of some pieces, most of them arranged for other instruments."""
    rng = np.random.default_rng(seed)
    families, count = list(renderings.FAMILIES), 0
    for archive, wanted in PIECES.items():
        with zipfile.ZipFile(data / f"{archive}.zip") as pieces:
            names = sorted(n for n in pieces.namelist() if n.endswith(".mid"))
            for name in rng.permutation(names)[:wanted]:
                try:
                    score = from_midi(pieces.read(str(name)))
                except MoodscoreError:
                    continue
                cut = _cut(score, rng) if score.duration_s >= 30.0 else None
                if cut is None:
                    continue
                as_written = archive.startswith("freedoom") or count % 6 == 0
                some = tuple(str(f) for f in rng.choice(families, int(rng.integers(1, 3)), replace=False))
                yield cut if as_written else renderings.arranged(cut, count, some if count % 3 else ("piano",), 0.25)
                count += 1


def _cut(score: Score, rng: np.random.Generator) -> Score | None:
    start = float(rng.uniform(5.0, score.duration_s - 20.0))
    end = start + EXCERPT_S
    tracks = []
    for t in score.tracks:
        inside = [n for n in t.notes if start <= n.start_s < end]
        notes = tuple(
            Note(n.start_s - start, min(n.duration_s, end - n.start_s), n.pitch, _touched(n.velocity, rng))
            for n in inside
        )
        tracks += [Track(t.name, t.program, notes, t.drums)] if notes else []
    return Score(tuple(tracks), EXCERPT_S + 1.0) if sum(len(t.notes) for t in tracks) >= 10 else None


def _touched(velocity: int, rng: np.random.Generator) -> int:
    return int(np.clip(velocity * rng.uniform(0.8, 1.2), 1, 127))


def truth(score: Score, moments: int) -> Array:
    """What sounds and what begins (moments, 76, 2)."""
    out = np.zeros((moments, PITCHES, 2), np.float32)
    for track in score.tracks:
        for n in () if track.drums else track.notes:
            key, first = n.pitch - LOWEST, round(n.start_s * STRIDE_HZ)
            if 0 <= key < PITCHES and first < moments:
                last = round(min(n.end_s, n.start_s + LONGEST_S) * STRIDE_HZ)
                out[first : max(last, first + 1), key, 0] = 1.0
                out[first, key, 1] = 1.0
    return out


def examples(score: Score, number: int, work: Path) -> tuple[Array, Array]:
    """Stacks (moments, 76, INPUTS) and truth (moments, 76, 2) of one excerpt, every second one worn."""
    path = work / f"notes_{number}.npy"
    if not path.exists():
        np.save(path, synth.play(score, RATE).samples.mean(axis=1).astype(np.float16))
    sound = np.load(path).astype(np.float32)
    rows = np.concatenate(stacked(analyse(renderings.worn(sound, RATE, number) if number % 2 else sound)))
    return rows, truth(score, len(rows))


def gathered(scores: list[Score], work: Path, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Inputs (n, INPUTS) float16, truth (n, 2) and weight (n, 1); a tenth of what is plainly silent stands for all of it."""
    rng = np.random.default_rng(seed)
    x, y, w = [], [], []
    for number, score in enumerate(scores):
        if number % 8 == 0:
            continue
        rows, said = examples(score, number, work)
        pick = rng.random(len(rows)) < 0.35
        flat, told = rows[pick].reshape(-1, INPUTS), said[pick].reshape(-1, 2)
        there = (flat[:, 6] > 0.15) | (told[:, 0] > 0)
        kept = there | (rng.random(len(flat)) < 0.1)
        x.append(flat[kept].astype(np.float16))
        y.append(told[kept])
        w.append(np.where(there[kept], 1.0, 10.0)[:, None].astype(np.float32))
    return tuple(torch.from_numpy(np.concatenate(parts)) for parts in (x, y, w))  # type: ignore[return-value]


def trained(x: torch.Tensor, y: torch.Tensor, w: torch.Tensor, seed: int = 0) -> nn.Sequential:
    """The net: INPUTS -> 64 -> 32 -> 2 logits."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    net = nn.Sequential(nn.Linear(INPUTS, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 2))
    steps = len(x) // BATCH
    optimiser = torch.optim.Adam(net.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE_TOP, total_steps=EPOCHS * steps)
    balance = torch.tensor([[1.0], [STRUCK_WEIGHT]])
    for epoch in range(EPOCHS):
        order, total = torch.randperm(len(x)), 0.0
        for batch in order[: steps * BATCH].split(BATCH):
            loss = nn.functional.binary_cross_entropy_with_logits(net(x[batch].float()), y[batch], reduction="none")
            loss = ((loss @ balance) * w[batch]).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += float(loss.detach())
        print(f"epoch {epoch}: {total / steps:.5f}", flush=True)
    return net


def measured(net: nn.Sequential, scores: list[Score], work: Path) -> dict[str, float]:
    """How well the notes of the held-out excerpts are heard."""
    f1, chroma, counts = [], [], []
    fold = np.eye(12)[(np.arange(PITCHES) + LOWEST) % 12]
    for number in range(0, len(scores), 8):
        rows, said = examples(scores[number], number, work)
        with torch.no_grad():
            heard = torch.sigmoid(net(torch.from_numpy(rows))).numpy()
        on, there = heard[:, :, 0] > 0.4, said[:, :, 0] > 0
        f1.append(2.0 * (on & there).sum() / max(1, on.sum() + there.sum()))
        chroma.append(np.corrcoef(heard[:, :, 0].sum(0) @ fold, said[:, :, 0].sum(0) @ fold)[0, 1])
        counts.append((heard[:, :, 1].sum(), said[:, :, 1].sum()))
    logs = np.log(np.array(counts) + 1.0)
    return {
        "sounding_f1": round(float(np.mean(f1)), 4),
        "chroma_r": round(float(np.mean(chroma)), 4),
        "log_count_r": round(float(np.corrcoef(logs.T)[0, 1]), 4),
        "count_ratio_median": round(float(np.exp(np.median(logs[:, 0] - logs[:, 1]))), 4),
    }


def graph(net: nn.Sequential) -> bytes:
    """ONNX bytes: stack (n, INPUTS) -> notes (n, 2), the probability that a note sounds and that it begins."""
    layers = [m for m in net if isinstance(m, nn.Linear)]
    constants, nodes, last = [], [], "stack"
    for k, layer in enumerate(layers):
        constants += [numpy_helper.from_array(layer.weight.detach().numpy().T.copy(), f"w{k}")]
        constants += [numpy_helper.from_array(layer.bias.detach().numpy(), f"b{k}")]
        end = k == len(layers) - 1
        nodes += [helper.make_node("Gemm", [last, f"w{k}", f"b{k}"], [f"h{k}"])]
        nodes += [helper.make_node("Sigmoid" if end else "Relu", [f"h{k}"], ["notes" if end else f"r{k}"])]
        last = f"r{k}"
    inputs = [helper.make_tensor_value_info("stack", TensorProto.FLOAT, ["n", INPUTS])]
    outputs = [helper.make_tensor_value_info("notes", TensorProto.FLOAT, ["n", 2])]
    return export.drawn_by_hand(helper.make_graph(nodes, NAME, inputs, outputs, constants))


def card_for(data: bytes, count: int, scores: dict[str, float]) -> Card:
    """The card."""
    return Card(
        name=NAME,
        version=VERSION,
        task="audio-notes",
        summary="Which notes sound and which begin in a recording, 21 times a second: ears for the audio judge.",
        file=f"{NAME}.onnx",
        sha256=hashlib.sha256(data).hexdigest(),
        licence="Apache-2.0",
        input={"stack": INPUTS, "rate": RATE, "pitches": [LOWEST, LOWEST + PITCHES - 1]},
        outputs={"notes": "probability that the note sounds, and that it begins"},
        recipe="recipes/audio_notes.py",
        data=(
            {
                "name": "OpenScore Lieder and Quartets, Mutopia, POP909, Freedoom",
                "what": f"{count} excerpts of {EXCERPT_S:g} s, arranged and played by our own player, half of them worn",
                "licence": "CC0; public domain and CC BY; MIT; BSD",
            },
        ),
        scores={"protocol": "every eighth excerpt held out; half of the excerpts worn"} | scores,
        limits=(
            "Heard only a General MIDI font: voices and real rooms are new to it.",
            "Made for statistics over seconds, not for writing down single notes.",
        ),
    )


def main() -> None:
    """Play, listen, train, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with the zips of open scores")
    parser.add_argument("--work", type=Path, required=True, help="folder for played excerpts")
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder that gets cards/ and files/")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    scores = list(excerpts(options.data))
    net = trained(*gathered(scores, options.work))
    found = measured(net, scores, options.work)
    data = graph(net)
    (options.out / "files" / f"{NAME}.onnx").write_bytes(data)
    card_for(data, len(scores), found).write(options.out / "cards" / f"{NAME}.json")
    for name, value in found.items():
        print(f"{name:20s} {value:7.3f}")


if __name__ == "__main__":
    main()
