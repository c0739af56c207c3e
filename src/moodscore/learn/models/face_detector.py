"""FaceDetector: a small fully convolutional network that finds faces and five landmarks at three strides.

Anchor-free per-cell prediction after Z. Tian et al., "FCOS" (2019), top-down merging after T.-Y. Lin et al., "Feature
pyramid networks" (2017), score trained towards its own box's overlap after X. Li et al., "Generalized focal loss" (2020).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

STRIDES = (8, 16, 32)
# Square root of a box's area, in pixels: which faces each stride answers for. Neighbours overlap, so none falls between.
SIZES = ((0.0, 56.0), (36.0, 144.0), (96.0, 1e9))
CHANNELS = 15  # score, left, top, right, bottom, five landmarks as x, y


class Conv(nn.Module):
    """A 3x3 convolution, batch norm and ReLU; (n, inputs, h, w) -> (n, outputs, h / stride, w / stride)."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.norm(self.conv(x)))


class Block(nn.Module):
    """Two 3x3 convolutions beside a shortcut; the shape stays."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = Conv(channels, channels)
        self.conv = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.norm(self.conv(self.first(x))))


class FaceDetector(nn.Module):
    """Normalised RGB (n, 3, h, w), sides multiples of 32 -> three maps (n, 15, h / s, w / s) for s = 8, 16, 32.

    Channels of a cell: score logit; log distances to left, top, right, bottom in strides; five landmarks in strides from
    the cell's centre. Plain 3x3 convolutions: at these widths they are faster than depthwise ones, in training by far.
    """

    def __init__(self, widths: Sequence[int] = (16, 24, 32, 64, 96), neck: int = 48) -> None:
        super().__init__()
        stem, early, eight, sixteen, thirtytwo = widths
        self.stem = nn.Sequential(Conv(3, stem, 2), Conv(stem, early, 2))
        self.stage8 = nn.Sequential(Conv(early, eight, 2), Block(eight))
        self.stage16 = nn.Sequential(Conv(eight, sixteen, 2), Block(sixteen))
        self.stage32 = nn.Sequential(Conv(sixteen, thirtytwo, 2), Block(thirtytwo))
        self.laterals = nn.ModuleList(nn.Conv2d(width, neck, 1) for width in (eight, sixteen, thirtytwo))
        self.tower = Conv(neck, neck)
        self.head = nn.Conv2d(neck, CHANNELS, 1)
        nn.init.normal_(self.head.weight, std=0.01)
        first_guess = torch.zeros(CHANNELS)
        first_guess[0] = -4.6  # one cell in a hundred is a face, to begin with
        self.head.bias = nn.Parameter(first_guess)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        at8 = self.stage8(self.stem(x))
        at16 = self.stage16(at8)
        coarse = torch.relu(self.laterals[2](self.stage32(at16)))
        middle = torch.relu(self.laterals[1](at16) + functional.interpolate(coarse, scale_factor=2.0))
        fine = torch.relu(self.laterals[0](at8) + functional.interpolate(middle, scale_factor=2.0))
        out8, out16, out32 = (self.head(self.tower(m)) for m in (fine, middle, coarse))
        return out8, out16, out32


def cells(maps: Sequence[Tensor]) -> tuple[Tensor, Tensor, Tensor]:
    """Three maps -> all cells (n, cells, 15), their centres in pixels (cells, 2) and strides (cells,)."""
    flat, centres, strides = [], [], []
    for stride, answer in zip(STRIDES, maps, strict=True):
        height, width = answer.shape[2:]
        ys, xs = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
        centres.append((torch.stack([xs.flatten(), ys.flatten()], 1).float() + 0.5) * stride)
        strides.append(torch.full((height * width,), float(stride)))
        flat.append(answer.float().flatten(2).transpose(1, 2))
    return torch.cat(flat, 1), torch.cat(centres), torch.cat(strides)


def decoded_boxes(answers: Tensor, centres: Tensor, strides: Tensor) -> Tensor:
    """Cells (..., 15) -> boxes (..., 4) as left, top, right, bottom in pixels."""
    reach = answers[..., 1:5].clamp(-4, 5).exp() * strides[:, None]
    return torch.cat([centres - reach[..., :2], centres + reach[..., 2:]], -1)


def pair_overlap(one: Tensor, other: Tensor) -> tuple[Tensor, Tensor]:
    """Intersection over union, and generalised IoU, of boxes (n, 4) with boxes (n, 4) pair by pair."""
    low, high = torch.maximum(one[:, :2], other[:, :2]), torch.minimum(one[:, 2:], other[:, 2:])
    inner = (high - low).clamp_min(0).prod(1)
    union = (one[:, 2:] - one[:, :2]).prod(1) + (other[:, 2:] - other[:, :2]).prod(1) - inner
    hull = (torch.maximum(one[:, 2:], other[:, 2:]) - torch.minimum(one[:, :2], other[:, :2])).prod(1)
    iou = inner / union.clamp_min(1e-6)
    return iou, iou - (hull - union) / hull.clamp_min(1e-6)


def assigned(boxes: Tensor, weights: Tensor, centres: Tensor, strides: Tensor) -> tuple[Tensor, Tensor]:
    """Which box each cell answers for (-1 none), and which cells say nothing (bool), both (cells,).

    A cell answers for a box of its stride's size range whose middle is within 1.25 strides; the smallest box wins. Boxes
    with weight 0 are unknown: cells inside them say nothing.
    """
    chosen = torch.full((len(centres),), -1, dtype=torch.long)
    silent = torch.zeros(len(centres), dtype=torch.bool)
    low = torch.tensor([dict(zip(STRIDES, SIZES, strict=True))[int(s)] for s in STRIDES])
    level = (strides.log2() - 3).long()
    sides = (boxes[:, 2:] - boxes[:, :2]).prod(1).clamp_min(1e-6).sqrt()
    for index in torch.argsort(sides, descending=True).tolist():
        box = boxes[index]
        inside = ((centres > box[:2]) & (centres < box[2:])).all(1)
        if weights[index] <= 0:
            silent |= inside
            continue
        middle = (box[:2] + box[2:]) / 2
        near = ((centres - middle).abs() < 1.25 * strides[:, None]).all(1) & inside
        fits = (sides[index] >= low[level, 0]) & (sides[index] <= low[level, 1])
        chosen[near & fits] = index
    return chosen, silent & (chosen < 0)


def detection_loss(maps: Sequence[Tensor], truths: Sequence[tuple[Tensor, Tensor, Tensor]]) -> Tensor:
    """The loss of a batch; each truth is (boxes (k, 4) px, weights (k,) 0..1, landmarks (k, 10) px, nan where unknown).

    Quality focal loss on scores, generalised IoU on boxes, smooth L1 on landmarks in shares of the box.
    """
    answers, centres, strides = cells(maps)
    boxes = decoded_boxes(answers, centres, strides)
    total, count = answers.sum() * 0, 0.0
    for row, (truth, weights, landmarks) in enumerate(truths):
        chosen, silent = assigned(truth, weights, centres, strides)
        hit = torch.nonzero(chosen >= 0).flatten()
        quality, weight = torch.zeros(len(centres)), (~silent).float()
        if len(hit):
            target = truth[chosen[hit]]
            iou, giou = pair_overlap(boxes[row, hit], target)
            strength = weights[chosen[hit]]
            quality[hit] = iou.detach().clamp(0, 1)
            weight[hit] = strength
            points = _landmark_loss(answers[row, hit], centres[hit], strides[hit], target, landmarks[chosen[hit]])
            total = total + ((2 * (1 - giou) + points) * strength).sum()
            count += float(strength.sum())
        logits = answers[row, :, 0]
        entropy = functional.binary_cross_entropy_with_logits(logits, quality, reduction="none")
        total = total + (entropy * (quality - logits.sigmoid()).abs().square() * weight).sum()
    return total / max(count, 1.0)


def _landmark_loss(answers: Tensor, centres: Tensor, strides: Tensor, boxes: Tensor, landmarks: Tensor) -> Tensor:
    points = answers[:, 5:] * strides[:, None] + centres.repeat(1, 5)
    size = (boxes[:, 2:] - boxes[:, :2]).prod(1).sqrt().clamp_min(1)[:, None]
    known = ~landmarks.isnan()
    gap = (points - torch.where(known, landmarks, points.detach())) / size
    return functional.smooth_l1_loss(gap, torch.zeros_like(gap), beta=0.05, reduction="none").sum(1)
