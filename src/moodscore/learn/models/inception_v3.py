"""Inception v3: towers of convolutions side by side, as published, for frames of 299 pixels.

C. Szegedy et al., "Rethinking the Inception architecture for computer vision" (2016): 23,834,568 weights for 1000 classes,
27,161,264 with the auxiliary classifier. Names of the weights are those of the checkpoints most people have. The study of
film genres took 299 pixels by default and 224 as an alternative; any size from 75 works.
"""

from __future__ import annotations

from collections.abc import Sequence

from moodscore.errors import MissingExtra

try:
    import torch
    from torch import Tensor, nn
    from torch.nn import functional
except ModuleNotFoundError as error:
    raise MissingExtra("training", "learn") from error

SIZE, LEAST_SIZE = 299, 75
AUX_WEIGHT = 0.4  # what the auxiliary classifier's loss counts beside the main one's
AUX_GRID = 5
Kernel = int | tuple[int, int]


class Conv(nn.Module):
    """Convolution, batch normalisation, ReLU."""

    def __init__(self, before: int, after: int, kernel: Kernel, stride: int = 1, padding: Kernel = 0) -> None:
        super().__init__()
        self.conv = nn.Conv2d(before, after, kernel, stride, padding, bias=False)
        self.bn = nn.BatchNorm2d(after, eps=0.001)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(self.bn(self.conv(x)))


class _Scaled:
    """Channel counts times the net's width, at least one."""

    def __init__(self, width: float) -> None:
        self.width = width

    def __call__(self, channels: int) -> int:
        return max(1, round(channels * self.width))


def _tower(module: nn.Module, x: Tensor, names: Sequence[str]) -> Tensor:
    for name in names:
        x = module.get_submodule(name)(x)
    return x


def _averaged(x: Tensor) -> Tensor:
    return functional.avg_pool2d(x, 3, 1, 1)


class BlockA(nn.Module):
    """Towers 1x1, 5x5, double 3x3 and pooling, on the 35 x 35 grid."""

    def __init__(self, before: int, pooled: int, s: _Scaled) -> None:
        super().__init__()
        self.branch1x1 = Conv(before, s(64), 1)
        self.branch5x5_1, self.branch5x5_2 = Conv(before, s(48), 1), Conv(s(48), s(64), 5, padding=2)
        self.branch3x3dbl_1, self.branch3x3dbl_2 = Conv(before, s(64), 1), Conv(s(64), s(96), 3, padding=1)
        self.branch3x3dbl_3 = Conv(s(96), s(96), 3, padding=1)
        self.branch_pool = Conv(before, s(pooled), 1)
        self.after = 2 * s(64) + s(96) + s(pooled)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat(
            (
                self.branch1x1(x),
                _tower(self, x, ("branch5x5_1", "branch5x5_2")),
                _tower(self, x, ("branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3")),
                self.branch_pool(_averaged(x)),
            ),
            1,
        )


class BlockB(nn.Module):
    """From the 35 x 35 to the 17 x 17 grid."""

    def __init__(self, before: int, s: _Scaled) -> None:
        super().__init__()
        self.branch3x3 = Conv(before, s(384), 3, 2)
        self.branch3x3dbl_1, self.branch3x3dbl_2 = Conv(before, s(64), 1), Conv(s(64), s(96), 3, padding=1)
        self.branch3x3dbl_3 = Conv(s(96), s(96), 3, 2)
        self.after = s(384) + s(96) + before

    def forward(self, x: Tensor) -> Tensor:
        deep = _tower(self, x, ("branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3"))
        return torch.cat((self.branch3x3(x), deep, functional.max_pool2d(x, 3, 2)), 1)


