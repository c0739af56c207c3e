"""Colours of feelings: the hue is the angle on the plane, and colours meant to be equally light and vivid look so.

Hue, lightness and chroma are those of OKLCH (B. Ottosson, "A perceptual color space for image processing", 2020): moods
are equally far apart to the eye, and yellow does not glare beside blue. As in HSL, 0 degrees is red.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from moodscore.affect import Affect

RGB = tuple[int, int, int]
Floats = NDArray[np.float64]

PAPER: RGB = (251, 250, 247)
INK: RGB = (44, 44, 52)
FAINT: RGB = (112, 111, 118)
NEUTRAL_RADIUS = 0.3  # within this distance of the centre colours fade to grey
RED_DEG = 29.2339  # where pure red lies in OKLCH
_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_FROM_LMS, _FROM_LAB = np.linalg.inv(_TO_LMS), np.linalg.inv(_TO_LAB)


def mood_rgb(affect: Affect, lightness: float = 0.64, chroma: float = 0.15) -> RGB:
    """The sRGB colour (0..255 each) of a feeling: its angle as hue, fading to grey towards the neutral centre.

    `lightness` 0..1 and `chroma` 0..0.4 are those of OKLCH; chroma is lowered to what sRGB can show.
    """
    red, green, blue = even_rgb(affect.angle_deg, lightness, chroma * min(1.0, affect.radius / NEUTRAL_RADIUS))
    return int(red), int(green), int(blue)


def even_rgb(hue_deg: NDArray[Any] | float, lightness: float, chroma: float) -> NDArray[np.uint8]:
    """Colours (..., 3) uint8 sRGB of hues in degrees from red, all of one OKLCH lightness 0..1 and, where shown, chroma."""
    angle = np.radians(np.asarray(hue_deg, np.float64) + RED_DEG)
    low, high = np.zeros(angle.shape), np.full(angle.shape, float(chroma))
    low = np.where(_shown(_linear(angle, lightness, high)), high, low)
    for _ in range(12):  # halving towards the most vivid colour that sRGB has
        middle = (low + high) / 2
        fits = _shown(_linear(angle, lightness, middle))
        low, high = np.where(fits, middle, low), np.where(fits, high, middle)
    linear = np.clip(_linear(angle, lightness, low), 0, 1)
    srgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(255 * srgb), np.uint8)


def hex_of(colour: RGB) -> str:
    """#rrggbb."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def mixed(one: RGB, other: RGB, share: float) -> RGB:
    """The colour `share` (0..1) of the way from one to the other."""
    red, green, blue = (round(a + share * (b - a)) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _linear(angle: Floats, lightness: float, chroma: Floats) -> Floats:
    """Linear sRGB (..., 3) of OKLCH colours; outside [0, 1] where sRGB lacks them."""
    lab = np.stack([np.full(angle.shape, lightness), chroma * np.cos(angle), chroma * np.sin(angle)], axis=-1)
    return np.asarray((lab @ _FROM_LAB.T) ** 3 @ _FROM_LMS.T, np.float64)


def _shown(linear: Floats) -> NDArray[np.bool_]:
    return np.asarray(((linear >= -1e-6) & (linear <= 1 + 1e-6)).all(axis=-1))
