"""Riffing: words or a photo -> a tune that Stable Diffusion paints as a spectrogram; needs the extra "riffusion"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from moodscore.errors import BadMedia
from moodscore.jobs.describing import describe, describe_to_prompts
from moodscore.media import Tune
from moodscore.music import riffusion, spectrogram
from moodscore.music.riffusion_choices import Choices, Seed
from moodscore.prepare import image, sound
from moodscore.prepare.picture_file import SUFFIXES

RIFF_MODEL = riffusion.MODEL


@dataclass(frozen=True, slots=True)
class Riff:
    """A painted tune: the prompts it was painted from, the model's name, the spectrogram as a picture, the sound."""

    prompts: tuple[str, ...]
    model: str
    picture: Image.Image
    tune: Tune


@dataclass(frozen=True, slots=True)
class Brush:
    """What paints: a model by hub name or folder, the device, and whether the hub may be asked for what is not here."""

    model: str = RIFF_MODEL
    device: str = "auto"
    online: bool = False


def prompts_to_riff(
    prompts: Sequence[str], choices: Choices | None = None, brush: Brush | None = None, seed: Seed | None = None
) -> Riff:
    """Prompts -> a tune: one that holds, or several that turn into each other along the way.

    Raises MissingExtra without the extra, BadWeights when the model cannot be opened, BadValue for no prompt.
    """
    chosen, wanted = brush or Brush(), choices or Choices()
    model = riffusion.load(chosen.model, chosen.device, chosen.online)
    picture = model.paint(prompts, wanted, seed)
    tune = model.sounding(picture, prompts, wanted, seed)
    return Riff(tuple(prompts), model.name, picture, tune)


def photo_to_riff(
    path: Path, choices: Choices | None = None, brush: Brush | None = None, seed: Seed | None = None
) -> Riff:
    """Photo -> captions -> the prompt that fits best -> a tune. Nothing is asked of a language model."""
    best = describe_to_prompts(describe(path)).prompts[0]
    return prompts_to_riff([best.text], choices, brush, seed)


def riff_seed(path: Path, mask: Path | None = None) -> Seed:
    """A sound file or a spectrogram picture to start from, and the picture that says what of it to keep.

    Raises BadMedia for a file that is neither, BadValue for a picture that is no spectrogram or a mask of another size.
    """
    if path.suffix.lower() in SUFFIXES:
        start = Image.fromarray(image.open(path).pixels)
    else:
        start = spectrogram.to_image(sound.open(path, max_seconds=600.0), stereo=False)
    return Seed(start, None if mask is None else Image.fromarray(image.open(mask).pixels).convert("L"))


def is_photo(text: str) -> bool:
    """Whether what a user named is a picture's file and not a prompt; raises BadMedia for one that is not there."""
    path = Path(text)
    if path.suffix.lower() not in SUFFIXES or len(text.splitlines()) != 1:
        return False
    if not path.is_file():
        raise BadMedia(f"{path}: expected a photo, got no such file; check its name")
    return True
