"""Draw the pictures of the pages about faces: the seven expressions on the plane, the faces of a photo, an explanation.

    .venv/bin/python docs/draw_expressions.py

Run it after changing a place in moodscore.schemes (a test compares what is committed with what it draws), the weights
that read faces, or the drawing.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

from moodscore import jobs
from moodscore.draw.explain import explain_png
from moodscore.draw.faces import faces_png
from moodscore.draw.small_plane import SCALE, Dot, small_plane
from moodscore.schemes import EXPRESSIONS

HERE = Path(__file__).parent
PORTRAIT = HERE.parent / "examples" / "photos" / "03-astronaut-smiling.jpg"
OUT = HERE / "pictures" / "expressions-plane.png"
SIDE = 560


def picture() -> Image.Image:
    """The plane, 560 pixels a side, with a dot and a name for each of the seven expressions."""
    dots = [Dot(label.place, radius=6) for label in EXPRESSIONS.labels]
    return small_plane(SIDE, dots, EXPRESSIONS).reduce(SCALE)


def main() -> int:
    """Write the pictures."""
    OUT.parent.mkdir(parents=True, exist_ok=True)
    picture().save(OUT, optimize=True)
    faced = jobs.look_at_faces(PORTRAIT)
    faces_png(faced.photo, faced.faces).save(OUT.with_name("faces.jpg"), quality=85, optimize=True)
    _, photo, why = jobs.explain(PORTRAIT)
    page = explain_png(photo, why.reading, why.faces, why.push)
    page.save(OUT.with_name("explained.jpg"), quality=85, optimize=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
