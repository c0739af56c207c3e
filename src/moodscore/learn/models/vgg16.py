"""VGG16: thirteen 3x3 convolutions in five stages and three dense layers, as published, for frames of 224 pixels.

K. Simonyan & A. Zisserman, "Very deep convolutional networks for large-scale image recognition" (2015), configuration D:
138,357,544 weights for 1000 classes. Names of the weights are those of the checkpoints most people have.
"""

from __future__ import annotations

from moodscore.errors import MissingExtra

try:
    import torch
    from torch import Tensor, nn
except ModuleNotFoundError as error:
    raise MissingExtra("training", "learn") from error

SIZE = 224
STAGES = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))
HIDDEN = 4096
GRID = 7  # cells a side that the dense layers see; another frame size is averaged into as many
MEAN, STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)  # ImageNet's, on 0..255


class VGG16(nn.Module):
    """Frames (n, 3 or 6, h, w), 0..255, of which the first three channels are looked at -> scores (n, classes).

    `width` scales every layer's channels. Frames need at least 32 pixels a side.
    """

    top = ("classifier.6",)
    mean: Tensor
    std: Tensor
    first = "features.0"

    def __init__(self, classes: int = 6, width: float = 1.0, dropout: float = 0.5) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = 3
        for channels, depth in STAGES:
            for _ in range(depth):
                layers += [nn.Conv2d(before, max(1, round(channels * width)), 3, padding=1), nn.ReLU()]
                before = max(1, round(channels * width))
            layers.append(nn.MaxPool2d(2))
        hidden = max(1, round(HIDDEN * width))
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(
            nn.Linear(before * GRID * GRID, hidden), nn.ReLU(), nn.Dropout(dropout),
            nn.Linear(hidden, hidden), nn.ReLU(), nn.Dropout(dropout), nn.Linear(hidden, classes),
        )  # fmt: skip
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(STD).view(1, 3, 1, 1), persistent=False)
        for layer in self.modules():
            # He et al. 2015: with the default weights so deep a net without normalisation passes nothing on.
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
                nn.init.zeros_(layer.bias)  # type: ignore[arg-type]

    def forward(self, frames: Tensor) -> Tensor:
        seen = self.features((frames[:, :3].float() - self.mean) / self.std)
        if seen.shape[2:] != (GRID, GRID):
            # A frame of another size: every one of the 7 x 7 cells is the mean of what lies in it.
            seen = nn.functional.adaptive_avg_pool2d(seen, GRID)
        scores: Tensor = self.classifier(seen.flatten(1))
        return scores
