"""Spectrogram: a tune as a picture that Riffusion can read or has made, and such a picture as a tune.

The format is Riffusion's to the bit: x is time, 10 ms a column; y is frequency, 512 mel bands (HTK) from 0 Hz at the bottom
to 10 kHz; a column is a Hann window of 100 ms, padded to 400 ms; amplitude, divided by the largest and raised to the power
of 0.25, is darkness. A mono picture is grey; a stereo picture has left in green, right in blue, and nothing in red.
Parameters and the largest amplitude are EXIF tags. 512 columns are 5.12 s; column k is centred on 10 k ms.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from moodscore.errors import BadMedia, BadValue
from moodscore.media import Tune
from moodscore.music import mel_bands, phase
from moodscore.music.phase import HOP, RATE, WINDOW
from moodscore.prepare.whole import whole

BANDS = mel_bands.BANDS
POWER = 0.25
METHODS = ("tracked", "griffin-lim")
# Riffusion's EXIF tags. Samples are counted as 16-bit integers there, so amplitudes are too.
FORMAT = {11000: RATE, 11010: 10, 11020: 100, 11030: 400, 11040: BANDS, 11050: 0, 11060: 10000, 11070: POWER}
STEREO, MAX_VALUE = 11005, 11080
_DESCRIPTION = 270
_FULL_SCALE = 32768.0
_PEAK = 10 ** (-1.0 / 20)  # of a picture that does not say how loud it is
_CHUNK = 128

Array = NDArray[np.float32]
Pixels = NDArray[np.uint8]


def amplitudes(samples: Array) -> Array:
    """Mel amplitudes (sides, columns, 512) of sound (frames, sides) at 44,100 Hz, a column for every 441 samples begun.

    In Riffusion's units: full scale is 32,768. Raises BadValue for another shape, no samples, or nan.
    """
    if samples.ndim != 2 or not samples.size or not np.isfinite(samples).all():
        raise BadValue(f"sound: expected finite samples (frames >= 1, sides), got {samples.shape}")
    columns = -(-len(samples) // HOP)
    window, weights = np.asarray(np.hanning(WINDOW + 1)[:-1] * _FULL_SCALE, np.float32), mel_bands.filterbank()
    out = np.empty((samples.shape[1], columns, BANDS), np.float32)
    for side in range(samples.shape[1]):
        ends = (WINDOW // 2, columns * HOP - len(samples) + WINDOW // 2)
        sound = np.pad(np.asarray(samples[:, side], np.float32), ends, mode="reflect" if len(samples) > 1 else "edge")
        frames = np.lib.stride_tricks.sliding_window_view(sound, WINDOW)[: columns * HOP : HOP]
        for k in range(0, columns, _CHUNK):
            spectrum = np.fft.rfft(frames[k : k + _CHUNK] * window, WINDOW * mel_bands.PADDING, axis=1)
            out[side, k : k + _CHUNK] = np.abs(spectrum[:, : len(weights)]) @ weights
    return out


def sound_of(bands: Array, seed: int = 0, method: str = METHODS[0]) -> Array:
    """Sound (columns * 441, sides) at 44,100 Hz of mel amplitudes (sides, columns, 512) in Riffusion's units.

    `method` is `tracked` or, as published, `griffin-lim`; `seed` chooses the phases they start from. Raises BadValue for
    another shape or method, and for amplitudes that are negative or not finite.
    """
    if method not in METHODS:
        raise BadValue(f"method: expected one of {', '.join(METHODS)}, got {method!r}")
    if bands.ndim != 3 or bands.shape[2] != BANDS or not bands.size:
        raise BadValue(f"bands: expected (sides, columns >= 1, {BANDS}), got {bands.shape}")
    if not (np.isfinite(bands).all() and bands.min() >= 0):
        raise BadValue("bands: expected finite amplitudes >= 0, got negative ones, infinity or nan")
    loudest = float(bands.max())
    if loudest == 0.0:
        return np.zeros((bands.shape[1] * HOP, len(bands)), np.float32)
    # At one level inside, so that twice the amplitudes are twice the sound and nothing overflows.
    even = np.asarray(bands / np.float32(loudest), np.float32)
    found = phase.tracked(even, seed) if method == "tracked" else phase.griffin_lim(even, seed)
    return np.asarray(found * np.float32(loudest / _FULL_SCALE), np.float32)


def pixels(bands: Array) -> Pixels:
    """The picture (512, columns, 3) of mel amplitudes (sides, columns, 512), one side or two; white is silence."""
    if bands.ndim != 3 or len(bands) not in (1, 2):
        raise BadValue(f"bands: expected one side or two, (sides, columns, {BANDS}), got {bands.shape}")
    loudest = bands.max(initial=np.float32(0))
    share = bands / loudest if loudest > 0 else np.zeros_like(bands)
    dark = (255.0 - 255.0 * np.power(share, POWER)).astype(np.uint8)
    planes = [dark[0]] * 3 if len(bands) == 1 else [np.zeros_like(dark[0]), dark[0], dark[1]]
    return np.ascontiguousarray(np.stack(planes, axis=-1).transpose(1, 0, 2)[::-1])


def bands_of(picture: Pixels, stereo: bool, max_value: float = 1.0) -> Array:
    """Mel amplitudes (sides, columns, 512) of a picture (512, columns, 3); black is `max_value`."""
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[0] != BANDS or picture.shape[2] != 3:
        raise BadValue(f"picture: expected uint8 ({BANDS}, columns, 3), got {picture.dtype} {picture.shape}")
    planes = picture[::-1, :, 1:] if stereo else picture[::-1, :, :1]
    levels = np.power(1.0 - np.arange(256) / 255.0, 1.0 / POWER) * max_value
    return np.ascontiguousarray(levels.astype(np.float32)[planes].transpose(2, 1, 0))


def to_image(tune: Tune, stereo: bool = True) -> Image.Image:
    """A tune as Riffusion's picture, RGB, 512 tall, a column for every 10 ms begun; `stereo=False` mixes the sides.

    Its EXIF holds Riffusion's tags and the tune's recipe; `save` writes them. Raises BadValue for a tune without samples.
    """
    samples = tune.samples if stereo else tune.samples.mean(axis=1, keepdims=True, dtype=np.float32)
    if tune.rate != RATE and len(samples):
        import soxr

        samples = soxr.resample(samples, tune.rate, RATE, quality="HQ")
    bands = amplitudes(samples)
    image = Image.fromarray(pixels(bands))
    tags = {**FORMAT, STEREO: int(stereo), MAX_VALUE: float(bands.max())}
    said = json.dumps({"moodscore": dict(tune.recipe)}, default=str)
    image.getexif().update({**tags, _DESCRIPTION: said})
    return image


def to_tune(image: Image.Image, seed: int = 0, method: str = METHODS[0]) -> Tune:
    """A picture as a tune of 10 ms a column, at the level its EXIF says, or with its peak at -1 dBFS where it does not say.

    Without tags a picture whose red is empty is stereo, any other is mono. `seed` chooses the phases to start from; the same
    picture and seed give the same samples. Raises BadMedia for a picture of another height or of other parameters.
    """
    tags = image.getexif()
    _check(image, tags)
    picture = np.asarray(image.convert("RGB"))
    stereo = bool(tags[STEREO]) if STEREO in tags else not picture[..., 0].any() and bool(picture[..., 1:].any())
    loudest = _loudest(tags)
    found = sound_of(bands_of(picture, stereo, loudest or _FULL_SCALE), seed, method)
    peak = float(np.abs(found).max())
    if peak > 1.0 or (loudest is None and peak > 0):
        found *= np.float32((1.0 if loudest is not None else _PEAK) / peak)
    recipe = {**_recipe(tags), "spectrogram": {"method": method, "seed": seed, "stereo": stereo}}
    return Tune(found if stereo else np.repeat(found, 2, axis=1), RATE, None, recipe)


def save(image: Image.Image, path: Path) -> None:
    """Write a picture as PNG with its EXIF. Raises RenderFailed, naming the file, when it cannot be written."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", exif=image.getexif())
    with whole(path) as part:
        part.write_bytes(buffer.getvalue())


