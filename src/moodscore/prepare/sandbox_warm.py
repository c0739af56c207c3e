"""Warming up: everything decoders load when they are first used, loaded before the doors are locked.

A locked-up child can open no file, so it cannot import either. Nothing here looks at a stranger's file.
"""

from __future__ import annotations

import io
import pkgutil
from importlib import import_module

import av
from PIL import AvifImagePlugin, Image, ImageCms

from moodscore.prepare.srgb import to_srgb

_LOADED_LATE = (
    "_strptime",
    "locale",
    "encodings.idna",
    "encodings.latin_1",
    "PIL._avif",
    "PIL._webp",
    "PIL._imagingcms",
    "PIL.ExifTags",
    "PIL.TiffImagePlugin",
    "PIL.TiffTags",
    "pillow_heif.HeifImagePlugin",
)
_NO_PART = ("av.__main__", "av.datasets")
_MADE: tuple[tuple[str, dict[str, int]], ...] = (("JPEG", {}), ("PNG", {}), ("GIF", {}), ("WEBP", {"method": 0}))


def warm() -> None:
    """Load what the tasks need later, and have every decoder work in the one thread it is called from."""
    parts = [found.name for found in pkgutil.walk_packages(av.__path__, "av.") if found.name not in _NO_PART]
    for module in (*_LOADED_LATE, *parts):
        import_module(module)
    import_module("pillow_heif").options.DECODE_THREADS = 1
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for form, options in _MADE:
        file = io.BytesIO()
        Image.new("RGB", (8, 8)).save(file, form, exif=b"", icc_profile=profile, **options)
        image = Image.open(io.BytesIO(file.getvalue()))
        image.getexif()
        to_srgb(image).resize((4, 4), Image.Resampling.LANCZOS).reduce(2)
