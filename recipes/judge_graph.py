"""The judge's ONNX graphs: what was fitted becomes a handful of operators."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

from moodscore.learn import export

Model = dict[str, NDArray[np.float64]]


def _standard() -> list[NodeProto]:
    return [
        helper.make_node("Max", ["features", "low"], ["above"]),
        helper.make_node("Min", ["above", "high"], ["inside"]),
        helper.make_node("Sub", ["inside", "mean"], ["centred"]),
        helper.make_node("Div", ["centred", "scale"], ["standard"]),
    ]


def _finished(nodes: list[NodeProto], values: Model) -> bytes:
    """Bytes of a graph features (n, f) -> affect (n, 2) that ends with "free" clipped to the plane."""
    nodes.append(helper.make_node("Clip", ["free", "minus", "plus"], ["affect"]))
    constants = {name: np.asarray(value, np.float32) for name, value in values.items()}
    constants |= {"minus": np.asarray(-1.0, np.float32), "plus": np.asarray(1.0, np.float32)}
    inputs = [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", len(values["mean"])])]
    outputs = [helper.make_tensor_value_info("affect", TensorProto.FLOAT, ["n", 2])]
    tensors = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    return export.drawn_by_hand(helper.make_graph(nodes, "judge", inputs, outputs, tensors))


def ridge_graph(model: Model) -> bytes:
    """Clip to the range seen, standardise, multiply, clip to the plane."""
    nodes = [
        *_standard(),
        helper.make_node("MatMul", ["standard", "weight"], ["product"]),
        helper.make_node("Add", ["product", "bias"], ["free"]),
    ]
    return _finished(nodes, model)


def kernel_graph(model: Model, width: float) -> bytes:
    """Clip, standardise, weigh what was fitted at the centres by a Gaussian of the distance, add the slope, clip."""
    centres = model["centres"]
    values = {name: model[name] for name in ("low", "high", "mean", "scale", "answer", "slope", "bias")}
    values |= {
        "across": np.asarray(2.0 * width * centres.T),
        "there": np.asarray(-width * (centres**2).sum(1)),
        "width": np.asarray(-width),
    }
    nodes = [
        *_standard(),
        helper.make_node("Mul", ["standard", "standard"], ["squares"]),
        helper.make_node("ReduceSum", ["squares", "last"], ["length"], keepdims=1),
        helper.make_node("Mul", ["length", "width"], ["here"]),
        helper.make_node("MatMul", ["standard", "across"], ["between"]),
        helper.make_node("Add", ["between", "there"], ["relative"]),
        helper.make_node("Add", ["relative", "here"], ["exponent"]),
        helper.make_node("Exp", ["exponent"], ["near"]),
        helper.make_node("MatMul", ["near", "answer"], ["local"]),
        helper.make_node("MatMul", ["standard", "slope"], ["sloped"]),
        helper.make_node("Add", ["local", "sloped"], ["moved"]),
        helper.make_node("Add", ["moved", "bias"], ["free"]),
    ]
    nodes.insert(0, helper.make_node("Constant", [], ["last"], value=numpy_helper.from_array(np.array([1], np.int64))))
    return _finished(nodes, values)
