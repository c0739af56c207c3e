"""VGG16 for 48-pixel faces: the classifier of the face-to-music paper, adapted to the input size.

Thirteen 3x3 convolutions in five stages as in K. Simonyan & A. Zisserman, "Very deep convolutional networks" (2015),
configuration D. At 48 px the last pooling leaves one cell, so the two hidden layers have 512 units instead of 4096, and
every convolution is followed by batch normalisation, without which it does not start to learn from scratch.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

STAGES = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))


class Vgg16(nn.Module):
    """Grey faces (n, 1, 48, 48), 0..255 -> logits (n, classes)."""

    def __init__(self, classes: int = 7, dropout: float = 0.5) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = 1
        for width, depth in STAGES:
            for _ in range(depth):
                layers += [nn.Conv2d(before, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
                before = width
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(
            nn.Linear(before, 512), nn.ReLU(), nn.Dropout(dropout),
            nn.Linear(512, 512), nn.ReLU(), nn.Dropout(dropout), nn.Linear(512, classes),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        answer: Tensor = self.classifier(self.features((x - 127.5) / 64).mean((2, 3)))
        return answer

    @torch.no_grad()
    def probabilities(self, x: Tensor) -> Tensor:
        """Softmax of the logits, (n, classes), in evaluation mode."""
        self.eval()
        return self.forward(x).softmax(1)
