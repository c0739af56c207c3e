"""Lite genre: the EfficientNet-Lite0 backbone that the shipped photo reader looks with, and one dense layer for genres.

Not in the study: its ImageNet weights come as a package of the extra `learn`, so this is the net that starts well without
a file of weights of one's own.
"""

from __future__ import annotations

from moodscore.errors import MissingExtra
from moodscore.learn.models.efficientnet_lite import HEAD_CHANNELS, EfficientNetLite, pretrained

try:
    from torch import Tensor, nn
except ModuleNotFoundError as error:
    raise MissingExtra("training", "learn") from error

SIZE = 224


class LiteGenre(nn.Module):
    """Frames (n, 3 or 6, h, w), 0..255, of which the first three channels are looked at -> scores (n, classes).

    `imagenet` starts from the packaged ImageNet weights; raises MissingExtra when their package is not installed.
    """

    def __init__(self, classes: int = 6, dropout: float = 0.2, imagenet: bool = True) -> None:
        super().__init__()
        self.seen = pretrained("lite0") if imagenet else EfficientNetLite("lite0")
        self.seen._fc = nn.Identity()  # type: ignore[assignment]
        self.felt = nn.Sequential(nn.Dropout(dropout), nn.Linear(HEAD_CHANNELS, classes))

    def forward(self, frames: Tensor) -> Tensor:
        scores: Tensor = self.felt(self.seen.maps((frames[:, :3].float() - 127) / 128)[-1].mean((2, 3)))
        return scores
