"""Photos become feature blocks: what a frozen backbone says of each picture, kept on disk so that it is computed once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from moodscore.learn.models.efficientnet_lite import pretrained
from moodscore.learn.models.photo_affect import StageFeatures
from moodscore.prepare import image

Blocks = list[NDArray[np.float64]]


def image_recipe(size: int, crop: str = "squash") -> dict[str, Any]:
    """The `input` recipe of a card for these backbones: `size` pixels a side and (x - 127) / 128 on 0..255 sRGB."""
    return {"size": size, "mean": [127.0, 127.0, 127.0], "std": [128.0, 128.0, 128.0], "crop": crop, "colour": "sRGB"}


def photo_blocks(
    paths: Sequence[Path],
    variant: str,
    recipe: Mapping[str, Any],
    cache: Path | None = None,
    tick: Callable[[], None] | None = None,
) -> Blocks:
    """The feature blocks [(n, d), ...] of pictures, in order; read from and kept in `cache`, a folder, when given."""
    kept = cache / f"{variant}-{recipe['size']}-{recipe['crop']}-{len(paths)}.npz" if cache else None
    if kept and kept.is_file():
        with np.load(kept) as stored:
            return [stored[name].astype(np.float64) for name in sorted(stored.files)]
    net = StageFeatures(pretrained(variant)).eval()
    rows: list[list[NDArray[np.float32]]] = []
    with torch.inference_mode():
        for path in paths:
            tensor = torch.from_numpy(image.tensor(image.open(path), recipe))[None]
            rows.append([block[0].numpy().copy() for block in net(tensor)])
            if tick:
                tick()
    blocks = [np.stack(column) for column in zip(*rows, strict=True)]
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.savez(kept, **{f"block{k}": block for k, block in enumerate(blocks)})  # type: ignore[arg-type]
    return [block.astype(np.float64) for block in blocks]
