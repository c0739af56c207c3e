"""The flow net becomes an ONNX file that answers for any number of windows at once."""

from __future__ import annotations

import copy
from pathlib import Path

from moodscore.errors import MissingExtra
from moodscore.learn import export
from moodscore.learn.models.mel_flow import MelFlow, Served
from moodscore.music.diffusion_wishes import WIDTH

try:
    import torch
except ModuleNotFoundError as error:
    raise MissingExtra("export", "learn") from error

INPUTS = ("noisy", "time", "known", "wishes")


def flow_to_onnx(net: MelFlow, path: Path, stretches: int, half: bool = True) -> str:
    """Write the net as ONNX for windows of `stretches`; returns the file's SHA-256.

    With `half` the matrices are stored as float16 and computed in float32. Raises BadWeights when there is no exporter.
    """
    shape = net.shape
    example = (
        torch.zeros(2, stretches, shape.patch),
        torch.zeros(2),
        torch.zeros(2, stretches),
        torch.zeros(2, stretches, WIDTH),
    )
    n = torch.export.Dim("n")
    shapes = tuple({0: n} for _ in example)
    model = export.program_of(Served(copy.deepcopy(net).eval()).eval(), example, (INPUTS, ("clean",)), shapes)
    return export.written(model, path, ("",) if half else ())
