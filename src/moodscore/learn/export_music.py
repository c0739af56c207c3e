"""The composing net with its key-value cache becomes an ONNX file that takes one step, or several at once."""

from __future__ import annotations

import copy
from pathlib import Path

from moodscore.errors import MissingExtra
from moodscore.learn import export
from moodscore.learn.models.music_transformer import MusicTransformer, Step
from moodscore.music.conditions import WIDTH

try:
    import torch
except ModuleNotFoundError as error:
    raise MissingExtra("export", "learn") from error

INPUTS = ("ids", "conditions", "past", "length")
OUTPUTS = ("logits", "made")


def step_to_onnx(net: MusicTransformer, path: Path, half: bool = True) -> str:
    """Write `Step(net)` as ONNX with any number of sequences, tokens and cache places; returns the file's SHA-256.

    With `half` the matrices are stored as float16 and computed in float32. Raises BadWeights when there is no exporter.
    """
    shape = net.shape
    step = Step(copy.deepcopy(net).eval()).eval()
    example = (
        torch.zeros(2, 3, dtype=torch.int64),
        torch.zeros(2, 3, WIDTH),
        torch.zeros(shape.layers, 2, 2, shape.heads, 5, shape.width // shape.heads),
        torch.tensor(4),
    )
    n, t, p = (torch.export.Dim(name) for name in ("n", "t", "p"))
    shapes = ({0: n, 1: t}, {0: n, 1: t}, {2: n, 4: p}, None)
    model = export.program_of(step, example, (INPUTS, OUTPUTS), shapes)
    return export.written(model, path, ("",) if half else ())
