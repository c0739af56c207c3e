"""ExpressionNet: a small residual network that reads seven expressions from a grey face.

Two readouts on one trunk: what the FER2013 annotator would say, and how ten FERPlus raters would vote. They disagree on a
third of all faces, so one readout trained on both would have to be wrong for one of them.
Residual blocks: K. He et al., "Deep residual learning" (2016), with average-pooled shortcuts (T. He et al., 2019).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

CLASSES = 7


def _conv(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs))


class Block(nn.Module):
    """Two 3x3 convolutions beside a shortcut; (n, inputs, h, w) -> (n, outputs, h / stride, w / stride)."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        self.first = _conv(inputs, outputs, stride)
        self.second = _conv(outputs, outputs)
        self.shortcut: nn.Module = nn.Identity()
        if stride > 1 or inputs != outputs:
            pool = nn.AvgPool2d(stride) if stride > 1 else nn.Identity()
            self.shortcut = nn.Sequential(pool, nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        inner = self.second(torch.relu(self.first(x)))
        return torch.relu(inner + self.shortcut(x))


class ExpressionNet(nn.Module):
    """Grey faces (n, 1, side, side), 0..255 -> logits of the FER label (n, 7) and of the FERPlus votes (n, 7).

    Every face is brought to mean 0 and deviation 1 first, so lighting and contrast do not matter; sides are multiples of 8.
    """

    def __init__(self, widths: tuple[int, int, int] = (64, 128, 256), depths: tuple[int, int, int] = (1, 2, 1)) -> None:
        super().__init__()
        stem = widths[0]
        layers: list[nn.Module] = [_conv(1, 16), nn.ReLU(), _conv(16, stem, 2), nn.ReLU()]
        before = stem
        for stage, (width, depth) in enumerate(zip(widths, depths, strict=True)):
            for position in range(depth):
                layers.append(Block(before, width, 2 if stage > 0 and position == 0 else 1))
                before = width
        self.trunk = nn.Sequential(*layers)
        self.dropout = nn.Dropout(0.2)
        self.label = nn.Linear(before, CLASSES)
        self.votes = nn.Linear(before, CLASSES)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        centred = x - x.mean((1, 2, 3), keepdim=True)
        deviation = centred.square().mean((1, 2, 3), keepdim=True).sqrt()
        features = self.dropout(self.trunk(centred / (deviation + 4.0)).mean((2, 3)))
        return self.label(features), self.votes(features)
