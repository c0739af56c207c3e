"""Write static/hues.css of the studio: the 24 hues that posts may carry, each as vivid as screens can show it.

    python docs/draw_hues.py

A mood's hue is its angle on the plane, in OKLCH from red, as in the pictures that moodscore draws. `--vivid-light` and
`--vivid-dark` are the chroma of the accent in the light and the dark scheme: the most that sRGB has at that lightness,
but never more than CALM.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from moodscore.draw.colour import RED_DEG, _linear, _shown

CSS = Path(__file__).parents[1] / "src" / "moodscore" / "studio" / "static" / "hues.css"
LIGHT, DARK = 0.5, 0.8  # lightness of the accent, as --accent in tokens.css has it
CALM = 0.16
STEP_DEG = 15


def most_chroma(hue_deg: float, lightness: float) -> float:
    """The largest OKLCH chroma that sRGB has for a hue (degrees) at a lightness, at most CALM, to two digits downwards."""
    low, high = 0.0, 0.4
    for _ in range(24):
        middle = (low + high) / 2
        fits = bool(_shown(_linear(np.radians(np.array(hue_deg)), lightness, np.array(middle))))
        low, high = (middle, high) if fits else (low, middle)
    return float(np.floor(min(low, CALM) * 1000) / 1000)


def css() -> str:
    """The whole file."""
    lines = [
        "/* Made by docs/draw_hues.py: the hue of each mood's angle, and how vivid it may be on light and on dark. */"
    ]
    for angle in range(0, 360, STEP_DEG):
        hue = round((angle + RED_DEG) % 360, 1)
        light, dark = most_chroma(hue, LIGHT), most_chroma(hue, DARK)
        lines.append(f'[data-hue="{angle}"] {{ --hue: {hue}; --vivid-light: {light}; --vivid-dark: {dark}; }}')
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    CSS.write_text(css())