class BlockC(nn.Module):
    """Towers of 1x7 and 7x1 convolutions, on the 17 x 17 grid."""

    def __init__(self, before: int, inside: int, s: _Scaled) -> None:
        super().__init__()
        c, after = s(inside), s(192)
        flat: tuple[Kernel, Kernel] = ((1, 7), (0, 3))
        tall: tuple[Kernel, Kernel] = ((7, 1), (3, 0))
        self.branch1x1 = Conv(before, after, 1)
        self.branch7x7_1, self.branch7x7_2 = Conv(before, c, 1), Conv(c, c, flat[0], padding=flat[1])
        self.branch7x7_3 = Conv(c, after, tall[0], padding=tall[1])
        self.branch7x7dbl_1, self.branch7x7dbl_2 = Conv(before, c, 1), Conv(c, c, tall[0], padding=tall[1])
        self.branch7x7dbl_3 = Conv(c, c, flat[0], padding=flat[1])
        self.branch7x7dbl_4 = Conv(c, c, tall[0], padding=tall[1])
        self.branch7x7dbl_5 = Conv(c, after, flat[0], padding=flat[1])
        self.branch_pool = Conv(before, after, 1)
        self.after = 4 * after

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat(
            (
                self.branch1x1(x),
                _tower(self, x, [f"branch7x7_{k}" for k in (1, 2, 3)]),
                _tower(self, x, [f"branch7x7dbl_{k}" for k in (1, 2, 3, 4, 5)]),
                self.branch_pool(_averaged(x)),
            ),
            1,
        )


class BlockD(nn.Module):
    """From the 17 x 17 to the 8 x 8 grid."""

    def __init__(self, before: int, s: _Scaled) -> None:
        super().__init__()
        self.branch3x3_1, self.branch3x3_2 = Conv(before, s(192), 1), Conv(s(192), s(320), 3, 2)
        self.branch7x7x3_1, self.branch7x7x3_2 = Conv(before, s(192), 1), Conv(s(192), s(192), (1, 7), padding=(0, 3))
        self.branch7x7x3_3, self.branch7x7x3_4 = (
            Conv(s(192), s(192), (7, 1), padding=(3, 0)),
            Conv(s(192), s(192), 3, 2),
        )
        self.after = s(320) + s(192) + before

    def forward(self, x: Tensor) -> Tensor:
        deep = _tower(self, x, [f"branch7x7x3_{k}" for k in (1, 2, 3, 4)])
        return torch.cat((_tower(self, x, ("branch3x3_1", "branch3x3_2")), deep, functional.max_pool2d(x, 3, 2)), 1)


class BlockE(nn.Module):
    """Towers that split into 1x3 beside 3x1, on the 8 x 8 grid."""

    def __init__(self, before: int, s: _Scaled) -> None:
        super().__init__()
        wide = s(384)
        self.branch1x1 = Conv(before, s(320), 1)
        self.branch3x3_1 = Conv(before, wide, 1)
        self.branch3x3_2a, self.branch3x3_2b = _crossed(wide)
        self.branch3x3dbl_1, self.branch3x3dbl_2 = Conv(before, s(448), 1), Conv(s(448), wide, 3, padding=1)
        self.branch3x3dbl_3a, self.branch3x3dbl_3b = _crossed(wide)
        self.branch_pool = Conv(before, s(192), 1)
        self.after = s(320) + 4 * wide + s(192)

    def forward(self, x: Tensor) -> Tensor:
        short, deep = self.branch3x3_1(x), _tower(self, x, ("branch3x3dbl_1", "branch3x3dbl_2"))
        parts = [self.branch1x1(x), self.branch3x3_2a(short), self.branch3x3_2b(short)]
        parts += [self.branch3x3dbl_3a(deep), self.branch3x3dbl_3b(deep), self.branch_pool(_averaged(x))]
        return torch.cat(parts, 1)


def _crossed(channels: int) -> tuple[Conv, Conv]:
    return Conv(channels, channels, (1, 3), padding=(0, 1)), Conv(channels, channels, (3, 1), padding=(1, 0))


class Auxiliary(nn.Module):
    """The classifier on the 17 x 17 grid that only training listens to."""

    def __init__(self, before: int, classes: int, s: _Scaled) -> None:
        super().__init__()
        self.conv0, self.conv1 = Conv(before, s(128), 1), Conv(s(128), s(768), AUX_GRID)
        self.fc = nn.Linear(s(768), classes)

    def forward(self, x: Tensor) -> Tensor:
        # At 299 pixels this pooling gives 5 x 5 cells; at other sizes the same number is made.
        whole = x.shape[2:] == (17, 17)
        x = functional.avg_pool2d(x, 5, 3) if whole else functional.adaptive_avg_pool2d(x, AUX_GRID)
        scores: Tensor = self.fc(self.conv1(self.conv0(x)).mean((2, 3)))
        return scores


