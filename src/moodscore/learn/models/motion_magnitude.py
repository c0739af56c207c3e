"""Motion Magnitude Stack: one neuron that says what a frame shows beside one that says how much moves.

The last dense layer of Inception v3 has a single unit; the motion amount of the pair (`prepare.motion`), normalised by the
training pairs' mean and deviation, is a second; the two enter 256 units, then the classes. The study of film genres reports
55.2 %.
"""

from __future__ import annotations

from moodscore.errors import MissingExtra
from moodscore.learn.models.inception_v3 import InceptionV3
from moodscore.prepare.motion import motion_amount

try:
    import torch
    from torch import Tensor, nn
except ModuleNotFoundError as error:
    raise MissingExtra("training", "learn") from error

SIZE = 299
HIDDEN = 256


def motion_amounts(pairs: Tensor) -> Tensor:
    """The motion amount of each pair (n, 6, h, w), 0..255: (n, 1) float32. It is measured, so no gradient flows through."""
    shown = pairs.detach().round().clamp(0, 255).to("cpu", torch.uint8).permute(0, 2, 3, 1).numpy()
    found = [motion_amount(one[..., :3], one[..., 3:6]) for one in shown]
    return torch.tensor(found, dtype=torch.float32, device=pairs.device)[:, None]


class MotionMagnitudeStack(nn.Module):
    """Pairs (n, 6, h, w), 0..255 -> scores (n, classes). `width` scales Inception's channels; at least 75 pixels a side."""

    backbone = "image"
    motion_mean: Tensor
    motion_std: Tensor

    def __init__(self, classes: int = 6, width: float = 1.0, dropout: float = 0.5) -> None:
        super().__init__()
        self.image = InceptionV3(1, 3, width, dropout, auxiliary=False)
        self.joined = nn.Sequential(nn.Linear(2, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, classes))
        self.register_buffer("motion_mean", torch.zeros(()))
        self.register_buffer("motion_std", torch.ones(()))

    def normalise_by(self, amounts: Tensor) -> None:
        """Take the mean and deviation of the training pairs' motion amounts (n, 1), n > 1; 1 where all are the same."""
        self.motion_mean.copy_(amounts.mean())
        spread = amounts.std()
        self.motion_std.copy_(spread if spread > 0 else torch.ones(()))

    def judge(self, frames: Tensor, amounts: Tensor) -> Tensor:
        """Scores of frames (n, 3 or 6, h, w) whose motion amounts (n, 1) are known: what serving calls."""
        moved = (amounts - self.motion_mean) / self.motion_std
        scores: Tensor = self.joined(torch.cat((self.image(frames), moved), 1))
        return scores

    def forward(self, pairs: Tensor) -> Tensor:
        return self.judge(pairs, motion_amounts(pairs))
