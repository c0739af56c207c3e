"""Riffusion choices: what a user may choose about a painted tune, checked once; nothing here needs the extra."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

from moodscore.errors import BadValue
from moodscore.music import spectrogram

SHORTEST_LOOP_S = 5.12


@dataclass(frozen=True, slots=True)
class Choices:
    """How to paint: length in seconds, steps, guidance, what is not wanted, whether to loop, and the seed.

    `strength` is how much of a seed picture is painted over, 0..1. A loop ends on a whole column of latents, 80 ms. Raises
    BadValue for seconds outside 0.5..600, steps outside 1..1000, guidance outside 0..50 and strength outside 0..1.
    """

    seconds: float = 5.12
    steps: int = 50
    guidance: float = 7.0
    unwanted: str = ""
    strength: float = 0.75
    loop: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        for name, low, high in (("seconds", 0.5, 600.0), ("steps", 1, 1000), ("guidance", 0, 50), ("strength", 0, 1)):
            value = getattr(self, name)
            if not low <= value <= high:
                raise BadValue(f"{name}: expected {low:g}..{high:g}, got {value!r}")
        if self.loop and self.seconds < SHORTEST_LOOP_S:
            raise BadValue(f"seconds: expected at least {SHORTEST_LOOP_S:g} of a loop, got {self.seconds!r}")


@dataclass(frozen=True, slots=True)
class Seed:
    """A spectrogram to start from, and which of it to keep: where `mask`, of the same size, is black; None keeps nothing.

    Raises BadValue for a picture that is not 512 tall, and for a mask of another size.
    """

    image: Image.Image
    mask: Image.Image | None = None

    def __post_init__(self) -> None:
        if self.image.height != spectrogram.BANDS:
            raise BadValue(
                f"seed picture: expected a spectrogram {spectrogram.BANDS} pixels tall, got {self.image.height}; "
                "keep one with `moodscore riff --picture`, or start from a sound file"
            )
        if self.mask is not None and self.mask.size != self.image.size:
            raise BadValue(f"mask: expected the seed picture's size {self.image.size}, got {self.mask.size}")
