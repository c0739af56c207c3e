"""Session: the only importer of onnxruntime."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moodscore.errors import BadWeights


def thread_count() -> int:
    """Threads one model may use: MOODSCORE_THREADS, else 1, so that several workers do not fight over the cores."""
    return max(1, int(os.environ.get("MOODSCORE_THREADS", "1")))


def _runtime() -> Any:  # noqa: ANN401  (onnxruntime has no types)
    """The module onnxruntime, silenced: since 1.29 it reports sessions and models to its maker unless it is told not to.

    The variable counts only before it is loaded; where somebody else loaded it, what it can still be told is told.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    return onnxruntime


class Session:
    """A model ready to run on the CPU.

    `run` takes arrays by input name and returns arrays by output name. Raises BadWeights when the bytes are not a model.
    """

    def __init__(self, model: bytes, name: str) -> None:
        onnxruntime = _runtime()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = thread_count()
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises its own unrelated classes
            raise BadWeights(f"{name}: expected an ONNX model, got {error}; reinstall moodscore") from error
        self.inputs = tuple(i.name for i in self._session.get_inputs())
        self.outputs = tuple(o.name for o in self._session.get_outputs())

    def run(self, feeds: Mapping[str, NDArray[Any]], outputs: tuple[str, ...] | None = None) -> dict[str, NDArray[Any]]:
        """Run the model once; `outputs` picks some of its outputs, all by default."""
        wanted = outputs or self.outputs
        results = self._session.run(list(wanted), dict(feeds))
        return dict(zip(wanted, (np.asarray(r) for r in results), strict=True))
