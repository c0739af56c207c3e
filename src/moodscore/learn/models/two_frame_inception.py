"""Two-frame Inception: Inception v3 whose first layer looks at two stacked frames, six channels, 299 pixels a side.

All layers behind the first are the published ones, 24,361,036 weights for six classes with the auxiliary classifier. The
study of film genres reports 53.8 %. ImageNet weights of one frame start both frames of the first layer, half each.
"""

from __future__ import annotations

from moodscore.learn.models.inception_v3 import InceptionV3

SIZE = 299
CHANNELS = 6


class TwoFrameInception(InceptionV3):
    """Pairs (n, 6, h, w), 0..255, of at least 75 pixels a side -> scores (n, classes). `width` scales every layer."""

    def __init__(self, classes: int = 6, width: float = 1.0, dropout: float = 0.5, auxiliary: bool = True) -> None:
        super().__init__(classes, CHANNELS, width, dropout, auxiliary)
