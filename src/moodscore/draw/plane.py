"""The valence-arousal plane, the project's picture: a soft wheel of hues, eight moods, photos at their places."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image

from moodscore.draw import painted, vector
from moodscore.draw.points import PlanePoint, scene

__all__ = ["PlanePoint", "plane_png", "plane_svg"]


def plane_png(
    points: Sequence[PlanePoint],
    size: tuple[int, int] = (1200, 1200),
    title: str | None = None,
    path_order: Sequence[int] | None = None,
) -> Image.Image:
    """The plane with `points` as an RGB picture of `size` (width, height); `path_order` joins points by their numbers.

    Pleasant is right, excited is up. Photos that would cover each other are moved apart, a line leading to the true
    place. The same points give the same pixels. Raises BadValue for a size under 160 or over 8192 pixels a side, or a
    path over points that do not exist.
    """
    return painted.paint(scene(points, size, title, path_order))


def plane_svg(
    points: Sequence[PlanePoint],
    size: tuple[int, int] = (640, 640),
    title: str | None = None,
    path_order: Sequence[int] | None = None,
) -> str:
    """The same drawing as one self-contained SVG element with a title and a description for screen readers.

    It fits the width it is given, at most `size`. Raises BadValue as `plane_png`.
    """
    return vector.write(scene(points, size, title, path_order))
