"""The net that ships: ImageNet backbones, features of several stages, a Gaussian-process head on each, one pass.

`PhotoAffect` takes an image tensor and gives affect (n, 2), affect_sd (n, 2), embedding (n, 1280), imagenet (n, 1000).
"""

from __future__ import annotations

from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from moodscore.learn.models.affect_head import AffectHead, Doubt
from moodscore.learn.models.efficientnet_lite import EfficientNetLite


class StageFeatures(nn.Module):
    """An image (n, 3, size, size) -> the four feature blocks a head reads: mean of the sixth stage, mean and deviation of
    the seventh and of the head, and the ImageNet scores.
    """

    def __init__(self, net: EfficientNetLite) -> None:
        super().__init__()
        self.net = net

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        maps = self.net.maps(image)
        embedding = maps[7].mean((2, 3))
        return (
            maps[5].mean((2, 3)),
            _mean_and_deviation(maps[6]),
            _mean_and_deviation(maps[7]),
            self.net._fc(embedding),
        )


def _mean_and_deviation(features: Tensor) -> Tensor:
    mean = features.mean((2, 3), keepdim=True)
    deviation = ((features - mean) ** 2).mean((2, 3)).sqrt()
    return torch.cat((mean.flatten(1), deviation), 1)


class HeadLayers(nn.Module):
    """A fitted `AffectHead` as layers: feature blocks -> feeling (n, axes) and foretold absolute error (n, axes)."""

    def __init__(self, head: AffectHead) -> None:
        super().__init__()
        self._keep("axes", head.projection.axes)
        self._keep("centre", head.projection.centre)
        self._keep("points", head.points)
        self._keep("point_norms", (head.points**2).sum(1))
        self._keep("bandwidth", head.bandwidth)
        self._keep("means", np.stack([head.means, head.error_means]))
        self._keep("weights", np.stack([head.weights, head.error_weights]))

    def _keep(self, name: str, value: NDArray[np.float64]) -> None:
        self.register_buffer(name, torch.from_numpy(np.ascontiguousarray(value, dtype=np.float32)))

    def forward(self, *blocks: Tensor) -> tuple[Tensor, Tensor]:
        place = (torch.cat(blocks, 1) - cast(Tensor, self.centre)) @ cast(Tensor, self.axes)
        cross = place @ cast(Tensor, self.points).T
        distances = ((place**2).sum(1, keepdim=True) + cast(Tensor, self.point_norms) - 2 * cross).clamp_min(0.0)
        weights, bandwidth = cast(Tensor, self.weights), cast(Tensor, self.bandwidth)
        kernels = [torch.exp(-distances * bandwidth[axis]) for axis in range(weights.shape[2])]
        said = [
            torch.stack([k @ weights[part, :, axis] for axis, k in enumerate(kernels)], 1)
            + cast(Tensor, self.means)[part]
            for part in (0, 1)
        ]
        return said[0], said[1]


class PhotoAffect(nn.Module):
    """Backbones with a head each: feelings and foretold errors are averaged; embedding and class scores are the first's."""

    def __init__(self, nets: list[EfficientNetLite], heads: list[AffectHead], doubt: Doubt) -> None:
        super().__init__()
        self.register_buffer("scale", torch.from_numpy(doubt.scale.astype(np.float32)))
        self.register_buffer("floor", torch.from_numpy(doubt.floor.astype(np.float32)))
        self.features = nn.ModuleList([StageFeatures(net) for net in nets])
        classifiers = [net._fc.weight.detach().numpy().astype(np.float64) for net in nets]
        folded = [head.without_scores(weights) for head, weights in zip(heads, classifiers, strict=True)]
        self.heads = nn.ModuleList([HeadLayers(head) for head in folded])

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        blocks = [features(image) for features in self.features]
        said = [head(*b[:3]) for head, b in zip(self.heads, blocks, strict=True)]
        affect = torch.stack([mean for mean, _ in said]).mean(0)
        foretold = torch.stack([error for _, error in said]).mean(0)
        deviation = cast(Tensor, self.scale) * torch.maximum(foretold, cast(Tensor, self.floor))
        embedding = blocks[0][2][:, : blocks[0][2].shape[1] // 2]
        return affect, deviation, embedding, torch.softmax(blocks[0][3], 1)
