"""FC: a whole frame flattened into three small dense layers, the baseline of the genre-from-two-frames study.

Frames of 120 x 68 pixels, hidden layers of 50, 10 and 40 units, no dropout; the study reports 36.7 % of its test frames
right. ReLU between layers is this project's decision, the study does not name one.
"""

from __future__ import annotations

from moodscore.errors import MissingExtra

try:
    from torch import Tensor, nn
except ModuleNotFoundError as error:
    raise MissingExtra("training", "learn") from error

WIDTH, HEIGHT = 120, 68
HIDDEN = (50, 10, 40)


class FrameFC(nn.Module):
    """Frames (n, 3 or 6, height, width), 0..255, of which the first three channels are looked at -> scores (n, classes)."""

    def __init__(
        self, classes: int = 6, size: tuple[int, int] = (HEIGHT, WIDTH), hidden: tuple[int, ...] = HIDDEN
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        units = 3 * size[0] * size[1]
        for wide in hidden:
            layers += [nn.Linear(units, wide), nn.ReLU()]
            units = wide
        self.layers = nn.Sequential(nn.Flatten(), *layers, nn.Linear(units, classes))

    def forward(self, frames: Tensor) -> Tensor:
        scores: Tensor = self.layers((frames[:, :3].float() - 127.5) / 127.5)
        return scores
