"""The mood classifier of the earlier system: repeated convolution and ReLU, dense layers, dropout, softmax over eight moods.

It learns from pictures alone, without ImageNet; the preset "paper" trains it for 1,000 epochs in batches of 64 on softmax
cross-entropy. The paper does not print kernel sizes or widths: 3x3 and 16, 32, 64 are this project's decision.
"""

from __future__ import annotations

from typing import Any

from moodscore.errors import MissingExtra
from moodscore.schemes import MOODS

try:
    from torch import Tensor, nn
except ModuleNotFoundError as error:
    raise MissingExtra("training", "learn") from error

SIZE = 64


def image_recipe(size: int = SIZE) -> dict[str, Any]:
    """The `input` recipe of this net: `size` pixels a side, 0..255 mapped to -1..1."""
    return {"size": size, "mean": [127.5] * 3, "std": [127.5] * 3, "crop": "squash", "colour": "sRGB"}


class MoodCNN(nn.Module):
    """Pictures (n, 3, size, size) -> mood scores before softmax (n, 8), in the order of `schemes.MOODS`.

    `widths`: channels of each stage; a stage is twice convolution and ReLU, then 2x2 max pooling. `dropout`: share of the
    dense layer's inputs and outputs that are dropped while training.
    """

    def __init__(self, size: int = SIZE, widths: tuple[int, ...] = (16, 32, 64), dropout: float = 0.5) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = 3
        for width in widths:
            for _ in range(2):
                layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU()]
                channels = width
            layers.append(nn.MaxPool2d(2))
        side = size // 2 ** len(widths)
        self.seen = nn.Sequential(*layers, nn.Flatten())
        self.felt = nn.Sequential(
            nn.Dropout(dropout),
            nn.Linear(channels * side * side, 128),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(128, len(MOODS.labels)),
        )
        for layer in self.modules():
            # He et al. 2015: with the default weights this net stays at the most frequent mood for many epochs.
            if isinstance(layer, (nn.Conv2d, nn.Linear)):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
                if layer.bias is not None:
                    nn.init.zeros_(layer.bias)

    def forward(self, pictures: Tensor) -> Tensor:
        scores: Tensor = self.felt(self.seen(pictures))
        return scores
