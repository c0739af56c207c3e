"""Motion between two frames: the optical flow, and the one number that the motion magnitude nets are given."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from moodscore.errors import BadValue

Pixels = NDArray[np.uint8]
Flow = NDArray[np.float32]
LEAST_SIDE = 16  # pixels; DIS cannot look at less


def flow(first: Pixels, second: Pixels) -> Flow:
    """Where each pixel of the first frame went in the second: (height, width, 2) float32, pixels right and down.

    Frames are (height, width, 3) or (height, width) uint8 sRGB of one size, at least 16 pixels a side. Raises BadValue.
    Source: T. Kroeger et al., "Fast optical flow using dense inverse search" (2016).
    """
    for name, frame in (("first", first), ("second", second)):
        if frame.dtype != np.uint8 or frame.ndim not in (2, 3) or min(frame.shape[:2]) < LEAST_SIDE:
            raise BadValue(
                f"{name} frame: expected uint8 (height, width, 3) of at least {LEAST_SIDE} pixels a side, "
                f"got {frame.dtype} {frame.shape}"
            )
    if first.shape[:2] != second.shape[:2]:
        raise BadValue(f"frames: expected two of one size, got {first.shape[:2]} and {second.shape[:2]}; resize one")
    # The fast preset takes a millisecond for 224 x 224 pixels. Each call has its own engine: two threads cannot share one.
    engine: Any = cv2.DISOpticalFlow.create(cv2.DISOpticalFlow_PRESET_FAST)
    return np.asarray(engine.calc(_grey(first), _grey(second), None), np.float32)


def amount(moved: Flow) -> float:
    """How much moves in a flow (height, width, 2) in pixels, 0 and up: (1/N) sum over pixels of sqrt((M/H) (M/W)).

    M is how far a pixel moved, H and W the frame's sides, N = H W. A frame that shifts by d pixels has d / sqrt(H W): the
    share of the frame it moved by, the same at every resolution. Raises BadValue for a flow of another shape.
    """
    if moved.ndim != 3 or moved.shape[2] != 2 or moved.size == 0:
        raise BadValue(f"flow: expected (height, width, 2), got {moved.shape}")
    height, width = moved.shape[:2]
    far = np.hypot(moved[..., 0], moved[..., 1]).astype(np.float64)
    return float(np.sqrt((far / height) * (far / width)).mean())


def motion_amount(first: Pixels, second: Pixels) -> float:
    """`amount` of the flow between two frames, uint8 (height, width, 3)."""
    return amount(flow(first, second))


def _grey(frame: Pixels) -> Pixels:
    if frame.ndim == 2:
        return np.ascontiguousarray(frame)
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(frame), cv2.COLOR_RGB2GRAY), np.uint8)
