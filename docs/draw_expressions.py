"""Draw the plane with the places of the seven facial expressions into docs/pictures/expressions-plane.png.

Run it after changing a place in moodscore.schemes; a test compares what is committed with what it draws.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

from moodscore.draw.small_plane import SCALE, Dot, small_plane
from moodscore.schemes import EXPRESSIONS

OUT = Path(__file__).parent / "pictures" / "expressions-plane.png"
SIDE = 560


def picture() -> Image.Image:
    """The plane, 560 pixels a side, with a dot and a name for each of the seven expressions."""
    dots = [Dot(label.place, radius=6) for label in EXPRESSIONS.labels]
    large = small_plane(SIDE, dots, EXPRESSIONS)
    return large.reduce(SCALE)


def main() -> int:
    """Write the picture."""
    OUT.parent.mkdir(parents=True, exist_ok=True)
    picture().save(OUT, optimize=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
