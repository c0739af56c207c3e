"""The film-affect net: motion, pictures and sound of a clip, joined as features, answer with valence and arousal.

S2 of docs/sources.md: the flow goes through five convolutions and every tenth frame through a DenseNet; their maps are laid
on each other, go through one more convolution and are pooled over the whole frame and all frames of the clip; the wave goes
through SoundNet; both are joined, and a fully connected layer regresses. Where the paper prints no number the defaults
here decide: 512 channels of the joining convolution, conv7 of SoundNet averaged over time, no hidden layer.
"""

from __future__ import annotations

from dataclasses import dataclass

from moodscore.errors import MissingExtra
from moodscore.learn.models import densenet121, soundnet
from moodscore.learn.models.densenet121 import DenseNet
from moodscore.learn.models.flow_convnet import WIDTHS, FlowConvNet
from moodscore.learn.models.soundnet import SoundNet

try:
    import torch
    from torch import Tensor, nn
except ModuleNotFoundError as error:
    raise MissingExtra("training", "learn") from error


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of the net; the defaults are the paper's net."""

    blocks: tuple[int, ...] = densenet121.BLOCKS
    growth: int = densenet121.GROWTH
    stem: int = densenet121.STEM
    flow_widths: tuple[int, ...] = WIDTHS
    joined: int = 512


@dataclass(frozen=True, slots=True, eq=False)
class ClipBatch:
    """Clips as the net eats them; `len` is the number of clips.

    `frames` (f, 3, h, w) uint8 sRGB and `flow` (f, 2, h, w) float32 pixels to the next frame, for all frames of all clips;
    `owner` (f,) int64 says whose each frame is, 0..clips-1; `waves` (clips, samples) float32 at 22,050 Hz, padded with
    silence; `heard` (clips,) int64 is how many of a wave's samples are its own.
    """

    frames: Tensor
    flow: Tensor
    owner: Tensor
    waves: Tensor
    heard: Tensor

    def __len__(self) -> int:
        return len(self.waves)

    def to(self, device: torch.device) -> ClipBatch:
        """The same batch on a device."""
        parts = (self.frames, self.flow, self.owner, self.waves, self.heard)
        return ClipBatch(*(part.to(device, non_blocking=True) for part in parts))


class ThreeStream(nn.Module):
    """A batch of clips -> affect (clips, 2), valence and arousal, unbounded, about -1..1."""

    mean: Tensor
    std: Tensor

    def __init__(self, shape: Shape | None = None) -> None:
        super().__init__()
        shape = shape or Shape()
        self.picture = DenseNet(0, shape.blocks, shape.growth, shape.stem)
        self.motion = FlowConvNet(shape.flow_widths)
        self.sound = SoundNet()
        self.joining = nn.Sequential(
            nn.Conv2d(self.picture.channels + self.motion.channels, shape.joined, 3, padding=1, bias=False),
            nn.BatchNorm2d(shape.joined),
            nn.ReLU(),
        )
        self.felt = nn.Linear(shape.joined + soundnet.CHANNELS, 2)
        # A clip is answered with the mean feeling until something was learned; see `expect`.
        nn.init.zeros_(self.felt.weight)
        self.register_buffer("mean", 255 * torch.tensor(densenet121.MEAN).view(1, 3, 1, 1))
        self.register_buffer("std", 255 * torch.tensor(densenet121.STD).view(1, 3, 1, 1))

    def expect(self, mean: Tensor) -> None:
        """Begin from answering every clip with `mean` (2,), that of the training clips."""
        with torch.no_grad():
            self.felt.bias.copy_(mean)

    def seen(self, frames: Tensor, flow: Tensor) -> Tensor:
        """Features (f, joined) of frames and the flow at them."""
        picture = self.picture.maps((frames.float() - self.mean) / self.std)
        maps: Tensor = self.joining(torch.cat([picture, self.motion(flow)], 1))
        return maps.mean((2, 3))

    def listened(self, waves: Tensor, heard: Tensor) -> Tensor:
        """Features (clips, 1024) of waves, averaged over the steps that are the clip's own."""
        features: Tensor = self.sound(waves)
        own = torch.tensor([soundnet.steps(int(n)) for n in heard], device=features.device).clamp(1, features.shape[2])
        inside = torch.arange(features.shape[2], device=features.device)[None] < own[:, None]
        return (features * inside[:, None]).sum(2) / own[:, None]

    def forward(self, batch: ClipBatch) -> Tensor:
        batch = batch.to(self.felt.weight.device)
        seen = self.seen(batch.frames, batch.flow)
        total = seen.new_zeros(len(batch), seen.shape[1]).index_add_(0, batch.owner, seen)
        count = torch.bincount(batch.owner, minlength=len(batch)).clamp(min=1)
        joined = torch.cat([total / count[:, None], self.listened(batch.waves, batch.heard)], 1)
        affect: Tensor = self.felt(joined)
        return affect
