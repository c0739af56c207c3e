"""Five convolutions over dense optical flow. The motion stream of the film-affect net.

The paper names a 5-layer ConvNet over the flow of the whole frame and prints no sizes. Decided here: each layer halves the
map, so that five of them end on the same grid as a DenseNet (a cell for 32 pixels) and the two can be laid on each other;
sizes 7, 5, 3, 3, 3 as at the mouth of FlowNet, each followed by batch normalisation and ReLU.
"""

from __future__ import annotations

from moodscore.errors import MissingExtra

try:
    from torch import Tensor, nn
except ModuleNotFoundError as error:
    raise MissingExtra("training", "learn") from error

SIZES = (7, 5, 3, 3, 3)
WIDTHS = (32, 64, 128, 256, 256)


class FlowConvNet(nn.Module):
    """Flow (n, 2, h, w), to the right and down in pixels -> features (n, channels, h / 32, w / 32).

    `widths`: channels of the five layers.
    """

    def __init__(self, widths: tuple[int, ...] = WIDTHS) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = 2
        for width, size in zip(widths, SIZES, strict=True):
            layers += [nn.Conv2d(before, width, size, 2, size // 2, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
            before = width
        self.layers = nn.Sequential(*layers)
        self.channels = before
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")

    def forward(self, flow: Tensor) -> Tensor:
        maps: Tensor = self.layers(flow)
        return maps
