"""Draw the studio's mark and its icons into static/: the ring of the eight moods, one of them sounding.

    python docs/draw_icons.py

The eight dots stand where the moods stand on the plane, in their colours; the one that sounds is `peaceful`, with its rings.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

from moodscore.draw.colour import even_rgb, hex_of
from moodscore.schemes import MOODS

STATIC = Path(__file__).parents[1] / "src" / "moodscore" / "studio" / "static"
SIDE = 64  # units of the drawing
RING, DOT, SOUNDING = 19.5, 4.6, 8.2
PAPER = (251, 250, 247)
SOUNDS = "peaceful"
SMOOTH = 4


def dots() -> list[tuple[float, float, float, tuple[int, int, int]]]:
    """(x, y, radius, colour) of the eight dots in units of the drawing."""
    found = []
    for mood in MOODS.labels:
        radius = mood.place.radius
        x = SIDE / 2 + RING * mood.place.valence / radius
        y = SIDE / 2 - RING * mood.place.arousal / radius
        red, green, blue = (int(part) for part in even_rgb(mood.hue, 0.68, 0.15))
        found.append((round(x, 2), round(y, 2), SOUNDING if mood.name == SOUNDS else DOT, (red, green, blue)))
    return found


def svg() -> str:
    """The mark without ground, for a page or a tab."""
    circles = "".join(f'<circle cx="{x}" cy="{y}" r="{r}" fill="{hex_of(c)}"/>' for x, y, r, c in dots())
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}">{circles}</svg>\n'


def png(side: int, shrink: float, rounded: bool) -> Image.Image:
    """The mark on paper; `shrink` leaves room for systems that cut icons out, `rounded` cuts its corners."""
    size = side * SMOOTH
    picture = Image.new("RGBA", (size, size), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    pen.rounded_rectangle([0, 0, size - 1, size - 1], size * 0.22 if rounded else 0, fill=PAPER)
    scale = size / SIDE * shrink
    for x, y, r, colour in dots():
        left, top = size / 2 + (x - r - SIDE / 2) * scale, size / 2 + (y - r - SIDE / 2) * scale
        pen.ellipse([left, top, left + 2 * r * scale, top + 2 * r * scale], fill=colour)
    return picture.resize((side, side), Image.Resampling.LANCZOS)


def main() -> None:
    """Write every file."""
    (STATIC / "mark.svg").write_text(svg())
    for name, side, shrink, rounded in (
        ("icon-192.png", 192, 0.98, True),
        ("icon-512.png", 512, 0.98, True),
        ("icon-maskable-512.png", 512, 0.8, False),
        ("icon-180.png", 180, 0.9, False),
    ):
        png(side, shrink, rounded).save(STATIC / name, optimize=True)


if __name__ == "__main__":
    main()
