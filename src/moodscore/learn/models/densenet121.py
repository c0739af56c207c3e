"""DenseNet: every layer of a block hears all layers before it. The still-picture stream of the film-affect net.

Source: G. Huang, Z. Liu, L. van der Maaten & K. Weinberger, "Densely connected convolutional networks", CVPR 2017. The
default numbers are DenseNet-121 (7,978,856 parameters with 1,000 classes). Parameters carry the names of the published
ImageNet weights, so that a file of those can be loaded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from moodscore.errors import BadWeights, MissingExtra

try:
    import torch
    from torch import Tensor, nn
    from torch.nn import functional
except ModuleNotFoundError as error:
    raise MissingExtra("training", "learn") from error

# What the published weights expect of pictures in 0..1.
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
BLOCKS, GROWTH, STEM = (6, 12, 24, 16), 32, 64
_BOTTLENECK = 4


class _Layer(nn.Module):
    """Norm, ReLU, 1x1 convolution to 4 x growth, norm, ReLU, 3x3 convolution to growth; its input is kept beside it."""

    def __init__(self, channels: int, growth: int) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, _BOTTLENECK * growth, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(_BOTTLENECK * growth)
        self.conv2 = nn.Conv2d(_BOTTLENECK * growth, growth, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        narrow = self.conv1(functional.relu(self.norm1(x)))
        return torch.cat([x, self.conv2(functional.relu(self.norm2(narrow)))], 1)


class _Transition(nn.Module):
    """Norm, ReLU, 1x1 convolution to half the channels, 2x2 mean."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels)
        self.conv = nn.Conv2d(channels, channels // 2, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return functional.avg_pool2d(self.conv(functional.relu(self.norm(x))), 2)


class DenseNet(nn.Module):
    """Normalised pictures (n, 3, h, w) -> class scores (n, classes); `maps` gives what lies before the pooling.

    `blocks`: layers of each dense block; `growth`: channels that a layer adds; `stem`: channels of the first convolution.
    Without classes (0) it has no classifier. `channels` is the width of its maps, `stride` how many pixels a cell spans.
    """

    def __init__(
        self, classes: int = 1000, blocks: tuple[int, ...] = BLOCKS, growth: int = GROWTH, stem: int = STEM
    ) -> None:
        super().__init__()
        self.features = nn.Sequential()
        self.features.add_module("conv0", nn.Conv2d(3, stem, 7, 2, 3, bias=False))
        self.features.add_module("norm0", nn.BatchNorm2d(stem))
        self.features.add_module("relu0", nn.ReLU())
        self.features.add_module("pool0", nn.MaxPool2d(3, 2, 1))
        channels = stem
        for number, depth in enumerate(blocks, 1):
            block = nn.Sequential()
            for layer in range(1, depth + 1):
                block.add_module(f"denselayer{layer}", _Layer(channels, growth))
                channels += growth
            self.features.add_module(f"denseblock{number}", block)
            if number < len(blocks):
                self.features.add_module(f"transition{number}", _Transition(channels))
                channels //= 2
        self.features.add_module("norm5", nn.BatchNorm2d(channels))
        self.classifier = nn.Linear(channels, classes) if classes else None
        self.channels, self.stride = channels, 2 ** (len(blocks) + 1)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight)

    def maps(self, pictures: Tensor) -> Tensor:
        """Features (n, channels, h / stride, w / stride) of normalised pictures."""
        return functional.relu(self.features(pictures))

    def forward(self, pictures: Tensor) -> Tensor:
        pooled = self.maps(pictures).mean((2, 3))
        return pooled if self.classifier is None else self.classifier(pooled)


def load_published(net: DenseNet, stored: Mapping[str, Tensor]) -> None:
    """Give `net` published ImageNet weights (a state dict); a classifier that it does not have is left out.

    The oldest published files write `norm.1` where later ones write `norm1`; both are read. Raises BadWeights, saying what
    is missing, when they belong to another net.
    """
    old = re.compile(r"(denselayer\d+\.(?:norm|conv))\.([12]\.)")
    renamed = {old.sub(r"\1\2", name): value for name, value in stored.items()}
    ours = net.state_dict()
    fitting = {k: v for k, v in renamed.items() if k in ours and v.shape == ours[k].shape}
    missing = sorted(k for k in ours if k not in fitting and not k.endswith("num_batches_tracked"))
    if missing:
        raise BadWeights(
            f"densenet: expected weights of DenseNet-{_depth(net)}, got a file in which {len(missing)} are missing or of "
            f"another shape, first {missing[0]!r}; give the ImageNet weights of that net"
        )
    net.load_state_dict(ours | fitting)


def _depth(net: DenseNet) -> int:
    """The number a DenseNet is called by: its convolutions, and its classifier, present or not."""
    return sum(isinstance(m, nn.Conv2d) for m in net.modules()) + 1
