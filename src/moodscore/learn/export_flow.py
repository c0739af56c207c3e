"""The flow net becomes an ONNX file that answers for any number of windows at once."""

from __future__ import annotations

import copy
import hashlib
import logging
import warnings
from pathlib import Path

from moodscore.errors import BadWeights, MissingExtra
from moodscore.learn import export
from moodscore.learn.models.mel_flow import MelFlow, Served
from moodscore.music.diffusion_wishes import WIDTH

try:
    import onnx
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
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        program = torch.onnx.export(
            Served(copy.deepcopy(net).eval()).eval(),
            example,
            input_names=list(INPUTS),
            output_names=["clean"],
            opset_version=export.OPSET,
            dynamo=True,
            dynamic_shapes=tuple({0: n} for _ in example),
            verbose=False,
        )
    if program is None:
        raise BadWeights(f"{path}: expected an ONNX program, got none; is onnxscript installed?")
    model = program.model_proto
    export.strip(model)
    if half:
        export.store_half(model, ("",))
    onnx.checker.check_model(model)
    data = model.SerializeToString(deterministic=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return hashlib.sha256(data).hexdigest()
