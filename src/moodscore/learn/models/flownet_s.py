"""FlowNet-S: optical flow learned from two stacked frames, and the genre classifier on its contracting half.

P. Fischer et al., "FlowNet: learning optical flow with convolutional networks" (2015): `FlowNetS` is the whole published
net, 38,676,504 weights, with the names of the checkpoints most people have. `FlowNetGenre` takes its ten convolutions, puts
batch normalisation behind each and dense layers with dropout on top, as the study of film genres did (51.8 %); the study
prints neither the size of its dense layer nor of its frames: 1024 units and 224 pixels are this project's decision.
"""

from __future__ import annotations

from moodscore.errors import MissingExtra

try:
    import torch
    from torch import Tensor, nn
except ModuleNotFoundError as error:
    raise MissingExtra("training", "learn") from error

SIZE = 224
HIDDEN = 1024
GRID = 4  # cells a side that the dense layers see: what 224 pixels leave
INIT_VARIANCE = 0.05
# Name, channels, kernel, stride of the contracting half.
CONTRACTING = (
    ("conv1", 64, 7, 2), ("conv2", 128, 5, 2), ("conv3", 256, 5, 2), ("conv3_1", 256, 3, 1), ("conv4", 512, 3, 2),
    ("conv4_1", 512, 3, 1), ("conv5", 512, 3, 2), ("conv5_1", 512, 3, 1), ("conv6", 1024, 3, 2), ("conv6_1", 1024, 3, 1),
)  # fmt: skip
# Level, channels of the expanding half, from coarse to fine; the convolution of the contracting half it is joined with.
EXPANDING = ((5, 512, "conv5_1"), (4, 256, "conv4_1"), (3, 128, "conv3_1"), (2, 64, "conv2"))


class Contracting(nn.Module):
    """Pairs (n, 6, h, w), 0..255 -> the map of each convolution, by name; the last is a 64th of the frame a side."""

    def __init__(self, width: float = 1.0, batch_norm: bool = False) -> None:
        super().__init__()
        before, self.channels = 6, {}
        for name, channels, kernel, stride in CONTRACTING:
            after = max(1, round(channels * width))
            layers: list[nn.Module] = [nn.Conv2d(before, after, kernel, stride, kernel // 2, bias=not batch_norm)]
            layers += [nn.BatchNorm2d(after)] if batch_norm else []
            self.add_module(name, nn.Sequential(*layers, nn.LeakyReLU(0.1)))
            self.channels[name] = before = after
        self.features_out = before

    def maps(self, pairs: Tensor) -> dict[str, Tensor]:
        """Every convolution's map, by its name."""
        x, found = (pairs.float() - 127.5) / 255, {}
        for name, *_ in CONTRACTING:
            found[name] = x = self.get_submodule(name)(x)
        return found

    def forward(self, pairs: Tensor) -> Tensor:
        return self.maps(pairs)["conv6_1"]


class FlowNetS(Contracting):
    """Pairs (n, 6, h, w), 0..255 -> flow (n, 2, h/4, w/4), in twentieths of a pixel; h and w are multiples of 64."""

    def __init__(self, width: float = 1.0) -> None:
        super().__init__(width)
        before = self.channels["conv6_1"]
        self.predict_flow6 = nn.Conv2d(before, 2, 3, 1, 1, bias=False)
        for level, channels, joined in EXPANDING:
            after = max(1, round(channels * width))
            up = nn.Sequential(nn.ConvTranspose2d(before, after, 4, 2, 1), nn.LeakyReLU(0.1))
            self.add_module(f"deconv{level}", up)
            self.add_module(f"upsampled_flow{level + 1}_to_{level}", nn.ConvTranspose2d(2, 2, 4, 2, 1))
            before = self.channels[joined] + after + 2
            self.add_module(f"predict_flow{level}", nn.Conv2d(before, 2, 3, 1, 1, bias=False))

    def forward(self, pairs: Tensor) -> Tensor:
        seen = self.maps(pairs)
        x = seen["conv6_1"]
        flow: Tensor = self.predict_flow6(x)
        for level, _, joined in EXPANDING:
            finer = self.get_submodule(f"upsampled_flow{level + 1}_to_{level}")(flow)
            x = torch.cat((seen[joined], self.get_submodule(f"deconv{level}")(x), finer), 1)
            flow = self.get_submodule(f"predict_flow{level}")(x)
        return flow


class FlowNetGenre(nn.Module):
    """Pairs (n, 6, h, w), 0..255 -> scores (n, classes). `width` scales every layer's channels."""

    def __init__(self, classes: int = 6, width: float = 1.0, dropout: float = 0.5) -> None:
        super().__init__()
        self.seen = Contracting(width, batch_norm=True)
        hidden = max(1, round(HIDDEN * width))
        self.felt = nn.Sequential(
            nn.Dropout(dropout),
            nn.Linear(self.seen.features_out * GRID * GRID, hidden, bias=False),
            nn.BatchNorm1d(hidden),
            nn.LeakyReLU(0.1),
            nn.Dropout(dropout),
            nn.Linear(hidden, classes),
        )
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d | nn.Linear):
                nn.init.normal_(layer.weight, std=INIT_VARIANCE**0.5)

    def forward(self, pairs: Tensor) -> Tensor:
        x = self.seen(pairs)
        if x.shape[2:] != (GRID, GRID):
            x = nn.functional.adaptive_avg_pool2d(x, GRID)
        scores: Tensor = self.felt(x.flatten(1))
        return scores
