"""sRGB: a decoded picture of any kind (grey, 16-bit, CMYK, palette, transparent, wide gamut) becomes 8-bit sRGB.

Transparent parts show a ground of middle grey (128), neither light nor dark, so it pulls no reading to either side.
"""

from __future__ import annotations

import io
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageCms

GROUND = (128, 128, 128)
_SEE_THROUGH = ("RGBA", "LA", "PA", "RGBa", "La")


def to_srgb(image: Image.Image) -> Image.Image:
    """The picture in mode RGB, colours managed by its ICC profile if that is sound, transparency laid on middle grey."""
    profile = image.info.get("icc_profile")
    flat = _eight_bits(image)
    if profile:
        flat = _managed(flat, profile)
    if flat.mode in _SEE_THROUGH:
        flat = _on_ground(flat)
    return flat if flat.mode == "RGB" else flat.convert("RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    """The picture in a mode that profiles understand: L, LA, RGB, RGBA, CMYK or LAB, 8 bits a channel."""
    mode = image.mode
    if mode.startswith("I") or mode == "F":
        return Image.fromarray(_scaled(np.asarray(image)))
    if mode in ("P", "PA"):
        return image.convert("RGBA" if mode == "PA" or "transparency" in image.info else "RGB")
    if mode in ("RGB", "L") and "transparency" in image.info:  # one colour of a PNG that stands for "nothing"
        return image.convert("RGBA")
    if mode == "CMYK" and image.format == "JPEG" and "adobe" not in image.info:
        image.load()  # Pillow takes ink for inverted, as Adobe writes it; without Adobe's mark it is not
        return ImageChops.invert(image)
    return image.convert("L") if mode == "1" else image


def _scaled(values: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Grey values of more than 8 bits as 0 .. 255: by their full range where it is known, else by the range they span.

    uint16 and integers within it by 65535; floats within [0, 1] by 1 and within [0, 255] by 255; all else by minimum and
    maximum. nan counts as black.
    """
    grey = np.nan_to_num(values.astype(np.float64), nan=0.0)
    low, high = float(grey.min()), float(grey.max())
    if low >= 0 and np.issubdtype(values.dtype, np.integer) and high <= 65535:
        low, high = 0.0, 65535.0
    elif low >= 0 and np.issubdtype(values.dtype, np.floating) and high <= 255:
        low, high = 0.0, 1.0 if high <= 1.0 else 255.0
    return np.rint((grey - low) * (255.0 / max(high - low, 1e-12))).astype(np.uint8)


def _managed(image: Image.Image, profile: bytes) -> Image.Image:
    """The picture converted from its ICC profile to sRGB; unchanged when the profile is sRGB, broken or of another kind."""
    if image.mode not in ("L", "RGB", "RGBA", "CMYK", "LAB"):
        return image
    transform = _transform(profile, image.mode)
    if transform is None:
        return image
    converted = transform.apply(image)
    converted.info.pop("icc_profile", None)
    return converted


@lru_cache(maxsize=64)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """The way from a profile to sRGB for pictures of one mode, or None where none is needed or possible."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if mode in ("RGB", "RGBA") and "srgb" in ImageCms.getProfileDescription(source).lower():
            return None
        return ImageCms.ImageCmsTransform(
            source,
            ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")),
            mode,
            "RGBA" if mode == "RGBA" else "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


def _on_ground(image: Image.Image) -> Image.Image:
    rgba = image if image.mode == "RGBA" else image.convert("RGBA")
    ground = Image.new("RGB", rgba.size, GROUND)
    ground.paste(rgba.convert("RGB"), mask=rgba.getchannel("A"))
    return ground
