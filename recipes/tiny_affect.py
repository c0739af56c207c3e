"""tiny-affect: a net of a few kilobytes with the same inputs and outputs as photo-affect, for tests on the real road.

    python recipes/tiny_affect.py -o src/moodscore/weights

It learns from pictures it paints itself: a plain colour with some grain, whose hue is the angle of the feeling on the
plane. So a red picture reads as joyful and a blue one as sad or quiet, which tells nothing about photographs.
"""

from __future__ import annotations

import argparse
import colorsys
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from moodscore.affect import Affect
from moodscore.learn.export import ship, to_onnx
from moodscore.measure import affect as measure
from moodscore.media import Photo
from moodscore.prepare import image
from moodscore.weights.card import Card

NAME, VERSION, SIZE, CHANNELS = "tiny-affect", "1", 32, 8
RECIPE = {"size": SIZE, "mean": [127.5] * 3, "std": [127.5] * 3, "crop": "squash", "colour": "sRGB"}
OUTPUTS = {
    "affect": "(n, 2) valence and arousal, -1..1",
    "affect_sd": "(n, 2) one standard deviation of the expected error, plane units",
    "embedding": f"(n, {CHANNELS}) pooled features",
    "imagenet": "(n, 1000) probabilities of nothing: only the shape is meant",
}


class TinyAffect(nn.Module):
    """Two strided convolutions, mean pooling, three linear layers."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 12, 4, stride=4)
        self.second = nn.Conv2d(12, CHANNELS, 2, stride=2)
        self.point = nn.Linear(CHANNELS, 2)
        self.doubt = nn.Linear(CHANNELS, 2)
        self.narrow = nn.Linear(CHANNELS, 2)
        self.classes = nn.Linear(2, 1000, bias=False)

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        maps = functional.leaky_relu(self.second(functional.leaky_relu(self.first(picture))))
        embedding = maps.mean((2, 3))
        deviation = 0.02 + functional.softplus(self.doubt(embedding))
        imagenet = torch.softmax(self.classes(self.narrow(embedding)), 1)
        return torch.tanh(self.point(embedding)), deviation, embedding, imagenet


def painted(rng: np.random.Generator, count: int) -> tuple[Tensor, list[Affect]]:
    """`count` pictures (n, 3, size, size) of one colour each, and the feelings their hue and saturation stand for."""
    tensors, feelings = [], []
    for angle, strength in zip(rng.uniform(0, 360, count), rng.uniform(0.2, 0.9, count), strict=True):
        colour = np.array(colorsys.hsv_to_rgb(angle / 360, strength, rng.uniform(0.5, 1.0))) * 255
        pixels = np.clip(colour + rng.normal(0, 10, (48, 64, 3)), 0, 255).astype(np.uint8)
        tensors.append(torch.from_numpy(image.tensor(Photo(pixels, "painted", (64, 48)), RECIPE)))
        feelings.append(Affect.polar(angle, strength))
    return torch.stack(tensors), feelings


def main() -> None:
    """Paint, train, measure, export."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder that gets cards/ and files/")
    parser.add_argument("--seed", type=int, default=8)
    args = parser.parse_args()
    rng = np.random.default_rng(args.seed)
    torch.manual_seed(args.seed)
    net = TinyAffect()
    optimizer = torch.optim.Adam(net.parameters(), 0.01)
    pictures, feelings = painted(rng, 1024)
    aims = torch.tensor([(a.valence, a.arousal) for a in feelings])
    for _ in range(40):
        for part in torch.randperm(len(aims)).split(64):
            said, deviation, _, _ = net(pictures[part])
            loss = functional.gaussian_nll_loss(said, aims[part], deviation**2)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    unseen, truth = painted(rng, 256)
    with torch.inference_mode():
        said = [Affect.clipped(*row) for row in net(unseen)[0].tolist()]
    scores = {"protocol": "256 painted pictures it was not trained on", **measure.evaluate(truth, said)}
    weights = args.out / "files" / f"{NAME}.onnx"
    sha = to_onnx(net, SIZE, weights, list(OUTPUTS), ())
    card = Card(
        name=NAME,
        version=VERSION,
        task="photo -> affect",
        summary="For tests only: reads the hue of a plain colour as the angle of a feeling",
        file=weights.name,
        sha256=sha,
        licence="Apache-2.0",
        input=RECIPE,
        outputs=OUTPUTS,
        recipe="recipes/tiny_affect.py",
        data=({"name": "pictures the recipe paints", "terms": "none: made by this project"},),
        scores=scores,
        limits=("It is for tests: it says nothing about photographs, and its 1000 classes mean nothing.",),
        scheme="mood",
    )
    ship(card, weights, args.out)
    print(scores, f"{weights.stat().st_size} bytes")


if __name__ == "__main__":
    main()
