"""Mel flow: a transformer that draws clean sound from noise, told what is asked of every 80 ms.

Rectified flow (X. Liu, C. Gong & Q. Liu, ICLR 2023; Y. Lipman et al., ICLR 2023): at time t the net sees (1 - t) noise +
t sound. It answers with the sound itself, which a small net learns sooner than noise when a token holds many numbers
(T. Li & K. He, "Back to basics: let denoising generative models denoise", 2025). Layers are told the time by shift, scale
and gate (W. Peebles & S. Xie, ICCV 2023; one projection for all, J. Chen et al., ICLR 2024), positions by rotation (J. Su
et al., 2021), and the first half of them hands what it saw to the second (F. Bao et al., CVPR 2023).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from moodscore.errors import MissingExtra
from moodscore.music.diffusion_wishes import WIDTH

try:
    import torch
    from torch import Tensor, nn
    from torch.nn import functional
except ModuleNotFoundError as error:
    raise MissingExtra("training", "learn") from error

Inputs = tuple[Tensor, Tensor, Tensor, Tensor]


@dataclass(frozen=True, slots=True)
class Shape:
    """The net's size: numbers in a stretch, model width, layers (even), heads, width of the feed-forward layers."""

    patch: int = 384
    width: int = 256
    layers: int = 8
    heads: int = 4
    inner: int = 1024


class Block(nn.Module):
    """Self-attention over the stretches and a feed-forward net, both modulated; the second half takes a long skip."""

    def __init__(self, shape: Shape, skips: bool) -> None:
        super().__init__()
        d = shape.width
        self.heads = shape.heads
        self.join = nn.Linear(2 * d, d) if skips else None
        self.attend, self.gather = nn.Linear(d, 3 * d, bias=False), nn.Linear(d, d)
        self.widen, self.narrow = nn.Linear(d, shape.inner), nn.Linear(shape.inner, d)
        self.own = nn.Parameter(torch.zeros(6, d))

    def forward(self, x: Tensor, told: Tensor, turns: tuple[Tensor, Tensor], skip: Tensor | None) -> Tensor:
        """X (n, t, d); `told` (n, 6, d); `turns` cosines and sines (t, d / heads); `skip` (n, t, d) or None."""
        if self.join is not None and skip is not None:
            x = self.join(torch.cat([x, skip], 2))
        n, t, d = x.shape
        shift, scale, gate, shift_2, scale_2, gate_2 = (told + self.own).unsqueeze(2).unbind(1)
        seen = normed(x) * (1 + scale) + shift
        query, key, value = self.attend(seen).view(n, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        query, key = turned(query, turns), turned(key, turns)
        weights = (query @ key.transpose(2, 3) * (d // self.heads) ** -0.5).softmax(-1)
        found = (weights.to(value.dtype) @ value).transpose(1, 2).reshape(n, t, d)
        x = x + gate * self.gather(found)
        seen = normed(x) * (1 + scale_2) + shift_2
        out: Tensor = x + gate_2 * self.narrow(functional.silu(self.widen(seen)))
        return out


def normed(x: Tensor) -> Tensor:
    """Layer norm without weights."""
    return functional.layer_norm(x, (x.shape[-1],))


def turned(x: Tensor, turns: tuple[Tensor, Tensor]) -> Tensor:
    """Pairs of numbers of x (..., t, k) turned by their position."""
    half = x.shape[-1] // 2
    first, second = x[..., :half], x[..., half:]
    cosines, sines = (turn.to(x.dtype) for turn in turns)
    return torch.cat([first * cosines - second * sines, first * sines + second * cosines], -1)


class MelFlow(nn.Module):
    """The clean stretches (n, t, patch) behind noisy ones; see `forward`."""

    speeds: Tensor
    pitches: Tensor

    def __init__(self, shape: Shape | None = None) -> None:
        super().__init__()
        self.shape = shape = shape or Shape()
        d, half = shape.width, shape.width // shape.heads // 2
        self.begin = nn.Linear(shape.patch + 1, d)
        self.wish = nn.Sequential(nn.Linear(WIDTH, d), nn.SiLU(), nn.Linear(d, d))
        self.time = nn.Sequential(nn.Linear(128, d), nn.SiLU(), nn.Linear(d, d))
        self.told = nn.Linear(d, 6 * d)
        self.blocks = nn.ModuleList(Block(shape, k >= shape.layers // 2) for k in range(shape.layers))
        self.last = nn.Linear(d, 2 * d)
        self.end = nn.Linear(d, shape.patch)
        self.register_buffer("speeds", 1.0 / 1000.0 ** (torch.arange(half) / half), persistent=False)
        self.register_buffer("pitches", torch.exp(torch.linspace(0.0, math.log(500.0), 64)), persistent=False)
        for layer in (self.told, self.last, self.end):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, inputs: Inputs) -> Tensor:
        """Noisy stretches (n, t, patch), time (n,) 0 noise .. 1 sound, known (n, t), wishes (n, t, WIDTH).

        A known stretch is given clean and marked 1. Returns (n, t, patch).
        """
        noisy, time, known, wishes = inputs
        turns = torch.arange(noisy.shape[1], device=noisy.device)[:, None] * self.speeds
        wished = self.wish(wishes)
        waves = time[:, None] * self.pitches
        about = functional.silu(self.time(torch.cat([waves.sin(), waves.cos()], 1)) + wished.mean(1))
        told = self.told(about).unflatten(1, (6, self.shape.width))
        x = self.begin(torch.cat([noisy, known[..., None]], 2)) + wished
        skips: list[Tensor] = []
        for k, block in enumerate(self.blocks):
            early = k < self.shape.layers // 2
            x = block(x, told, (turns.cos(), turns.sin()), None if early else skips.pop())
            if early:
                skips.append(x)
        shift, scale = self.last(about).unsqueeze(1).chunk(2, 2)
        out: Tensor = self.end(normed(x) * (1 + scale) + shift)
        return out


class Served(nn.Module):
    """The net as it is exported: its four inputs one by one."""

    def __init__(self, net: MelFlow) -> None:
        super().__init__()
        self.net = net

    def forward(self, noisy: Tensor, time: Tensor, known: Tensor, wishes: Tensor) -> Tensor:
        """As `MelFlow.forward`."""
        out: Tensor = self.net((noisy, time, known, wishes))
        return out
