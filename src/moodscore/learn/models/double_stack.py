"""Double Stack: what a frame shows and how two frames differ, read by two nets and joined in one dense layer.

Image features are Inception v3's of the first frame (2048), motion features those of FlowNet-S's contracting half of both
(1024, averaged over the frame); together they enter 4096 units, then the classes. The study of film genres reports 52.7 %.
It does not print which layers it took the features from: the last before each net's own classifier is this project's
decision.
"""

from __future__ import annotations

from moodscore.errors import MissingExtra
from moodscore.learn.models.flownet_s import Contracting
from moodscore.learn.models.inception_v3 import InceptionV3

try:
    import torch
    from torch import Tensor, nn
except ModuleNotFoundError as error:
    raise MissingExtra("training", "learn") from error

SIZE = 299
HIDDEN = 4096


class DoubleStack(nn.Module):
    """Pairs (n, 6, h, w), 0..255, of at least 75 pixels a side -> scores (n, classes). `width` scales every layer."""

    backbone = "image"

    def __init__(self, classes: int = 6, width: float = 1.0, dropout: float = 0.5) -> None:
        super().__init__()
        self.image = InceptionV3(classes, 3, width, dropout, auxiliary=False)
        self.image.fc = nn.Identity()  # type: ignore[assignment]
        self.motion = Contracting(width, batch_norm=True)
        hidden = max(1, round(HIDDEN * width))
        self.joined = nn.Sequential(
            nn.Linear(self.image.features_out + self.motion.features_out, hidden),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(hidden, classes),
        )

    def forward(self, pairs: Tensor) -> Tensor:
        seen, moved = self.image.features(pairs), self.motion(pairs).mean((2, 3))
        scores: Tensor = self.joined(torch.cat((seen, moved), 1))
        return scores
