"""Colours of feelings: the hue is the angle on the plane, and colours of one lightness look equally light.

Hue and saturation are those of HSL; the lightness is CIE L*, so that yellow does not glare beside blue.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from moodscore.affect import Affect

RGB = tuple[int, int, int]

PAPER: RGB = (251, 250, 247)
INK: RGB = (44, 44, 52)
FAINT: RGB = (128, 127, 134)
NEUTRAL_RADIUS = 0.3  # within this distance of the centre colours fade to grey


def mood_rgb(affect: Affect, lightness: float = 58.0, saturation: float = 0.72) -> RGB:
    """The sRGB colour (0..255 each) of a feeling: its angle as hue, fading to grey towards the neutral centre.

    `lightness` is CIE L* 0..100, `saturation` that of HSL 0..1.
    """
    vivid = saturation * min(1.0, affect.radius / NEUTRAL_RADIUS)
    red, green, blue = even_rgb(np.float64(affect.angle_deg), lightness, vivid)
    return int(red), int(green), int(blue)


def even_rgb(
    hue_deg: NDArray[Any] | np.float64, lightness: float, saturation: NDArray[Any] | float
) -> NDArray[np.uint8]:
    """Colours (..., 3) uint8 sRGB of hues in degrees and HSL saturations 0..1, all of one CIE L* lightness 0..100."""
    hue, vivid = np.broadcast_arrays(np.asarray(hue_deg, np.float64), np.asarray(saturation, np.float64))
    low, high = np.zeros(hue.shape), np.ones(hue.shape)
    for _ in range(12):  # halving: L* rises with the lightness of HSL
        middle = (low + high) / 2
        dark = _lightness(_hsl(hue, vivid, middle)) < lightness
        low, high = np.where(dark, middle, low), np.where(dark, high, middle)
    return np.asarray(np.rint(255 * _hsl(hue, vivid, (low + high) / 2)), np.uint8)


def hex_of(colour: RGB) -> str:
    """#rrggbb."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def mixed(one: RGB, other: RGB, share: float) -> RGB:
    """The colour `share` (0..1) of the way from one to the other."""
    red, green, blue = (round(a + share * (b - a)) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _hsl(hue_deg: NDArray[Any], saturation: NDArray[Any], lightness: NDArray[Any]) -> NDArray[np.float64]:
    reach = (saturation * np.minimum(lightness, 1 - lightness))[..., None]
    steps = (hue_deg[..., None] / 30 + np.array([0.0, 8.0, 4.0])) % 12
    return np.asarray(lightness[..., None] - reach * np.clip(np.minimum(steps - 3, 9 - steps), -1, 1), np.float64)


def _lightness(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """CIE L* 0..100 of sRGB values in [0, 1] (IEC 61966-2-1, CIE 15)."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    luminance = linear @ np.array([0.2126, 0.7152, 0.0722])
    return np.asarray(np.where(luminance > 0.008856, 116 * np.cbrt(luminance) - 16, 903.3 * luminance), np.float64)
