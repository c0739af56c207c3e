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
    """A fitted `AffectHead` as layers: feature blocks -> mean (n, 2) and strangeness (n, 2).

    Without `strange` the strangeness is 0 and the large matrix it needs is left out.
    """

    def __init__(self, head: AffectHead, strange: bool = True) -> None:
        super().__init__()
        self.strange = strange
        self._keep("axes", head.projection.axes)
        self._keep("centre", head.projection.centre)
        self._keep("points", head.points)
        self._keep("point_norms", (head.points**2).sum(1))
        self._keep("bandwidth", np.array(head.bandwidth))
        self._keep("means", head.means)
        self._keep("weights", head.weights)
        if not strange:
            return
        whitened = [v / np.sqrt(w + n) for v, w, n in zip(head.vectors, head.values, head.noise, strict=True)]
        self._keep("whitened", np.stack(whitened))

    def _keep(self, name: str, value: NDArray[np.float64]) -> None:
        self.register_buffer(name, torch.from_numpy(np.ascontiguousarray(value, dtype=np.float32)))

    def forward(self, *blocks: Tensor) -> tuple[Tensor, Tensor]:
        place = (torch.cat(blocks, 1) - cast(Tensor, self.centre)) @ cast(Tensor, self.axes)
        cross = place @ cast(Tensor, self.points).T
        distances = ((place**2).sum(1, keepdim=True) + cast(Tensor, self.point_norms) - 2 * cross).clamp_min(0.0)
        weights, bandwidth = cast(Tensor, self.weights), cast(Tensor, self.bandwidth)
        means, strange = [], []
        for axis in range(weights.shape[1]):
            kernel = torch.exp(-distances * bandwidth[axis])
            means.append(kernel @ weights[:, axis])
            if not self.strange:
                strange.append(torch.zeros_like(means[-1]))
                continue
            known = ((kernel @ cast(Tensor, self.whitened)[axis]) ** 2).sum(1)
            strange.append((1.0 - known).clamp_min(0.0))
        return torch.stack(means, 1) + cast(Tensor, self.means), torch.stack(strange, 1)


class PhotoAffect(nn.Module):
    """Backbones with a head each; feelings and strangeness are averaged, embedding and ImageNet scores are the first's."""

    def __init__(self, nets: list[EfficientNetLite], heads: list[AffectHead], doubt: Doubt) -> None:
        super().__init__()
        self.register_buffer("floor", torch.from_numpy(doubt.floor.astype(np.float32)))
        self.register_buffer("slope", torch.from_numpy(doubt.slope.astype(np.float32)))
        self.features = nn.ModuleList([StageFeatures(net) for net in nets])
        self.heads = nn.ModuleList([HeadLayers(head, bool(doubt.slope.any())) for head in heads])

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        blocks = [features(image) for features in self.features]
        said = [head(*b) for head, b in zip(self.heads, blocks, strict=True)]
        affect = torch.stack([mean for mean, _ in said]).mean(0)
        strange = torch.stack([strange for _, strange in said]).mean(0)
        deviation = (cast(Tensor, self.floor) + cast(Tensor, self.slope) * strange).sqrt()
        embedding = blocks[0][2][:, : blocks[0][2].shape[1] // 2]
        return affect, deviation, embedding, torch.softmax(blocks[0][3], 1)
