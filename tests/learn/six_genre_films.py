"""Six genres of moving patterns: a tiny set of films that can be told apart, by look, by motion or by both."""

import numpy as np
from PIL import Image

from moodscore.schemes import GENRES

# For each genre: stripes across, stripes down (waves over the frame), pixels moved between two frames.
LOOKS = {
    "action": (6, 0, (4, 0)),
    "horror": (0, 1, (0, 0)),
    "romance": (1, 0, (1, 0)),
    "ani2d": (0, 5, (0, 1)),
    "ani3d": (3, 3, (1, 1)),
    "sf": (1, 6, (2, 0)),
}


def frame(genre, tint, phase, moved, size=(48, 32), rng=None):
    across, down, (dx, dy) = LOOKS[genre]
    y, x = np.mgrid[: size[1], : size[0]].astype(float)
    x, y = (x + phase - moved * dx) / size[0], (y + phase - moved * dy) / size[1]
    wave = 0.5 + 0.5 * np.sin(2 * np.pi * (across * x + down * y))
    pixels = 40 + 170 * wave[..., None] * np.asarray(tint) + rng.normal(0, 6, (size[1], size[0], 3))
    return np.clip(pixels, 0, 255).astype(np.uint8)


def write(folder, films=3, pairs=6, seed=0, size=(48, 32)):
    """GENRE/FILM/001.png ...: `films` of each genre, each with a tint of its own, `pairs` of consecutive frames each."""
    rng = np.random.default_rng(seed)
    for genre in GENRES.names:
        for film in range(films):
            place = folder / genre / f"film{film}"
            place.mkdir(parents=True)
            tint = rng.uniform(0.6, 1.0, 3)
            for pair in range(pairs):
                phase = rng.uniform(0, size[0])
                for half in (0, 1):
                    pixels = frame(genre, tint, phase, half, size, rng)
                    Image.fromarray(pixels).save(place / f"{2 * pair + half + 1:03d}.png")
    return folder
