"""ResNet50: sixteen bottlenecks with short cuts, as published, for frames of 224 pixels.

K. He et al., "Deep residual learning for image recognition" (2016), with the stride on the 3x3 convolution: 25,557,032
weights for 1000 classes. Names of the weights are those of the checkpoints most people have.
"""

from __future__ import annotations

from moodscore.errors import MissingExtra

try:
    import torch
    from torch import Tensor, nn
except ModuleNotFoundError as error:
    raise MissingExtra("training", "learn") from error

SIZE = 224
STAGES = ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2))  # channels inside, bottlenecks, stride of the first
WIDENING = 4
MEAN, STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)  # ImageNet's, on 0..255


class Bottleneck(nn.Module):
    """Narrow 1x1, look 3x3, widen 1x1, and add the input, projected where its shape differs."""

    def __init__(self, before: int, inside: int, stride: int) -> None:
        super().__init__()
        after = inside * WIDENING
        self.conv1, self.bn1 = nn.Conv2d(before, inside, 1, bias=False), nn.BatchNorm2d(inside)
        self.conv2, self.bn2 = nn.Conv2d(inside, inside, 3, stride, 1, bias=False), nn.BatchNorm2d(inside)
        self.conv3, self.bn3 = nn.Conv2d(inside, after, 1, bias=False), nn.BatchNorm2d(after)
        self.relu = nn.ReLU()
        self.downsample = (
            nn.Sequential(nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))
            if stride != 1 or before != after
            else None
        )

    def forward(self, x: Tensor) -> Tensor:
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        out: Tensor = self.relu(y + (x if self.downsample is None else self.downsample(x)))
        return out


class ResNet50(nn.Module):
    """Frames (n, 3 or 6, h, w), 0..255, of which the first three channels are looked at -> scores (n, classes).

    `width` scales every layer's channels. Frames need at least 32 pixels a side.
    """

    top = ("fc",)
    mean: Tensor
    std: Tensor
    first = "conv1"

    def __init__(self, classes: int = 6, width: float = 1.0) -> None:
        super().__init__()
        before = max(1, round(64 * width))
        self.conv1, self.bn1 = nn.Conv2d(3, before, 7, 2, 3, bias=False), nn.BatchNorm2d(before)
        self.relu, self.maxpool = nn.ReLU(), nn.MaxPool2d(3, 2, 1)
        for number, (channels, depth, stride) in enumerate(STAGES):
            inside = max(1, round(channels * width))
            blocks: list[nn.Module] = []
            for turn in range(depth):
                blocks.append(Bottleneck(before, inside, stride if turn == 0 else 1))
                before = inside * WIDENING
            setattr(self, f"layer{number + 1}", nn.Sequential(*blocks))
        self.fc = nn.Linear(before, classes)
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(STD).view(1, 3, 1, 1), persistent=False)
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, frames: Tensor) -> Tensor:
        x = (frames[:, :3].float() - self.mean) / self.std
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        for number in range(len(STAGES)):
            x = self.get_submodule(f"layer{number + 1}")(x)
        scores: Tensor = self.fc(x.mean((2, 3)))
        return scores