def _check(image: Image.Image, tags: Mapping[int, Any]) -> None:
    if image.height != BANDS or image.width < 1:
        raise BadMedia(
            f"spectrogram: expected a picture {BANDS} pixels tall, got {image.width} x {image.height}; "
            "give one that Riffusion or moodscore made, unscaled"
        )
    for tag, value in FORMAT.items():
        if tag in tags and tags[tag] != value:
            raise BadMedia(
                f"spectrogram: expected EXIF tag {tag} to be {value}, got {tags[tag]!r}; make the picture anew"
            )


def _loudest(tags: Mapping[int, Any]) -> float | None:
    """The largest amplitude a picture names, or None."""
    if MAX_VALUE not in tags:
        return None
    try:
        value = float(tags[MAX_VALUE])
    except (TypeError, ValueError):
        value = math.nan
    if not 0 <= value < 1e12:
        raise BadMedia(f"spectrogram: expected EXIF tag {MAX_VALUE} to be an amplitude >= 0, got {tags[MAX_VALUE]!r}")
    return value


def _recipe(tags: Mapping[int, Any]) -> dict[str, Any]:
    """The recipe of the tune the picture was made from, if it tells."""
    try:
        found = json.loads(tags.get(_DESCRIPTION, "")).get("moodscore")
    except (TypeError, ValueError, AttributeError):
        return {}
    return found if isinstance(found, dict) else {}
