"""A trained net becomes an ONNX file and its card."""

from __future__ import annotations

import copy
import hashlib
import itertools
import logging
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from moodscore.errors import BadWeights, MissingExtra
from moodscore.weights.card import Card

try:
    import onnx
    import torch
    from torch import nn
    from torch.nn.utils.fusion import fuse_conv_bn_eval
except ModuleNotFoundError as error:
    raise MissingExtra("export", "learn") from error

OPSET = 18
# Smaller arrays stay in float32: they cost nothing, and biases, bandwidths and norms keep their precision.
HALF_FROM = 4096


def fused(net: nn.Module) -> nn.Module:
    """A copy in eval mode with each batch norm folded into the convolution named just before it."""
    out = copy.deepcopy(net).eval()
    for module in out.modules():
        children = list(module.named_children())
        for (name, conv), (norm_name, norm) in itertools.pairwise(children):
            if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                setattr(module, name, fuse_conv_bn_eval(conv, norm))
                setattr(module, norm_name, nn.Identity())
    return out


def to_onnx(
    net: nn.Module,
    size: int,
    path: Path,
    outputs: Sequence[str],
    halve: Sequence[str] = ("conv", "_fc"),
    picture: tuple[int, int] = (3, 0),
) -> str:
    """Write `net`, which takes "image" (n, channels, size, size) float32, as ONNX; returns the file's SHA-256.

    Parameters of at least 4,096 values whose name holds one of `halve` are stored as float16 and computed in float32.
    `picture` is (channels, step): with a step > 0 the image may have any height and width that are multiples of it.
    """
    channels, any_size = picture
    example = torch.zeros(2, channels, size, size + any_size)
    ready = fused(net)
    axes = {0: torch.export.Dim("n")}
    if any_size:
        axes |= {2: any_size * torch.export.Dim("h", min=1), 3: any_size * torch.export.Dim("w", min=1)}
    model = program_of(ready, (example,), (("image",), tuple(outputs)), (axes,))
    return written(model, path, halve)


def program_of(
    net: nn.Module,
    example: tuple[torch.Tensor, ...],
    names: tuple[Sequence[str], Sequence[str]],
    shapes: tuple[object, ...],
) -> onnx.ModelProto:
    """A net as an ONNX program without traces of this machine; `names` are of inputs and outputs, `shapes` what may vary.

    Raises BadWeights when there is no exporter.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        program = torch.onnx.export(
            net,
            example,
            input_names=list(names[0]),
            output_names=list(names[1]),
            opset_version=OPSET,
            dynamo=True,
            dynamic_shapes=shapes,
            verbose=False,
        )
    if program is None:
        raise BadWeights(f"{', '.join(names[1])}: expected an ONNX program, got none; is onnxscript installed?")
    model = program.model_proto
    strip(model)
    return model


def written(model: onnx.ModelProto, path: Path, halve: Sequence[str]) -> str:
    """Write a program, parameters whose name holds one of `halve` as float16; returns the file's SHA-256."""
    if halve:
        store_half(model, halve)
    onnx.checker.check_model(model)
    data = model.SerializeToString(deterministic=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return hashlib.sha256(data).hexdigest()


def strip(model: onnx.ModelProto) -> None:
    """Drop what the exporter notes about the machine it ran on: the same net gives the same bytes anywhere."""
    model.doc_string = ""
    del model.metadata_props[:]
    for node in model.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    del model.graph.metadata_props[:]
    for value in (*model.graph.value_info, *model.graph.input, *model.graph.output):
        del value.metadata_props[:]


def drawn_by_hand(graph: onnx.GraphProto) -> bytes:
    """The bytes of a small model whose nodes a recipe wrote out itself, checked; the same for the same graph."""
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString(deterministic=True))


def store_half(model: onnx.ModelProto, names: Sequence[str]) -> None:
    """Keep large parameters whose name holds one of `names` as float16; they are computed in float32."""
    graph = model.graph
    casts = []
    for weights in graph.initializer:
        wanted = any(name in weights.name for name in names)
        if not wanted or weights.data_type != onnx.TensorProto.FLOAT or np.prod(weights.dims) < HALF_FROM:
            continue
        values = onnx.numpy_helper.to_array(weights).astype(np.float16)
        full = weights.name
        weights.CopyFrom(onnx.numpy_helper.from_array(values, f"{full}.half"))
        casts.append(onnx.helper.make_node("Cast", [f"{full}.half"], [full], to=onnx.TensorProto.FLOAT))
    rest = list(graph.node)
    del graph.node[:]
    graph.node.extend([*casts, *rest])


def ship(card: Card, weights: Path, folder: Path) -> None:
    """Put a card and its weights where the store finds them: `folder`/cards and `folder`/files."""
    for name in ("cards", "files"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    target = folder / "files" / card.file
    if target.resolve() != weights.resolve():
        target.write_bytes(weights.read_bytes())
    card.write(folder / "cards" / f"{card.name}.json")
