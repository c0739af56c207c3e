"""Models that recipes write out by hand become checked bytes that the serving side opens."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from moodscore.learn import export
from moodscore.weights.session import Session


def graph(operator):
    node = helper.make_node(operator, ["x", "x"], ["y"])
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n"]) for name in ("x", "y")]
    return helper.make_graph([node], "double", ends[:1], ends[1:])


def test_a_graph_drawn_by_hand_runs_and_has_the_same_bytes_twice():
    data = export.drawn_by_hand(graph("Add"))
    assert data == export.drawn_by_hand(graph("Add"))
    said = Session(data, "double").run({"x": np.array([1.0, -2.0], np.float32)})["y"]
    assert said.tolist() == [2.0, -4.0]


def test_an_operator_that_does_not_exist_is_found_before_it_ships():
    with pytest.raises(onnx.checker.ValidationError):
        export.drawn_by_hand(graph("Doubled"))