class InceptionV3(nn.Module):
    """Frames (n, channels, h, w), 0..255 -> scores (n, classes); channels beyond the net's own are not looked at.

    `channels` is 3 for one frame and 6 for two stacked ones. `width` scales every layer's channels. With `auxiliary` the net
    has the second classifier; what it said of the last training batch is in `aside`. Frames need at least 75 pixels a side.
    """

    top = ("fc", "AuxLogits.fc")
    first = "Conv2d_1a_3x3.conv"

    def __init__(
        self, classes: int = 6, channels: int = 3, width: float = 1.0, dropout: float = 0.5, auxiliary: bool = True
    ) -> None:
        super().__init__()
        self.channels, s = channels, _Scaled(width)
        self.Conv2d_1a_3x3, self.Conv2d_2a_3x3 = Conv(channels, s(32), 3, 2), Conv(s(32), s(32), 3)
        self.Conv2d_2b_3x3, self.Conv2d_3b_1x1 = Conv(s(32), s(64), 3, padding=1), Conv(s(64), s(80), 1)
        self.Conv2d_4a_3x3 = Conv(s(80), s(192), 3)
        self.Mixed_5b = BlockA(s(192), 32, s)
        self.Mixed_5c = BlockA(self.Mixed_5b.after, 64, s)
        self.Mixed_5d = BlockA(self.Mixed_5c.after, 64, s)
        self.Mixed_6a = BlockB(self.Mixed_5d.after, s)
        self.Mixed_6b = BlockC(self.Mixed_6a.after, 128, s)
        self.Mixed_6c, self.Mixed_6d = (BlockC(self.Mixed_6b.after, 160, s) for _ in range(2))
        self.Mixed_6e = BlockC(self.Mixed_6d.after, 192, s)
        self.AuxLogits = Auxiliary(self.Mixed_6e.after, classes, s) if auxiliary else None
        self.Mixed_7a = BlockD(self.Mixed_6e.after, s)
        self.Mixed_7b = BlockE(self.Mixed_7a.after, s)
        self.Mixed_7c = BlockE(self.Mixed_7b.after, s)
        self.dropout = nn.Dropout(dropout)
        self.features_out = self.Mixed_7c.after
        self.fc = nn.Linear(self.features_out, classes)
        self.aside: Tensor | None = None
        self._start()

    def _start(self) -> None:
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d | nn.Linear):
                # The published start: a normal distribution of deviation 0.1, cut at two deviations.
                nn.init.trunc_normal_(layer.weight, std=0.1, a=-0.2, b=0.2)
        if self.AuxLogits is not None:
            nn.init.trunc_normal_(self.AuxLogits.fc.weight, std=0.001, a=-0.002, b=0.002)

    def features(self, frames: Tensor) -> Tensor:
        """Pooled features (n, 2048 at full width) of frames (n, channels, h, w), 0..255."""
        x = (frames[:, : self.channels].float() - 127.5) / 127.5
        x = _tower(self, x, ("Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3"))
        x = _tower(self, functional.max_pool2d(x, 3, 2), ("Conv2d_3b_1x1", "Conv2d_4a_3x3"))
        x = _tower(self, functional.max_pool2d(x, 3, 2), [f"Mixed_5{k}" for k in "bcd"])
        x = _tower(self, x, [f"Mixed_6{k}" for k in "abcde"])
        self.aside = self.AuxLogits(x) if self.training and self.AuxLogits is not None else None
        x = _tower(self, x, [f"Mixed_7{k}" for k in "abc"])
        pooled: Tensor = self.dropout(x.mean((2, 3)))
        return pooled

    def forward(self, frames: Tensor) -> Tensor:
        scores: Tensor = self.fc(self.features(frames))
        return scores
