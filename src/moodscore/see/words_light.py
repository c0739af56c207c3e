"""Light: what of a photo's look can be measured from its pixels and said in a word.

Lightness, chroma and hue are CIE Lab (D65); colourfulness is M of D. Hasler & S. Süsstrunk, "Measuring colourfulness in
natural images", Proc. SPIE 5007 (2003), where 33 is moderately and 59 quite colourful. Sharpness is the spread of the
Laplacian in tiles: J. L. Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy", ICPR 2000.
The limits between words are this project's own, set by looking at photos.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from moodscore.media import Box, Photo
from moodscore.prepare import image

SIDE = 384  # the longer side at which a photo is measured, pixels
TILES = 8  # in each row and column where sharpness is measured
DARK, BRIGHT = 30.0, 70.0  # mean lightness
HIGH_CONTRAST = 84.0  # from the 5th to the 95th percentile of lightness
GREY = 5.5  # mean chroma below which colours are not spoken of
COLOURFUL = 62.0  # Hasler and Süsstrunk's M
ONE_SIDED = 0.78  # share of all chroma that makes colours warm or cold
SOFT = 0.3  # a tile this much softer than the sharpest ones is out of focus
SOFT_SHARE = 0.5  # of all tiles
WIDE_ASPECT = 1.75
EVEN = 5.0  # lightness by which the lightest third of a picture must pass the mean
FILLS = 0.25  # share of a picture from which a colour is spoken of
STANDS_OUT = 0.2  # how much larger the share of a colour is in a part than in the rest, to be named

Floats = NDArray[np.float32]

# hue in Lab in degrees, rising: up to this hue the colour has this name
_HUES = ((15, "pink"), (42, "red"), (75, "orange"), (102, "yellow"), (165, "green"), (215, "turquoise"), (295, "blue"))
COLOURS = {
    "red": "붉은색",
    "orange": "주황색",
    "brown": "갈색",
    "yellow": "노란색",
    "green": "초록색",
    "turquoise": "청록색",
    "blue": "파란색",
    "purple": "보라색",
    "pink": "분홍색",
    "black": "검은색",
    "grey": "회색",
    "white": "흰색",
}
ACHROMATIC = ("black", "grey", "white")


@dataclass(frozen=True, slots=True)
class Light:
    """How a photo looks: lightness and contrast 0..100, chroma and colourfulness >= 0, shares of warm and cold 0..1.

    `soft_surround` tells that most of the picture is out of focus beside its sharp parts; `aspect` is width over height;
    `mostly` names at most two colours (keys of COLOURS) that fill a quarter of the picture each, the larger first.
    """

    lightness: float
    contrast: float
    chroma: float
    colourfulness: float
    warm: float
    cold: float
    soft_surround: bool
    aspect: float
    mostly: tuple[str, ...] = ()

    @property
    def level(self) -> str:
        """The word "dark" or "bright", or "" between them."""
        return "dark" if self.lightness < DARK else "bright" if self.lightness > BRIGHT else ""

    @property
    def strong_contrast(self) -> bool:
        """Whether light and dark stand far apart."""
        return self.contrast > HIGH_CONTRAST

    @property
    def colours(self) -> str:
        """The word "grey", "colourful", "warm" or "cold", or "" when none of them fits."""
        if self.chroma < GREY:
            return "grey"
        if self.colourfulness > COLOURFUL and max(self.warm, self.cold) <= 0.9:
            return "colourful"
        return "warm" if self.warm > ONE_SIDED else "cold" if self.cold > ONE_SIDED else ""


def measure(photo: Photo) -> Light:
    """Measure how a photo looks; the same photo always gives the same numbers."""
    small = image.thumbnail(photo, SIDE)
    lab = _lab(small)
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    hue = np.degrees(np.arctan2(lab[..., 2], lab[..., 1])) % 360.0
    total = float(chroma.sum()) or 1.0
    warm = float(chroma[(hue < 105) | (hue >= 340)].sum()) / total
    cold = float(chroma[(hue >= 165) & (hue < 310)].sum()) / total
    low, high = np.percentile(lab[..., 0], (5, 95))
    width, height = photo.size
    return Light(
        lightness=float(lab[..., 0].mean()),
        contrast=float(high - low),
        chroma=float(chroma.mean()),
        colourfulness=_colourfulness(small.pixels),
        warm=warm,
        cold=cold,
        soft_surround=_soft_surround(small.pixels),
        aspect=width / height,
        mostly=tuple(name for name, part in _shares(lab.reshape(-1, 3))[:2] if part >= FILLS),
    )


def colour_at(photo: Photo, box: Box) -> str:
    """The name (a key of COLOURS) of the colour that sets a part of a photo off from the rest; "" when none does."""
    lab, inside = _with_box(photo, box)
    rest = dict(_shares(lab[~inside]))
    apart, name = max(((part - rest.get(name, 0.0), name) for name, part in _shares(lab[inside])), default=(0.0, ""))
    return name if apart >= STANDS_OUT else ""


def _shares(pixels: Floats) -> list[tuple[str, float]]:
    """The colours of Lab pixels (n, 3) with their shares, the largest first, from at most some 2000 of them."""
    names = [_name(*pixel) for pixel in pixels[:: max(1, len(pixels) // 2000)].tolist()]
    found = [(name, names.count(name) / len(names)) for name in COLOURS if name in names]
    return sorted(found, key=lambda pair: -pair[1])


def brightest_side(photo: Photo) -> str:
    """Which third is clearly the lightest: "top", "bottom", "left", "right" or "middle"; "" when light is spread evenly."""
    light = _lab(image.thumbnail(photo, SIDE))[..., 0]
    rows = [float(band.mean()) for band in np.array_split(light, 3, 0) if band.size]
    columns = [float(band.mean()) for band in np.array_split(light, 3, 1) if band.size]
    bands = [
        *zip(rows, ("top", "middle", "bottom"), strict=False),
        *zip(columns, ("left", "middle", "right"), strict=False),
    ]
    best, side = max(bands)
    return side if best - float(light.mean()) >= EVEN else ""


def lightness_in_and_out(photo: Photo, box: Box) -> tuple[float, float]:
    """The mean lightness 0..100 of a part of a photo and of the rest; of the whole when there is no rest."""
    lab, inside = _with_box(photo, box)
    rest = lab[~inside] if not inside.all() else lab[inside]
    return float(lab[inside][:, 0].mean()), float(rest[:, 0].mean())


def _with_box(photo: Photo, box: Box) -> tuple[Floats, NDArray[np.bool_]]:
    """The photo in Lab, and which of its pixels lie in the box (at least one)."""
    small = image.thumbnail(photo, SIDE)
    width, height = small.size
    left, top = min(width - 1, int(box.left * width)), min(height - 1, int(box.top * height))
    inside = np.zeros((height, width), np.bool_)
    inside[top : max(top + 1, round(box.bottom * height)), left : max(left + 1, round(box.right * width))] = True
    return _lab(small), inside


def _name(lightness: float, a: float, b: float) -> str:
    if math.hypot(a, b) < 12.0 or lightness < 12.0:
        return "black" if lightness < 25.0 else "white" if lightness > 82.0 else "grey"
    hue = math.degrees(math.atan2(b, a)) % 360.0
    name = next((name for most, name in _HUES if hue < most), "purple" if hue < 335 else "pink")
    if name == "yellow" and lightness < 48.0 and hue > 92.0:
        return "green"  # olive, as leaves in shade are
    dim = lightness < 48.0 and (name in ("orange", "yellow") or (name == "red" and hue > 18 and math.hypot(a, b) < 40))
    return "brown" if dim else name


def _lab(photo: Photo) -> Floats:
    shares = photo.pixels.astype(np.float32) / np.float32(255)
    return np.asarray(cv2.cvtColor(shares, cv2.COLOR_RGB2LAB), np.float32)


def _colourfulness(pixels: NDArray[np.uint8]) -> float:
    red, green, blue = (pixels[..., k].astype(np.float32) for k in range(3))
    redgreen, yellowblue = red - green, (red + green) / 2 - blue
    spread = np.hypot(redgreen.std(), yellowblue.std())
    return float(spread + 0.3 * np.hypot(redgreen.mean(), yellowblue.mean()))


def _soft_surround(pixels: NDArray[np.uint8]) -> bool:
    """Whether most tiles are much softer than the sharpest ones."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    edges = np.asarray(cv2.Laplacian(grey, cv2.CV_32F), np.float32)
    rows = (np.array_split(row, TILES, 1) for row in np.array_split(edges, TILES, 0))
    tiles = np.array([[float(tile.std()) if tile.size else 0.0 for tile in row] for row in rows])
    sharp = float(np.percentile(tiles, 95))
    return sharp > 4.0 and float((tiles < SOFT * sharp).mean()) >= SOFT_SHARE
