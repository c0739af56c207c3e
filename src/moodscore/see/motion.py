"""Motion over time: how much moves between two moments of a film, how unevenly, and how much of it is the camera.

All speeds are in frame sizes per second, where a frame's size is the root of its area: the same number for every resolution
and every step between looks. The flow is that of `prepare.motion`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moodscore.errors import BadValue
from moodscore.prepare import motion

Pixels = NDArray[np.uint8]
Flow = NDArray[np.float32]
Floats = NDArray[np.float64]
_GRID = 32
_STILL_PX = 1e-3


@dataclass(frozen=True, slots=True)
class Motion:
    """What moves: `mean` and `spread` (one standard deviation over the frame) of the speed, in frame sizes per second, >= 0.

    `camera` is the share 0..1 of the motion's energy that moves as one: a pan, a zoom, a turn; what is left is people and
    things. `local` is the mean speed of that rest. `pan` (right, down) and `zoom` (1 is a doubling in a second) are
    what the picture does, so a camera that pans to the right gives a pan to the left. A still picture is all zeros.
    """

    mean: float
    spread: float
    camera: float
    local: float
    pan: tuple[float, float] = (0.0, 0.0)
    zoom: float = 0.0


def of_flow(flow: Flow, gap_s: float) -> Motion:
    """The motion in a flow (height, width, 2) in pixels over `gap_s` seconds; raises BadValue for others."""
    if flow.ndim != 3 or flow.shape[2] != 2 or min(flow.shape[:2]) < 2:
        raise BadValue(f"flow: expected (height, width, 2), got {flow.shape}")
    if not gap_s > 0:
        raise BadValue(f"gap: expected a time > 0 s, got {gap_s!r}")
    height, width = flow.shape[:2]
    unit = np.sqrt(height * width) * gap_s
    places, moved = _grid(flow)
    speed = np.hypot(moved[:, 0], moved[:, 1])
    fitted, model = _as_one(places, moved)
    rest = np.hypot(*(moved - fitted).T)
    energy = float((speed**2).mean())
    camera = 0.0 if energy < _STILL_PX**2 else float(np.clip(1 - (rest**2).mean() / energy, 0.0, 1.0))
    return Motion(
        float(speed.mean() / unit),
        float(speed.std() / unit),
        camera,
        float(rest.mean() / unit),
        (float(model[0, 0] / unit), float(model[0, 1] / unit)),
        float(np.log2(max(1e-3, 1 + (model[1, 0] + model[2, 1]) / 2)) / gap_s),
    )


def _grid(flow: Flow) -> tuple[Floats, Floats]:
    """Places (n, 2) around the middle and what moved there (n, 2), in pixels: the means of about 32 x 32 fields."""
    height, width = flow.shape[:2]
    down, across = (np.unique(np.linspace(0, side, min(_GRID, side) + 1).astype(int)) for side in (height, width))
    sums = np.add.reduceat(np.add.reduceat(flow.astype(np.float64), down[:-1], axis=0), across[:-1], axis=1)
    area = np.outer(np.diff(down), np.diff(across))[..., None]
    y, x = np.meshgrid((down[:-1] + down[1:] - height) / 2, (across[:-1] + across[1:] - width) / 2, indexing="ij")
    return np.stack([x.ravel(), y.ravel()], 1), (sums / area).reshape(-1, 2)


def _as_one(places: Floats, moved: Floats) -> tuple[Floats, Floats]:
    """The affine motion that most of the frame shares: what it moves each place by, and its rows (shift, by x, by y).

    Least squares three times, each time without the places that agree least with the last.
    """
    known = np.column_stack([np.ones(len(places)), places])
    inside = np.ones(len(places), dtype=bool)
    model: Floats = np.zeros((3, 2))
    for _ in range(3):
        model = np.asarray(np.linalg.lstsq(known[inside], moved[inside], rcond=None)[0], np.float64)
        off = np.hypot(*(moved - known @ model).T)
        inside = off <= max(2.0 * float(np.median(off)), 0.05)
    return known @ model, model


def between(first: Pixels, second: Pixels, gap_s: float) -> Motion:
    """The motion between two frames (height, width, 3) uint8 that are `gap_s` seconds apart; raises BadValue."""
    return of_flow(motion.flow(first, second), gap_s)


def along(frames: Iterable[tuple[float, Pixels]], cuts_s: Sequence[float] = ()) -> Iterator[tuple[float, Motion]]:
    """The motion at each frame since the one before it: frames are (time in seconds, pixels), small ones will do.

    Nothing is said of the first frame, nor of one with a cut between it and the one before: two shots do not move into each
    other.
    """
    before: tuple[float, Pixels] | None = None
    for time_s, pixels in frames:
        if before is not None and time_s > before[0] and not any(before[0] < cut <= time_s for cut in cuts_s):
            yield time_s, between(before[1], pixels, time_s - before[0])
        before = time_s, pixels


def mean(motions: Iterable[Motion]) -> Motion:
    """The mean of several; all zeros for none. The camera's share is weighted by how much moves."""
    rows = list(motions)
    if not rows:
        return Motion(0.0, 0.0, 0.0, 0.0)
    flat = np.array([(m.mean, m.spread, m.local, *m.pan, m.zoom) for m in rows]).mean(0).tolist()
    weight = sum(m.mean for m in rows)
    camera = sum(m.camera * m.mean for m in rows) / weight if weight > 0 else 0.0
    return Motion(flat[0], flat[1], camera, flat[2], (flat[3], flat[4]), flat[5])
